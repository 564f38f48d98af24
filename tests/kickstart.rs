//! Kickstarts that templates make, judged by pykickstart's ksvalidator; preseeds by debconf.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const HASH: &str = "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.";
const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3kXh0yRYyxG3RZ2Jb1mW6wXcmTyqYzHnq4m1xk3mZ7 root@boot\n";

/// Families with their versions, and what ksvalidator calls those.
const SYNTAXES: [(&str, &str); 13] = [
    ("centos5.11", "RHEL5"),
    ("rhel5", "RHEL5"),
    ("centos6.8", "RHEL6"),
    ("centos7.9", "RHEL7"),
    ("el7", "RHEL7"),
    ("centos8.4", "RHEL8"),
    ("rhel8.10", "RHEL8"),
    ("rocky9.3", "RHEL9"),
    ("almalinux10.0", "RHEL10"),
    ("fedora20", "F20"),
    ("fedora28", "F28"),
    ("fedora34", "F34"),
    ("fedora40", "F40"),
];

/// `[answer]` of two sites.
const SITES: [&str; 2] = [
    "",
    "[answer]\nlanguage = \"de_DE.UTF-8\"\nkeyboard = \"de\"\ntimezone = \"Europe/Berlin\"\n\
     [answer.el]\ndisk = \"nvme0n1\"\nnic = \"eno1\"\npackages = [\"vim-enhanced\", \"@base\", \"-x\"]\n",
];

struct Answers(TempDir);

impl Answers {
    fn new(settings: &str) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("pxe-import.toml"), settings).expect("written");
        std::fs::write(dir.path().join("key.pub"), KEY).expect("written");
        Self(dir)
    }

    /// The answer file that `pxe-import answer` prints.
    #[track_caller]
    fn of(&self, family: &str, more: &[&str]) -> PathBuf {
        let out = Command::new(assert_cmd::cargo::cargo_bin!("pxe-import"))
            .current_dir(self.0.path())
            .args(["--root", ".", "answer", family, "--server", "http://192.168.4.6:8080/boot"])
            .args(more)
            .output()
            .expect("it runs");
        assert!(out.status.success(), "{family}: {}", String::from_utf8_lossy(&out.stderr));
        let path = self.0.path().join("answer");
        std::fs::write(&path, out.stdout).expect("written");
        path
    }
}

/// Each way to give root's account: with and without a password and a key.
const ACCOUNTS: [&[&str]; 4] = [
    &[],
    &["--root-password-hash", HASH],
    &["--ssh-key", "key.pub"],
    &["--root-password-hash", HASH, "--ssh-key", "key.pub"],
];

/// What the judge says against the file; `None` where there is no such judge.
fn judged(program: &Path, args: &[&str], file: &Path) -> Option<String> {
    let out = Command::new(program).args(args).arg(file).output().ok()?;
    let said = [out.stdout.as_slice(), &out.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    let complains =
        said.contains("deprecated") || said.contains("warning") || said.contains("error");
    Some(if out.status.success() && !complains { String::new() } else { said })
}

/// On the PATH, or where scripts/test has put it.
fn ksvalidator() -> PathBuf {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pykickstart/bin/ksvalidator");
    if own.exists() { own } else { "ksvalidator".into() }
}

#[test]
fn every_kickstart_is_one_that_its_release_reads() {
    let program = ksvalidator();
    for settings in SITES {
        let answers = Answers::new(settings);
        for (family, syntax) in SYNTAXES {
            // What a site sets has nothing to do with who may log in.
            for account in ACCOUNTS.into_iter().skip(if settings.is_empty() { 0 } else { 3 }) {
                let file = answers.of(family, account);
                let Some(said) = judged(&program, &["-v", syntax], &file) else {
                    println!("skipped: needs ksvalidator");
                    return;
                };
                let text = std::fs::read_to_string(&file).expect("there");
                assert_eq!(said, "", "{family} {account:?}:\n{text}");
            }
        }
    }
}

#[test]
fn the_judge_of_kickstarts_finds_fault_with_a_bad_one() {
    let answers = Answers::new("");
    let file = answers.of("centos6.8", &[]);
    let text = std::fs::read_to_string(&file).expect("there");
    std::fs::write(&file, text.replace("autopart", "autoprt")).expect("written");
    match judged(&ksvalidator(), &["-v", "RHEL6"], &file) {
        None => println!("skipped: needs ksvalidator"),
        Some(said) => assert_ne!(said, ""),
    }
}

#[test]
fn every_preseed_is_one_that_debconf_reads() {
    for settings in SITES {
        let answers = Answers::new(settings);
        for (family, template) in [("ubuntu16.04", "preseed"), ("debian12", "preseed")] {
            for account in ACCOUNTS {
                let file = answers.of(family, &[&["--template", template], account].concat());
                let program = Path::new("debconf-set-selections");
                let Some(said) = judged(program, &["--checkonly"], &file) else {
                    println!("skipped: needs debconf-set-selections");
                    return;
                };
                let text = std::fs::read_to_string(&file).expect("there");
                assert_eq!(said, "", "{family} {account:?}:\n{text}");
            }
        }
    }
}

#[test]
fn what_a_kickstart_runs_afterwards_is_sound_shell() {
    let answers = Answers::new("");
    for (family, account) in
        [("centos5.11", 3), ("centos6.8", 3), ("rocky9.3", 3), ("ubuntu16.04", 3)]
    {
        let text = std::fs::read_to_string(answers.of(family, ACCOUNTS[account])).expect("there");
        let scripts: Vec<_> = text.split("%post\n").skip(1).collect();
        assert!(!scripts.is_empty(), "{text}");
        for script in scripts {
            let script = script.split("%end").next().expect("a part");
            let file = answers.0.path().join("script");
            std::fs::write(&file, script).expect("written");
            let said = judged(Path::new("sh"), &["-n"], &file).expect("every system has a shell");
            assert_eq!(said, "", "{family}: {script}");
        }
    }
}
