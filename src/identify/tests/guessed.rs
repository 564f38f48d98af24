//! Discs that no profile knows, and the entries that are guessed for them.

use super::super::guessed;
use super::*;

/// A file of the kind that a kernel is, as far as anybody looks.
const KERNEL: &[u8] = &{
    let mut bytes = [0; 0x240];
    (bytes[0x202], bytes[0x203], bytes[0x204], bytes[0x205]) = (b'H', b'd', b'r', b'S');
    (bytes[0x206], bytes[0x207], bytes[0x236]) = (0x0f, 0x02, 1);
    bytes
};

/// The entry, if there is one, and the warnings as `CODE PATH: MESSAGE`; `beside` lie beside
/// `pxelinux.0`.
fn guessed(disc: &Disc, answer: Option<AnswerKind>, beside: &[&str]) -> (Option<Entry>, String) {
    let profiles = Profiles::builtin().expect("sound");
    let profile = profiles.last_resort().expect("there");
    let monitor = Collect::default();
    assert_eq!(identify(disc, &profiles, &monitor).expect("readable").product, None);
    let product = identify_as(disc, profile, &monitor).expect("readable");
    let answer = answer.map(|kind| Answer { url: "http://h/other/it/a.cfg".into(), kind });
    let tree = &disc.tree;
    let context = Context {
        dir: "other/it",
        url: Some("http://h/other/it"),
        host: Some("h"),
        path_prefix: "",
        answer: answer.as_ref(),
        exists: &|path| tree.find(path.as_bytes()).is_some(),
        find: &|path| {
            let id = tree.find_ignoring_case(path.as_bytes())?;
            String::from_utf8(tree.path(id)).ok()
        },
        read: &|path, limit| {
            let is_file = |&id: &crate::media::NodeId| tree.kind(id) == crate::media::Kind::File;
            disc.content(tree.find(path.as_bytes()).filter(is_file)?, limit).ok()
        },
        list: &|path| {
            let names = tree.find(path.as_bytes()).map(|dir| tree.children(dir));
            let name = |id| String::from_utf8_lossy(tree.name(id)).into_owned();
            names.into_iter().flatten().map(name).collect()
        },
        image: None,
        size: &|_| None,
        loader: &|name| beside.contains(&name),
    };
    let entry =
        profile.entries(&product, "it", None, &context, &monitor).expect("no failure").pop();
    let warnings = monitor.warnings();
    let told = warnings.iter().map(|w| format!("{} {}: {}\n", w.code, w.path, w.message));
    (entry, told.collect())
}

fn isolinux(config: &str, files: &[&str]) -> Disc {
    let mut all = vec![("isolinux/isolinux.cfg", config.as_bytes())];
    all.extend(files.iter().map(|path| (*path, KERNEL)));
    disc("UNKNOWN_1", &all)
}

#[test]
fn the_entry_is_marked_and_says_where_it_comes_from() {
    let disc = isolinux(
        "label a\nkernel k\nappend initrd=i q=\u{7} root=LABEL=x\n",
        &["isolinux/k", "isolinux/i"],
    );
    let (entry, told) = guessed(&disc, None, &[]);
    let entry = entry.expect("one");
    assert_eq!(entry.title, "UNKNOWN 1 x86_64 (guessed)");
    assert_eq!(entry.args, ["root=LABEL=x"]);
    let begin = "guessed-entry other/it: the menu entry is guessed: kernel, initial ramdisk and arguments \
                 are those of \"a\" in isolinux/isolinux.cfg line 1; \"q=\\u{7}\" is left out, as no boot \
                 menu can hold it\nguess-needs-medium root=LABEL=x: looks for the disc";
    assert!(told.starts_with(begin), "{told}");
    let sentence = guessed::of_disc(&disc).sentence();
    assert_eq!(sentence.as_deref(), Some("boots isolinux/k (from isolinux/isolinux.cfg line 1)"));
}

