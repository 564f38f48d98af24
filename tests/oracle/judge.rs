//! Holds other readers' views against ours, and both against what is known of those readers.

use crate::difference::{Difference, How, between};
use crate::view::View;

/// Something known of a reader, and why it is so.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) reader: &'static str,
    /// What it shows on: `image:hierarchy`, `*` for any text.
    pub(crate) images: &'static [&'static str],
    pub(crate) differs: Differs,
    pub(crate) why: &'static str,
}

/// In what a reader differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Differs {
    /// It cannot read the image.
    Unreadable,
    /// Its names are in upper case.
    UpperCase,
    /// In this way on paths of these patterns.
    Paths(How, &'static [&'static str]),
    /// It reads what we refuse with an error of this pattern.
    Refused(&'static str),
}

/// What an entry's pattern has been good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Use {
    /// No image was like it.
    Unmet,
    /// There was one, on which nothing had to be explained.
    Idle,
    Needed,
}

/// A table of what is known, and what has come up so far.
///
/// A difference that no entry explains is wrong. So is an entry that explains nothing on any image of
/// one of its patterns, if that reader was asked at all.
#[derive(Debug)]
pub(crate) struct Judge {
    known: &'static [Known],
    /// For each entry, for each of its patterns: whether it was about an image, and explained
    /// something.
    met: Vec<Vec<Use>>,
    asked: Vec<&'static str>,
    differences: Vec<Explained>,
    wrong: Vec<String>,
}

/// A difference that has come up, with what is known of it.
#[derive(Debug)]
pub(crate) struct Explained {
    pub(crate) image: String,
    pub(crate) what: String,
    pub(crate) why: Option<&'static str>,
}

impl Judge {
    pub(crate) fn new(known: &'static [Known]) -> Self {
        let met = known.iter().map(|known| vec![Use::Unmet; known.images.len()]).collect();
        Self { known, met, asked: Vec::new(), differences: Vec::new(), wrong: Vec::new() }
    }

    /// Compares what `reader` sees on `image`, or why it sees nothing, with what we see.
    pub(crate) fn compare(
        &mut self,
        image: &str,
        reader: &'static str,
        ours: &View,
        theirs: Result<View, String>,
    ) {
        self.meet(image, reader);
        let theirs = match theirs {
            Ok(theirs) => theirs,
            Err(why) => {
                self.unreadable(image, reader, &why);
                return;
            }
        };
        let lower = lowered(&theirs);
        let known = |judge: &mut Self| {
            judge.mark(image, reader, Use::Needed, |differs| differs == Differs::UpperCase)
        };
        let upper_case = lower != theirs && known(self).is_some();
        self.explain(image, reader, between(ours, if upper_case { &lower } else { &theirs }));
    }

    /// `reader` cannot read what we read.
    pub(crate) fn unreadable(&mut self, image: &str, reader: &'static str, why: &str) {
        let what = format!("cannot read it: {why}");
        self.ask(image, reader, what, |differs| differs == Differs::Unreadable);
    }

    /// We refuse, with `error`, what `reader` reads.
    pub(crate) fn refused(&mut self, image: &str, reader: &'static str, error: &str) {
        let what = format!("reads it, ours is refused: {error}");
        let about = |differs| matches!(differs, Differs::Refused(like) if matches(like, error));
        self.ask(image, reader, what, about);
    }

    /// `reader` differs from us in this, or in nothing.
    pub(crate) fn explain(&mut self, image: &str, reader: &'static str, all: Vec<Difference>) {
        self.meet(image, reader);
        for difference in all {
            let what = difference.to_string();
            self.ask(image, reader, what, |differs| explains(differs, &difference));
        }
    }

    /// Entries about the image have been asked.
    fn meet(&mut self, image: &str, reader: &'static str) {
        if !self.asked.contains(&reader) {
            self.asked.push(reader);
        }
        self.mark(image, reader, Use::Idle, |_| true);
    }

    /// Looks for what explains a difference.
    fn ask(
        &mut self,
        image: &str,
        reader: &'static str,
        what: String,
        about: impl Fn(Differs) -> bool,
    ) {
        self.meet(image, reader);
        let why = self.mark(image, reader, Use::Needed, about);
        if why.is_none() {
            self.wrong.push(format!("{image}, {reader}: {what}"));
        }
        self.differences.push(Explained { image: image.to_owned(), what, why });
    }

