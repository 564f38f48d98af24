use std::io::Write;
use std::process::{Command, Stdio};

use super::*;

mod releases;

// Key orders as the releases have them; the module lists are shortened.
const V5_0: &str = "\
bootstate=0\n\
title=Loading ESXi installer\n\
kernel=/tboot.b00\n\
kernelopt=runweasel\n\
modules=/b.b00 --- /useropts.gz --- /k.b00 --- /a.b00 --- /s.v00 --- /imgdb.tgz\n\
build=\n\
updated=0\n";
const V5_5: &str = "\
bootstate=0\n\
title=Loading ESXi installer\n\
kernel=/tboot.b00\n\
kernelopt=runweasel\n\
modules=/b.b00 --- /jumpstrt.gz --- /useropts.gz --- /k.b00 --- /chardevs.b00 --- /s.v00 --- /imgpayld.tgz\n\
build=\n\
updated=0\n";
const V6_0: &str = "\
bootstate=0\n\
title=Loading ESXi installer\n\
timeout=5\n\
kernel=/tboot.b00\n\
kernelopt=runweasel\n\
modules=/b.b00 --- /jumpstrt.gz --- /k.b00\n\
build=\n\
updated=0\n";
const V6_5: &str = "\
bootstate=0\n\
title=Loading ESXi installer\n\
timeout=5\n\
kernel=/tboot.b00\n\
kernelopt=runweasel\n\
modules=/b.b00 --- /jumpstrt.gz --- /k.b00 --- /procfs.b00\n\
build=\n\
updated=0\n";
const V6_7: &str = "\
bootstate=0\n\
title=Loading ESXi installer\n\
timeout=5\n\
kernel=/b.b00\n\
kernelopt=runweasel\n\
modules=/jumpstrt.gz --- /k.b00 --- /vmx.v00\n\
build=\n\
updated=0\n";
const V7_0: &str = "\
bootstate=0\n\
title=Loading ESXi installer\n\
timeout=5\n\
prefix=\n\
kernel=/b.b00\n\
kernelopt=cdromBoot runweasel\n\
modules=/jumpstrt.gz --- /k.b00 --- /vmx.v00\n\
build=7.0.3-0.20.19193900\n\
updated=0\n";
const V8_0: &str = "\
bootstate=0\n\
title=Loading ESXi installer\n\
timeout=5\n\
prefix=\n\
kernel=/b.b00\n\
kernelopt=runweasel cdromBoot\n\
modules=/jumpstrt.gz --- /k.b00 --- /gc.v00\n\
build=8.0.0-1.0.20513097\n\
updated=0\n";
const V9_0: &str = "\
bootstate=0\n\
title=Loading ESX installer\n\
timeout=5\n\
prefix=\n\
kernel=/b.b00\n\
kernelopt=runweasel cdromBoot\n\
modules=/jumpstrt.gz --- /k.b00 --- /gc.v00 --- /esxup.v00\n\
build=9.0.0-0.24755229\n\
updated=0\n";

/// Patches with every file there but `tboot.b00`.
fn patched(text: &str) -> String {
    patched_at(text, "/esxi/x/")
}

fn patched_at(text: &str, prefix: &str) -> String {
    let done =
        patch(text.as_bytes(), prefix, |name| name != b"tboot.b00" || text.contains("tboot"));
    assert_eq!(done.missing, [b""; 0]);
    String::from_utf8(done.text).expect("utf-8")
}

/// What `sed` with these scripts, one after another, makes of a text; `None` without sed.
fn sed(text: &str, scripts: &[&str]) -> Option<String> {
    scripts.iter().try_fold(text.to_owned(), |text, script| {
        let mut child = Command::new("sed")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .ok()?;
        child.stdin.take()?.write_all(text.as_bytes()).ok()?;
        String::from_utf8(child.wait_with_output().ok()?.stdout).ok()
    })
}

#[test]
fn on_a_5_x_file_the_result_is_what_the_three_seds_give() {
    let scripts = [r"1a\prefix=/esxi/5.5/", r"6s/\///g", "s/^kernel=.*$/kernel=tboot.b00/g"];
    for text in [V5_0, V5_5, V5_5.trim_end()] {
        let Some(expected) = sed(text, &scripts) else {
            eprintln!("skipped: needs sed");
            return;
        };
        assert!(expected.contains("\nprefix=/esxi/5.5/\n"), "{expected}");
        assert_eq!(patched_at(text, "/esxi/5.5/"), expected);
    }
}

#[test]
fn version_5_5_gets_a_second_line_and_bare_names() {
    let expected = "\
bootstate=0\n\
prefix=/esxi/x/\n\
title=Loading ESXi installer\n\
kernel=tboot.b00\n\
kernelopt=runweasel\n\
modules=b.b00 --- jumpstrt.gz --- useropts.gz --- k.b00 --- chardevs.b00 --- s.v00 --- imgpayld.tgz\n\
build=\n\
updated=0\n";
    assert_eq!(patched(V5_5), expected);
}

