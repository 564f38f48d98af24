//! The signals that ask for a stop.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::iterator::Signals as Notices;

/// How long after the first signal another one is the same request: `timeout`, systemd and terminals
/// send one to the process and one to its group.
const SAME: Duration = Duration::from_secs(1);

/// Remembers that SIGINT, SIGTERM or SIGHUP came. The first asks for an orderly stop; a second one
/// that comes a second later or more ends the process at once.
#[derive(Debug, Clone, Default)]
pub struct Signals {
    came: Arc<AtomicUsize>,
}

impl Signals {
    /// Listens from now on, for the whole process. A signal that is ignored already (SIGHUP under
    /// nohup, SIGINT in a shell's background) stays so.
    ///
    /// # Errors
    /// If the system refuses a handler.
    pub fn listen() -> io::Result<Self> {
        let came = Arc::new(AtomicUsize::new(0));
        let again = Arc::new(AtomicBool::new(false));
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = ignored(&status);
        let heard = [SIGINT, SIGTERM, SIGHUP].into_iter();
        let heard: Vec<_> = heard.filter(|signal| ignored & (1 << (signal - 1)) == 0).collect();
        for &signal in &heard {
            flag::register_conditional_default(signal, Arc::clone(&again))?;
            let number = usize::try_from(signal).unwrap_or_default();
            flag::register_usize(signal, Arc::clone(&came), number)?;
        }
        let mut first = Notices::new(heard)?;
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            if first.forever().next().is_some() {
                std::thread::sleep(SAME);
                again.store(true, Ordering::SeqCst);
            }
        })?;
        Ok(Self { came })
    }

    /// Hears nothing.
    pub fn ignored() -> Self {
        Self::default()
    }

    /// The number of the signal that came.
    pub fn came(&self) -> Option<i32> {
        i32::try_from(self.came.load(Ordering::SeqCst)).ok().filter(|&signal| signal > 0)
    }
}

/// The set of ignored signals in a process's status (proc(5)): bit 0 is signal 1.
fn ignored(status: &str) -> u64 {
    let digits = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    digits.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read_from_the_process_status() {
        assert_eq!(ignored("Name:\tx\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"), 0x1001);
        assert_eq!(ignored(""), 0);
    }

    #[test]
    fn a_signal_is_remembered_by_its_number() {
        // SIGHUP once: a second one would end the tests.
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        if ignored(&status) & 1 != 0 {
            eprintln!("skipped: needs a SIGHUP that is not ignored");
            return;
        }
        let signals = Signals::listen().expect("handlers");
        assert_eq!(signals.came(), None);
        signal_hook::low_level::raise(SIGHUP).expect("raised");
        assert_eq!(signals.came(), Some(SIGHUP));
    }
}
