//! What became of the packages that metadata list: there, missing, of a disc that was not given.

use std::collections::BTreeMap;

use super::SHOWN_MAX;

/// Most discs of a set that are told apart.
const DISCS_MAX: usize = 64;

/// The first few of some things, and how many there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Few {
    /// Paths with what is wrong, at most [`SHOWN_MAX`].
    pub(super) shown: Vec<(String, String)>,
    /// How many there are in all.
    pub(super) count: usize,
}

impl Few {
    pub(super) fn add(&mut self, path: &str, what: impl Into<String>) {
        self.count = self.count.saturating_add(1);
        if self.shown.len() < SHOWN_MAX {
            self.shown.push((path.to_owned(), what.into()));
        }
    }

    /// How many are not shown.
    pub(super) fn more(&self) -> usize {
        self.count.saturating_sub(self.shown.len())
    }

    fn join(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        let room = SHOWN_MAX.saturating_sub(self.shown.len());
        self.shown.extend(other.shown.into_iter().take(room));
    }
}

/// The packages of one disc of a set.
#[derive(Debug, Default)]
struct Disc {
    listed: usize,
    missing: Few,
}

/// Packages of a repository, counted by the disc that is said to carry them.
#[derive(Debug, Default)]
pub(super) struct Tally(BTreeMap<Option<u32>, Disc>);

/// What the counts mean.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    /// How many packages are listed.
    pub(super) listed: usize,
    /// How many of them are missing because their disc is.
    pub(super) elsewhere: usize,
    /// The discs that are missing; empty where the metadata give no numbers.
    pub(super) discs: Vec<u32>,
    /// The packages that are missing for no such reason.
    pub(super) missing: Few,
}

impl Tally {
    /// Counts a package that is listed as one of `disc`.
    pub(super) fn listed(&mut self, disc: Option<u32>) {
        let disc = self.key(disc);
        let disc = self.0.entry(disc).or_default();
        disc.listed = disc.listed.saturating_add(1);
    }

    /// Counts one of those as missing.
    pub(super) fn missing(&mut self, disc: Option<u32>, path: &str) {
        let disc = self.key(disc);
        self.0.entry(disc).or_default().missing.add(path, "is not there");
    }

    fn key(&self, disc: Option<u32>) -> Option<u32> {
        disc.filter(|_| self.0.contains_key(&disc) || self.0.len() < DISCS_MAX)
    }

    /// A disc was not given if the metadata say which packages it carries and none of them is
    /// there, while others are. Where the metadata name no discs, more than [`SHOWN_MAX`] missing
    /// packages that are at least a tenth of all mean the same: to lose so many by accident takes
    /// more than a slip, and the manifest knows about that.
    pub(super) fn verdict(self) -> Verdict {
        let sum = |all: &mut dyn Iterator<Item = usize>| all.fold(0, usize::saturating_add);
        let listed = sum(&mut self.0.values().map(|disc| disc.listed));
        let gone = sum(&mut self.0.values().map(|disc| disc.missing.count));
        // One number for all says as little as none.
        let numbered = self.0.keys().flatten().count() > 1;
        let mut verdict =
            Verdict { listed, elsewhere: 0, discs: Vec::new(), missing: Few::default() };
        for (number, disc) in self.0 {
            let few = disc.missing;
            let absent = if numbered {
                number.is_some() && few.count == disc.listed
            } else {
                few.count > SHOWN_MAX && few.count.saturating_mul(10) >= listed
            };
            if few.count > 0 && gone < listed && absent {
                verdict.elsewhere = verdict.elsewhere.saturating_add(few.count);
                verdict.discs.extend(number.filter(|_| numbered));
            } else {
                verdict.missing.join(few);
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(discs: &[(Option<u32>, usize, usize)]) -> Verdict {
        let mut tally = Tally::default();
        for &(disc, there, missing) in discs {
            (0..there + missing).for_each(|_| tally.listed(disc));
            (0..missing).for_each(|n| tally.missing(disc, &format!("{n}.rpm")));
        }
        tally.verdict()
    }

    #[test]
    fn a_disc_of_which_nothing_is_there_was_not_given() {
        let verdict = tally(&[(Some(1), 14, 0), (Some(2), 0, 10)]);
        assert_eq!((verdict.listed, verdict.elsewhere), (24, 10));
        assert_eq!(verdict.discs, [2]);
        assert_eq!(verdict.missing.count, 0);
    }

    #[test]
    fn single_packages_of_a_disc_that_was_given_are_lost() {
        let verdict = tally(&[(Some(1), 14, 0), (Some(2), 1, 30)]);
        assert_eq!((verdict.elsewhere, verdict.missing.count), (0, 30));
        assert_eq!((verdict.missing.shown.len(), verdict.missing.more()), (20, 10));
    }

    #[test]
    fn without_numbers_many_missing_mean_a_disc_and_few_mean_a_loss() {
        assert_eq!(tally(&[(None, 4000, 2600)]).elsewhere, 2600);
        let one = tally(&[(Some(1), 4000, 2600)]);
        assert_eq!((one.elsewhere, one.discs.len()), (2600, 0), "one number tells nothing");
        assert_eq!(tally(&[(None, 4000, 20)]).missing.count, 20);
        assert_eq!(tally(&[(None, 4000, 100)]).missing.count, 100);
    }

    #[test]
    fn a_repository_of_which_nothing_is_there_is_lost() {
        assert_eq!(tally(&[(Some(1), 0, 14), (Some(2), 0, 10)]).missing.count, 24);
        assert_eq!(tally(&[(None, 0, 100)]).missing.count, 100);
        assert_eq!(tally(&[]).missing, Few::default());
    }

    #[test]
    fn made_up_numbers_of_discs_cost_no_memory() {
        let mut tally = Tally::default();
        (0..10_000).for_each(|disc| tally.listed(Some(disc)));
        assert!(tally.0.len() <= DISCS_MAX + 1);
        assert_eq!(tally.verdict().listed, 10_000);
    }
}
