use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;

fn entry(label: &str, title: &str) -> Entry {
    Entry {
        label: label.into(),
        title: title.into(),
        kernel: "/yum/CentOS7/images/pxeboot/vmlinuz".into(),
        initrd: Some("/yum/CentOS7/images/pxeboot/initrd.img".into()),
        args: vec!["inst.ks=http://192.168.4.6/yum/CentOS7/ks.cfg".into(), "ip=dhcp".into()],
        bootif: true,
        efi: Efi::Kernel,
    }
}

fn ubuntu() -> Entry {
    Entry {
        kernel: "/apt/ubuntu16.04/install/netboot/ubuntu-installer/amd64/linux".into(),
        initrd: Some("/apt/ubuntu16.04/install/netboot/ubuntu-installer/amd64/initrd.gz".into()),
        args: vec!["ks=http://192.168.4.6/ks.cfg --- quiet".into()],
        ..entry("ubuntu16.04", "Ubuntu-Server 16.04")
    }
}

fn esxi() -> Entry {
    Entry {
        kernel: "/esxi/5.5/mboot.c32".into(),
        initrd: None,
        args: ["-c", "/esxi/5.5/boot.cfg", "ks=http://192.168.4.6/ks.cfg"]
            .map(str::to_owned)
            .into(),
        bootif: false,
        efi: Efi::Program { path: "/esxi/5.5/efi/boot/bootx64.efi".into(), args: Vec::new() },
        ..entry("esxi5.5", "Install VMware ESXi 5.5")
    }
}

fn windows() -> Entry {
    let file = |name: &str, path: &str| (name.to_owned(), format!("/windows/w/{path}"));
    Entry {
        kernel: "linux.c32".into(),
        initrd: None,
        args: vec!["wimboot".into(), "initrdfile=/windows/w/bootmgr,/windows/w/boot/bcd".into()],
        bootif: false,
        efi: Efi::Wimboot(vec![
            file("BCD", "boot/bcd"),
            file("boot.sdi", "boot/boot.sdi"),
            file("boot.wim", "sources/boot.wim"),
        ]),
        ..entry("windows", "Install Windows")
    }
}

fn item<'a>(entry: &'a Entry, machine: Machine) -> Item<'a> {
    Item { entry, base: "http://192.168.4.6", machine }
}

fn menu<'a>(items: Vec<Item<'a>>) -> Menu<'a> {
    Menu { title: "Welcome to PXE server!", timeout: 30, items, ..Menu::default() }
}

#[test]
fn every_family_has_its_commands() {
    let entries =
        [entry("centos7", "CentOS 7"), ubuntu(), esxi(), windows(), entry("arm", "For arm64")];
    let machine = |at| if at == 4 { Machine::Arm64 } else { Machine::X86_64 };
    let items = entries.iter().enumerate().map(|(at, entry)| item(entry, machine(at))).collect();
    let (script, unfit) = script(&menu(items));
    assert_eq!(unfit, []);
    assert_snapshot!("families", script);
}

#[test]
fn the_site_and_a_public_service_have_their_place() {
    let centos = entry("centos7", "CentOS 7");
    let menu = Menu {
        timeout: 0,
        site: Some("http://192.168.4.6/pxefiles/site.ipxe"),
        public_netboot: Some("http://boot.example.org/menu.ipxe"),
        bios_only: vec![("win8pe".into(), "it has no form for UEFI".into())],
        ..menu(vec![item(&centos, Machine::X86_64)])
    };
    assert_snapshot!("site", script(&menu).0);
}

