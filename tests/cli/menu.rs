//! The menu: one block of ours, everything else the administrator's.

use pxe_import_fixtures::family::{centos, esxi};

use crate::listing::{assert_still, state};
use crate::site::{MENU, Site};

/// A menu of the administrator's own, with line ends of another system.
const OWN: &str = "# ours \u{e4}\r\nDEFAULT menu.c32\r\nTIMEOUT 50\r\n\r\nlabel rescue\r\n  \
                   kernel /rescue/vmlinuz\r\n\r\nlabel local\r\n  localboot 0xffff\r\n# end";

const BEGIN: &str = "# pxe-import begin esxi5.5";
const END: &str = "# pxe-import end esxi5.5";

/// A site with ESXi imported, and the line that did it.
fn imported() -> (Site, [&'static str; 2]) {
    let site = Site::new();
    let line = ["esxi5.5", site.disc(esxi::esxi55)];
    site.done(&line);
    (site, line)
}

#[test]
fn what_is_not_ours_survives_byte_for_byte() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.write(&format!("root/{MENU}"), OWN);
    site.done(&["esxi5.5", iso]);
    let menu = site.read(MENU);
    let (before, rest) = menu.split_once(BEGIN).expect("our block");
    let (block, after) = rest.split_once(&format!("{END}\r\n\r\n")).expect("our block");
    assert_eq!(format!("{before}{after}"), OWN);
    assert!(before.ends_with("vmlinuz\r\n\r\n"), "{menu:?}");
    assert!(after.starts_with("label local\r\n"), "{menu:?}");
    assert_eq!(block.matches('\n').count(), block.matches("\r\n").count(), "{block:?}");
    assert!(block.contains("\r\nlabel esxi5.5\r\n"), "{block:?}");
}

#[test]
fn without_a_label_local_the_block_is_put_at_the_end() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.write(&format!("root/{MENU}"), "default x\nlabel x\n");
    site.done(&["esxi5.5", iso]);
    let menu = site.read(MENU);
    assert!(menu.starts_with(&format!("default x\nlabel x\n\n{BEGIN}\n")), "{menu}");
    assert!(menu.ends_with(&format!("{END}\n")), "{menu}");
}

#[test]
fn a_block_is_replaced_in_its_place() {
    let (site, [name, iso]) = imported();
    let own = format!("# first\n{}# last\n", site.read(MENU));
    site.write(&format!("root/{MENU}"), &own);
    site.done(&[name, iso, "--label", "Another text"]);
    let expected = own.replace("Install VMware ESXi 5.5.0", "Another text");
    assert_eq!(site.read(MENU), expected);
}

#[test]
fn a_label_of_the_administrators_is_refused_with_its_line_and_nothing_is_published() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let own = "default x\n\nlabel esxi5.5\n  kernel /mine\n";
    site.write(&format!("root/{MENU}"), own);
    let before = state(&site.root(""));
    for dry in [&["--dry-run"][..], &[]] {
        let error = site.fails(1, &[dry, &["esxi5.5", iso]].concat());
        assert!(error.contains(&format!("root/{MENU}: line 3: ")), "{error}");
        assert_still(&site.root(""), &before);
    }
}

