//! Whether what was seen is a boot: the rule that [`super`] tells.

use std::time::Duration;

use super::fetch::{Fetch, State};
use super::loader::{complaint, is_loader, life};
use super::need::Need;
use crate::http::Access;
use crate::qemu::Ended;

/// Faults that are told one by one.
const TOLD_MAX: usize = 3;

/// What was seen of a machine so far.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'s> {
    /// What the entry needs.
    pub needs: &'s [Need],
    /// What was asked for.
    pub requests: &'s [Access],
    /// When all needs had been fetched, since the log was begun.
    pub fetched: Option<Duration>,
    /// The console since then; before, since the last of the needs was asked for.
    pub console: &'s str,
    /// What has come onto the text screen since then; empty before, and where there is none.
    pub screen: &'s str,
    /// Whether the text of `--until` has come since then; `None` where it was not asked for.
    pub until: Option<bool>,
    /// Whether the machine stands still.
    pub ended: Option<Ended>,
}

/// What to make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Not decided; if nothing more comes, [`Seen::last`] is.
    Open,
    /// Booted, and by what that is known. Something may yet be heard against it.
    Alive(String),
    /// Booted, and nothing more is to be awaited.
    Booted(String),
    /// Fetched whole, and nothing heard.
    Silent(String),
    /// Not booted, and why.
    Failed(String),
}

impl Seen<'_> {
    /// What can be said while the machine runs.
    pub fn verdict(&self) -> Verdict {
        if let Some(fault) = self.fault() {
            return Verdict::Failed(fault);
        }
        if self.fetched.is_none() {
            return match self.ended {
                Some(_) => self.last(),
                None => Verdict::Open,
            };
        }
        match (self.until, self.ended) {
            (Some(true), _) => Verdict::Booted("the text that was asked for has come".to_owned()),
            (_, Some(Ended::Reset)) => Verdict::Failed(
                "everything was fetched, and then the machine started anew: the kernel broke down, or \
                 is no kernel"
                    .to_owned(),
            ),
            (_, Some(Ended::Broken)) => {
                Verdict::Failed("everything was fetched, and then the machine broke down".to_owned())
            }
            (Some(false), Some(Ended::Off)) => Verdict::Failed(
                "the machine switched itself off before the text that was asked for came".to_owned(),
            ),
            (None, Some(Ended::Off)) => Verdict::Booted(match life(self.console) {
                Some(line) => format!("the console said {line:?}, and the machine switched itself off"),
                None => "the machine switched itself off".to_owned(),
            }),
            (Some(false), None) => Verdict::Open,
            (None, None) => {
                let console = || Some(format!("the console said {:?}", life(self.console)?));
                let screen = || Some(format!("the screen said {:?}", life(self.screen)?));
                let request = || {
                    let Access { agent, path, .. } = self.installer()?;
                    Some(format!("{agent:?} asked for /{path}"))
                };
                let sign = console().or_else(request).or_else(screen);
                sign.map_or(Verdict::Open, Verdict::Alive)
            }
        }
    }

    /// What can be said when no more is awaited.
    pub fn last(&self) -> Verdict {
        if self.fetched.is_some() {
            return match (self.until, self.verdict()) {
                (Some(false), Verdict::Open) => Verdict::Failed(
                    "everything was fetched whole, but the text that was asked for never came".to_owned(),
                ),
                (_, Verdict::Alive(how)) => Verdict::Booted(how),
                (_, Verdict::Open) => Verdict::Silent(
                    "everything was fetched whole, and nothing was heard on the serial console: a kernel \
                     without console=ttyS0 cannot be told from one that hangs (look at the screen with \
                     --screenshot, or add the argument to the entry)"
                        .to_owned(),
                ),
                (_, decided) => decided,
            };
        }
        if self.requests.is_empty() {
            let what = "the machine asked for nothing: its network boot did not come to the menu";
            return Verdict::Failed(what.to_owned());
        }
        let faults: Vec<_> = self.fetches().filter_map(|fetch| fetch.fault()).collect();
        let said = self.complaint().map(|said| format!("; {said}"));
        Verdict::Failed(listed(faults) + &said.unwrap_or_default())
    }

    /// What is wrong already, whatever may follow.
    fn fault(&self) -> Option<String> {
        let wrong =
            |fetch: &Fetch| matches!(fetch.state, State::Refused(_) | State::Altered { .. });
        let faults: Vec<_> =
            self.fetches().filter(wrong).filter_map(|fetch| fetch.fault()).collect();
        if !faults.is_empty() {
            return Some(listed(faults));
        }
        if let Some(missing) = self.missing() {
            return Some(format!(
                "/{} was asked for and is missing ({})",
                missing.path, missing.status
            ));
        }
        if self.is_fetching() {
            return None;
        }
        let said = self.complaint()?;
        let unmet: Vec<_> = self.fetches().filter_map(|fetch| fetch.fault()).collect();
        Some(if unmet.is_empty() { said } else { format!("{}; {said}", listed(unmet)) })
    }

    /// How a loader or a kernel has given up.
    fn complaint(&self) -> Option<String> {
        let console = complaint(self.console).map(|line| format!("the console said {line:?}"));
        console.or_else(|| Some(format!("the screen said {:?}", complaint(self.screen)?)))
    }

    /// Whether one of the needs is on its way: whoever fetches it has not given up.
    fn is_fetching(&self) -> bool {
        let under_way = |one: &Access| !one.over && self.needs.iter().any(|n| n.path == one.path);
        self.requests.iter().any(under_way)
    }

    /// What a loader asked for in vain after the first of the needs.
    fn missing(&self) -> Option<&Access> {
        let needed = |one: &Access| self.needs.iter().any(|need| need.path == one.path);
        let from = self.requests.iter().position(needed)?;
        let refused = |one: &&Access| one.status >= 400 && is_loader(&one.agent) && !needed(one);
        self.requests.get(from..)?.iter().find(refused)
    }

    /// The first request after the needs that no loader makes.
    fn installer(&self) -> Option<&Access> {
        let fetched = self.fetched?;
        self.requests.iter().find(|one| one.at >= fetched && !is_loader(&one.agent))
    }

    /// How it stands with every need.
    pub fn fetches(&self) -> impl Iterator<Item = Fetch> + '_ {
        self.needs.iter().map(|need| Fetch::of(need, self.requests))
    }
}