#[test]
fn versions_6_0_to_6_7_keep_their_timeout_and_kernel() {
    let expected = "\
bootstate=0\n\
prefix=/esxi/x/\n\
title=Loading ESXi installer\n\
timeout=5\n\
kernel=tboot.b00\n\
kernelopt=runweasel\n\
modules=b.b00 --- jumpstrt.gz --- k.b00\n\
build=\n\
updated=0\n";
    assert_eq!(patched(V6_0), expected);
    assert_eq!(
        patched(V6_5),
        V6_5.replace("=/", "=").replace("- /", "- ").replacen("0\n", "0\nprefix=/esxi/x/\n", 1)
    );
    let expected = "\
bootstate=0\n\
prefix=/esxi/x/\n\
title=Loading ESXi installer\n\
timeout=5\n\
kernel=b.b00\n\
kernelopt=runweasel\n\
modules=jumpstrt.gz --- k.b00 --- vmx.v00\n\
build=\n\
updated=0\n";
    assert_eq!(patched(V6_7), expected);
}

#[test]
fn versions_7_0_to_9_0_have_their_empty_prefix_filled_in() {
    let expected = "\
bootstate=0\n\
title=Loading ESXi installer\n\
timeout=5\n\
prefix=/esxi/x/\n\
kernel=b.b00\n\
kernelopt=runweasel\n\
modules=jumpstrt.gz --- k.b00 --- vmx.v00\n\
build=7.0.3-0.20.19193900\n\
updated=0\n";
    assert_eq!(patched(V7_0), expected);
    let expected = "\
bootstate=0\n\
title=Loading ESXi installer\n\
timeout=5\n\
prefix=/esxi/x/\n\
kernel=b.b00\n\
kernelopt=runweasel\n\
modules=jumpstrt.gz --- k.b00 --- gc.v00\n\
build=8.0.0-1.0.20513097\n\
updated=0\n";
    assert_eq!(patched(V8_0), expected);
    let expected = "\
bootstate=0\n\
title=Loading ESX installer\n\
timeout=5\n\
prefix=/esxi/x/\n\
kernel=b.b00\n\
kernelopt=runweasel\n\
modules=jumpstrt.gz --- k.b00 --- gc.v00 --- esxup.v00\n\
build=9.0.0-0.24755229\n\
updated=0\n";
    assert_eq!(patched(V9_0), expected);
}

#[test]
fn patching_twice_changes_nothing() {
    let odd = ["", "bootstate=0", "kernel=/b.b00\r\n", "prefix=a\nPREFIX=b", "# x\n\n", V7_0];
    for text in [V5_0, V5_5, V6_0, V6_5, V6_7, V7_0, V8_0, V9_0].into_iter().chain(odd) {
        for there in [true, false] {
            let once = patch(text.as_bytes(), "http://h:8080/pxe/esxi/x/", |_| there);
            let twice = patch(&once.text, "http://h:8080/pxe/esxi/x/", |_| there);
            assert_eq!(once, twice, "{text:?}");
        }
    }
}

#[test]
fn a_lone_slash_does_not_leave_the_next_word_to_be_stripped_later() {
    let once = patched("kernel=/ /k\nmodules=/a --- ---/ /b --- /\n");
    assert_eq!(once, "kernel=k\nprefix=/esxi/x/\nmodules=a --- ---b --- \n");
    assert_eq!(patched(&once), once);
}

#[test]
fn a_url_can_be_the_prefix() {
    let text = patched_at(V7_0, "http://h:8080/pxe/esxi/7.0/");
    assert!(text.contains("\ntimeout=5\nprefix=http://h:8080/pxe/esxi/7.0/\nkernel=b.b00\n"));
}

#[test]
fn line_ends_survive() {
    let crlf = V6_7.replace('\n', "\r\n");
    assert_eq!(patched(&crlf), patched(V6_7).replace('\n', "\r\n"));
    assert_eq!(patched(V6_7.trim_end()), patched(V6_7).trim_end());
    assert_eq!(patched("kernel=/b.b00"), "kernel=b.b00\nprefix=/esxi/x/");
}

#[test]
fn of_several_prefixes_one_is_left() {
    let text = "bootstate=0\nprefix=/old/\nkernel=/b.b00\nPrefix=\nbuild=1\nprefix=/x/\n";
    let expected = "bootstate=0\nprefix=/esxi/x/\nkernel=b.b00\nbuild=1\n";
    assert_eq!(patched(text), expected);
}

#[test]
fn a_commented_or_unknown_prefix_is_none() {
    let text = "# boot\n#prefix=/a/\nprefix =/b/\nkernel=/b.b00\n";
    let expected = "# boot\nprefix=/esxi/x/\n#prefix=/a/\nprefix =/b/\nkernel=b.b00\n";
    assert_eq!(patched(text), expected);
}

#[test]
fn slashes_go_from_names_and_stay_in_options_and_elsewhere() {
    let text = "prefix=/esxi/x/\ntitle=/a /b\nkernel=/b.b00\nkernelopt=ks=usb:/efi/ks.cfg /x\n\
                modules=//a.gz /opt=/x --- \\b.gz ---/d/c.gz---d.gz  /y\nbuild=/1\n";
    let expected = "prefix=/esxi/x/\ntitle=/a /b\nkernel=b.b00\nkernelopt=ks=usb:/efi/ks.cfg /x\n\
                    modules=a.gz /opt=/x --- b.gz ---d/c.gz---d.gz  /y\nbuild=/1\n";
    assert_eq!(patched(text), expected);
}

