//! Configs in the style of real discs.

use super::super::{Installer, Loader};
use super::Disc;

#[test]
fn archiso_follows_its_menus_to_the_entry_for_the_medium() {
    let pxe = "INCLUDE boot/syslinux/head.cfg\nLABEL arch64_http\nMENU LABEL Arch (HTTP)\n\
        LINUX ::/arch/boot/x86_64/vmlinuz-linux\nINITRD ::/arch/boot/x86_64/initramfs-linux.img\n\
        APPEND archisobasedir=arch archiso_http_srv=http://${pxeserver}/ checksum\nSYSAPPEND 3\n";
    let sys = "include head.cfg\nDEFAULT arch64\nTIMEOUT 150\n\nLABEL arch64\n\
        TEXT HELP\nLABEL no label\nENDTEXT\nMENU LABEL Arch Linux install medium (x86_64, BIOS)\n\
        LINUX /arch/boot/x86_64/vmlinuz-linux\n\
        INITRD /arch/boot/intel-ucode.img,/arch/boot/x86_64/initramfs-linux.img\n\
        APPEND archisobasedir=arch archisosearchuuid=2024-11-01-10-09-22-00 checksum\n";
    let disc = Disc::new(
        &[
            (
                "boot/syslinux/syslinux.cfg",
                "DEFAULT select\nLABEL select\nCOM32 whichsys.c32\nAPPEND -pxe- pxe -sys- sys\n\
                 LABEL pxe\nCONFIG pxe.cfg\nLABEL sys\nCONFIG sys.cfg\n",
            ),
            ("boot/syslinux/pxe.cfg", pxe),
            ("boot/syslinux/sys.cfg", sys),
            ("boot/syslinux/head.cfg", "SERIAL 0 115200\nUI vesamenu.c32\nMENU TITLE Arch\n"),
        ],
        &[
            "arch/boot/x86_64/vmlinuz-linux",
            "arch/boot/x86_64/initramfs-linux.img",
            "arch/boot/intel-ucode.img",
        ],
    );
    assert_eq!(
        disc.line(),
        "arch/boot/x86_64/vmlinuz-linux \
         arch/boot/intel-ucode.img,arch/boot/x86_64/initramfs-linux.img: \
         archisobasedir=arch checksum archiso_http_srv=URL/ ip=dhcp"
    );
    let guess = disc.guess();
    assert_eq!(guess.candidates.len(), 2);
    assert_eq!(
        guess.sentence().as_deref(),
        Some("boots arch/boot/x86_64/vmlinuz-linux (from boot/syslinux/sys.cfg line 5)")
    );
    assert!(disc.form().bootif);
}

#[test]
fn alpine_is_told_its_modules_and_packages() {
    let disc = Disc::new(
        &[(
            "boot/syslinux/syslinux.cfg",
            "TIMEOUT 10\r\nPROMPT 1\r\nDEFAULT lts\r\n\r\nLABEL lts\r\n\tMENU LABEL Linux lts\r\n\
             \tKERNEL /boot/vmlinuz-lts\r\n\tINITRD /boot/initramfs-lts\r\n\tFDTDIR /boot/dtbs-lts\r\n\
             \tAPPEND modules=loop,squashfs,sd-mod,usb-storage quiet\r\n",
        )],
        &["boot/vmlinuz-lts", "boot/initramfs-lts", "boot/modloop-lts"],
    );
    assert_eq!(
        disc.line(),
        "boot/vmlinuz-lts boot/initramfs-lts: modules=loop,squashfs,sd-mod,usb-storage quiet \
         modloop=URL/boot/modloop-lts alpine_repo=URL/apks ip=dhcp"
    );
    assert_eq!(disc.medium(), ["boot/initramfs-lts"]);
}

#[test]
fn a_live_system_of_dracut_is_fetched() {
    let void = "UI vesamenu.c32\nDEFAULT linux\nLABEL linux\nMENU LABEL Void Linux ^6.6\n\
        KERNEL /boot/vmlinuz\nAPPEND initrd=/boot/initrd root=live:CDLABEL=VOID_LIVE ro rd.luks=0\n\
        LABEL c\nMENU LABEL Boot first HD found by BIOS\nCOM32 chain.c32\nAPPEND hd0\n";
    let files = ["boot/vmlinuz", "boot/initrd", "LiveOS/squashfs.img"];
    let disc = Disc::new(&[("boot/isolinux/isolinux.cfg", void)], &files);
    let line = "boot/vmlinuz boot/initrd: root=live:URL/LiveOS/squashfs.img ip=dhcp ro rd.luks=0";
    assert_eq!(disc.line(), line);
    assert_eq!(disc.guess().chosen.expect("chosen").title, "Void Linux 6.6");
    let without = Disc::new(&[("boot/isolinux/isolinux.cfg", void)], &files[..2]);
    assert_eq!(without.medium(), ["root=live:CDLABEL=VOID_LIVE"]);
}