    /// Prints every difference, and why it is so.
    pub(crate) fn tell(&self) {
        for Explained { image, what, why } in &self.differences {
            println!("{image}: {what}\n    {}", why.unwrap_or("NOT EXPLAINED"));
        }
    }

    /// All differences so far.
    pub(crate) fn differences(&self) -> &[Explained] {
        &self.differences
    }

    /// Something that is wrong besides.
    pub(crate) fn blame(&mut self, what: String) {
        self.wrong.push(what);
    }

    /// Notes what the entries about this have been good for; the first one's reason.
    fn mark(
        &mut self,
        image: &str,
        reader: &str,
        good_for: Use,
        about: impl Fn(Differs) -> bool,
    ) -> Option<&'static str> {
        let mut found = None;
        for (known, met) in self.known.iter().zip(&mut self.met) {
            if known.reader != reader || !about(known.differs) {
                continue;
            }
            for (_, met) in known.images.iter().zip(met).filter(|(it, _)| matches(it, image)) {
                found = found.or(Some(known.why));
                if *met < good_for {
                    *met = good_for;
                }
            }
        }
        found
    }

    /// Fails with all that is wrong. With `all` every image has been there that entries are about.
    pub(crate) fn finish(mut self, all: bool) {
        self.blame_stale(all);
        let wrong = self.wrong;
        assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    }

    fn blame_stale(&mut self, all: bool) {
        for (known, met) in self.known.iter().zip(&self.met) {
            if !self.asked.contains(&known.reader) {
                continue;
            }
            for (pattern, met) in known.images.iter().zip(met) {
                if *met == Use::Idle || (all && *met == Use::Unmet) {
                    let Known { reader, why, .. } = known;
                    self.wrong.push(format!("{pattern}, {reader}: no longer so, remove: {why}"));
                }
            }
        }
    }
}

fn explains(differs: Differs, difference: &Difference) -> bool {
    match differs {
        Differs::Paths(how, patterns) => {
            how == difference.how
                && patterns.iter().any(|pattern| matches(pattern, &difference.path))
        }
        Differs::Unreadable | Differs::UpperCase | Differs::Refused(_) => false,
    }
}

/// With all names in lower case. Targets of links stay.
fn lowered(view: &View) -> View {
    view.iter().map(|(path, what)| (path.to_ascii_lowercase(), what.clone())).collect()
}

/// Whether `text` fits `pattern`, in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|text| {
            (0..=text.len())
                .filter(|&at| text.is_char_boundary(at))
                .any(|at| matches(rest, &text[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::What;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text) in
            [("*", ""), ("a*", "a/b"), ("*:joliet", "all:joliet"), ("a*c*e", "abcde")]
        {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("*b", "abc"), ("a*c", "b-c"), ("a*ce", "abcde")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    const KNOWN: &[Known] = &[Known {
        reader: "r",
        images: &["image*"],
        differs: Differs::Paths(How::Missing, &["a"]),
        why: "it is blind",
    }];

    fn judged(known: &'static [Known], ours: &[&str], theirs: &[&str]) -> Vec<String> {
        let view = |paths: &[&str]| {
            paths.iter().map(|path| (path.as_bytes().to_vec(), What::Dir)).collect()
        };
        let mut judge = Judge::new(known);
        judge.compare("image:udf", "r", &view(ours), Ok(view(theirs)));
        judge.blame_stale(true);
        judge.wrong
    }

    #[test]
    fn only_differences_that_are_known_and_there_are_accepted() {
        assert_eq!(judged(KNOWN, &["a", "b"], &["b"]), [""; 0]);
        assert_eq!(judged(&[], &["b"], &["b"]), [""; 0]);
        let unknown = judged(KNOWN, &["a", "b"], &[]);
        assert_eq!(unknown, ["image:udf, r: Missing b: ours a directory, theirs nothing"]);
        let stale = judged(KNOWN, &["a", "b"], &["a", "b"]);
        assert_eq!(stale, ["image*, r: no longer so, remove: it is blind"]);
    }
}
