use super::*;

const HASH: &str = "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.";
const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kXh0yRYyxG3RZ2Jb1mW6wXcmTyqYzHnq4m1xk3mZ7 root@boot";

fn product(profile: &str, family: &str, name: &str, version: &str) -> Product {
    Product {
        family: family.into(),
        name: name.into(),
        version: Some(version.into()),
        arch: Some("x86_64".into()),
        variant: None,
        profile: profile.into(),
    }
}

fn account(password: bool, key: bool) -> Account {
    Account {
        password_hash: password.then(|| HASH.to_owned()),
        ssh_keys: key.then(|| KEY.to_owned()).into_iter().collect(),
        wipe: false,
    }
}

struct Case<'a> {
    product: Product,
    template: Option<&'a str>,
    settings: &'a str,
    account: Account,
    dir: &'a str,
    tree: &'a [&'a str],
}

impl Case<'_> {
    fn render(&self, own: Option<&str>) -> Result<String> {
        let server: Server = "http://192.168.4.6:8080/boot".parse().expect("an address");
        let settings = toml::from_str(self.settings).expect("valid");
        let request = Request {
            template: self.template,
            product: &self.product,
            label: "one",
            server: &server,
            dir: self.dir,
            settings: &settings,
            account: &self.account,
            exists: &|path| self.tree.contains(&path),
        };
        render(&request, own.map(|text| (Path::new("/data/templates/mine"), text)))
    }
}

fn el(version: &str, account: Account) -> Case<'static> {
    Case {
        product: product("el", "centos", &format!("CentOS {version}"), version),
        template: None,
        settings: "",
        account,
        dir: "yum/CentOS",
        tree: &["repodata/repomd.xml"],
    }
}

fn debian_like(profile: &str, name: &str, version: &str, template: &'static str) -> Case<'static> {
    Case {
        product: product(profile, "x", name, version),
        template: Some(template),
        settings: "packages = [\"vim\"]\n",
        account: account(true, true),
        dir: "apt/x",
        tree: &[],
    }
}

fn live(settings: &'static str, account: Account) -> Case<'static> {
    Case {
        product: product("ubuntu-live", "ubuntu", "Ubuntu Server 22.04.4 LTS", "22.04.4"),
        template: None,
        settings,
        account,
        dir: "apt/ubuntu22.04",
        tree: &["casper/vmlinuz"],
    }
}

fn esxi(account: Account) -> Case<'static> {
    Case {
        product: product("esxi", "esxi", "VMware ESXi 5.5.0", "5.5.0"),
        template: None,
        settings: "disk = \"sda\"\n",
        account,
        dir: "esxi/5.5",
        tree: &[],
    }
}

#[test]
fn every_template_says_what_it_always_said() {
    let mut all = Vec::new();
    for (version, password, key) in
        [("5.11", true, true), ("6.8", true, false), ("7.9", false, true), ("8.4", true, true)]
    {
        all.push((format!("el{version}"), el(version, account(password, key))));
    }
    let mut locked = el("10.0", account(false, false));
    locked.tree = &["BaseOS/repodata/repomd.xml", "AppStream/repodata/repomd.xml"];
    locked.settings = "disk = \"/dev/nvme0n1\"\nnic = \"eno1\"\npackages = [\"@x\", \"-y\"]\n";
    all.push(("el10-locked".into(), locked));
    all.push(("ubuntu-ks".into(), debian_like("ubuntu-di", "Ubuntu 16.04", "16.04.4", "ks")));
    let preseed = debian_like("ubuntu-di", "Ubuntu 16.04", "16.04.4", "preseed");
    all.push(("ubuntu-preseed".into(), preseed));
    let mut debian = debian_like("debian", "Debian 12", "12.9", "preseed");
    debian.settings = "disk = \"vda\"\nlanguage = \"de_DE.UTF-8\"\n";
    all.push(("debian-preseed".into(), debian));
    for (name, password, key, settings) in [
        ("autoinstall", true, true, "packages = [\"vim\"]\ndisk = \"nvme0n1\"\nnic = \"eno1\"\n"),
        ("autoinstall-asks", true, false, ""),
        ("autoinstall-locked", false, false, "language = \"de_DE.UTF-8\"\nkeyboard = \"de\"\n"),
    ] {
        all.push((name.into(), live(settings, account(password, key))));
    }
    all.push(("esxi".into(), esxi(account(true, true))));
    let mut wiped = esxi(account(true, false));
    wiped.account.wipe = true;
    wiped.settings = "[esxi]\ndisk = \"mpx.vmhba1:C0:T0:L0\"\nnic = \"vmnic1\"\n";
    all.push(("esxi-wipe".into(), wiped));
    for (name, case) in all {
        let text = case.render(None).expect(&name);
        insta::assert_snapshot!(name, text);
    }
}

#[test]
fn the_kind_of_what_a_template_gives_is_what_its_name_says() {
    for (case, kind) in [
        (el("6.8", account(true, true)), AnswerKind::Kickstart),
        (debian_like("ubuntu-di", "U", "16.04", "ks"), AnswerKind::Kickstart),
        (debian_like("ubuntu-di", "U", "16.04", "preseed"), AnswerKind::Preseed),
        (debian_like("debian", "D", "12", "preseed-debian"), AnswerKind::Preseed),
        (esxi(account(true, true)), AnswerKind::Kickstart),
        (live("", account(true, true)), AnswerKind::Autoinstall),
    ] {
        assert_eq!(AnswerKind::of(case.render(None).expect("rendered").as_bytes()), kind);
    }
}

/// `text` as Python's YAML reads it, in JSON; none where there is no such reader.
fn yaml(text: &str) -> Option<serde_json::Value> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let script = "import sys, json, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))";
    let mut python = Command::new("python3");
    let python = python.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.stderr(Stdio::piped()).spawn().ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let done = child.wait_with_output().ok()?;
    let said = String::from_utf8_lossy(&done.stderr);
    if said.contains("No module named") {
        return None;
    }
    assert!(done.status.success(), "{text}\n{said}");
    Some(serde_json::from_slice(&done.stdout).expect("JSON"))
}

