//! Discs that are made to do harm: names and titles of control characters, device nodes and setuid bits, links that lead out,
//! files that hold more than their image.

use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};

use pxe_import_fixtures::family::{centos, ubuntu_live};
use pxe_import_fixtures::iso9660::{Names, Options, RockRidge, Volume};
use pxe_import_fixtures::{Body, Content, Node, Tree, udf};

use crate::site::{MENU, Ran, Site};

/// What may not come through: a line of its own in a menu, a terminal's command, text from right to left.
const EVIL: &str = "\nlabel bad\nkernel /bad\x1b[2J\u{202e}\u{2066}";

fn rock_ridge() -> Options {
    Options { names: Names::Same, rock_ridge: Some(RockRidge::default()), ..Options::default() }
}

/// Whether a text holds a control character other than the end of a line, or turns a text's direction.
fn is_raw(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[track_caller]
fn assert_clean(what: &str, text: &str) {
    assert!(!text.chars().any(is_raw), "{what}: {text:?}");
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("label bad"), "{what}: {text}");
        assert!(!line.trim_start().starts_with("kernel /bad"), "{what}: {text}");
    }
}

#[track_caller]
fn assert_said_clean(what: &str, ran: &Ran) {
    assert_clean(what, &ran.stdout);
    assert_clean(what, &ran.stderr);
}

/// A live disc whose names, title and identifiers are as evil as the format lets them be.
fn evil_disc(site: &Site) {
    let mut tree = Tree::new();
    let mut kernel = vec![0x90; 8192];
    kernel[0x202..0x206].copy_from_slice(b"HdrS");
    kernel[0x206..0x208].copy_from_slice(&0x020f_u16.to_le_bytes());
    tree.text("live/vmlinuz", &kernel);
    tree.text(format!("live/k{}", EVIL.replace('/', "|")), &kernel);
    tree.text("live/initrd", "initrd");
    tree.text(format!("dir{}/file", EVIL.replace('/', "|")), "x");
    tree.text("a\\b \"c\" $(d) `e` %f #g", "x");
    tree.text(b"stray\xff\xfe", "x");
    tree.link(
        format!("link{}", EVIL.replace('/', "|")),
        format!("live/{}", EVIL.replace('/', "|")),
    );
    tree.text(
        "isolinux/isolinux.cfg",
        "default live\nlabel live\nmenu label Live \x1b[31m\u{202e}red\x07\nkernel /live/vmlinuz\nappend \
             initrd=/live/initrd quiet\x1b[0m \u{2067}a=b\n",
    );
    let volume = Volume {
        volume_id: EVIL.chars().filter(char::is_ascii).collect(),
        application_id: EVIL.chars().filter(char::is_ascii).collect(),
        ..Volume::default()
    };
    site.iso("evil.iso", &tree, &Options { volume, ..rock_ridge() });
}

#[test]
fn control_characters_of_a_disc_are_escaped_in_reports_and_reach_no_menu_config_or_list() {
    let site = Site::new();
    evil_disc(&site);
    let import = ["--server", "192.168.4.6", "evil", "evil.iso"];
    site.done(&["init", "--server", "192.168.4.6"]);
    for args in [
        &["inspect", "--files", "--explain", "evil.iso"][..],
        &["extract", "evil.iso", "--to", "to"],
        &["--dry-run", "--server", "192.168.4.6", "evil", "evil.iso"],
        &import,
        &import,
        &["list"],
        &["check"],
        &["render"],
    ] {
        let ran = site.run(args);
        assert!(matches!(ran.code, Some(0 | 1)), "{args:?}: {ran:?}");
        assert_said_clean(&format!("{args:?}"), &ran);
    }
    for file in [
        MENU,
        "wwwroot/pxefiles/uefi.ipxe",
        "etc/nginx.conf",
        "etc/nginx-site.conf",
        "etc/smb.conf",
        "pxeboot/menu.ipxe",
        "pxe-import.toml",
    ] {
        assert_clean(file, &site.read(file));
    }
    // One line a file, however many are in its name.
    let manifest = site.read(".pxe-import/evil.b3");
    assert_clean("the manifest", &manifest.replace(['\u{202e}', '\u{2066}', '\x1b'], ""));
    let hashes =
        |line: &str| line.trim_start_matches('\\').chars().take(64).all(|c| c.is_ascii_hexdigit());
    assert!(manifest.lines().all(hashes), "{manifest:?}");
    let said = site.done(&["inspect", "--files", "evil.iso"]).stdout;
    assert!(said.contains("\\x0alabel bad\\x0a") && said.contains("\\u{202e}"), "{said}");
    let json = site.json(&["inspect", "--files", "evil.iso"]);
    let paths: Vec<_> = json["images"][0]["entries"].as_array().expect("entries").iter().collect();
    let dir = format!("dir{}", EVIL.replace('/', "|"));
    assert!(paths.iter().any(|entry| entry["path"] == dir), "{json}");
    // What was imported is what is there.
    let check = site.json(&["check", "evil"]);
    let is_fault =
        |finding: &&serde_json::Value| finding["path"].to_string().contains("other/evil");
    let faults: Vec<_> =
        check["findings"].as_array().expect("a list").iter().filter(is_fault).collect();
    assert!(faults.iter().all(|one| one["severity"] != "fault"), "{faults:?}");
    site.done(&["remove", "evil"]);
    assert!(!site.root("wwwroot/other/evil").exists());
}

