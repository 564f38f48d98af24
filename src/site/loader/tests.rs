use std::fs;

use super::*;

/// A directory with these files.
fn dir(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for (path, text) in files {
        let path = dir.path().join(path.trim_start_matches('/'));
        fs::create_dir_all(path.parent().expect("a name")).expect("made");
        fs::write(path, text).expect("written");
    }
    dir
}

const ELF: &str = "\x7fELF";
const NEW: &str = "PXELINUX 6.04 ";
const OLD: &str = "PXELINUX 3.86 ";

fn debian() -> tempfile::TempDir {
    let modules = "/usr/lib/syslinux/modules/bios";
    let modules: Vec<String> = MAIN.iter().map(|one| format!("{modules}/{}", one.name)).collect();
    let mut files: Vec<(&str, &str)> = modules.iter().map(|path| (path.as_str(), ELF)).collect();
    files.extend([
        ("/usr/lib/PXELINUX/pxelinux.0", NEW),
        ("/usr/lib/syslinux/memdisk", "MEMDISK 6.04 "),
        ("/usr/lib/ipxe/undionly.kpxe", "x"),
        ("/usr/lib/ipxe/snponly.efi", "MZ"),
        ("/usr/lib/ipxe/ipxe.efi", "MZ"),
        ("/usr/lib/ipxe/ipxe.lkrn", "x"),
    ]);
    dir(&files)
}

fn names(files: &[SiteFile]) -> Vec<&str> {
    files.iter().map(|file| file.path.to_str().expect("UTF-8")).collect()
}

fn missing(found: &Loaders) -> Vec<&str> {
    found
        .missing
        .iter()
        .filter(|one| one.needed)
        .map(|one| one.file.to_str().expect("UTF-8"))
        .collect()
}

#[test]
fn debians_packages_have_all_that_is_needed() {
    let system = debian();
    let found = find(system.path(), None).expect("read");
    assert_eq!(found.set.len(), 1 + MAIN.len());
    assert_eq!(missing(&found), [""; 0]);
    assert!(names(&found.others).contains(&"pxeboot/undionly.kpxe"));
    let origin = found.set[0].origin.as_ref().expect("an origin");
    assert_eq!(origin.version.as_deref(), Some("PXELINUX 6.04"));
    assert!(origin.path.ends_with("/usr/lib/PXELINUX/pxelinux.0"));
}

#[test]
fn every_distribution_has_its_places() {
    for set in &SETS {
        let modules: Vec<String> =
            MAIN.iter().map(|one| format!("{}/{}", set.modules, one.name)).collect();
        let mut files: Vec<(&str, &str)> = modules.iter().map(|p| (p.as_str(), ELF)).collect();
        files.push((set.pxelinux, NEW));
        let found = find(dir(&files).path(), None).expect("read");
        assert_eq!(found.set.len(), 1 + MAIN.len(), "{set:?}");
    }
    for other in &OTHERS {
        for place in other.places {
            let found = find(dir(&[(place, "x")]).path(), None).expect("read");
            assert!(names(&found.others).contains(&other.file), "{place}");
        }
    }
}

#[test]
fn the_packages_of_today_serve_bios_and_uefi_on_every_distribution() {
    // As the distributions list their files: Debian 13, Fedora, Arch (no undionly, no snponly), openSUSE.
    for files in [
        &["/usr/lib/ipxe/undionly.kpxe", "/usr/lib/ipxe/snponly.efi", "/usr/lib/ipxe/ipxe.efi"][..],
        &[
            "/usr/share/ipxe/undionly.kpxe",
            "/usr/share/ipxe/ipxe-snponly-x86_64.efi",
            "/usr/share/ipxe/ipxe-x86_64.efi",
        ],
        &["/usr/share/ipxe/ipxe.pxe", "/usr/share/ipxe/x86_64/ipxe.efi"],
        &[
            "/usr/share/ipxe/undionly.kpxe",
            "/usr/share/ipxe/snp-x86_64.efi",
            "/usr/share/ipxe/ipxe-x86_64.efi",
        ],
    ] {
        let files: Vec<_> = files.iter().map(|path| (*path, "x")).collect();
        let found = find(dir(&files).path(), None).expect("read");
        for needed in ["pxeboot/undionly.kpxe", "pxeboot/snponly.efi", "wwwroot/ipxe.efi"] {
            assert!(names(&found.others).contains(&needed), "{needed}: {files:?}");
        }
    }
}

