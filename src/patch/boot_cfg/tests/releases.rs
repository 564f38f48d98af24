//! One boot.cfg a release, before and after.

use super::*;

/// A release, its boot.cfg and what becomes of it, with `{prefix}` where that stands.
type Release = (&'static str, &'static str, &'static str);

// Key orders and names as the releases have them; the module lists are shortened.
const RELEASES: [Release; 9] = [
    (
        "5.0",
        "bootstate=0\ntitle=Loading ESXi installer\nkernel=/tboot.b00\nkernelopt=runweasel\n\
         modules=/b.b00 --- /useropts.gz --- /k.b00 --- /a.b00 --- /ata-pata.v00 --- /s.v00 --- \
         /weaselin.i00 --- /imgdb.tgz --- /imgpayld.tgz\nbuild=\nupdated=0\n",
        "bootstate=0\nprefix={prefix}\ntitle=Loading ESXi installer\nkernel=tboot.b00\n\
         kernelopt=runweasel\nmodules=b.b00 --- useropts.gz --- k.b00 --- a.b00 --- ata-pata.v00 \
         --- s.v00 --- weaselin.i00 --- imgdb.tgz --- imgpayld.tgz\nbuild=\nupdated=0\n",
    ),
    (
        "5.5",
        "bootstate=0\ntitle=Loading ESXi installer\nkernel=/tboot.b00\nkernelopt=runweasel\n\
         modules=/b.b00 --- /jumpstrt.gz --- /useropts.gz --- /k.b00 --- /chardevs.b00 --- \
         /weaselin.t00 --- /xorg.v00 --- /imgpayld.tgz\nbuild=\nupdated=0\n",
        "bootstate=0\nprefix={prefix}\ntitle=Loading ESXi installer\nkernel=tboot.b00\n\
         kernelopt=runweasel\nmodules=b.b00 --- jumpstrt.gz --- useropts.gz --- k.b00 --- \
         chardevs.b00 --- weaselin.t00 --- xorg.v00 --- imgpayld.tgz\nbuild=\nupdated=0\n",
    ),
    (
        "6.0",
        "bootstate=0\ntitle=Loading ESXi installer\ntimeout=5\nkernel=/tboot.b00\n\
         kernelopt=runweasel\nmodules=/b.b00 --- /jumpstrt.gz --- /useropts.gz --- /k.b00\n\
         build=\nupdated=0\n",
        "bootstate=0\nprefix={prefix}\ntitle=Loading ESXi installer\ntimeout=5\nkernel=tboot.b00\n\
         kernelopt=runweasel\nmodules=b.b00 --- jumpstrt.gz --- useropts.gz --- k.b00\n\
         build=\nupdated=0\n",
    ),
    (
        "6.5",
        "bootstate=0\ntitle=Loading ESXi installer\ntimeout=5\nkernel=/tboot.b00\n\
         kernelopt=runweasel\nmodules=/b.b00 --- /jumpstrt.gz --- /k.b00 --- /procfs.b00\n\
         build=\nupdated=0\n",
        "bootstate=0\nprefix={prefix}\ntitle=Loading ESXi installer\ntimeout=5\nkernel=tboot.b00\n\
         kernelopt=runweasel\nmodules=b.b00 --- jumpstrt.gz --- k.b00 --- procfs.b00\n\
         build=\nupdated=0\n",
    ),
    (
        "6.7",
        "bootstate=0\ntitle=Loading ESXi installer\ntimeout=5\nkernel=/b.b00\n\
         kernelopt=runweasel cdromBoot\nmodules=/jumpstrt.gz --- /useropts.gz --- /features.gz \
         --- /k.b00\nbuild=\nupdated=0\n",
        "bootstate=0\nprefix={prefix}\ntitle=Loading ESXi installer\ntimeout=5\nkernel=b.b00\n\
         kernelopt=runweasel\nmodules=jumpstrt.gz --- useropts.gz --- features.gz --- k.b00\n\
         build=\nupdated=0\n",
    ),
    (
        "7.0",
        "bootstate=0\ntitle=Loading ESXi installer\ntimeout=5\nprefix=\nkernel=/b.b00\n\
         kernelopt=cdromBoot runweasel\nmodules=/jumpstrt.gz --- /useropts.gz --- /features.gz \
         --- /k.b00 --- /uc_intel.b00\nbuild=7.0.2-0.0.17630552\nupdated=0\n",
        "bootstate=0\ntitle=Loading ESXi installer\ntimeout=5\nprefix={prefix}\nkernel=b.b00\n\
         kernelopt=runweasel\nmodules=jumpstrt.gz --- useropts.gz --- features.gz --- k.b00 --- \
         uc_intel.b00\nbuild=7.0.2-0.0.17630552\nupdated=0\n",
    ),
    (
        "8.0",
        "bootstate=0\ntitle=Loading ESXi installer\ntimeout=5\nprefix=\nkernel=/b.b00\n\
         kernelopt=runweasel cdromBoot\nmodules=/jumpstrt.gz --- /useropts.gz --- /k.b00 --- \
         /bcm_mpi3.v00\nbuild=8.0.0-1.0.20513097\nupdated=0\n",
        "bootstate=0\ntitle=Loading ESXi installer\ntimeout=5\nprefix={prefix}\nkernel=b.b00\n\
         kernelopt=runweasel\nmodules=jumpstrt.gz --- useropts.gz --- k.b00 --- bcm_mpi3.v00\n\
         build=8.0.0-1.0.20513097\nupdated=0\n",
    ),
    (
        // Changed by an administrator, who starts a kickstart from a memory stick.
        "8.0 changed",
        "bootstate=0\ntitle=Loading ESXI...\ntimeout=0\nprefix=\nkernel=/b.b00\n\
         kernelopt=ks=usb:/efi/boot/ks.cfg\nmodules=/jumpstrt.gz --- /k.b00\n\
         build=8.0.0-1.0.20513097\nupdated=0\n",
        "bootstate=0\ntitle=Loading ESXI...\ntimeout=0\nprefix={prefix}\nkernel=b.b00\n\
         kernelopt=ks=usb:/efi/boot/ks.cfg\nmodules=jumpstrt.gz --- k.b00\n\
         build=8.0.0-1.0.20513097\nupdated=0\n",
    ),
    (
        "9.0",
        "bootstate=0\ntitle=Loading ESX installer\ntimeout=5\nprefix=\nkernel=/b.b00\n\
         kernelopt=runweasel cdromBoot\nmodules=/jumpstrt.gz --- /useropts.gz --- /k.b00 --- \
         /esxio_co.v00\nbuild=9.0.0-0.24755229\nupdated=0\n",
        "bootstate=0\ntitle=Loading ESX installer\ntimeout=5\nprefix={prefix}\nkernel=b.b00\n\
         kernelopt=runweasel\nmodules=jumpstrt.gz --- useropts.gz --- k.b00 --- esxio_co.v00\n\
         build=9.0.0-0.24755229\nupdated=0\n",
    ),
];

/// Below the web root, and where the server's URL has a port and a path.
const PREFIXES: [&str; 2] = ["/esxi/x/", "http://192.168.4.6:8080/pxe/esxi/x/"];

/// Whether the disc has a file: it has those that its boot.cfg names, `tboot.b00` up to 6.5 alone.
fn there(old: &str) -> impl Fn(&[u8]) -> bool + '_ {
    move |name| {
        let name = String::from_utf8_lossy(name);
        old.split(['/', ' ', '\n']).any(|word| word == name)
    }
}