#[test]
fn fedora_live_boots_by_grub_and_not_by_its_check() {
    let cfg = "set default=\"1\"\n\nfunction load_video {\n  insmod all_video\n}\n\nload_video\n\
        set gfxpayload=keep\nsearch --no-floppy --set=root -l 'Fedora-WS-Live-41'\n\n\
        menuentry 'Start Fedora-Workstation-Live 41' --class fedora --class gnu-linux {\n\
        \tlinux /images/pxeboot/vmlinuz root=live:CDLABEL=Fedora-WS-Live-41 rd.live.image quiet\n\
        \tinitrd /images/pxeboot/initrd.img\n}\n\
        menuentry \"Test this media & start\" --class fedora {\n\
        \tlinux /images/pxeboot/vmlinuz root=live:CDLABEL=Fedora-WS-Live-41 rd.live.image rd.live.check\n\
        \tinitrd /images/pxeboot/initrd.img\n}\n\
        submenu 'Troubleshooting -->' {\n\
        \tmenuentry 'Start in basic graphics mode' {\n\t\tlinux /images/pxeboot/vmlinuz nomodeset\n\t}\n}\n";
    let files = ["images/pxeboot/vmlinuz", "images/pxeboot/initrd.img", "LiveOS/squashfs.img"];
    let disc = Disc::new(&[("boot/grub2/grub.cfg", cfg)], &files);
    assert_eq!(
        disc.line(),
        "images/pxeboot/vmlinuz images/pxeboot/initrd.img: root=live:URL/LiveOS/squashfs.img \
         ip=dhcp rd.live.image quiet"
    );
    let guess = disc.guess();
    let seen: Vec<_> = guess.candidates.iter().map(|c| (c.line, c.default)).collect();
    assert_eq!(seen, [(11, false), (15, true), (20, false)]);
}

#[test]
fn anaconda_is_told_its_second_stage_and_kickstart() {
    let cfg = "default vesamenu.c32\nmenu title X\nlabel linux\n  menu label ^Install X\n  menu default\n\
        \x20 kernel vmlinuz\n  append initrd=initrd.img inst.repo=cdrom inst.ks=cdrom:/ks.cfg net.ifnames=0\n\
        label check\n  menu label Test this ^media\n  kernel vmlinuz\n\
        \x20 append initrd=initrd.img inst.stage2=hd:LABEL=X\\x207 rd.live.check quiet\n\
        menu begin ^Troubleshooting\nlabel memtest\n  kernel memtest\nlabel local\n  localboot 0xffff\n\
        menu end\n";
    let files = ["ISOLINUX/VMLINUZ", "ISOLINUX/INITRD.IMG", "KS.CFG", "ISOLINUX/MEMTEST"];
    let disc = Disc::new(&[("ISOLINUX/ISOLINUX.CFG", cfg)], &files);
    assert_eq!(
        disc.line(),
        "ISOLINUX/VMLINUZ ISOLINUX/INITRD.IMG: inst.repo=URL inst.ks=URL/KS.CFG ip=dhcp net.ifnames=0"
    );
    assert_eq!(disc.form().installer, Some(Installer::Anaconda));
    assert_eq!(disc.medium(), [""; 0]);
}

