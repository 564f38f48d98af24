//! `init`: the root of a boot server, made, made again, and changed by its owner in between.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use pxe_import_fixtures::family::{esxi, winpe};

use crate::site::{MENU, Site};

const SERVER: [&str; 5] = ["init", "--server", "192.168.4.6", "--loaders", "loaders"];
const RANGE: [&str; 4] =
    ["--dhcp-range", "192.168.4.10,192.168.4.200", "--deploy-root", "/srv/pxe"];

/// A site with loaders of its own, so that what is tested does not depend on the machine's packages.
fn site() -> Site {
    let site = Site::new();
    site.write("loaders/pxelinux.0", "PXELINUX 6.04 PXE ");
    for module in ["ldlinux", "vesamenu", "libcom32", "libutil", "menu", "pxechn", "linux"] {
        site.write(&format!("loaders/{module}.c32"), "\x7fELF");
    }
    for (file, text) in [
        ("undionly.kpxe", "undionly"),
        ("snponly.efi", "MZ\x001.21.1+ (g12)\0"),
        ("ipxe.efi", "MZ"),
        ("ipxe.lkrn", "lkrn"),
        ("memdisk", "MEMDISK 6.04 "),
    ] {
        site.write(&format!("loaders/{file}"), text);
    }
    site
}

fn init(site: &Site, more: &[&str]) -> crate::site::Ran {
    site.done(&[&SERVER, more].concat())
}

/// Everything below the root: inode, modification and change of each.
fn state(top: &Path) -> BTreeMap<PathBuf, (u64, i64, i64)> {
    let mut found = BTreeMap::new();
    let mut todo = vec![top.to_owned()];
    while let Some(path) = todo.pop() {
        let meta = fs::symlink_metadata(&path).expect("there");
        if meta.is_dir() {
            todo.extend(fs::read_dir(&path).expect("a directory").map(|e| e.expect("one").path()));
        }
        let times = (meta.mtime_nsec(), meta.ctime_nsec());
        found.insert(path, (meta.ino(), times.0, times.1));
    }
    found
}

#[test]
fn init_makes_the_root_and_a_second_one_writes_nothing_at_all() {
    let site = site();
    let all = [&RANGE[..], &["--public-netboot", "http://boot.example/menu.ipxe"]].concat();
    let first = init(&site, &all).stdout;
    for path in [
        "pxe-import.toml",
        "pxeboot/undionly.kpxe",
        "pxeboot/snponly.efi",
        "pxeboot/menu.ipxe",
        "wwwroot/ipxe.efi",
        "wwwroot/pxefiles/pxelinux.0",
        "wwwroot/pxefiles/libutil.c32",
        "wwwroot/pxefiles/memdisk",
        "wwwroot/pxefiles/splash.png",
        "etc/dnsmasq.conf",
        "etc/nginx.conf",
        "etc/nginx-site.conf",
        "etc/smb.conf",
        "etc/systemd/pxe-dnsmasq.service",
        MENU,
    ] {
        assert!(site.root(path).is_file(), "{path}");
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        let starts = [format!("  added:    {dir}/: "), format!("  added:    {path}")];
        let line =
            first.lines().find(|line| starts.iter().any(|start| line.starts_with(start.as_str())));
        assert!(line.is_some_and(|line| line.contains(name)), "{path}: {first}");
    }
    assert!(first.contains("pxelinux.0 (PXELINUX 6.04), "), "{first}");
    assert!(first.lines().count() < 25, "nobody reads more: {first}");
    assert!(first.contains("Secure Boot must be off"), "{first}");
    let before = state(&site.root(""));
    let second = init(&site, &all);
    assert_eq!(state(&site.root("")), before);
    assert!(second.stdout.starts_with("nothing to do"), "{}", second.stdout);
    assert!(second.stdout.lines().count() < 6, "{}", second.stdout);
    assert_eq!(second.stderr, "");
    // All that was said the first time is in the settings.
    site.done(&["init"]);
    assert_eq!(state(&site.root("")), before);
}

