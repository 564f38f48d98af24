//! Listings of many images in one file: `tests/oracle/linux/*.txt`.
//!
//! ```text
//! # comment
//! image NAME SHA-256
//! MOUNT                  each line of the listing behind `+ `, remarks behind `# `
//! MOUNT = [NAME ]MOUNT   as there, but without lines behind `- `, and with those behind `+ `
//! MOUNT condensed COUNT SHA-256   a tree of so many paths
//! MOUNT refused
//! image NAME SHA-256 refused    by every mount
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::listing::{Listing, digest};

/// Most bytes of a listing that is stored line by line.
const LISTING_MAX: usize = 48 << 10;
/// And where it is not what is mounted unasked.
const OTHER_MAX: usize = 1 << 10;

/// How an image is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mount {
    Udf,
    /// As ISO 9660, of which Linux chooses the hierarchy.
    Iso9660,
    /// Without Rock Ridge.
    NoRock,
    /// And without Joliet.
    NoJoliet,
}

impl Mount {
    pub(crate) const ALL: [Self; 4] = [Self::Udf, Self::Iso9660, Self::NoRock, Self::NoJoliet];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Udf => "udf",
            Self::Iso9660 => "iso9660",
            Self::NoRock => "norock",
            Self::NoJoliet => "nojoliet",
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mount| mount.name() == name)
    }
}

/// What Linux shows of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) sha256: String,
    pub(crate) mounts: BTreeMap<Mount, Listing>,
}

impl Shown {
    /// As `scripts/kernel-view` has written it into `dir`, with a file a mount; a mount that was not
    /// tried has none.
    pub(crate) fn of_dir(dir: &Path, file_name: &str, sha256: String) -> Self {
        let mounts = Mount::ALL.into_iter().filter_map(|mount| {
            let text = fs::read(dir.join(format!("{file_name}.{}.txt", mount.name()))).ok()?;
            Some((mount, Listing::of_text(&text)))
        });
        Self { sha256, mounts: mounts.collect() }
    }

    fn is_refused(&self) -> bool {
        self.mounts.len() == Mount::ALL.len()
            && self.mounts.values().all(|listing| *listing == Listing::Refused)
    }
}

/// Images by name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Store(pub(crate) BTreeMap<String, Shown>);

impl Store {
    /// # Panics
    /// If the text is not of the form above.
    pub(crate) fn of_text(text: &str) -> Self {
        let mut store = Self::default();
        let mut open = None;
        for (number, line) in text.lines().enumerate() {
            assert!(store.take(line, &mut open).is_some(), "line {}: {line}", number + 1);
        }
        store
    }

    /// One line, within what is `open`: an image, and one of its mounts.
    fn take(&mut self, line: &str, open: &mut Option<(String, Mount)>) -> Option<()> {
        let Some((name, mount)) = open.clone() else {
            return if line.is_empty() || line.starts_with('#') {
                Some(())
            } else {
                self.begin(line, open)
            };
        };
        if line.is_empty() {
            *open = None;
            return Some(());
        }
        let (sign, rest) = line.split_once(' ').unwrap_or((line, ""));
        if let Some(mount) = Mount::of(sign) {
            let find = |name: &str, mount: &str| {
                let listing = self.0.get(name)?.mounts.get(&Mount::of(mount)?)?;
                let Listing::Tree { lines, .. } = listing else { return None };
                Some(Listing::Tree { lines: lines.clone(), remarks: Vec::new() })
            };
            let listing = match rest.split(' ').collect::<Vec<_>>()[..] {
                [""] => Listing::Tree { lines: BTreeSet::new(), remarks: Vec::new() },
                ["refused"] => Listing::Refused,
                ["condensed", count, digest] => {
                    Listing::Condensed { count: count.parse().ok()?, digest: digest.to_owned() }
                }
                ["=", of] => find(&name, of)?,
                ["=", image, of] => find(image, of)?,
                _ => return None,
            };
            self.0.get_mut(&name)?.mounts.insert(mount, listing);
            *open = Some((name, mount));
            return Some(());
        }
        let Listing::Tree { lines, remarks } = self.0.get_mut(&name)?.mounts.get_mut(&mount)?
        else {
            return None;
        };
        match sign {
            "+" => lines.insert(rest.to_owned()).then_some(()),
            "-" => lines.remove(rest).then_some(()),
            "#" => {
                remarks.push(rest.to_owned());
                Some(())
            }
            _ => None,
        }
    }