#[test]
fn a_debian_live_system_is_fetched_and_an_installer_of_a_disc_is_warned_of() {
    let grub = "source /boot/grub/config.cfg\n\n# Live boot\n\
        menuentry \"Live system (amd64)\" --hotkey=l {\n\
        \tlinux\t/live/vmlinuz-6.1.0-18-amd64 boot=live components quiet splash findiso=${iso_path}\n\
        \tinitrd\t/live/initrd.img-6.1.0-18-amd64\n}\n\
        submenu 'Utilities...' --hotkey=u {\n\tsource /boot/grub/memtest.cfg\n}\n";
    let live = ["live/vmlinuz-6.1.0-18-amd64", "live/initrd.img-6.1.0-18-amd64"];
    let disc = Disc::new(
        &[("boot/grub/grub.cfg", grub), ("boot/grub/config.cfg", "set default=0\n")],
        &[&live[..], &["live/filesystem.squashfs"]].concat(),
    );
    assert!(
        disc.line().ends_with(
            ": boot=live components quiet splash fetch=URL/live/filesystem.squashfs ip=dhcp"
        ),
        "{}",
        disc.line()
    );
    let missing = Disc::new(&[("boot/grub/grub.cfg", grub)], &live);
    assert_eq!(missing.medium(), ["boot=live"]);

    let installer = "label install\n\tmenu label ^Install\n\tkernel /install.amd/vmlinuz\n\
        \tappend preseed/file=/cdrom/simple-cdd/default.preseed vga=788 initrd=/install.amd/initrd.gz \
        --- quiet \n";
    let disc = Disc::new(
        &[
            ("isolinux/isolinux.cfg", "include txt.cfg\ndefault vesamenu.c32\n"),
            ("isolinux/txt.cfg", installer),
        ],
        &["install.amd/vmlinuz", "install.amd/initrd.gz", "simple-cdd/default.preseed"],
    );
    assert_eq!(
        disc.line(),
        "install.amd/vmlinuz install.amd/initrd.gz: url=URL/simple-cdd/default.preseed vga=788 --- quiet"
    );
    assert_eq!(disc.medium(), ["install.amd/initrd.gz"]);
    assert_eq!(disc.form().installer, Some(Installer::Debian));
}

#[test]
fn xen_is_started_by_mboot_with_its_modules() {
    let cfg = "# location mbr\nserial 0 115200\ndefault xe\nprompt 1\ntimeout 50\n\nlabel xe\n\
        \x20 kernel mboot.c32\n  append /boot/xen.gz dom0_max_vcpus=1-16 --- /boot/vmlinuz xencons=hvc \
        --- /install.img\n";
    let files = ["boot/xen.gz", "boot/vmlinuz", "install.img", "boot/isolinux/mboot.c32"];
    let disc = Disc::new(&[("boot/isolinux/isolinux.cfg", cfg)], &files);
    let chosen = disc.guess().chosen.expect("chosen");
    assert_eq!(chosen.kernel, "boot/xen.gz");
    assert_eq!(chosen.loader, Loader::Multiboot(Some("boot/isolinux/mboot.c32".into())));
    let modules: Vec<_> =
        chosen.modules.iter().map(|m| (m.path.as_str(), m.args.join(" "))).collect();
    let expected = [("boot/vmlinuz", "xencons=hvc".to_owned()), ("install.img", String::new())];
    assert_eq!(modules, expected);

    let grub = "menuentry \"install\" {\n multiboot2 /boot/xen.gz a=b\n module2 /boot/vmlinuz \\\n  c\n \
        module2 /install.img\n}\n";
    let disc = Disc::new(&[("EFI/xenserver/grub.cfg", grub)], &files);
    let by_grub = disc.guess().chosen.expect("chosen");
    assert_eq!(by_grub.files().count(), 4);
    assert_eq!(by_grub.modules[0].args, ["c"]);
}

#[test]
fn suses_installer_is_told_its_source_and_the_local_drive_is_not_taken() {
    let cfg = "default harddisk\n\nlabel linux\n  kernel linux\n  append initrd=initrd splash=silent\n\n\
        label harddisk\n  localboot -2\n\nlabel rescue\n  kernel linux\n  append initrd=initrd rescue=1\n";
    let disc = Disc::new(
        &[("boot/x86_64/loader/isolinux.cfg", cfg)],
        &["boot/x86_64/loader/linux", "boot/x86_64/loader/initrd", "media.1/media"],
    );
    let line = "boot/x86_64/loader/linux boot/x86_64/loader/initrd: splash=silent install=URL";
    assert_eq!(disc.line(), line);
    assert_eq!(disc.form().installer, Some(Installer::Yast));
}

#[test]
fn proxmox_and_nixos_say_that_they_need_the_disc() {
    let proxmox = "insmod all_video\nset timeout=10\n\
        menuentry 'Install Proxmox VE (Graphical)' --class debian {\n\
        \x20   echo 'Loading ...'\n    linux $prefix/../../boot/linux26 ro ramdisk_size=16777216 rw quiet\n\
        \x20   initrd /boot/initrd.img\n}\n";
    let files = ["boot/linux26", "boot/initrd.img", ".pve-cd-id.txt"];
    let disc = Disc::new(&[("boot/grub/grub.cfg", proxmox)], &files);
    assert_eq!(disc.medium(), ["boot/initrd.img"]);
    let nixos = "DEFAULT boot\nLABEL boot\nMENU LABEL NixOS 24.05 Installer\nLINUX /boot/bzImage\n\
        APPEND init=/nix/store/aa-nixos/init  root=LABEL=nixos-24.05-x86_64 loglevel=4\n\
        INITRD /boot/initrd\n";
    let disc = Disc::new(&[("isolinux/isolinux.cfg", nixos)], &["boot/bzImage", "boot/initrd"]);
    assert_eq!(disc.medium(), ["root=LABEL=nixos-24.05-x86_64"]);
}

