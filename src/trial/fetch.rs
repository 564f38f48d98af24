//! What became of each file that an entry needs, by the access log.

use std::time::Duration;

use super::need::Need;
use crate::http::Access;

/// A needed file and how far it was fetched.
#[derive(Debug, Clone, PartialEq)]
pub struct Fetch {
    /// What it is.
    pub stage: &'static str,
    /// Where it was asked for, below the web root.
    pub path: String,
    /// Bytes that were fetched, none counted twice.
    pub bytes: u64,
    /// How long that took, from the first request to the last byte.
    pub took: Duration,
    /// How it stands with it.
    pub state: State,
}

/// How it stands with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nobody has asked for it.
    Unasked,
    /// Asked for and refused, with this status.
    Refused(u16),
    /// Not all of its bytes were fetched.
    Partial {
        /// Its size.
        of: u64,
    },
    /// Fetched, and shorter or longer than it was imported.
    Altered {
        /// Its size when it was imported.
        was: u64,
    },
    /// Fetched from the first byte to the last.
    Whole,
}

impl Fetch {
    /// How it stands with `need`.
    pub fn of(need: &Need, requests: &[Access]) -> Self {
        let asked = || requests.iter().filter(|one| one.path == need.path && one.method == "GET");
        let got: Vec<&Access> = asked().filter(|one| one.is_success()).collect();
        let first = asked().map(|one| one.at).min().unwrap_or_default();
        let last = asked().map(|one| one.at + one.took).max().unwrap_or_default();
        let bytes = covered(got.iter().map(|one| (one.first, one.first.saturating_add(one.sent))));
        let length = got.iter().map(|one| one.length).max();
        let state = match (length, asked().next_back()) {
            (None, None) => State::Unasked,
            (None, Some(refused)) => State::Refused(refused.status),
            (Some(of), _) if bytes < of => State::Partial { of },
            (Some(of), _) => match need.size.filter(|&was| was != of) {
                Some(was) => State::Altered { was },
                None => State::Whole,
            },
        };
        let took = last.saturating_sub(first);
        Self { stage: need.stage, path: need.path.clone(), bytes, took, state }
    }

    /// What is wrong with it, if anything is.
    pub fn fault(&self) -> Option<String> {
        let Self { stage, path, bytes, .. } = self;
        match self.state {
            State::Whole => None,
            State::Unasked => Some(format!("the {stage} /{path} was never asked for")),
            State::Refused(404) => Some(format!("the {stage} /{path} is missing (404)")),
            State::Refused(status) => Some(format!("the {stage} /{path} was refused ({status})")),
            State::Partial { of } => {
                Some(format!("the {stage} /{path} was fetched short: {bytes} of {of} bytes"))
            }
            State::Altered { was } => Some(format!(
                "the {stage} /{path} has {bytes} bytes and had {was} when it was imported"
            )),
        }
    }
}

/// How many numbers these half-open ranges hold.
fn covered(ranges: impl Iterator<Item = (u64, u64)>) -> u64 {
    let mut ranges: Vec<_> = ranges.collect();
    ranges.sort_unstable();
    let mut end = 0_u64;
    let mut sum = 0_u64;
    for (from, to) in ranges {
        sum = sum.saturating_add(to.saturating_sub(from.max(end)));
        end = end.max(to);
    }
    sum
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A request for `path` of a file of 100 bytes, `sent` of them from `first` on.
    pub(in crate::trial) fn request(path: &str, status: u16, first: u64, sent: u64) -> Access {
        Access {
            at: Duration::from_secs(1),
            took: Duration::from_secs(1),
            method: "GET".into(),
            path: path.into(),
            agent: "iPXE/1.0.0+".into(),
            status,
            length: if status < 300 { 100 } else { 0 },
            first,
            sent,
            over: true,
        }
    }

    fn state(requests: &[Access], size: Option<u64>) -> State {
        Fetch::of(&Need { stage: "kernel", path: "k".into(), size }, requests).state
    }

    #[test]
    fn a_file_is_whole_by_one_answer_or_by_ranges_that_cover_it() {
        assert_eq!(state(&[request("k", 200, 0, 100)], None), State::Whole);
        let ranges = [request("k", 206, 50, 50), request("k", 206, 0, 60)];
        assert_eq!(state(&ranges, Some(100)), State::Whole);
        let gap = [request("k", 206, 50, 50), request("k", 206, 0, 40)];
        assert_eq!(state(&gap, None), State::Partial { of: 100 });
        assert_eq!(state(&[request("k", 200, 0, 99)], None), State::Partial { of: 100 });
    }

    #[test]
    fn what_is_missing_unasked_or_altered_is_told_apart() {
        assert_eq!(state(&[], None), State::Unasked);
        assert_eq!(state(&[request("x", 200, 0, 100)], None), State::Unasked);
        assert_eq!(state(&[request("k", 404, 0, 0)], None), State::Refused(404));
        assert_eq!(state(&[request("k", 200, 0, 100)], Some(200)), State::Altered { was: 200 });
        let head = Access { method: "HEAD".into(), ..request("k", 200, 0, 0) };
        assert_eq!(state(&[head], None), State::Unasked, "a HEAD fetches nothing");
    }
}
