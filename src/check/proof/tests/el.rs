//! Enterprise Linux: `.treeinfo` and repositories.

use super::{Site, el, gzip};

const EL6: &str = "[general]\nversion = 6.8\narch = x86_64\nfamily = CentOS\npackagedir = \n\
    [images-x86_64]\nkernel = images/pxeboot/vmlinuz\ninitrd = images/pxeboot/initrd.img\n\
    boot.iso = images/boot.iso\n\
    [images-xen]\nkernel = images/xen/vmlinuz\ninitrd = images/pxeboot/initrd.img\n\
    [stage2]\nmainimage = images/install.img\n";

fn el6() -> Site {
    let site = Site::new();
    site.write(".treeinfo", EL6);
    for path in ["images/pxeboot/vmlinuz", "images/pxeboot/initrd.img", "images/install.img"] {
        site.write(path, "x");
    }
    site
}

fn packages(discs: &[(usize, &'static str)]) -> Vec<(String, &'static str)> {
    let all = discs.iter().flat_map(|&(count, base)| std::iter::repeat_n(base, count));
    all.enumerate().map(|(number, base)| (format!("Packages/{number}.rpm"), base)).collect()
}

#[test]
fn what_only_media_and_xen_need_are_notes() {
    let unused = "note treeinfo-image-unused www/t/images";
    assert_eq!(el6().list(), [format!("{unused}/boot.iso"), format!("{unused}/xen/vmlinuz")]);
}

#[test]
fn what_the_web_server_may_not_read_is_as_good_as_missing() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    let site = el6();
    site.repository("", &packages(&[(3, "")]), 3);
    let before = site.list();
    let close = ["images/install.img", "Packages/1.rpm", "repodata/primary.xml.gz"];
    let expected = ["treeinfo-image", "package-wrong", "repodata-missing"];
    for (path, code) in close.into_iter().zip(expected) {
        set_permissions(site.path(path), Permissions::from_mode(0o640)).expect("set");
        let mut list = site.list();
        list.retain(|line| !before.contains(line));
        assert_eq!(list, [format!("fault {code} www/t/{path}")]);
        set_permissions(site.path(path), Permissions::from_mode(0o644)).expect("set");
    }
}

#[test]
fn kernel_initrd_and_second_stage_must_be_there_and_hold_something() {
    let site = el6();
    site.write("images/boot.iso", "x");
    site.write("images/xen/vmlinuz", "x");
    site.remove("images/pxeboot/vmlinuz");
    site.write("images/pxeboot/initrd.img", "");
    site.remove("images/install.img");
    site.write("images/install.img/x", "x");
    let found = site.found(None);
    let lines: Vec<_> = found.iter().map(|one| format!("{} {}", one.path, one.message)).collect();
    assert_eq!(
        lines,
        [
            "www/t/images/pxeboot/vmlinuz is not there ([images-x86_64] kernel in .treeinfo)",
            "www/t/images/pxeboot/initrd.img is empty ([images-x86_64] initrd in .treeinfo)",
            "www/t/images/install.img is a directory, not a file ([stage2] mainimage in .treeinfo)",
        ]
    );
    assert!(found.iter().all(|one| one.code == "treeinfo-image"), "and no note beside a fault");
}

#[test]
fn without_mainimage_the_second_stage_is_where_the_release_has_it() {
    let site = Site::new();
    let info = |version: &str| {
        format!(
            "[general]\nversion = {version}\narch = i386\n\
             [images-i386]\nkernel = images/pxeboot/vmlinuz\n"
        )
    };
    site.write("images/pxeboot/vmlinuz", "x");
    site.write(".treeinfo", info("7.5"));
    let fault = "fault treeinfo-stage2 www/t/.treeinfo";
    assert_eq!(site.list(), [fault]);
    site.write("LiveOS/squashfs.img", "x");
    assert_eq!(site.list(), [""; 0]);
    site.write(".treeinfo", info("6.8"));
    assert_eq!(site.list(), [fault], "EL 6 does not look there");
    site.write("images/install.img", "x");
    assert_eq!(site.list(), [""; 0]);
}

#[test]
fn a_treeinfo_of_another_system_needs_no_second_stage() {
    let site = Site::new();
    // As SUSE and XenServer have it.
    let suse = "[general]\narch = x86_64\n[images-x86_64]\nkernel = boot/x86_64/loader/linux\n";
    site.write(".treeinfo", suse);
    site.write("boot/x86_64/loader/linux", "x");
    assert_eq!(site.list(), [""; 0]);
    site.write(".treeinfo", "[platform]\nname = XCP\n");
    assert_eq!(site.list(), [""; 0]);
    assert_eq!(site.list_of(Some(&el("6"))).len(), 2);
}

#[test]
fn repositories_of_variants_are_checked_and_those_outside_noted() {
    let site = el6();
    site.write(
        ".treeinfo",
        EL6.replace("boot.iso = images/boot.iso\n", "").replace("images/xen", "images/pxeboot")
            + "[variant-BaseOS]\nrepository = BaseOS\n[variant-AppStream]\n\
               repository = ../../../AppStream/x86_64/os/\n[variant-HA]\nrepository = HA\n\
               [addon-X]\nrepository = addons/X\n",
    );
    site.repository("BaseOS", &packages(&[(2, "")]), 2);
    site.repository("addons/X", &packages(&[(2, "")]), 1);
    assert_eq!(
        site.list(),
        [
            "fault package-missing www/t/addons/X/Packages/1.rpm",
            "note repository-missing www/t/HA",
            "note repository-outside www/t/.treeinfo",
        ]
    );
}

#[test]
fn el5_has_its_repositories_in_directories_that_nothing_names() {
    let site = Site::new();
    site.repository("Server", &packages(&[(3, "")]), 2);
    site.link("Alias", "Server");
    site.link("self", ".");
    let found = site.list();
    assert_eq!(found.len(), 1, "once, whatever links lead there: {found:?}");
    assert_eq!(found[0], "fault package-missing www/t/Server/Packages/2.rpm");
}

#[test]
fn dotfiles_that_a_copy_by_hand_has_lost_are_found() {
    let site = Site::new();
    site.repository("", &packages(&[(1, "")]), 1);
    assert_eq!(site.list_of(Some(&el("6.8"))), ["warning treeinfo-missing www/t/.treeinfo"]);
    assert_eq!(site.list(), [""; 0], "of what is not known nothing is asked");
    let site = Site::new();
    site.repository("BaseOS", &packages(&[(1, "")]), 1);
    assert_eq!(site.list_of(Some(&el("8"))), ["fault treeinfo-missing www/t/.treeinfo"]);
}

#[test]
fn metadata_that_are_missing_cut_or_changed_are_faults() {
    let site = Site::new();
    site.repository("", &packages(&[(1, "")]), 1);
    assert_eq!(site.list(), [""; 0]);
    let file = "repodata/primary.xml.gz";
    let good = std::fs::read(site.path(file)).expect("there");
    let mut bad = good.clone();
    // The time in gzip's head, which changes nothing but the sum.
    bad[4] ^= 1;
    site.write(file, &bad);
    assert_eq!(site.list(), [format!("fault repodata-checksum www/t/{file}")]);
    site.write(file, &good[..good.len() - 12]);
    let said = [
        format!("fault repodata-size www/t/{file}"),
        format!("fault repodata-unreadable www/t/{file}"),
    ];
    assert_eq!(site.list(), said);
    site.remove(file);
    assert_eq!(site.list(), [format!("fault repodata-missing www/t/{file}")]);
    let repomd = "repodata/repomd.xml";
    site.write(repomd, "<repomd><data");
    assert_eq!(site.list(), [format!("fault repodata-unreadable www/t/{repomd}")]);
    site.write("x", "");
    site.write(repomd, "<repomd><data type=\"group\"><location href=\"x\"/></data></repomd>");
    assert_eq!(site.list(), [format!("fault repodata-no-primary www/t/{repomd}")]);
}

#[test]
fn packages_of_a_disc_that_was_not_given_are_one_warning() {
    let site = Site::new();
    site.repository("", &packages(&[(30, "media://1.5#1"), (25, "media://1.5#2")]), 30);
    let found = site.found(None);
    let lines: Vec<_> = found.iter().map(|one| (one.code, one.path.as_str())).collect();
    let repodata = "www/t/repodata";
    assert_eq!(lines, [("package-other-disc", repodata), ("repodata-media-base", repodata)]);
    assert_eq!(
        found[0].message,
        "25 of 55 packages that repodata lists are not in the tree: disc 2 of the set is missing"
    );
    assert!(!found.iter().any(|one| one.severity == crate::check::Severity::Fault));
}

#[test]
fn single_packages_that_are_missing_are_faults_up_to_a_limit() {
    let site = Site::new();
    site.repository("", &packages(&[(600, "")]), 597);
    site.write("Packages/0.rpm", "longer");
    assert_eq!(site.list().len(), 4);
    assert_eq!(site.list()[3], "fault package-wrong www/t/Packages/0.rpm");
    // Less than a tenth, so no disc.
    (10..40).for_each(|number| site.remove(&format!("Packages/{number}.rpm")));
    let found = site.found(None);
    assert_eq!(found.len(), 22);
    assert_eq!(found[20].message, "and 13 more: packages are not there");
    assert_eq!(found[20].path, "www/t/repodata/primary.xml.gz");
}

#[test]
fn packages_on_other_servers_are_not_asked_for() {
    let site = Site::new();
    site.repository("", &[("a.rpm".into(), "http://mirror/"), ("http://m/b.rpm".into(), "")], 0);
    let found = site.found(None);
    assert_eq!(found.len(), 1);
    assert!(found[0].message.starts_with("lists 2 packages on other servers"));
}

#[test]
fn every_way_to_pack_the_list_is_read_or_named() {
    let text = b"<metadata><package><location href=\"gone.rpm\"/></package></metadata>";
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    std::io::Write::write_all(&mut xz, text).expect("a vector takes all");
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let packed = [
        text.to_vec(),
        gzip(text),
        xz.finish().expect("done"),
        ruzstd::encoding::compress_to_vec(&text[..], level),
    ];
    for bytes in packed {
        let site = Site::new();
        site.primary("", &bytes);
        assert_eq!(site.list(), ["fault package-missing www/t/gone.rpm"]);
    }
    let site = Site::new();
    site.primary("", b"BZh91AY&SY");
    assert_eq!(site.list(), ["note repodata-packing www/t/repodata/primary.xml.gz"]);
}