    fn begin(&mut self, line: &str, open: &mut Option<(String, Mount)>) -> Option<()> {
        let words: Vec<_> = line.strip_prefix("image ")?.split(' ').collect();
        let (&name, &sha256, refused) = match &words[..] {
            [name, sha256] => (name, sha256, false),
            [name, sha256, "refused"] => (name, sha256, true),
            _ => return None,
        };
        let mounts = Mount::ALL.into_iter().filter(|_| refused);
        let mounts = mounts.map(|mount| (mount, Listing::Refused)).collect();
        self.0.insert(name.to_owned(), Shown { sha256: sha256.to_owned(), mounts });
        *open = Some((name.to_owned(), Mount::Udf));
        Some(())
    }

    /// The same as text, each listing as what is different from the one before that is most like it.
    pub(crate) fn text(&self, comment: &str) -> String {
        let mut text = format!("# {comment}\n");
        let mut told: Vec<(&str, Mount, &BTreeSet<String>)> = Vec::new();
        for (name, shown) in &self.0 {
            text += &format!("\nimage {name} {}", shown.sha256);
            text += if shown.is_refused() { " refused\n" } else { "\n" };
            for (&mount, listing) in shown.mounts.iter().filter(|_| !shown.is_refused()) {
                text += mount.name();
                let bytes = |lines: &mut dyn Iterator<Item = &String>| -> usize {
                    lines.map(|line| line.len() + 3).sum()
                };
                let (lines, remarks) = match listing {
                    Listing::Tree { lines, remarks } => (lines, remarks),
                    Listing::Condensed { count, digest } => {
                        text += &format!(" condensed {count} {digest}\n");
                        continue;
                    }
                    Listing::Refused => {
                        text += " refused\n";
                        continue;
                    }
                };
                let cost = |other: &BTreeSet<String>| bytes(&mut other.symmetric_difference(lines));
                let like = told.iter().min_by_key(|(.., other)| cost(other));
                let whole = bytes(&mut lines.iter());
                let like = like.filter(|(.., other)| cost(other) < whole / 2);
                let max = match mount {
                    Mount::Udf | Mount::Iso9660 => LISTING_MAX,
                    Mount::NoRock | Mount::NoJoliet => OTHER_MAX,
                };
                if like.map_or(whole, |(.., other)| cost(other)) > max
                    && let Some((view, attributes)) = listing.view()
                {
                    let digest = digest(&view, &attributes);
                    text += &format!(" condensed {} {digest}\n", lines.len());
                    continue;
                }
                let nothing = BTreeSet::new();
                let base = match like {
                    Some((image, of, base)) => {
                        text += " = ";
                        if image != name {
                            text += &format!("{image} ");
                        }
                        text += of.name();
                        base
                    }
                    None => &nothing,
                };
                text.push('\n');
                let signed = [("-", base.difference(lines)), ("+", lines.difference(base))];
                for (sign, lines) in signed {
                    for line in lines {
                        text += &format!("{sign} {line}\n");
                    }
                }
                for remark in remarks {
                    text += &format!("# {remark}\n");
                }
                told.push((name, mount, lines));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_is_read_as_it_was_written() {
        let tree = |names: &[&str], remarks: &[&str]| Listing::Tree {
            lines: names.iter().map(|name| format!("d 555 0 {name}")).collect(),
            remarks: remarks.iter().map(|&remark| remark.to_owned()).collect(),
        };
        let shown = |sha256: &str, mounts: &[(Mount, Listing)]| Shown {
            sha256: sha256.to_owned(),
            mounts: mounts.iter().cloned().collect(),
        };
        let small = tree(&["."], &["a complaint"]);
        let large = tree(&[".", "image udf", "udf", "x", "y"], &[]);
        let other = tree(&[".", "image udf", "udf", "x", "z"], &[]);
        let first = [(Mount::Iso9660, large.clone()), (Mount::NoRock, large)];
        let second =
            [(Mount::Udf, Listing::Refused), (Mount::Iso9660, other), (Mount::NoRock, small)];
        let third = Mount::ALL.map(|mount| (mount, Listing::Refused));
        let store = Store(BTreeMap::from([
            ("a".to_owned(), shown("1", &first)),
            ("b".to_owned(), shown("2", &second)),
            ("c".to_owned(), shown("3", &third)),
        ]));
        let text = store.text("by hand");
        assert_eq!(Store::of_text(&text), store);
        assert!(text.contains("norock = iso9660\n\nimage b"), "{text}");
        assert!(text.contains("iso9660 = a iso9660\n- d 555 0 y\n+ d 555 0 z\n"), "{text}");
        assert!(text.contains("image c 3 refused\n"), "{text}");
    }
}