#[test]
fn each_release_gets_its_prefix_and_bare_names_and_all_else_stays() {
    for (release, old, new) in RELEASES {
        for prefix in PREFIXES {
            let done = patch(old.as_bytes(), prefix, there(old));
            let expected = new.replace("{prefix}", prefix);
            assert_eq!(String::from_utf8_lossy(&done.text), expected, "{release}");
            assert_eq!(done.missing, [b""; 0], "{release}");
            let again = patch(&done.text, prefix, there(old));
            assert_eq!(again, done, "{release}: a second time");
        }
    }
}

#[test]
fn another_server_later_replaces_the_prefix_alone() {
    let [first, second] = PREFIXES;
    for (release, old, new) in RELEASES {
        let done = patch(old.as_bytes(), first, there(old));
        let moved = patch(&done.text, second, there(old));
        let expected = new.replace("{prefix}", second);
        assert_eq!(String::from_utf8_lossy(&moved.text), expected, "{release}");
    }
}

#[test]
fn line_ends_of_windows_and_titles_in_any_encoding_stay_in_each_release() {
    for (release, old, new) in RELEASES {
        let odd = |text: &str| {
            let text = text.replace('\n', "\r\n").replace("{prefix}", "/p/");
            let (before, after) = text.split_once("Loading").expect("a title");
            [before.as_bytes(), b"\xe9\xff\x80", after.as_bytes()].concat()
        };
        let done = patch(&odd(old), "/p/", there(old));
        assert_eq!(done.text, odd(new), "{release}");
        assert_eq!(done.missing, [b""; 0], "{release}");
    }
}

#[test]
fn what_mboot_reads_is_every_file_below_the_prefix() {
    for (release, old, _) in RELEASES {
        let (before, done) = (parse(old.as_bytes()), patch(old.as_bytes(), "/p/", there(old)));
        let after = parse(&done.text);
        assert_eq!(after.prefix, b"/p/", "{release}");
        let kernel: &[u8] = if release < "6.7" { b"tboot.b00" } else { b"b.b00" };
        assert_eq!(after.kernel, kernel, "{release}");
        assert_eq!((after.title, after.build), (before.title, before.build), "{release}");
        assert_eq!(after.modules.len(), before.modules.len(), "{release}");
        for (new, old) in after.modules.iter().zip(&before.modules) {
            assert_eq!([b"/", new.name].concat(), old.name, "{release}");
        }
    }
}
