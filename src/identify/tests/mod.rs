//! Whole discs: identified, given their target, their entries made.

use super::sample::disc;
use super::*;
use crate::menu::Entry;
use crate::monitor::Collect;

mod debian;
mod enterprise_linux;
mod enterprise_linux_releases;
mod esxi_windows;
mod guessed;
mod proxmox;
mod suse;
mod ubuntu;
mod windows;
mod xenserver;

/// Those that are built in, read once: compiling the patterns takes longer than a test.
fn builtin() -> &'static Profiles {
    static PROFILES: std::sync::OnceLock<Profiles> = std::sync::OnceLock::new();
    PROFILES.get_or_init(|| Profiles::builtin().expect("sound"))
}

const TREEINFO_68: &[u8] = b"[general]\nversion = 6.8\narch = x86_64\nfamily = CentOS\n\
    timestamp = 1463897099.73\ndiscnum = 1\nvariant = \ntotaldiscs = 1\n\
    [images-x86_64]\nkernel = images/pxeboot/vmlinuz\ninitrd = images/pxeboot/initrd.img\n";

fn centos_68() -> Disc {
    disc(
        "CentOS_6.8_Final",
        &[
            (".treeinfo", TREEINFO_68),
            (".discinfo", b"1463897099.73\n6.8\nx86_64\nALL\n"),
            ("Packages/centos-release-6-8.el6.centos.12.3.x86_64.rpm", b""),
            ("images/pxeboot/vmlinuz", b"k"),
            ("images/pxeboot/initrd.img", b"i"),
            ("repodata/0123-c6-x86_64-comps.xml", b""),
        ],
    )
}

fn known(disc: &Disc) -> Product {
    let monitor = Collect::default();
    let profiles = builtin();
    let product = identify(disc, profiles, &monitor).expect("readable").product.expect("known");
    assert_eq!(monitor.warnings(), []);
    product
}

/// `FAMILY VERSION ARCH VARIANT PROFILE` and the target.
fn summary(disc: &Disc) -> String {
    let product = known(disc);
    let profiles = builtin();
    let profile = profiles.get(&product.profile).expect("there");
    let target = profile.target(&product, "label", None).expect("complete");
    let or_dash = |part: &Option<String>| part.clone().unwrap_or_else(|| "-".into());
    format!(
        "{} {} {} {} {} {}{}",
        product.family,
        or_dash(&product.version),
        or_dash(&product.arch),
        or_dash(&product.variant),
        product.profile,
        target.path,
        if target.whole_image { " whole" } else { "" },
    )
}

/// The entries with a server at 192.168.4.6, and the codes of the warnings.
fn entries(disc: &Disc, answer: Option<AnswerKind>) -> (Vec<Entry>, Vec<&'static str>) {
    entries_by(disc, None, answer)
}

/// The same for the way `choice` to boot.
fn entries_by(
    disc: &Disc,
    choice: Option<&str>,
    answer: Option<AnswerKind>,
) -> (Vec<Entry>, Vec<&'static str>) {
    let product = known(disc);
    let profiles = builtin();
    let profile = profiles.get(&product.profile).expect("there");
    let dir = profile.target(&product, "it", choice).expect("complete").path;
    let url = format!("http://192.168.4.6/{dir}");
    let answer = answer.map(|kind| Answer { url: format!("{url}/ks.cfg"), kind });
    let context = Context {
        dir: &dir,
        url: Some(&url),
        host: Some("192.168.4.6"),
        path_prefix: "",
        answer: answer.as_ref(),
        exists: &|path| disc.tree.find(path.as_bytes()).is_some(),
        find: &|path| disc.tree.find(path.as_bytes()).map(|_| path.to_owned()),
        read: &|_, _| None,
        list: &|_| Vec::new(),
        loader: &|name| name != "wimboot" || product.profile != "winpe" || choice.is_some(),
        image: None,
        size: &|_| None,
    };
    let monitor = Collect::default();
    let entries = profile.entries(&product, "it", choice, &context, &monitor).expect("complete");
    (entries, monitor.warnings().iter().map(|warning| warning.code).collect())
}

fn only(disc: &Disc, answer: Option<AnswerKind>) -> Entry {
    let (mut entries, warnings) = entries(disc, answer);
    assert_eq!((entries.len(), warnings), (1, vec![]));
    entries.remove(0)
}

