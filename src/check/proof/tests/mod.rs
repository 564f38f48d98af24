//! Trees built by hand, and what is found in them.

mod debian;
mod el;
mod hostile;

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::prove;
use crate::check::{Finding, Findings, Severity};
use crate::identify::Product;
use crate::monitor::Void;

/// A tree on disk.
struct Site {
    dir: tempfile::TempDir,
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        fs::create_dir(dir.path().join("tree")).expect("made");
        Self { dir }
    }

    fn path(&self, path: &str) -> PathBuf {
        // The top of the tree is "" and gives paths like `/repodata`, which `join` takes as they are.
        let path = path.trim_start_matches('/');
        self.dir.path().join("tree").join(path)
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).expect("removed");
    }

    fn link(&self, path: &str, target: &str) {
        std::os::unix::fs::symlink(target, self.path(path)).expect("linked");
    }

    /// A repository in `dir` of packages with their bases: `("Packages/a.rpm", "media://1#1")`;
    /// the first `there` of them are written.
    fn repository(&self, dir: &str, packages: &[(String, &str)], there: usize) {
        let mut primary = "<metadata xmlns=\"x\">".to_owned();
        for (number, (href, base)) in packages.iter().enumerate() {
            let base = match *base {
                "" => String::new(),
                base => format!(" xml:base=\"{base}\""),
            };
            primary += &format!(
                "<package type=\"rpm\"><name>a</name><size package=\"3\" installed=\"9\"/>\
                 <location{base} href=\"{href}\"/></package>"
            );
            if number < there {
                self.write(&format!("{dir}/{href}"), "rpm");
            }
        }
        primary += "</metadata>\n";
        self.primary(dir, &gzip(primary.as_bytes()));
    }

    /// `repodata` with this `primary.xml`.
    fn primary(&self, dir: &str, primary: &[u8]) {
        let sum = sha256(primary);
        self.write(&format!("{dir}/repodata/primary.xml.gz"), primary);
        let repomd = format!(
            "<repomd><data type=\"primary\"><checksum type=\"sha256\">{sum}</checksum>\
             <location href=\"repodata/primary.xml.gz\"/><size>{}</size></data></repomd>",
            primary.len()
        );
        self.write(&format!("{dir}/repodata/repomd.xml"), repomd);
    }

    fn found(&self, product: Option<&Product>) -> Vec<Finding> {
        let mut findings = Findings::default();
        prove(&self.path(""), "www/t", product, &mut findings, &Void).expect("no error");
        findings.into_sorted()
    }

    /// `fault package-missing www/t/a.rpm`, one a finding.
    fn list(&self) -> Vec<String> {
        self.list_of(None)
    }

    fn list_of(&self, product: Option<&Product>) -> Vec<String> {
        let line = |one: Finding| {
            let severity = match one.severity {
                Severity::Fault => "fault",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            assert_eq!(one.mend.is_empty(), one.severity == Severity::Note, "{one:?}");
            format!("{severity} {} {}", one.code, one.path)
        };
        self.found(product).into_iter().map(line).collect()
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the product `el` of this version is.
fn el(version: &str) -> Product {
    Product {
        family: "centos".into(),
        name: format!("CentOS {version}"),
        version: Some(version.into()),
        arch: Some("x86_64".into()),
        variant: None,
        profile: "el".into(),
    }
}

#[test]
fn an_empty_tree_and_none_at_all_prove_nothing() {
    let site = Site::new();
    assert_eq!(site.list(), [""; 0]);
    let mut findings = Findings::default();
    prove(&site.path("none"), "x", None, &mut findings, &Void).expect("no error");
    assert!(findings.into_sorted().is_empty());
}

#[test]
fn a_stop_is_heard() {
    struct Stopped;
    impl crate::monitor::Monitor for Stopped {
        fn warn(&self, _: crate::monitor::Warning) {}
        fn stop(&self) -> Option<i32> {
            Some(15)
        }
    }
    let site = Site::new();
    site.repository("", &[("a.rpm".into(), "")], 1);
    let mut findings = Findings::default();
    let stopped = prove(&site.path(""), "x", None, &mut findings, &Stopped);
    assert!(matches!(stopped, Err(crate::Error::Interrupted(15))));
    assert!(findings.into_sorted().is_empty(), "a stop is no fault of the tree's");
}