#[test]
fn device_nodes_and_bits_that_lend_rights_are_never_created() {
    let site = Site::new();
    let mut tree = Tree::new();
    for (name, mode) in [("a", 0o6755), ("b", 0o4711), ("c", 0o2755), ("d", 0o1777)] {
        tree.text(format!("bin/{name}"), name).mode = mode;
    }
    tree.put("sticky/file", Node::file(Content::bytes("x")));
    tree.each(|node| {
        if matches!(node.body, Body::Dir(_)) {
            node.mode = 0o7777;
        }
    });
    tree.put("dev/null", Node::new(0o6666, Body::Device { block: false, major: 1, minor: 3 }));
    tree.put("dev/sda", Node::new(0o660, Body::Device { block: true, major: 8, minor: 0 }));
    tree.put("dev/pipe", Node::new(0o666, Body::Fifo));
    site.iso("rr.iso", &tree, &rock_ridge());
    let image = udf::write(&tree, &udf::Options::default()).image;
    image.create(&site.path("udf.iso"), false).expect("an image");
    for iso in ["rr.iso", "udf.iso"] {
        let ran = site.done(&["extract", iso, "--to", &format!("{iso}.d")]);
        let told = ran.stderr.matches("is a device node, FIFO or socket").count();
        assert_eq!(told, 3, "{}", ran.stderr);
        let mut open = vec![site.path(format!("{iso}.d"))];
        let mut files = 0;
        while let Some(path) = open.pop() {
            let meta = fs::symlink_metadata(&path).expect("there");
            assert!(meta.is_dir() || meta.is_file(), "{}", path.display());
            assert_eq!(meta.mode() & 0o7000, 0, "{}", path.display());
            files += usize::from(meta.is_file());
            if meta.is_dir() {
                open.extend(fs::read_dir(&path).expect("readable").map(|e| e.expect("one").path()));
            }
        }
        assert_eq!(files, 5, "{iso}");
        assert_eq!(site.names(format!("{iso}.d/dev").as_str()), [""; 0]);
    }
}

/// A disc with links that lead out, one of them to a directory beside the root.
fn linked(site: &Site) -> &'static str {
    fs::create_dir(site.path("outside")).expect("made");
    site.write("outside/theirs", "theirs\n");
    site.changed("linked.iso", centos::dvd1, |tree, _| {
        tree.link("out", "../../../../outside");
        tree.link("passwd", "/etc/passwd");
        tree.link("ks-web.cfg", "../../../../outside/theirs");
    });
    "linked.iso"
}

#[test]
fn links_that_lead_out_stay_where_they_are_wanted_and_nothing_goes_through_them() {
    let site = Site::new();
    let iso = linked(&site);
    let ran = site.done(&["--server", "a", "centos6.8", "--keep-unsafe-links", iso]);
    let tree = site.root("wwwroot/yum/CentOS6.8");
    let target = |name: &str| fs::read_link(tree.join(name)).expect("a link");
    assert_eq!(target("passwd").to_str(), Some("/etc/passwd"));
    assert_eq!(target("out").to_str(), Some("../../../../outside"));
    assert_eq!(
        ran.stderr.matches("kept, and a web server that follows links").count(),
        3,
        "{}",
        ran.stderr
    );
    let record: serde_json::Value =
        serde_json::from_str(&site.read(".pxe-import/centos6.8.json")).expect("JSON");
    assert_eq!(record["options"]["keep-unsafe-links"], serde_json::json!(["true"]));
    let check = site.run(&["check", "centos6.8"]).stdout;
    assert!(
        check.contains("leads out of the tree, to /etc/passwd: a web server that follows"),
        "{check}"
    );
    // An entry's answer file would have the name of a link.
    site.write("web.cfg", "install\n");
    let error = site.fails(1, &["entry", "add", "centos6.8", "web", "--answer", "web.cfg"]);
    assert!(error.contains("ks-web.cfg"), "{error}");
    assert_eq!(fs::read_to_string(site.path("outside/theirs")).expect("there"), "theirs\n");
    // An import again takes nothing through them, and without the option they go.
    site.done(&["--server", "a", "centos6.8", "--keep-unsafe-links", iso]);
    site.done(&["--server", "a", "centos6.8", iso]);
    assert!(tree.join("passwd").symlink_metadata().is_err());
    site.done(&["extract", "--keep-unsafe-links", iso, "--to", "to"]);
    assert!(site.path("to/out").is_symlink());
    site.done(&["--server", "a", "centos6.8", "--keep-unsafe-links", iso]);
    site.done(&["remove", "centos6.8"]);
    assert!(!tree.exists());
    assert_eq!(site.names("outside"), ["theirs"]);
}