#[test]
fn autoinstall_is_yaml_of_the_keys_that_subiquity_knows() {
    // The properties of its schema that are used here.
    const KNOWN: [&str; 12] = [
        "version",
        "interactive-sections",
        "locale",
        "keyboard",
        "timezone",
        "network",
        "apt",
        "storage",
        "ssh",
        "packages",
        "user-data",
        "late-commands",
    ];
    let full =
        "packages = [\"vim\"]\ndisk = \"sda\"\nnic = \"eno1\"\ntimezone = \"Europe/Berlin\"\n";
    for (settings, password, key) in
        [(full, true, true), (full, false, true), ("", true, false), ("", false, false)]
    {
        let text = live(settings, account(password, key)).render(None).expect("rendered");
        assert!(text.starts_with("#cloud-config\n"), "{text}");
        let Some(read) = yaml(&text) else {
            println!("skipped: needs python3-yaml");
            return;
        };
        let answers = read["autoinstall"].as_object().expect("a mapping");
        let unknown: Vec<_> = answers.keys().filter(|key| !KNOWN.contains(&&***key)).collect();
        assert_eq!(unknown, [""; 0]);
        assert_eq!(
            (&answers["version"], &read["autoinstall"]["keyboard"]["layout"]),
            (&1.into(), &"us".into())
        );
        let layout = &read["autoinstall"]["storage"]["layout"];
        match settings.is_empty() {
            true => assert_eq!(answers["interactive-sections"], serde_json::json!(["storage"])),
            false => assert_eq!(layout["match"]["path"], "/dev/sda"),
        }
        let late = answers["late-commands"].as_array().expect("a list");
        let hash = if password { HASH } else { "!" };
        assert_eq!(late[0][5], hash);
        assert_eq!(late.len(), if key { 4 } else { 1 });
        let of_key = late.get(2).map(|line| line.as_str().expect("a command"));
        let wanted = format!("echo '{KEY}' >> /target/root/.ssh/authorized_keys");
        assert_eq!(of_key, key.then_some(&*wanted));
    }
}

#[test]
fn vmfs_is_kept_unless_it_may_be_wiped_and_the_sites_linux_disk_is_not_esxis() {
    let kept = esxi(account(true, false)).render(None).expect("rendered");
    assert!(kept.contains("install --firstdisk --preservevmfs\n"), "{kept}");
    let mut case = esxi(account(true, false));
    case.account.wipe = true;
    let wiped = case.render(None).expect("rendered");
    assert!(wiped.contains("install --firstdisk --overwritevmfs\n"), "{wiped}");
}

#[test]
fn esxi_without_a_password_is_refused() {
    for key in [false, true] {
        let error = esxi(account(false, key)).render(None).expect_err("locked");
        assert!(matches!(error, Error::Usage(_)), "{error:?}");
        assert!(error.to_string().contains("--root-password-file"), "{error}");
    }
}