#[test]
fn an_answer_file_is_named_as_its_installer_takes_it() {
    let preseed = Some(AnswerKind::Preseed);
    let kickstart = Some(AnswerKind::Kickstart);
    let args = |disc: &Disc, kind| {
        let (entry, told) = guessed(disc, kind, &[]);
        (entry.expect("one").args.join(" "), told.contains("answer-unused"))
    };
    let config =
        "label a\nkernel /install/vmlinuz\nappend initrd=/install/initrd.gz auto=true --- quiet\n";
    let debian = isolinux(config, &["install/vmlinuz", "install/initrd.gz"]);
    let url = "http://h/other/it/a.cfg";
    let expected = format!("auto=true priority=critical url={url} --- quiet");
    assert_eq!(args(&debian, preseed), (expected, false));
    assert_eq!(args(&debian, kickstart), ("auto=true --- quiet".into(), true));

    let config = "label a\nkernel k\nappend initrd=i ks=cdrom:/none.cfg method=cdrom\n";
    let old = isolinux(config, &["isolinux/k", "isolinux/i"]);
    let expected = format!("method=http://h/other/it ks={url} ksdevice=bootif");
    assert_eq!(args(&old, kickstart), (expected, false));

    let config = "label a\nkernel linux\nappend initrd=initrd autoyast=cd:///a.xml\n";
    let files = [
        ("boot/x86_64/loader/isolinux.cfg", config.as_bytes()),
        ("boot/x86_64/loader/linux", KERNEL),
        ("boot/x86_64/loader/initrd", b"i"),
        ("content", b"c"),
    ];
    let suse = disc("SUSE", &files);
    let expected = format!("install=http://h/other/it autoyast={url}");
    assert_eq!(args(&suse, kickstart), (expected, false));
}

#[test]
fn xen_boots_by_mboot_of_the_server_or_else_of_the_disc() {
    let config = "default xe\nlabel xe\nkernel mboot.c32\n\
                  append /boot/xen.gz dom0=1 --- /boot/vmlinuz quiet --- /install.img\n";
    let files = ["boot/xen.gz", "boot/vmlinuz", "install.img"];
    let args =
        "/other/it/boot/xen.gz dom0=1 --- /other/it/boot/vmlinuz quiet --- /other/it/install.img";
    let with = isolinux(config, &[&files[..], &["isolinux/mboot.c32"]].concat());
    for (beside, kernel) in
        [(&["mboot.c32"][..], "mboot.c32"), (&[], "/other/it/isolinux/mboot.c32")]
    {
        let (entry, told) = guessed(&with, None, beside);
        let entry = entry.expect("one");
        assert_eq!((entry.kernel.as_str(), entry.args.join(" ").as_str()), (kernel, args));
        assert_eq!(entry.efi, crate::menu::Efi::None);
        assert!(told.starts_with("guessed-entry ") && told.lines().count() == 1, "{told}");
    }
    let (entry, told) = guessed(&isolinux(config, &files), None, &[]);
    assert_eq!(entry, None);
    assert!(told.contains("which is neither on the disc nor beside pxelinux.0"), "{told}");
}

#[test]
fn what_is_no_kernel_and_what_is_a_module_of_another_syslinux_is_warned_of() {
    let other = disc("X", &[("isolinux.cfg", b"label a\nkernel k\n"), ("k", b"\x7fELF")]);
    let (entry, told) = guessed(&other, None, &[]);
    assert!(entry.is_some() && told.contains("guess-kernel k: is neither"), "{told}");
    let module = isolinux("label a\ncom32 hdt.c32\n", &["isolinux/hdt.c32"]);
    let (entry, told) = guessed(&module, None, &[]);
    assert_eq!(entry.expect("one").efi, crate::menu::Efi::None);
    assert!(told.contains("guess-needs-loader isolinux/hdt.c32: "), "{told}");
}

#[test]
fn a_disc_that_says_nothing_contradicts_no_name() {
    let profiles = Profiles::builtin().expect("sound");
    let profile = profiles.last_resort().expect("there");
    let disc = isolinux("", &[]);
    let product = identify_as(&disc, profile, &Collect::default()).expect("readable");
    for name in ["centos6.8", "ubuntu1604", "it"] {
        assert_eq!(check_name(name, &product, &profiles), Ok(()));
    }
    assert_eq!(profile.target(&product, "it", None).expect("complete").path, "other/it");
}

#[test]
fn a_profile_with_markers_may_guess_where_it_has_no_entry() {
    let text = "name = 'k'\ntitle = 'K'\nfacts = 'volume'\ntarget = 'k/{label}'\nguess = true\n\
                [markers]\nall = ['kali']\n[[family]]\nname = 'k'\ntitle = 'K'\naliases = []\n";
    let profile = Profile::parse("k.toml", text).expect("sound");
    assert!(!profile.is_last_resort());
    let without = text.replace("all = ['kali']\n", "");
    assert!(Profile::parse("k.toml", &without).expect("sound").is_last_resort());
    let neither = without.replace("guess = true\n", "");
    let error = Profile::parse("k.toml", &neither).expect_err("every disc would fit").to_string();
    assert!(error.contains("[markers]"), "{error}");
}