#[test]
fn settings_keep_links_that_lead_out_and_refresh_prunes_no_further_than_the_tree() {
    let site = Site::new();
    let iso = linked(&site);
    let media = |listed: bool| {
        let entry = format!(
            "[[media]]\nname = \"centos6.8\"\nimages = [\"../{iso}\"]\nkeep-unsafe-links = true\n"
        );
        format!("server = \"a\"\n{}", if listed { &entry } else { "" })
    };
    site.write("root/pxe-import.toml", media(true));
    site.done(&["refresh", "--settle", "0"]);
    assert!(site.root("wwwroot/yum/CentOS6.8/passwd").is_symlink());
    let again = site.done(&["refresh", "--settle", "0"]);
    assert!(!again.stdout.contains("imported"), "{}", again.stdout);
    site.write("root/pxe-import.toml", media(false));
    site.done(&["refresh", "--prune", "--settle", "0"]);
    assert!(!site.root("wwwroot/yum/CentOS6.8").exists());
    assert_eq!(site.names("outside"), ["theirs"]);
}

#[test]
fn an_answer_file_is_not_written_through_a_link_in_the_place_of_its_directory() {
    let site = Site::new();
    fs::create_dir(site.path("outside")).expect("made");
    let iso = site.disc(ubuntu_live::live_2204);
    site.done(&["--server", "a", "ubuntu22.04", iso]);
    // As a disc's link that was kept, or somebody's by hand.
    let target = site.json(&["list"])["imports"][0]["target"].as_str().map(str::to_owned);
    let target = target.unwrap_or_else(|| "wwwroot/apt/ubuntu22.04".into());
    let target = target.trim_start_matches("wwwroot/").to_owned();
    symlink(site.path("outside"), site.root(format!("wwwroot/{target}/answers"))).expect("linked");
    site.write("user-data", "#cloud-config\nautoinstall:\n  version: 1\n");
    let error = site.fails(1, &["entry", "add", "ubuntu22.04", "web", "--answer", "user-data"]);
    assert!(error.contains("nothing is written through one that lies in a tree"), "{error}");
    assert_eq!(site.names("outside"), [""; 0]);
}

#[test]
fn a_disc_that_holds_more_than_its_image_is_refused_by_all_that_write_and_taken_where_it_is_meant()
{
    let site = Site::new();
    let mut tree = Tree::new();
    tree.put("zeros", Node::file(Content::Zeros(65 << 20))).hints.zisofs = Some(17);
    site.iso("a.iso", &tree, &rock_ridge());
    let why = "a.iso: its 1 files would take 65.0 MiB out of an image of ";
    fs::create_dir_all(site.root("wwwroot/other/a")).expect("made");
    site.write("root/pxe-import.toml", "[[media]]\nname = \"b\"\nimages = [\"../a.iso\"]\n");
    for args in [
        &["extract", "a.iso", "--to", "to"][..],
        &["--server", "a", "a", "a.iso"],
        &["--dry-run", "--server", "a", "a", "a.iso"],
        &["adopt", "--server", "a", "a", "a.iso"],
    ] {
        let error = site.fails(1, args);
        assert!(
            error.contains(why) && error.contains("take it with --no-size-check"),
            "{args:?}: {error}"
        );
    }
    let refresh = site.run(&["refresh", "--settle", "0"]);
    assert_eq!(refresh.code, Some(1), "{refresh:?}");
    assert!((refresh.stdout + &refresh.stderr).contains(why));
    let inspect = site.done(&["inspect", "a.iso"]);
    assert!(inspect.stderr.contains(why), "{}", inspect.stderr);
    let extract = site.done(&["extract", "--no-size-check", "a.iso", "--to", "to"]);
    assert!(
        extract.stderr.starts_with("warning: ") && extract.stderr.contains(why),
        "{}",
        extract.stderr
    );
    assert_eq!(fs::metadata(site.path("to/zeros")).expect("there").len(), 65 << 20);
}
