//! Ends the tests when one case takes for ever, in place of a CI run that hangs.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A case takes some hundredths of a second.
const LIMIT: Duration = Duration::from_secs(60);

type Cases = Mutex<BTreeMap<String, Instant>>;

/// Knows which cases run, and since when.
pub(crate) struct Watchdog(Arc<Cases>);

/// A case runs as long as this is held.
pub(crate) struct Watched<'a> {
    cases: &'a Cases,
    case: String,
}

impl Watchdog {
    pub(crate) fn start() -> Self {
        let cases = Arc::new(Cases::default());
        let watched = Arc::downgrade(&cases);
        std::thread::spawn(move || {
            while let Some(cases) = watched.upgrade() {
                let cases = cases.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some((case, _)) = cases.iter().find(|(_, begun)| begun.elapsed() > LIMIT) {
                    // Past the capture of the tests' output, which nobody would show any more.
                    let _ = writeln!(io::stderr(), "{case}: still not done after {LIMIT:?}");
                    std::process::abort();
                }
                drop(cases);
                std::thread::sleep(Duration::from_millis(500));
            }
        });
        Self(cases)
    }

    pub(crate) fn watch(&self, case: &str) -> Watched<'_> {
        let mut cases = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cases.insert(case.to_owned(), Instant::now());
        Watched { cases: &self.0, case: case.to_owned() }
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        self.cases.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.case);
    }
}