#[test]
fn an_edited_block_is_kept_and_the_difference_shown() {
    let (site, [name, iso]) = imported();
    let edited = site.read(MENU).replace("    kernel /esxi/5.5/mboot.c32", "    kernel /mine.c32");
    site.write(&format!("root/{MENU}"), &edited);

    let ran = site.done(&[name, iso]);
    assert_eq!(site.read(MENU), edited);
    assert!(ran.stderr.starts_with("warning: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("--force"), "{}", ran.stderr);
    assert!(ran.stdout.contains("\n    -    kernel /mine.c32\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("\n    +    kernel /esxi/5.5/mboot.c32\n"), "{}", ran.stdout);
    let report = site.json(&[name, iso]);
    assert_eq!(report["menu"][0]["label"], "esxi5.5");
    let diff = report["menu"][0]["diff"].as_str().expect("a diff");
    assert!(diff.contains("-    kernel /mine.c32\n"), "{diff}");
    assert_eq!(report["warnings"][0]["code"], "menu-block-edited");
    assert_eq!(site.read(MENU), edited, "an edit stays one however often the import runs");

    let ran = site.done(&["--force", name, iso]);
    assert_eq!(site.read(MENU), edited.replace("/mine.c32", "/esxi/5.5/mboot.c32"));
    assert_eq!(ran.stderr, "");
}

#[test]
fn no_menu_makes_no_entry_and_no_menu() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let report = site.json(&["--no-menu", "esxi5.5", iso]);
    assert!(!site.root(MENU).exists());
    assert!(site.root("wwwroot/pxefiles/esxi/5.5/boot.cfg").exists());
    assert_eq!(report["menu"], serde_json::json!([]));
}

#[test]
fn the_text_and_further_arguments_are_the_users() {
    let site = Site::new();
    let dvd1 = site.disc(centos::dvd1);
    let line = ["--server", "a", "centos6.8", dvd1, "--label", "Install ^CentOS"];
    let args = ["--arg", "-v", "--arg=console=ttyS0", "--arg", "net.ifnames=0 biosdevname=0"];
    site.done(&[&line[..], &args].concat());
    let menu = site.read(MENU);
    assert!(menu.contains("\n    menu label Install ^CentOS\n"), "{menu}");
    let end = " ksdevice=bootif -v console=ttyS0 net.ifnames=0 biosdevname=0\n";
    assert!(menu.contains(end), "{menu}");
}

#[test]
fn a_text_that_menus_cannot_show_is_refused_with_the_character() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    let error = site.fails(2, &["esxi5.5", iso, "--label", "Installation f\u{fc}r alle"]);
    assert!(error.contains("'\u{fc}' (U+00FC)"), "{error}");
    site.fails(2, &["esxi5.5", iso, "--label", "a\nkernel /evil"]);
    site.fails(2, &["esxi5.5", iso, "--arg", "a\nkernel /evil"]);
    assert!(!site.root("").exists());
}

#[test]
fn the_settings_give_a_new_menu_its_title_and_timeout() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.write("root/pxe-import.toml", "menu-title = \"Our network\"\ntimeout = 10\n");
    site.done(&["esxi5.5", iso]);
    let menu = site.read(MENU);
    assert!(menu.contains("\ntimeout 100\n") && menu.contains("\nmenu title Our network\n"));
}

#[test]
fn a_menu_that_is_edited_at_any_place_keeps_every_line_of_its_owner() {
    let site = Site::new();
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let whole = site.read(MENU);
    let lines: Vec<&str> = whole.lines().collect();
    let begin = lines.iter().position(|line| line.starts_with("# pxe-import begin")).expect("ours");
    let end = lines.iter().position(|line| line.starts_with("# pxe-import end")).expect("ours");
    let edits: [fn(&mut Vec<String>, usize); 3] = [
        |menu, at| menu.insert(at, "  # by hand".to_owned()),
        |menu, at| drop(menu.remove(at)),
        |menu, at| menu[at].push_str(" by hand"),
    ];
    for (kind, edit) in edits.into_iter().enumerate() {
        for at in 0..lines.len() {
            let mut menu: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
            edit(&mut menu, at);
            let edited = menu.join("\n") + "\n";
            site.write(&format!("root/{MENU}"), &edited);
            let ran = site.run(&["esxi5.5", iso, "--arg", "new"]);
            let now = site.read(MENU);
            let what = format!("edit {kind} of line {}: {}", at + 1, ran.stderr);
            let inside = match kind {
                0 => begin < at && at <= end,
                _ => begin <= at && at <= end,
            };
            match ran.code {
                // Markers that do not match any more, or a label of ours that is in no block now.
                Some(1) => assert!(inside && now == edited, "{what}"),
                Some(0) if inside => {
                    // Kept as it stands; a block that is no longer known as ours is left alone.
                    assert!(ran.stderr.contains("has been edited"), "{what}");
                    assert_eq!(now, edited, "{what}");
                }
                Some(0) => {
                    assert!(now.contains("append -c /esxi/5.5/boot.cfg new\n"), "{what}");
                    let foreign = |text: &str| {
                        let start = text.find("# pxe-import begin").expect("ours");
                        let stop = text.find("# pxe-import end").expect("ours");
                        (text[..start].to_owned(), text[stop..].to_owned())
                    };
                    assert_eq!(foreign(&now), foreign(&edited), "{what}");
                }
                code => panic!("{what}: {code:?}"),
            }
            // From the start again.
            site.write(&format!("root/{MENU}"), &whole);
            site.done(&["esxi5.5", iso]);
        }
    }
}