#[test]
fn what_no_script_can_hold_is_left_out_and_named() {
    let setting = Entry { args: vec!["a=${net0/mac}".into()], ..entry("setting", "S") };
    let long = Entry { args: vec!["x".repeat(2048)], ..entry("long", "L") };
    let bios = Entry { efi: Efi::None, ..entry("bios", "B") };
    let all = [&setting, &long, &bios].map(|entry| item(entry, Machine::X86_64)).to_vec();
    let (text, unfit) = script(&menu(all));
    let labels: Vec<_> = unfit.iter().map(|(label, _)| label.as_str()).collect();
    assert_eq!(labels, ["setting", "long", "bios"]);
    assert!(!text.contains("item entry-") && !text.contains(":entry-"), "{text}");
    assert!(text.contains("# BIOS only: bios (it has no form for UEFI)\n"), "{text}");
}

#[test]
fn a_command_line_may_have_2047_bytes_and_no_more() {
    let used = "initrd=initrd.img  BOOTIF=01-00-00-00-00-00-00".len();
    let with = |n: usize| Entry { args: vec!["x".repeat(n)], ..entry("a", "A") };
    assert!(commands(&with(2047 - used), "http://h", "exit").is_ok());
    assert_eq!(commands(&with(2048 - used), "http://h", "exit"), Err(Unfit::TooLong(2048)));
}

#[test]
fn several_ramdisks_have_names_of_their_own() {
    let two = Entry { initrd: Some("/a/initrd.img,/b/initrd.img,c%20d".into()), ..ubuntu() };
    let commands = commands(&two, "http://h", "exit").expect("fit");
    assert!(commands.contains(" initrd=initrd.img initrd=initrd2.img initrd=initrd3.img "));
    assert!(commands.contains("initrd --name initrd2.img http://h/b/initrd.img || exit\n"));
    assert!(commands.contains("initrd --name initrd3.img http://h/pxefiles/c%20d || exit\n"));
}

/// The commands of a line as iPXE finds them: blanks split, then separators and comments count.
fn parsed(line: &str) -> Vec<Vec<&str>> {
    let mut commands = vec![Vec::new()];
    for word in line.split_ascii_whitespace() {
        match word {
            "||" | "&&" | ";" => commands.push(Vec::new()),
            comment if comment.starts_with('#') => break,
            word => commands.last_mut().expect("one").push(word),
        }
    }
    commands
}

/// What a script does: the first word of each command, and every setting that is expanded.
fn shape(script: &str) -> Vec<(Vec<String>, Vec<String>)> {
    let settings = |line: &str| {
        let starts = line.match_indices("${").map(|(at, _)| &line[at..]);
        let names = starts.map(|rest| rest.split('}').next().unwrap_or_default().to_owned());
        names.filter(|name| name != "${pxe-import").collect()
    };
    let verbs = |line: &str| {
        let first = |words: Vec<&str>| words.first().copied().unwrap_or_default().to_owned();
        parsed(line).into_iter().map(first).collect()
    };
    let lines = script.lines().filter(|line| !line.starts_with('#'));
    lines
        .inspect(|line| assert!(!line.ends_with('\\'), "{line}"))
        .map(|l| (verbs(l), settings(l)))
        .collect()
}

proptest! {
    #[test]
    fn no_title_and_no_argument_makes_another_command(
        title in "[ -~\n\\\\#|&;${}:-]{1,40}",
        heading in "[ -~\n\\\\#|&;${}:-]{1,40}",
        args in proptest::collection::vec("([ -~]{1,20}|[#|&;${}\\\\ ]{1,6}|[\u{80}-\u{ff}\n]{1,3})", 0..4),
    ) {
        let plain = entry("a", "A");
        let odd = Entry { title, args, ..plain.clone() };
        let of = |entry: &Entry, title: &str| {
            script(&Menu { title, ..menu(vec![item(entry, Machine::X86_64)]) })
        };
        let (expected, _) = of(&plain, "A");
        let (none, _) = of(&Entry { efi: Efi::None, ..plain.clone() }, "A");
        let (text, unfit) = of(&odd, &heading);
        let expected = if unfit.is_empty() { expected } else { none };
        prop_assert_eq!(shape(&text), shape(&expected), "{}", text);
        prop_assert!(text.is_ascii());
    }
}