#[test]
fn a_dhcp_server_is_only_there_when_asked_for() {
    let site = site();
    let text = init(&site, &[]).stdout;
    assert!(text.contains("no dnsmasq.conf: neither --dhcp-range nor --proxy-dhcp"), "{text}");
    assert!(!site.root("etc/dnsmasq.conf").exists());
    init(&site, &RANGE);
    let conf = site.read("etc/dnsmasq.conf");
    assert!(conf.contains("\ntftp-root=/srv/pxe/pxeboot\n"), "{conf}");
    assert!(conf.contains("\nlisten-address=192.168.4.6\n"), "{conf}");
    site.done(&["init", "--gateway", "192.168.4.254"]);
    assert!(
        site.read("etc/dnsmasq.conf").contains("option:router,192.168.4.254\n"),
        "as a range is set"
    );
    init(&site, &["--proxy-dhcp", "192.168.4.0/24"]);
    let conf = site.read("etc/dnsmasq.conf");
    assert!(conf.contains("\ndhcp-range=192.168.4.0,proxy,255.255.255.0\n"), "{conf}");
    let toml = site.read("pxe-import.toml");
    site.write("root/pxe-import.toml", toml.replace("\nproxy-dhcp", "\n# proxy-dhcp"));
    let text = site.done(&["init"]).stdout;
    assert!(text.contains("removed:  etc/dnsmasq.conf\n"), "{text}");
    assert!(!site.root("etc/dnsmasq.conf").exists());
    assert!(!site.root("etc/systemd/pxe-dnsmasq.service").exists());
}

#[test]
fn what_does_not_go_together_is_refused_and_nothing_written() {
    let site = site();
    for (more, why) in [
        (
            &["--dhcp-range", "192.168.5.10,192.168.5.20", "--interface", "eth0"][..],
            "not in the network",
        ),
        (&["--dhcp-range", "192.168.4.1,192.168.4.20", "--interface", "eth0"], "the server's"),
        (&["--proxy-dhcp", "192.168.5.0/24", "--interface", "eth0"], "not in the network"),
        (&["--proxy-dhcp", "192.168.4.6/24"], "192.168.4.0/24"),
        (&["--server", "boot.example", "--proxy-dhcp", "192.168.4.0/24"], "it is a name"),
        (&["--server", "203.0.113.9", "--proxy-dhcp", "203.0.113.0/24"], "--interface NAME"),
        (&["--gateway", "192.168.4.254"], "no range is given"),
        (&["--timeout", "4000"], "at most 3599"),
        (&["--deploy-root", "srv"], "absolute"),
        (&["--deploy-root", "/srv/$pxe"], "'$'"),
        (&["--force", "etc/passwd"], "no file that init writes"),
    ] {
        let line = match more.first() {
            Some(&"--server") => [&["init"], more].concat(),
            _ => [&SERVER, more].concat(),
        };
        let error = site.fails(2, &line);
        assert!(error.contains(why), "{line:?}: {error}");
        assert!(!site.root("etc").exists(), "{line:?}");
    }
    let error = site.fails(2, &["init"]);
    assert!(error.contains("the server address is needed"), "{error}");
}

#[test]
fn an_interface_that_is_not_there_is_named() {
    let site = site();
    let line = ["init", "--server", "192.168.4.6", "--interface", "nope0"];
    let ran = site.done(&[&line[..], &["--proxy-dhcp", "192.168.4.0/24"]].concat());
    assert!(ran.stderr.contains("nope0: is no network interface"), "{}", ran.stderr);
}

#[test]
fn an_edited_file_is_kept_and_shown_until_forced() {
    let site = site();
    init(&site, &[]);
    let conf = site.read("etc/nginx.conf");
    let mine = format!("{conf}# mine\n");
    site.write("root/etc/nginx.conf", &mine);
    let ran = init(&site, &[]);
    assert_eq!(site.read("etc/nginx.conf"), mine);
    assert!(ran.stderr.contains("--force etc/nginx.conf"), "{}", ran.stderr);
    assert!(ran.stdout.contains("kept:     etc/nginx.conf"), "{}", ran.stdout);

    let before = state(&site.root(""));
    let diff = init(&site, &["--diff", "--timeout", "5"]).stdout;
    assert!(diff.contains("-# mine\n"), "{diff}");
    assert!(diff.contains("-timeout 300\n+timeout 50\n"), "{diff}");
    assert!(diff.contains("replaced: pxe-import.toml"), "{diff}");
    assert_eq!(state(&site.root("")), before, "--diff writes nothing");
    init(&site, &["--dry-run", "--timeout", "5"]);
    assert_eq!(state(&site.root("")), before, "--dry-run writes nothing");

    init(&site, &["--force", "etc/nginx.conf"]);
    assert_eq!(site.read("etc/nginx.conf"), conf);
}

