//! XenServer and XCP-ng.

use super::*;

fn files<'a>(more: &[(&'a str, &'a [u8])]) -> Vec<(&'a str, &'a [u8])> {
    let boots: [(&str, &[u8]); 4] = [
        ("boot/xen.gz", b"x"),
        ("boot/vmlinuz", b"k"),
        ("install.img", b"i"),
        ("boot/pxelinux/mboot.c32", b"m"),
    ];
    boots.into_iter().chain(more.iter().copied()).collect()
}

fn xcp_ng() -> Disc {
    let info = b"[platform]\nname = XCP\nversion = 3.4.0\n\n[branding]\nname = XCP-ng\nversion = 8.3.0\n\n\
        [build]\nnumber = cloud\n\n[keys]\nkey1 = RPM-GPG-KEY-xcpng\n";
    let package = "Packages/xcp-ng-release-8.3.0-28.x86_64.rpm";
    disc("XCP-ng 8.3.0", &files(&[(".treeinfo", info), (package, b"")]))
}

#[test]
fn xcp_ng_boots_by_the_mboot_beside_pxelinux_and_not_by_uefi() {
    let disc = xcp_ng();
    assert_eq!(known(&disc).name, "XCP-ng 8.3.0");
    assert_eq!(summary(&disc), "xcp-ng 8.3.0 x86_64 - xenserver xen/XCP-ng8.3.0");
    let entry = only(&disc, None);
    assert_eq!((entry.kernel.as_str(), entry.initrd.as_ref()), ("mboot.c32", None));
    assert_eq!(
        entry.args.join(" "),
        "/xen/XCP-ng8.3.0/boot/xen.gz dom0_max_vcpus=1-16 dom0_mem=max:8192M com1=115200,8n1 \
         console=com1,vga --- /xen/XCP-ng8.3.0/boot/vmlinuz console=hvc0 console=tty0 --- \
         /xen/XCP-ng8.3.0/install.img"
    );
    assert_eq!(entry.efi, crate::menu::Efi::None);
    // VMware's loader has the same name, and is told by its argument.
    assert!(!crate::menu::esxi::is_esxi(&entry));
    let args = only(&disc, Some(AnswerKind::Xenserver)).args.join(" ");
    let answer = "answerfile=http://192.168.4.6/xen/XCP-ng8.3.0/ks.cfg install --- /xen/";
    assert!(args.contains(answer), "{args}");
}

#[test]
fn xenserver_is_known_from_6_5_on() {
    let old = b"<?xml version=\"1.0\" ?>\n<repository originator=\"xs\" name=\"main\" product=\"XenServer\" \
        version=\"6.5.0\" build=\"90233c\"/>\n";
    let six = disc("XenServer-6.5.0", &files(&[("packages.main/XS-REPOSITORY", old)]));
    assert_eq!(summary(&six), "xenserver 6.5.0 - - xenserver xen/XenServer6.5.0");
    assert!(only(&six, None).args.contains(&"dom0_mem=max:2048M".to_owned()));
    let info =
        b"[platform]\nname = XCP\nversion = 2.1.0\n[branding]\nname = XenServer\nversion = 7.0.0\n";
    let seven = disc("XenServer-7.0.0", &files(&[(".treeinfo", info)]));
    assert_eq!(summary(&seven), "xenserver 7.0.0 - - xenserver xen/XenServer7.0.0");
    let none = disc("x", &files(&[(".treeinfo", b"[general]\nfamily = Other\n")]));
    let profiles = builtin();
    assert_eq!(identify(&none, profiles, &Collect::default()).expect("readable").product, None);
}

#[test]
fn every_release_is_known_and_boots() {
    let profiles = builtin();
    let mut proven = 0;
    for release in &profiles.get("xenserver").expect("there").releases {
        if !release.test.ends_with("::every_release_is_known_and_boots") {
            continue;
        }
        let name = if release.family == "xcp-ng" { "XCP-ng" } else { "XenServer" };
        for version in &release.versions {
            let xml = format!(
                "<?xml version=\"1.0\" ?>\n<repository originator=\"xs\" product=\"{name}\" version=\"{version}\"/>\n"
            );
            let info = format!("[branding]\nname = {name}\nversion = {version}\n");
            let file = match version.as_str() {
                "6.5.0" => ("packages.main/XS-REPOSITORY", xml.as_bytes()),
                _ => (".treeinfo", info.as_bytes()),
            };
            let disc = disc("", &files(&[file]));
            let known = summary(&disc);
            assert!(
                known.starts_with(&format!("{} {version} - - xenserver xen/", release.family)),
                "{known}"
            );
            assert_eq!(only(&disc, None).kernel, "mboot.c32");
            proven += 1;
        }
    }
    assert_eq!(proven, 18);
}