#[test]
fn clonezilla_has_a_menu_by_menu_default_and_memtest_beside_it() {
    let cfg = "default vesamenu.c32\nMENU BACKGROUND ocswp.png\nappend nosplash\n\
        label memtest\n  MENU LABEL ^Memtester\n  kernel /live/memtest\nlabel Clonezilla live\n\
        \x20 MENU DEFAULT\n  # MENU HIDE\n  MENU LABEL Clonezilla live (VGA 800x600)\n  kernel /live/vmlinuz\n\
        \x20 append initrd=/live/initrd.img boot=live union=overlay ocs_live_run=\"ocs-live-general\" \
        ocs_live_batch=no\nlabel FreeDOS\n  kernel memdisk\n  append initrd=/live/freedos.img\n";
    let disc = Disc::new(
        &[("syslinux/isolinux.cfg", cfg)],
        &["live/vmlinuz", "live/initrd.img", "live/memtest", "live/filesystem.squashfs"],
    );
    assert!(disc.line().starts_with("live/vmlinuz live/initrd.img: boot=live "), "{}", disc.line());
    // Without an APPEND of its own a label has the one at the top.
    let guess = disc.guess();
    assert_eq!(guess.candidates[0].args, ["nosplash"]);
    assert_eq!(guess.candidates[2].missing, ["syslinux/memdisk", "live/freedos.img"]);
}

#[test]
fn memtest_alone_is_booted_as_it_is_all_there_is() {
    let disc = Disc::new(
        &[(
            "isolinux.cfg",
            "default memtest\nlabel memtest\nkernel memtest\nlabel r\ncom32 reboot.c32\n",
        )],
        &["memtest"],
    );
    assert_eq!(disc.line(), "memtest : ");
    let linux = Disc::new(
        &[("isolinux.cfg", "label a\ncom32 linux.c32\nappend k initrd=i x\n")],
        &["k", "i"],
    );
    assert_eq!(linux.line(), "k i: x");
}

#[test]
fn what_no_client_can_load_is_no_choice() {
    let cfg = "if x; then\nmenuentry a { linux /k.bin }\nfi\nmenuentry b {\nif y; then\n linux /k one\n\
        else\n linux16 /gone two\nfi\ninitrd /i\n}\nmenuentry c { linux /empty }\n";
    let disc = Disc::new(&[("boot/grub/grub.cfg", cfg), ("empty", "")], &["k.bin", "k", "i"]);
    assert_eq!(disc.line(), "k i: one");
    let guess = disc.guess();
    let faults: Vec<_> = guess.candidates.iter().map(|c| c.fault().unwrap_or_default()).collect();
    assert!(faults[0].contains("as it ends in .bin"), "{faults:?}");
    assert_eq!(faults[1..], ["", "empty is not in the tree"]);
}

#[test]
fn casper_wants_its_image_and_an_empty_address_is_dhcps() {
    let cfg = "label live\nmenu label Try\nkernel /casper/vmlinuz\n\
        append file=/cdrom/preseed/x.seed initrd=/casper/initrd quiet ---\n";
    let disc = Disc::new(&[("isolinux/isolinux.cfg", cfg)], &["casper/vmlinuz", "casper/initrd"]);
    assert_eq!(disc.medium(), ["casper/initrd"]);
    assert_eq!(disc.line(), "casper/vmlinuz casper/initrd: file=/cdrom/preseed/x.seed quiet ---");
    let cfg = "label live\nkernel /live/vmlinuz\n\
        append initrd=/live/initrd.img boot=live ip=frommedia live-media=/dev/sr0 edd=on\n";
    let files = ["live/vmlinuz", "live/initrd.img", "live/filesystem.squashfs"];
    let disc = Disc::new(&[("syslinux/syslinux.cfg", cfg)], &files);
    assert_eq!(
        disc.line(),
        "live/vmlinuz live/initrd.img: boot=live edd=on fetch=URL/live/filesystem.squashfs ip=dhcp"
    );
    assert_eq!(disc.medium(), [""; 0]);
}