#[test]
fn names_that_are_urls_are_left_alone() {
    let text = "prefix=/esxi/x/\nkernel=http://h/b.b00\nmodules=http://h/a --- /b\n";
    let done = patch(text.as_bytes(), "/esxi/x/", |name| name == b"b" || name == TBOOT);
    assert_eq!(done.text, text.replace("/b\n", "b\n").as_bytes());
    assert_eq!(done.missing, [b""; 0]);
}

#[test]
fn only_the_word_cdrom_boot_is_dropped() {
    for (old, new) in [
        ("cdromBoot runweasel", "runweasel"),
        ("runweasel cdromBoot", "runweasel"),
        ("a  cdromBoot  b", "a  b"),
        ("cdromBoot", ""),
        ("cdromBoot cdromBoot", ""),
        ("a cdromBoot cdromBoot", "a"),
        ("cdromBootx xcdromBoot cdromBoot=1", "cdromBootx xcdromBoot cdromBoot=1"),
        ("  a   b ", "  a   b "),
    ] {
        let text = format!("prefix=/esxi/x/\nkernel=b\nkernelopt={old}\n");
        let expected = format!("prefix=/esxi/x/\nkernel=b\nkernelopt={new}\n");
        assert_eq!(patched(&text), expected);
    }
}

#[test]
fn a_kernel_that_is_not_there_gives_way_to_tboot() {
    let with_tboot = |text: &str| {
        let done = patch(text.as_bytes(), "/p/", |name| name == TBOOT);
        String::from_utf8(done.text).expect("utf-8")
    };
    assert_eq!(with_tboot("a=1\nkernel=/gone\n"), "a=1\nprefix=/p/\nkernel=tboot.b00\n");
    assert_eq!(with_tboot("a=1\nb=2"), "a=1\nprefix=/p/\nkernel=tboot.b00\nb=2");
    assert_eq!(
        with_tboot("kernel=/b\r\nkernel=\r\n"),
        "kernel=b\r\nprefix=/p/\r\nkernel=tboot.b00\r\n"
    );
    let done = patch(b"a=1\nkernel=/gone\n", "/p/", |_| false);
    assert_eq!(done.text, b"a=1\nprefix=/p/\nkernel=gone\n");
    assert_eq!(done.missing, [b"gone"]);
}

#[test]
fn each_missing_file_is_named_once() {
    let text = b"kernel=/k\nmodules=/a --- /b x --- /a --- /c\nmodules=/b --- /d --- /d\n";
    let done = patch(text, "/p/", |name| name == b"b");
    assert_eq!(done.missing, [b"k", b"d"]);
}

#[test]
fn bytes_that_are_not_utf_8_survive() {
    let done = patch(b"title=\xe9\xff\0\nkernel=/\xff\n", "/p/", |_| true);
    assert_eq!(done.text, b"title=\xe9\xff\0\nprefix=/p/\nkernel=\xff\n");
}

#[test]
fn the_grammar_is_that_of_esx_boot() {
    let text =
        b" TITLE= A b \r\n#kernel=/x\nkernel =/y\n\nkernel=/one\nKernel=/two\nbuild=1\nbuild=\n\
                 nothing\nprefix=/p\nmodules=a.gz  x y --- --- b.gz---c\nkernelopt= o=1 p \n";
    let module = |name, options| Module { name, options };
    let expected = BootCfg {
        title: b"A b",
        prefix: b"/p",
        kernel: b"/two",
        kernelopt: b"o=1 p",
        modules: vec![module(b"a.gz", b"x y"), module(b"b.gz", b""), module(b"c", b"")],
        build: b"",
    };
    assert_eq!(parse(text), expected);
    assert_eq!(parse(V7_0.as_bytes()).build, b"7.0.3-0.20.19193900");
    assert_eq!(parse(b""), BootCfg::default());
}

proptest::proptest! {
    #[test]
    fn no_text_is_too_odd(text in "([ \t/\\\\a-]|---|://|\r?\n|prefix=|kernel=|modules=|kernelopt=|cdromBoot){0,24}") {
        let there = |name: &[u8]| name.len().is_multiple_of(2);
        let once = patch(text.as_bytes(), "/p/", there);
        let cfg = parse(&once.text);
        proptest::prop_assert_eq!(cfg.prefix, b"/p/");
        for name in cfg.modules.iter().map(|m| m.name).chain([cfg.kernel]).filter(|n| !is_url(n)) {
            proptest::prop_assert!(!name.starts_with(b"/") && !name.starts_with(b"\\"));
        }
        proptest::prop_assert!(!cfg.kernelopt.split(u8::is_ascii_whitespace).any(|w| w == CDROM_BOOT));
        proptest::prop_assert_eq!(&patch(&once.text, "/p/", there), &once);
    }
}
