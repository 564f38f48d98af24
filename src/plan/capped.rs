//! Warnings of one kind, cut off where a hostile disc would give one a file.

use crate::monitor::{Monitor, Warning};

/// Most warnings of one code before the rest is only counted.
pub(super) const MOST: usize = 50;

/// Passes on the first [`MOST`] warnings of a code and counts the others.
pub(super) struct Capped<'m> {
    monitor: &'m dyn Monitor,
    code: &'static str,
    seen: usize,
}

impl<'m> Capped<'m> {
    pub(super) fn new(code: &'static str, monitor: &'m dyn Monitor) -> Self {
        Self { monitor, code, seen: 0 }
    }

    /// Warns about `path`; `message` is only asked for while there is room.
    pub(super) fn warn(&mut self, path: impl FnOnce() -> String, message: impl FnOnce() -> String) {
        self.seen += 1;
        if self.seen <= MOST {
            self.monitor.warn(Warning::new(self.code, path(), message()));
        }
    }

    /// Says how many were left unsaid.
    pub(super) fn finish(self) {
        let more = self.seen.saturating_sub(MOST);
        if more > 0 {
            let message = format!("{more} more of the same kind are not listed");
            self.monitor.warn(Warning::new(self.code, "", message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Collect;

    #[test]
    fn what_is_above_the_limit_is_counted() {
        let heard = Collect::default();
        let mut capped = Capped::new("c", &heard);
        for n in 0..MOST + 3 {
            capped.warn(|| n.to_string(), String::new);
        }
        capped.finish();
        let warnings = heard.warnings();
        assert_eq!(warnings.len(), MOST + 1);
        assert_eq!(warnings[MOST].message, "3 more of the same kind are not listed");
    }

    #[test]
    fn up_to_the_limit_nothing_is_added() {
        let heard = Collect::default();
        let mut capped = Capped::new("c", &heard);
        for _ in 0..MOST {
            capped.warn(String::new, String::new);
        }
        capped.finish();
        assert_eq!(heard.warnings().len(), MOST);
    }
}