#[test]
fn a_hash_that_the_system_does_not_know_is_refused() {
    let yescrypt = format!("$y$j9T$F5Jx5fExrKuPp53xLKQ..1${}", "a".repeat(43));
    let with = |mut case: Case<'static>| {
        case.account.password_hash = Some(yescrypt.clone());
        case.render(None)
    };
    let error = with(el("7.9", account(true, false))).expect_err("too old").to_string();
    assert!(error.contains("yescrypt ($y$)") && error.contains("openssl passwd -6"), "{error}");
    assert!(with(el("9.1", account(true, false))).is_ok());
    assert!(with(esxi(account(true, false))).is_err());
    assert!(with(debian_like("ubuntu-di", "U", "18.04", "ks")).is_err());
    assert!(with(debian_like("debian", "D", "12", "preseed")).is_ok());
}

#[test]
fn hostile_names_and_records_bring_no_line_and_no_command() {
    let mut case = el("6.8", account(true, false));
    case.product.name = "C\n%post\nreboot`x`$(id)'\"".into();
    case.product.arch = Some("x\nrootpw y".into());
    case.product.version = Some("6\nrootpw".into());
    let text = case.render(None).expect("rendered");
    assert!(!text.contains("\nreboot`") && !text.contains("$(id)"), "{text}");
    assert_eq!(text.matches("\n%post").count(), 1, "{text}");
    assert_eq!(text.matches("\nrootpw").count(), 1, "{text}");
    for hash in ["x\nreboot", "$6$a$b; reboot", "plain"] {
        case.account.password_hash = Some(hash.into());
        assert!(case.render(None).is_err(), "{hash}");
    }
    case.account = account(true, false);
    case.account.ssh_keys = vec!["x\"\nreboot".into()];
    assert!(case.render(None).is_err());
    for key in [format!("{KEY}\nreboot"), format!("{KEY} \"; reboot")] {
        case.account.ssh_keys = vec![key];
        let text = case.render(None);
        assert!(text.is_err(), "{text:?}");
    }
}

#[test]
fn a_kickstarts_words_among_a_preseeds_packages_are_refused() {
    let mut case = debian_like("debian", "D", "12", "preseed");
    case.settings = "packages = [\"@core\"]\n";
    let error = case.render(None).expect_err("a group").to_string();
    assert!(error.contains("[answer.el]"), "{error}");
}

#[test]
fn discs_without_a_repository_are_refused() {
    let mut case = el("8.4", account(true, false));
    case.tree = &[];
    assert!(case.render(None).expect_err("none").to_string().contains("no repository"));
}

#[test]
fn an_own_template_knows_the_same_and_its_faults_have_file_and_line() {
    let case = el("6.8", account(true, false));
    let text = case.render(Some("# {{ label }} {{ tree }}\n{% if account.wipe %}x{% endif %}\n"));
    assert_eq!(text.expect("rendered"), "# one http://192.168.4.6:8080/boot/yum/CentOS\n");
    for (text, line, what) in [
        ("a\n{{ nothing }}\n", 2, "undefined"),
        ("a\nb\n{{ answer.dsik }}\n", 3, "undefined"),
        ("{% if %}\n", 1, "syntax error"),
        ("a\n{% include 'b' %}\n", 2, ""),
    ] {
        let error = case.render(Some(text)).expect_err(text);
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
        let error = error.to_string();
        let start = format!("/data/templates/mine: line {line}: ");
        assert!(error.starts_with(&start) && error.contains(what), "{error}");
    }
    let error = case.render(Some("{# nothing #}\n")).expect_err("empty").to_string();
    assert!(error.contains("gives nothing"), "{error}");
}

#[test]
fn what_there_is_no_template_for_is_said_with_those_that_there_are() {
    let mut case = el("6.8", account(true, false));
    case.template = Some("none");
    let error = case.render(None).expect_err("none").to_string();
    assert!(error.contains("'none' for CentOS 6.8: there are ks-el"), "{error}");
    case.template = None;
    case.product.profile = "winpe".into();
    let error = case.render(None).expect_err("none").to_string();
    assert!(
        error.contains(
            "ks-el, ks-ubuntu, preseed-ubuntu, autoinstall-ubuntu, preseed-debian, ks-esxi"
        ),
        "{error}"
    );
}

#[test]
fn an_answer_files_name_is_its_kind_and_its_label() {
    assert_eq!(file_name("web", AnswerKind::Kickstart).expect("a name"), "ks-web.cfg");
    assert_eq!(file_name("web", AnswerKind::Preseed).expect("a name"), "preseed-web.cfg");
    let seed = file_name("web", AnswerKind::Autoinstall).expect("a name");
    assert_eq!(seed, "answers/web/user-data");
    assert!(file_name("../x", AnswerKind::Autoinstall).is_err());
    assert!(file_name("../x", AnswerKind::Kickstart).is_err());
}