#[test]
fn the_server_is_asked_for_only_where_it_is_needed() {
    let profiles = builtin();
    let needs = |name, spec, answered| {
        let profile = profiles.get(name).expect("there");
        let product = crate::identify::sample::product(profile, spec);
        profile.needs_server(&product, None, answered).expect("one way")
    };
    let both = |name, spec| (needs(name, spec, false), needs(name, spec, true));
    assert_eq!(both("el", "centos 6.8 x86_64"), (true, true));
    assert_eq!(both("ubuntu-di", "ubuntu 16.04 amd64"), (true, true));
    assert_eq!(both("esxi", "esxi 5.5.0 x86_64"), (false, true));
    assert_eq!(both("winpe", "winpe - x86_64"), (false, false));
    assert_eq!(both("windows", "windows 6.1.7601 x86_64"), (false, false));
    assert_eq!(both("ubuntu-live", "ubuntu 22.04 amd64"), (true, true));
    // It has no entry.
    assert_eq!(both("ubuntu-live", "ubuntu 18.04 amd64"), (false, false));
    let product = known(&centos_68());
    let context = Context {
        dir: "yum/CentOS6.8",
        url: None,
        host: None,
        path_prefix: "",
        answer: None,
        exists: &|_| true,
        find: &|path| Some(path.to_owned()),
        read: &|_, _| None,
        list: &|_| Vec::new(),
        loader: &|_| true,
        image: None,
        size: &|_| None,
    };
    let profile = profiles.get("el").expect("there");
    let error =
        profile.entries(&product, "c", None, &context, &Collect::default()).expect_err("none");
    assert!(
        error.to_string().contains("--server") && error.to_string().contains("pxe-import.toml")
    );
}

#[test]
fn a_forced_profile_needs_no_markers() {
    let plain = disc("", &[("readme.txt", b"")]);
    let profiles = builtin();
    let monitor = Collect::default();
    assert_eq!(identify(&plain, profiles, &monitor).expect("readable").product, None);
    let winpe = profiles.get("winpe").expect("there");
    let product = identify_as(&plain, winpe, &monitor).expect("readable");
    assert_eq!((product.family.as_str(), product.name.as_str()), ("winpe", "Windows PE"));
    assert_eq!(winpe.target(&product, "pe", None).expect("complete").path, "windows/pe.iso");
}

#[test]
fn other_systems_with_the_same_markers_are_not_taken_for_ours() {
    let profiles = builtin();
    for (path, text) in [
        (".treeinfo", "[general]\nfamily = XenServer\nversion = 7.0.0\narch = x86_64\n"),
        (".treeinfo", "[release]\nname = openSUSE Leap\nversion = 15.5\n"),
        (".disk/info", "Linux Mint 21 \"Vanessa\" - Release amd64 20220726"),
        (".treeinfo", "\u{0}\u{0}"),
    ] {
        let disc = disc("", &[(path, text.as_bytes()), ("images/pxeboot/vmlinuz", b"")]);
        assert_eq!(
            identify(&disc, profiles, &Collect::default()).expect("readable").product,
            None,
            "{text}"
        );
    }
}

#[test]
fn a_marker_file_beyond_the_end_of_the_image_is_an_error() {
    let mut cut = disc("", &[(".treeinfo", TREEINFO_68)]);
    cut.image = crate::media::Image::new("x.iso", b"[general]".to_vec());
    let profiles = builtin();
    let error = identify(&cut, profiles, &Collect::default()).expect_err("cut");
    assert_eq!(error.kind(), "corrupt");
}

proptest::proptest! {
    #[test]
    fn no_marker_file_can_bring_identification_down(
        file in proptest::sample::select(vec![
            ".treeinfo", ".discinfo", ".disk/info", "boot.cfg", "upgrade/metadata.xml",
            "upgrade/profile.xml", "vmware-esx-base-osl.txt", "sources/install.wim",
        ]),
        text in "(MSWIM\0\0\0)?[\\[\\]<>/=:;\"&#a-zE0-9. \n\r\u{0}-]{0,200}|\\PC{0,100}",
    ) {
        let files = [(file, text.as_bytes()), ("mboot.c32", &b""[..]), ("casper", b"")];
        let files: Vec<_> = files.into_iter().chain([("boot.cfg", &b"build="[..])]).collect();
        let profiles = builtin();
        let found = identify(&disc("ESXi", &files), profiles, &Collect::default());
        if let Some(product) = found.expect("readable").product {
            let profile = profiles.get(&product.profile).expect("there");
            if let Ok(target) = profile.target(&product, "it", None) {
                proptest::prop_assert!(crate::media::TreePath::new(target.path).is_ok());
            }
        }
    }
}