#[test]
fn a_pipe_is_no_loader_and_nobody_waits_for_it() {
    let own = dir(&[("a", "a")]);
    for name in ["pxelinux.0", "wimboot"] {
        let made = std::process::Command::new("mkfifo").arg(own.path().join(name)).status();
        assert!(made.expect("coreutils").success());
    }
    let path = own.path().to_owned();
    let (done, found) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(find(&path, Some(&path)).expect("read").set.len()));
    let found = found.recv_timeout(std::time::Duration::from_secs(30));
    assert_eq!(found.expect("an answer"), 0);
}

#[test]
fn what_is_missing_is_named_with_its_packages() {
    let nothing = dir(&[]);
    let found = find(nothing.path(), None).expect("read");
    assert_eq!(
        missing(&found),
        [
            "wwwroot/pxefiles/pxelinux.0",
            "pxeboot/undionly.kpxe",
            "pxeboot/snponly.efi",
            "wwwroot/ipxe.efi",
            "wwwroot/pxefiles/memdisk"
        ]
    );
    let packages = found.missing[0].packages.expect("packed").to_string();
    assert_eq!(
        packages,
        "Debian, Ubuntu: pxelinux; Fedora, EL: syslinux-nonlinux; Arch: syslinux; SUSE: syslinux"
    );
    let arm = package::IPXE_ARM.to_string();
    assert!(!arm.contains("Arch"), "{arm}");
}

#[test]
fn modules_are_never_taken_from_elsewhere_than_their_pxelinux() {
    let system = debian();
    let own = dir(&[("pxelinux.0", "PXELINUX 6.03 "), ("ldlinux.c32", ELF), ("vesamenu.c32", ELF)]);
    let found = find(system.path(), Some(own.path())).expect("read");
    assert_eq!(found.set.len(), 3);
    assert_eq!(missing(&found), ["wwwroot/pxefiles/libcom32.c32", "wwwroot/pxefiles/libutil.c32"]);
    let odd = dir(&[("pxelinux.0", NEW), ("ldlinux.c32", ELF), ("vesamenu.c32", "COM32")]);
    let found = find(system.path(), Some(odd.path())).expect("read");
    assert_eq!(
        found.refused,
        [(odd.path().join("vesamenu.c32"), "is of another version than its pxelinux.0".into())]
    );
    let bare = dir(&[("pxelinux.0", NEW)]);
    let found = find(system.path(), Some(bare.path())).expect("read");
    assert_eq!(found.refused.len(), 1, "{:?}", found.refused);
    assert_eq!(found.set.len(), 1 + MAIN.len());
    // Modules alone are of no use, and the system's are taken.
    let alone = dir(&[("vesamenu.c32", "other")]);
    let found = find(system.path(), Some(alone.path())).expect("read");
    assert!(found.set.iter().all(|file| file.bytes != b"other"));
}

#[test]
fn a_lone_3_86_is_for_esxi_and_a_whole_one_is_the_main_loader() {
    let system = debian();
    for place in ["px386/pxelinux.0", "pxelinux.0", "core/pxelinux.0"] {
        let own = dir(&[(place, OLD)]);
        let found = find(system.path(), Some(own.path())).expect("read");
        assert!(names(&found.others).contains(&PX386), "{place}");
        assert_eq!(found.set[0].bytes, NEW.as_bytes(), "{place}");
    }
    let whole = dir(&[("pxelinux.0", OLD), ("vesamenu.c32", "COM32"), ("menu.c32", "COM32")]);
    let found = find(system.path(), Some(whole.path())).expect("read");
    assert_eq!(found.set[0].bytes, OLD.as_bytes());
    assert_eq!(missing(&found), [""; 0]);
    let new = dir(&[("px386/pxelinux.0", NEW)]);
    let found = find(system.path(), Some(new.path())).expect("read");
    assert!(!names(&found.others).contains(&PX386));
    assert_eq!(found.refused.len(), 1);
}

#[test]
fn the_users_own_files_come_first() {
    let system = debian();
    let own =
        dir(&[("wimboot", "wimboot v2.7.5 "), ("undionly.kpxe", "mine"), ("ipxe-x86_64.efi", "m")]);
    let found = find(system.path(), Some(own.path())).expect("read");
    let of = |path: &str| found.others.iter().find(|file| file.path == Path::new(path));
    assert_eq!(of("pxeboot/undionly.kpxe").expect("found").bytes, b"mine");
    assert_eq!(of("wwwroot/ipxe.efi").expect("found").bytes, b"m");
    let wimboot = of("wwwroot/pxefiles/wimboot").expect("found").origin.clone().expect("one");
    assert_eq!(wimboot.version.as_deref(), Some("wimboot v2.7.5"));
    assert!(find(system.path(), Some(&own.path().join("gone"))).is_err());
}