fn listed(mut faults: Vec<String>) -> String {
    let more = faults.len().saturating_sub(TOLD_MAX);
    faults.truncate(TOLD_MAX);
    if more > 0 {
        faults.push(format!("and {more} more"));
    }
    faults.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::fetch::tests::request;

    fn needs() -> Vec<Need> {
        ["vmlinuz", "initrd"].map(|name| Need::new("kernel", name.into())).to_vec()
    }

    fn whole() -> Vec<Access> {
        vec![
            request("host/x.ipxe", 404, 0, 0),
            request("vmlinuz", 200, 0, 100),
            request("initrd", 200, 0, 100),
        ]
    }

    fn seen<'s>(needs: &'s [Need], requests: &'s [Access], console: &'s str) -> Seen<'s> {
        let all = needs.iter().all(|need| Fetch::of(need, requests).state == State::Whole);
        let fetched = all.then_some(Duration::from_secs(3));
        Seen { needs, requests, fetched, console, screen: "", until: None, ended: None }
    }

    #[test]
    fn everything_whole_and_a_word_from_the_kernel_is_a_boot() {
        let (needs, requests) = (needs(), whole());
        let seen = seen(&needs, &requests, "Loading initrd... ok\n[ 0.0] Linux version 6.1\n");
        assert!(matches!(seen.verdict(), Verdict::Alive(why) if why.contains("Linux version")));
        assert!(matches!(seen.last(), Verdict::Booted(_)));
    }

    #[test]
    fn everything_whole_and_silence_is_no_boot() {
        let (needs, requests) = (needs(), whole());
        let seen = seen(&needs, &requests, "Loading initrd... ok\n");
        assert_eq!(seen.verdict(), Verdict::Open);
        assert!(matches!(seen.last(), Verdict::Silent(_)));
        let off = Seen { ended: Some(Ended::Off), ..seen };
        assert!(matches!(off.verdict(), Verdict::Booted(_)));
        for ended in [Ended::Reset, Ended::Broken] {
            let ended = Seen { ended: Some(ended), ..seen };
            assert!(matches!(ended.verdict(), Verdict::Failed(_)), "{ended:?}");
        }
    }

    #[test]
    fn a_word_from_the_kernel_is_no_boot_where_something_was_missing() {
        let needs = needs();
        let said = "[ 0.0] Linux version 6.1\n";
        for (initrd, why) in [
            (request("initrd", 404, 0, 0), "the kernel /initrd is missing (404)"),
            (request("initrd", 200, 0, 99), "fetched short: 99 of 100 bytes"),
            (request("other", 200, 0, 99), "/initrd was never asked for"),
        ] {
            let requests = [request("vmlinuz", 200, 0, 100), initrd];
            let Verdict::Failed(said) = seen(&needs, &requests, said).last() else {
                panic!("{why}");
            };
            assert!(said.contains(why), "{said}");
        }
    }

    #[test]
    fn a_panic_after_the_first_words_is_no_boot() {
        let (needs, requests) = (needs(), whole());
        let said = "[ 0.0] Linux version 6.1\n[ 1.0] Kernel panic - not syncing: no init\n";
        let seen = seen(&needs, &requests, said);
        assert!(matches!(seen.verdict(), Verdict::Failed(why) if why.contains("Kernel panic")));
    }

    #[test]
    fn nothing_is_held_against_a_loader_that_still_fetches() {
        let needs = needs();
        let said = "Operation canceled (http://ipxe.org/0b072095)\n";
        let mut requests =
            [Access { over: false, ..request("vmlinuz", 200, 0, 40) }, request("x", 200, 0, 100)];
        assert_eq!(seen(&needs, &requests, said).verdict(), Verdict::Open);
        requests[0].over = true;
        let verdict = seen(&needs, &requests, said).verdict();
        assert!(matches!(verdict, Verdict::Failed(why) if why.contains("40 of 100 bytes")));
    }

    #[test]
    fn a_kernel_is_heard_on_the_screen_too() {
        let (needs, requests) = (needs(), whole());
        let seen = seen(&needs, &requests, "");
        let alive = Seen { screen: "Welcome to CentOS for x86_64\n", ..seen };
        assert!(matches!(alive.verdict(), Verdict::Alive(why) if why.contains("Welcome to")));
        let loader = Seen { screen: "Loading /a... ok\n", ..seen };
        assert_eq!(loader.verdict(), Verdict::Open);
        let panic = Seen { screen: "Kernel panic - not syncing: no init\n", ..seen };
        assert!(matches!(panic.verdict(), Verdict::Failed(_)));
    }

    #[test]
    fn what_is_missing_counts_from_the_first_need_on_and_for_loaders_alone() {
        let needs = needs();
        let mut requests = whole();
        requests.push(Access {
            agent: "anaconda/13".into(),
            at: Duration::from_secs(9),
            ..request("updates.img", 404, 0, 0)
        });
        assert!(matches!(seen(&needs, &requests, "").verdict(), Verdict::Alive(_)));
        requests.push(request("more.img", 404, 0, 0));
        let verdict = seen(&needs, &requests, "").verdict();
        assert!(matches!(verdict, Verdict::Failed(why) if why.contains("/more.img")));
    }

    #[test]
    fn the_text_that_was_asked_for_decides_alone() {
        let (needs, requests) = (needs(), whole());
        let seen = seen(&needs, &requests, "[ 0.0] Linux version 6.1\n");
        let until = |until| Seen { until: Some(until), ..seen };
        assert!(matches!(until(true).verdict(), Verdict::Booted(_)));
        assert_eq!(until(false).verdict(), Verdict::Open);
        assert!(matches!(until(false).last(), Verdict::Failed(_)));
    }
}
