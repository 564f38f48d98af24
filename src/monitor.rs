//! What the library tells its caller while it works: progress and warnings.
//!
//! The library prints nothing. A [`Monitor`] is always the last argument; the terminal's lives in
//! the program, [`Void`] and [`Collect`] serve embedders and tests.

use std::sync::Mutex;

use crate::error::{Error, Result};

/// Something that went well enough to go on, and that an administrator should know.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Warning {
    /// A stable short name: `unsafe-link`, `duplicate-name`, `answer-is-public`.
    pub code: &'static str,
    /// What it is about: a path in a tree, an image, a file; empty where there is none.
    pub path: String,
    /// What is the matter, and what to do about it.
    pub message: String,
}

impl Warning {
    /// A warning named `code` about `path`.
    pub fn new(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, path: path.into(), message: message.into() }
    }
}

/// Receives what the library has to say. Called from several threads at once.
pub trait Monitor: Sync {
    /// A stage begins; `total` bytes will be reported by [`Monitor::advance`].
    fn start(&self, stage: &str, total: u64) {
        let _ = (stage, total);
    }
    /// `bytes` more are done.
    fn advance(&self, bytes: u64) {
        let _ = bytes;
    }
    /// The file that is being worked on, for display.
    fn current(&self, path: &str) {
        let _ = path;
    }
    /// The stage that [`Monitor::start`] began is over.
    fn finish(&self) {}
    /// Something to know.
    fn warn(&self, warning: Warning);
    /// The signal that asks for a stop, if one has come.
    fn stop(&self) -> Option<i32> {
        None
    }
    /// An error as soon as somebody wants the work to stop; to be asked between pieces of work.
    fn check(&self) -> Result<()> {
        self.stop().map_or(Ok(()), |signal| Err(Error::Interrupted(signal)))
    }
}

/// Hears nothing.
#[derive(Debug, Default)]
pub struct Void;

impl Monitor for Void {
    fn warn(&self, _: Warning) {}
}

/// Passes everything on to another monitor, and keeps the warnings besides.
pub struct Kept<'m> {
    to: &'m dyn Monitor,
    heard: Collect,
}

impl<'m> Kept<'m> {
    /// Passes on to `to`.
    pub fn new(to: &'m dyn Monitor) -> Self {
        Self { to, heard: Collect::default() }
    }

    /// The warnings so far.
    pub fn warnings(&self) -> Vec<Warning> {
        self.heard.warnings()
    }
}

impl Monitor for Kept<'_> {
    fn start(&self, stage: &str, total: u64) {
        self.to.start(stage, total);
    }
    fn advance(&self, bytes: u64) {
        self.to.advance(bytes);
    }
    fn current(&self, path: &str) {
        self.to.current(path);
    }
    fn finish(&self) {
        self.to.finish();
    }
    fn warn(&self, warning: Warning) {
        self.heard.warn(warning.clone());
        self.to.warn(warning);
    }
    fn stop(&self) -> Option<i32> {
        self.to.stop()
    }
}

/// Keeps the warnings.
#[derive(Debug, Default)]
pub struct Collect(Mutex<Vec<Warning>>);

impl Collect {
    /// The warnings so far.
    pub fn warnings(&self) -> Vec<Warning> {
        self.0.lock().map(|warnings| warnings.clone()).unwrap_or_default()
    }
}

impl Monitor for Collect {
    fn warn(&self, warning: Warning) {
        if let Ok(mut warnings) = self.0.lock() {
            warnings.push(warning);
        }
    }
}
