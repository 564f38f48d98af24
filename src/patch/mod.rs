//! Files of a disc that have to be changed to be served: pure functions from text to text, and
//! what puts their results into a plan.

pub mod boot_cfg;
pub mod debian;
pub mod esxi;
pub mod repodata;

pub use debian::debian;
pub use esxi::esxi;
pub use repodata::media_urls;

/// A file that was changed, as `--json` reports it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PatchReport {
    /// Its path in the tree.
    pub path: String,
    /// What changed, as a unified diff; what is not UTF-8 is U+FFFD. A file of the disc's, so that
    /// control characters have to be escaped before it goes to a terminal. Empty for a file that is
    /// no text.
    pub diff: String,
    /// What changed, in words, where a diff does not tell.
    pub note: Option<String>,
}

impl PatchReport {
    /// Compares `old` and `new`, the content of `path` before and after.
    pub fn new(path: &str, old: &[u8], new: &[u8]) -> Self {
        let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
        let diff = similar::TextDiff::from_lines(&*old, &*new)
            .unified_diff()
            .header(&format!("{path}.orig"), path)
            .to_string();
        Self { path: path.to_owned(), diff, note: None }
    }

    /// What became of `path`, which is no text.
    pub fn told(path: &str, note: &str) -> Self {
        Self { path: path.to_owned(), diff: String::new(), note: Some(note.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_reported_as_a_unified_diff() {
        let report = PatchReport::new("boot.cfg", b"a\nb\n", b"a\nc\n");
        let json = serde_json::to_value(&report).expect("json");
        assert_eq!(json["path"], "boot.cfg");
        let diff = "--- boot.cfg.orig\n+++ boot.cfg\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n";
        assert_eq!(json["diff"], diff);
    }
}
