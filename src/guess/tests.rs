//! Configs in the style of real discs, and hostile ones.

mod discs;
mod hostile;

use std::collections::{BTreeMap, BTreeSet};

use super::medium::{Arg, Form, form};
use super::{Files, Guess, guess};

/// A tree in memory.
pub(super) struct Disc(BTreeMap<String, Vec<u8>>);

impl Disc {
    /// With these configs, and other files that hold nothing of interest.
    pub(super) fn new(configs: &[(&str, &str)], others: &[&str]) -> Self {
        let configs = configs.iter().map(|(path, text)| (path.to_string(), text.as_bytes().into()));
        Self(configs.chain(others.iter().map(|path| (path.to_string(), vec![0; 64]))).collect())
    }

    pub(super) fn with<T>(&self, work: impl FnOnce(&Files<'_>) -> T) -> T {
        work(&Files {
            read: &|path, limit| {
                let bytes = self.0.get(path)?;
                Some(bytes[..limit.min(bytes.len())].to_vec())
            },
            list: &|dir| {
                let top = if dir.is_empty() { String::new() } else { format!("{dir}/") };
                let below = self.0.keys().filter_map(|path| path.strip_prefix(&top));
                let names: BTreeSet<_> = below.filter_map(|path| path.split('/').next()).collect();
                names.into_iter().map(str::to_owned).collect()
            },
            find: &|path| {
                let alike = || self.0.keys().find(|there| there.eq_ignore_ascii_case(path));
                self.0.get_key_value(path).map(|(path, _)| path).or_else(alike).cloned()
            },
        })
    }

    pub(super) fn guess(&self) -> Guess {
        self.with(guess)
    }

    fn form(&self) -> Form {
        let chosen = self.guess().chosen.expect("something boots");
        self.with(|files| form(&chosen, files))
    }

    /// `KERNEL INITRD,INITRD: ARGS` of what is chosen, URL standing for the tree's.
    fn line(&self) -> String {
        let chosen = self.guess().chosen.expect("something boots");
        let shown = |arg: &Arg| match arg {
            Arg::Plain(arg) => arg.clone(),
            Arg::Url(before, after) => format!("{before}URL{after}"),
        };
        let args: Vec<_> = self.form().args.iter().map(shown).collect();
        format!("{} {}: {}", chosen.kernel, chosen.initrds.join(","), args.join(" "))
    }

    /// What needs the medium still.
    fn medium(&self) -> Vec<String> {
        self.form().medium.into_iter().map(|(arg, _)| arg).collect()
    }
}