#[test]
fn diff_on_no_root_makes_none() {
    let site = site();
    let text = init(&site, &["--diff"]).stdout;
    assert!(text.contains("added:    etc/nginx.conf\n"), "{text}");
    assert!(!site.root("").exists());
}

#[test]
fn a_root_that_import_made_keeps_its_entries_under_a_new_head() {
    let site = site();
    let iso = site.disc(winpe::win8pe);
    site.done(&["win8pe", iso]);
    let old = site.read(MENU);
    let at = old.find("# pxe-import begin win8pe").expect("a block");
    let end = old.find("label local").expect("local");
    let text = init(&site, &["--menu-title", "Ours", "--timeout", "10"]).stdout;
    assert!(text.contains(&format!("replaced: {MENU}")), "{text}");
    let new = site.read(MENU);
    assert!(new.contains("\nmenu title Ours\nmenu background splash.png\n"), "{new}");
    assert!(new.contains("\ntimeout 100\n"), "{new}");
    assert!(new.contains(&old[at..end]), "{new}");
    init(&site, &["--menu-title", "Ours again"]);
    assert!(site.read(MENU).contains("\nmenu title Ours again\n"));
    // An import again finds all as it should be.
    let before = site.read(MENU);
    assert_eq!(site.done(&["win8pe", iso]).stderr, "");
    assert_eq!(site.read(MENU), before);
}

#[test]
fn a_menu_of_the_owners_keeps_its_head() {
    let site = site();
    init(&site, &[]);
    let mine =
        site.read(MENU).replace("label local", "label mine\n    kernel /mine\n\nlabel local");
    site.write(&format!("root/{MENU}"), &mine);
    let ran = init(&site, &["--menu-title", "Ours"]);
    assert_eq!(site.read(MENU), mine);
    assert!(ran.stderr.contains(MENU) && ran.stderr.contains("--force"), "{}", ran.stderr);
    assert!(ran.stdout.contains(&format!("kept:     {MENU}")), "{}", ran.stdout);
}

#[test]
fn the_public_boot_service_has_a_block_of_its_own() {
    let site = site();
    let plain = {
        init(&site, &[]);
        site.read(MENU)
    };
    init(&site, &["--public-netboot", "http://boot.example/menu.ipxe"]);
    let text = site.read(MENU);
    let block =
        "    kernel ipxe.lkrn\n    append dhcp && chain --autofree http://boot.example/menu.ipxe\n";
    assert!(text.contains(block), "{text}");
    let checked = site.run(&["check"]);
    assert!(!checked.stdout.contains("orphan"), "{}", checked.stdout);
    assert!(!checked.stdout.contains("belongs to no import"), "{}", checked.stdout);
    init(&site, &["--public-netboot", "http://other.example/menu.ipxe"]);
    assert!(site.read(MENU).contains("chain --autofree http://other.example/menu.ipxe\n"));
    let toml = site.read("pxe-import.toml");
    site.write("root/pxe-import.toml", toml.replace("\npublic-netboot", "\n# public-netboot"));
    site.done(&["init"]);
    assert_eq!(site.read(MENU), plain);
}