#[test]
fn the_default_of_the_boot_loader_specification_is_a_pattern() {
    let entry = |version: &str| {
        format!(
            "# made by a tool\ntitle Arch Linux {version}\nversion {version}\nlinux /k-{version}\n\
             initrd /ucode.img\ninitrd  /i-{version}\noptions archisobasedir=arch\n\
             options archisolabel=ARCH\narchitecture x64\n"
        )
    };
    let (one, two) = (entry("1"), entry("2"));
    let files = ["k-1", "i-1", "k-2", "i-2", "ucode.img"];
    let mut configs = vec![
        ("loader/entries/01-a.conf", one.as_str()),
        ("loader/entries/02-b.conf", two.as_str()),
    ];
    let chosen = |configs: &[(&str, &str)]| Disc::new(configs, &files).line();
    assert!(chosen(&configs).starts_with("k-2 ucode.img,i-2: archisobasedir=arch"));
    configs.push(("loader/loader.conf", "timeout 15\ndefault 01-*\n"));
    assert!(chosen(&configs).starts_with("k-1 ucode.img,i-1: archisobasedir=arch"));
    configs.push(("loader/loader.conf", "default 01-a.conf\n"));
    assert!(chosen(&configs).starts_with("k-1 "));
}

#[test]
fn grub_sources_configs_fills_variables_and_cuts_drives() {
    let top = "search --file --set=root /.disk/info\nset prefix=($root)/boot/grub\n\
        if [ -e $prefix/x.cfg ]; then\n  set kopts=\"quiet splash\"\nelse\n  set kopts=never\nfi\n\
        source $prefix/x86_64-efi/grub.cfg\nconfigfile ($root)/boot/grub/grub.cfg\n";
    let main = "set timeout_style=menu; set isoroot=\nsource /boot/grub/x86_64-efi/grub.cfg\n\
        set default=Try\\ it\n\
        menuentry Never { linux /missing }\n\
        menuentry \"Try it\" --id=try {\n  linuxefi ($root)${isoroot}/k $kopts \"a b\" 'c=d' $unset\n  \
        initrdefi (cd0)/i0 /i1\n}\n";
    let disc = Disc::new(
        &[
            ("EFI/BOOT/grub.cfg", top),
            ("boot/grub/x86_64-efi/grub.cfg", "insmod x\n"),
            ("boot/grub/grub.cfg", main),
        ],
        &["k", "i0", "i1"],
    );
    let guess = disc.guess();
    let chosen = guess.chosen.expect("chosen");
    assert_eq!((chosen.kernel.as_str(), chosen.default), ("k", true));
    assert_eq!(chosen.initrds, ["i0", "i1"]);
    assert_eq!(guess.candidates[0].fault().as_deref(), Some("missing is not in the tree"));
    // A config that was read for itself is not read again for another one.
    assert_eq!(guess.configs.len(), 3);
    // What holds a blank cannot stand in a menu.
    assert_eq!(chosen.args, ["c=d"]);
}

#[test]
fn grubs_last_command_counts_and_what_it_does_not_replace_is_asked_for_still() {
    let guess = |text: &str, others: &[&str]| Disc::new(&[("grub.cfg", text)], others).guess();
    let one = "menuentry a {\nlinux /x\ninitrd i= A\nlinux /k\n}\n";
    assert_eq!(guess(one, &["k"]).candidates[0].missing, ["i=", "A"]);
    let both = "menuentry a {\nlinux /x\ninitrd /y\nlinux /k\ninitrd /i\n}\n";
    assert_eq!(guess(both, &["k", "i"]).chosen.expect("chosen").initrds, ["i"]);
    assert_eq!(guess(both, &["k", "y"]).candidates[0].missing, ["i"]);
}

#[test]
fn nothing_that_boots_is_said_in_words() {
    let none = Disc::new(&[], &["boot/kernel/kernel"]).guess();
    assert!(none.nothing().starts_with("none of its files is a config"), "{}", none.nothing());
    let missing = Disc::new(&[("isolinux.cfg", "label a\nkernel k\n")], &[]).guess();
    assert_eq!(missing.nothing(), "what its configs boot cannot be served: k is not in the tree");
    let empty = Disc::new(&[("boot/grub/grub.cfg", "menuentry x {\n chainloader +1\n}\n")], &[]);
    assert_eq!(empty.guess().nothing(), "boot/grub/grub.cfg names no kernel");
    assert_eq!(missing.sentence(), None);
}
