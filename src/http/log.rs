//! The access log, as values.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// One request and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// When it came, since the log was begun.
    pub at: Duration,
    /// How long it took until the last byte was handed over; so far, for one that is under way.
    pub took: Duration,
    /// `GET` or another method.
    pub method: String,
    /// Below the web root, in one form whatever the slashes: `pxefiles/yum/CentOS6.8/vmlinuz`. What
    /// is no path of the web root stands as it was asked for.
    pub path: String,
    /// What the client calls itself (`User-Agent`); empty where it does not say.
    pub agent: String,
    /// The status (RFC 9110).
    pub status: u16,
    /// Bytes of the whole file; 0 where there is none.
    pub length: u64,
    /// The first byte that was asked for.
    pub first: u64,
    /// Bytes that were sent.
    pub sent: u64,
    /// Whether the request is answered or given up.
    pub over: bool,
}

impl Access {
    /// Whether the client got what it asked for.
    pub fn is_success(&self) -> bool {
        matches!(self.status, 200 | 206)
    }

    /// As a line of text, seconds first.
    pub fn line(&self) -> String {
        format!(
            "{:8.3} {} /{} {} {}+{}/{} {:.3} \"{}\"\n",
            self.at.as_secs_f64(),
            self.method,
            self.path.escape_debug(),
            self.status,
            self.first,
            self.sent,
            self.length,
            self.took.as_secs_f64(),
            self.agent.escape_debug()
        )
    }
}

/// The requests so far, in the order in which they came.
#[derive(Debug, Clone)]
pub struct Log {
    begun: Instant,
    requests: Arc<Mutex<Vec<Access>>>,
}

impl Log {
    /// Most requests that are kept: an installer asks for some thousands.
    pub const MAX: usize = 100_000;

    /// An empty log that begins now.
    pub fn new() -> Self {
        Self { begun: Instant::now(), requests: Arc::default() }
    }

    /// Time since it was begun.
    pub fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Access> {
        self.requests.lock().map(|requests| requests.clone()).unwrap_or_default()
    }

    /// Adds a request; its number.
    pub(super) fn add(&self, access: Access) -> usize {
        let Ok(mut requests) = self.requests.lock() else { return usize::MAX };
        if requests.len() >= Self::MAX {
            return usize::MAX;
        }
        requests.push(access);
        requests.len().saturating_sub(1)
    }

    /// Notes how far the request `number` has come.
    pub(super) fn sent(&self, number: usize, bytes: u64, over: bool) {
        let now = self.now();
        let Ok(mut requests) = self.requests.lock() else { return };
        if let Some(access) = requests.get_mut(number) {
            access.sent = access.sent.saturating_add(bytes);
            access.over |= over;
            access.took = now.saturating_sub(access.at);
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self::new()
    }
}