#[test]
fn loaders_of_somebody_elses_stay_whole() {
    let site = site();
    site.write("root/wwwroot/pxefiles/pxelinux.0", "PXELINUX 6.03 ");
    let ran = init(&site, &[]);
    assert_eq!(site.read("wwwroot/pxefiles/pxelinux.0"), "PXELINUX 6.03 ");
    assert!(!site.root("wwwroot/pxefiles/ldlinux.c32").exists(), "no module of another version");
    assert!(ran.stderr.contains("--force wwwroot/pxefiles/pxelinux.0"), "{}", ran.stderr);
    init(&site, &["--force", "wwwroot/pxefiles/pxelinux.0"]);
    assert_eq!(site.read("wwwroot/pxefiles/pxelinux.0"), "PXELINUX 6.04 PXE ");
    assert!(site.root("wwwroot/pxefiles/ldlinux.c32").exists());
}

#[test]
fn pxelinux_3_86_gets_links_as_imports_come() {
    let site = site();
    site.done(&["esxi5.5", site.disc(esxi::esxi55)]);
    site.write("loaders/px386/pxelinux.0", "PXELINUX 3.86 ");
    let text = init(&site, &[]).stdout;
    assert!(text.contains("wwwroot/px386/pxelinux.0 (PXELINUX 3.86"), "{text}");
    let link = |name: &str| fs::read_link(site.root("wwwroot/px386").join(name)).expect("a link");
    assert_eq!(link("esxi"), Path::new("../esxi"));
    site.done(&["win8pe", site.disc(winpe::win8pe)]);
    assert_eq!(link("windows"), Path::new("../windows"));
}

#[test]
fn the_owners_settings_keep_their_comments() {
    let site = site();
    let mine = "# of the second floor\nserver = \"192.168.4.5\" # since May\n\n# discs\n[[media]]\n\
                name = \"centos6.8\"\nimages = [\"/srv/*.iso\"]\n";
    site.write("root/pxe-import.toml", mine);
    init(&site, &["--timeout", "5"]);
    let text = site.read("pxe-import.toml");
    assert!(
        text.starts_with("# of the second floor\nserver = \"192.168.4.6\" # since May\n"),
        "{text}"
    );
    assert!(text.contains("timeout = 5\n"), "{text}");
    assert!(
        text.ends_with("\n# discs\n[[media]]\nname = \"centos6.8\"\nimages = [\"/srv/*.iso\"]\n")
    );
}

#[test]
fn check_tells_the_loaders_versions_and_that_secure_boot_must_be_off() {
    let site = site();
    init(&site, &[]);
    let ran = site.done(&["check"]);
    assert!(ran.stdout.contains("is PXELINUX 6.04, from "), "{}", ran.stdout);
    assert!(ran.stdout.contains("is iPXE 1.21.1+ (g12), from "), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("Secure Boot off").count(), 1, "{}", ran.stdout);
}

#[test]
fn the_report_names_what_else_is_to_be_done() {
    let site = site();
    let line = [&SERVER[..], &RANGE, &["--server", "http://192.168.4.6:8080/boot"]].concat();
    let line: Vec<_> =
        line.iter().enumerate().filter(|(at, _)| !(1..3).contains(at)).map(|(_, w)| *w).collect();
    let report = site.json(&line);
    assert_eq!(report["schema"], 1);
    assert_eq!(report["server"], "http://192.168.4.6:8080/boot");
    assert_eq!(report["dhcp"], "range");
    let ports: Vec<_> =
        report["ports"].as_array().expect("a list").iter().map(|p| p["port"].as_u64()).collect();
    assert_eq!(ports, [67, 69, 8080, 445].map(Some));
    let rsync = report["rsync"].as_str().expect("a command");
    assert!(rsync.ends_with(" root/ root@192.168.4.6:/srv/pxe/"), "{rsync}");
    let archs = report["architectures"].as_array().expect("a list");
    let of = |code: u64| archs.iter().find(|a| a["code"] == code).expect("known")["loader"].clone();
    assert_eq!(of(0), "pxeboot/undionly.kpxe");
    assert_eq!(of(16), "wwwroot/ipxe.efi");
    let conf = site.read("etc/nginx.conf");
    assert!(conf.contains("location /boot/ {"), "{conf}");
    let menu = site.read("pxeboot/menu.ipxe");
    assert!(menu.contains("set 210:string http://192.168.4.6:8080/boot/pxefiles/\n"), "{menu}");
}

