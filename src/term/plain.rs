//! Progress as plain lines, for logs.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::human::human;
use crate::media::printable;

/// Time between two lines.
const PAUSE: Duration = Duration::from_secs(5);

/// Says when a line is due, and what it says.
#[derive(Debug, Default)]
pub(super) struct Plain(Mutex<Option<Stage>>);

#[derive(Debug)]
struct Stage {
    name: String,
    total: u64,
    done: u64,
    begun: Instant,
    said: Instant,
}

impl Plain {
    /// The line to show at once: only that of a stage which shows nothing else, for it has no
    /// bytes to count.
    pub(super) fn start(&self, stage: &str, total: u64) -> Option<String> {
        let name = printable(stage.as_bytes());
        let now = Instant::now();
        let line = (total == 0).then(|| name.clone());
        self.set(Some(Stage { name, total, done: 0, begun: now, said: now }));
        line
    }

    /// The line to show now, if one is due.
    pub(super) fn advance(&self, bytes: u64) -> Option<String> {
        let mut stage = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stage.as_mut()?.advance(bytes, Instant::now())
    }

    pub(super) fn finish(&self) {
        self.set(None);
    }

    fn set(&self, stage: Option<Stage>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = stage;
    }
}

impl Stage {
    fn advance(&mut self, bytes: u64, now: Instant) -> Option<String> {
        self.done = self.done.saturating_add(bytes);
        if now.saturating_duration_since(self.said) < PAUSE {
            return None;
        }
        self.said = now;
        Some(self.line(now.saturating_duration_since(self.begun)))
    }

    /// `copying: 42 %, 2.4 GiB of 5.6 GiB, 1.1 GiB/s, 3 s left`
    fn line(&self, elapsed: Duration) -> String {
        let Self { name, total, done, .. } = self;
        let (done, total) = (*done, *total);
        if total == 0 {
            return format!("{name}: {}", human(done));
        }
        let percent = u128::from(done) * 100 / u128::from(total);
        let millis = elapsed.as_millis().max(1);
        let rate = u64::try_from(u128::from(done) * 1000 / millis).unwrap_or(u64::MAX);
        let left = total.saturating_sub(done).div_ceil(rate.max(1));
        format!(
            "{name}: {percent} %, {} of {}, {}/s, {left} s left",
            human(done),
            human(total),
            human(rate)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(total: u64) -> Stage {
        let now = Instant::now();
        Stage { name: "copying".into(), total, done: 0, begun: now, said: now }
    }

    #[test]
    fn a_line_comes_every_five_seconds_however_often_there_is_news() {
        let mut stage = stage(100 << 20);
        let begun = stage.begun;
        let at = |seconds| begun + Duration::from_secs(seconds);
        assert_eq!(stage.advance(10 << 20, at(1)), None);
        assert_eq!(stage.advance(10 << 20, at(4)), None);
        let line = stage.advance(30 << 20, at(5)).expect("due");
        assert_eq!(line, "copying: 50 %, 50.0 MiB of 100.0 MiB, 10.0 MiB/s, 5 s left");
        assert_eq!(stage.advance(0, at(9)), None);
        assert!(stage.advance(0, at(10)).is_some());
    }

    #[test]
    fn a_stage_without_bytes_is_said_at_once() {
        let plain = Plain::default();
        assert_eq!(plain.start("waiting", 0).as_deref(), Some("waiting"));
        assert_eq!(plain.start("copying", 5), None);
    }

    #[test]
    fn nothing_is_said_of_a_stage_that_has_not_begun() {
        let plain = Plain::default();
        assert_eq!(plain.advance(1), None);
    }
}
