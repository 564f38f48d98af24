//! Whether the web server can hand out what a client will ask for.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::address::Address;
use super::finding::{Findings, Severity};
use super::shell::quoted;
use super::web::{Failure, Found, Web};

/// A request, and who is to blame if it fails.
pub(super) struct Request<'a> {
    /// Who asks and for what: `label a (line 3) asks for /yum/X/vmlinuz`.
    pub who: &'a str,
    /// Where it stands, relative to the root.
    pub at: &'a str,
    /// How bad it is if it fails.
    pub severity: Severity,
    /// How to mend it where nothing more exact can be said.
    pub mend: &'a str,
    /// Whether a directory will do.
    pub dir: bool,
}

/// Looks at what is served.
#[derive(Debug)]
pub(super) struct Served<'a> {
    pub web: &'a Web,
    /// Files that were published for fewer readers on purpose, relative to the root.
    pub private: HashSet<PathBuf>,
}

impl Served<'_> {
    /// Finds what `address` leads to, and tells what is wrong with that.
    pub(super) fn look(
        &self,
        request: &Request<'_>,
        address: &Address,
        findings: &mut Findings,
    ) -> Option<Found> {
        let Request { who, at, severity, .. } = request;
        let found = match address {
            Address::Www(path) => self.web.find(path),
            Address::Elsewhere => {
                let message = format!("{who}, which is on another server: not checked");
                findings.note("not-checked", *at, message);
                return None;
            }
            Address::Above => {
                let message = format!("{who}, which leads above the web root");
                self.add(*severity, "path-leaves-root", at, message, request.mend, findings);
                return None;
            }
        };
        match found {
            Ok(found) => self.found(request, found, findings),
            Err(failure) => {
                self.failed(request, failure, findings);
                None
            }
        }
    }

    fn found(&self, request: &Request<'_>, found: Found, findings: &mut Findings) -> Option<Found> {
        let Request { who, severity, mend, .. } = request;
        let place = found.path.to_string_lossy();
        let (is_dir, is_file) = (found.meta.is_dir(), found.meta.is_file());
        if !(is_file || is_dir && request.dir) {
            let what = if is_dir { "is a directory" } else { "is no regular file" };
            self.add(*severity, "path-no-file", &place, format!("{what}: {who}"), mend, findings);
            return None;
        }
        // cloud-init wants a meta-data to be there, and nothing in it.
        let may_be_empty = found.path.file_name().is_some_and(|name| name == "meta-data");
        if is_file && found.meta.len() == 0 && !may_be_empty {
            self.add(*severity, "path-empty", &place, format!("is empty: {who}"), mend, findings);
        }
        for (path, bits) in &found.refused {
            if self.private.contains(path) {
                continue;
            }
            let shown = path.to_string_lossy();
            let message = format!(
                "the web server's user may not {} it",
                if *bits == "o+x" { "enter" } else { "read" }
            );
            let mend = format!("chmod {bits} {}", quoted(&self.web.shown(path)));
            self.add(*severity, "not-readable", &shown, message, &mend, findings);
        }
        Some(found)
    }

    fn failed(&self, request: &Request<'_>, failure: Failure, findings: &mut Findings) {
        let Request { who, severity, mend, .. } = request;
        let shown = |path: &Path| path.to_string_lossy().into_owned();
        let (code, path, message, mend) = match failure {
            Failure::Missing(path) => {
                ("path-missing", path, format!("is missing: {who}"), (*mend).to_owned())
            }
            Failure::Dangling(path) => {
                let message = format!("is a link that leads nowhere: {who}");
                ("path-missing", path, message, (*mend).to_owned())
            }
            Failure::Outside(path) => {
                let message =
                    format!("is a link out of the root, which the web server may refuse: {who}");
                let mend = "make it lead inside the root, or mount the other place there (mount \
                            --bind)";
                ("path-leaves-root", path, message, mend.to_owned())
            }
            Failure::Loop(path) => {
                let message = format!("is a link that leads in a circle: {who}");
                ("link-loop", path, message, "remove it".to_owned())
            }
            Failure::Unknown(path, error) => {
                let message = format!("cannot be looked at ({error}): {who}");
                ("path-unreadable", path, message, "run check as its owner".to_owned())
            }
        };
        self.add(*severity, code, &shown(&path), message, &mend, findings);
    }

    fn add(
        &self,
        severity: Severity,
        code: &'static str,
        path: &str,
        message: String,
        mend: &str,
        findings: &mut Findings,
    ) {
        match severity {
            Severity::Fault => findings.fault(code, path, message, mend),
            Severity::Warning => findings.warning(code, path, message, mend),
            Severity::Note => findings.note(code, path, message),
        }
    }
}