#[test]
fn generate_prints_what_selinux_wants_and_a_script_to_embed() {
    let site = site();
    init(&site, &["--deploy-root", "/srv/pxe"]);
    let text = site.done(&["generate", "selinux"]).stdout;
    assert!(text.contains("-t public_content_t '/srv/pxe/wwwroot(/.*)?'"), "{text}");
    assert!(text.ends_with("restorecon -R '/srv/pxe'\n"), "{text}");
    let text = site.done(&["generate", "embed.ipxe"]).stdout;
    assert!(text.starts_with("#!ipxe\n") && text.contains("\ndhcp || goto none\n"), "{text}");
    assert!(text.contains("http://192.168.4.6/pxefiles/pxelinux.0"), "{text}");
    assert!(Site::new().fails(2, &["generate", "embed.ipxe"]).contains("server address is needed"));
}

#[test]
fn the_picture_behind_the_menu_is_what_its_program_makes() {
    let asset = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/assets/splash.png");
    assert!(fs::read(asset).expect("there") == pxe_import_fixtures::splash::png());
}

#[test]
fn what_the_menu_does_not_allow_leaves_the_settings_as_they_were() {
    let site = site();
    init(&site, &[]);
    site.write(&format!("root/{MENU}"), site.read(MENU) + "label public-netboot\n  kernel mine\n");
    let before = state(&site.root(""));
    let url = "http://boot.example/menu.ipxe";
    let ran = site.run(&["init", "--public-netboot", url]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let after = state(&site.root(""));
    assert_eq!(after.get(&site.root("pxe-import.toml")), before.get(&site.root("pxe-import.toml")));
    site.done(&["render"]);
}

#[test]
fn somebody_elses_link_out_of_the_root_leaves_the_settings_as_they_were() {
    let site = site();
    init(&site, &[]);
    fs::rename(site.root("pxeboot"), site.path("outside")).expect("moved");
    std::os::unix::fs::symlink("../outside", site.root("pxeboot")).expect("linked");
    if std::os::unix::fs::lchown(site.root("pxeboot"), Some(65533), None).is_err() {
        println!("skipped: needs root");
        return;
    }
    let before = state(&site.root(""));
    let error = site.run(&["init", "--server", "192.168.4.7"]).stderr;
    assert!(error.contains("a link of somebody else's"), "{error}");
    let toml = site.root("pxe-import.toml");
    assert_eq!(state(&site.root("")).get(&toml), before.get(&toml));
}

#[test]
fn what_a_new_address_leaves_to_render_is_named() {
    let site = Site::new();
    site.done(&["init", "--server", "192.168.4.6"]);
    let iso = site.disc(esxi::esxi55);
    site.done(&["esxi5.5", iso]);
    let ran = site.done(&["init", "--server", "http://192.168.4.6/boot"]);
    assert!(ran.stderr.contains("run 'pxe-import render'"), "{}", ran.stderr);
    assert!(ran.stderr.contains("wwwroot/esxi/5.5/boot.cfg"), "{}", ran.stderr);
    site.done(&["render"]);
    let ran = site.done(&["init"]);
    assert!(!ran.stderr.contains("render"), "{}", ran.stderr);
}

#[test]
fn a_passwords_hash_in_settings_that_everybody_can_read_is_told_by_check() {
    let site = Site::new();
    site.done(&["init", "--server", "192.168.4.6"]);
    let path = "root/pxe-import.toml";
    let hash = "$6$saltsalt$bDgtGUrMxIV6XY1lCYMlGLUWpE.BGs2PgfQYBbi6PsJtkcQm8lL4PhC6h/tHVMVs1UFpAGlnPmPI1dJkJDZK50";
    let text =
        site.read("pxe-import.toml") + &format!("\n[answer.el]\nroot-password-hash = \"{hash}\"\n");
    site.write(path, text);
    let codes = |site: &Site| site.json(&["check"])["findings"].to_string();
    assert!(codes(&site).contains("settings-readable"));
    site.chmod(path, 0o640);
    assert!(!codes(&site).contains("settings-readable"));
}
