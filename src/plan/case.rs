//! Names of one directory that differ in letter case or in Unicode's form only.
//!
//! Case is compared as Samba and NTFS compare it: by upper-case letters, one for one, so that `ß`
//! is no `SS`. Windows draws the line for some rare letters elsewhere, and from one version to the next: a
//! warning more or less there is no harm. Composed letters and what they are composed of (NFC and NFD) are
//! two names to it, and one to people, to macOS and to programs that normalize.

use std::collections::HashMap;

use super::capped::Capped;
use super::tree::{Item, Plan, PlanId};
use unicode_normalization::UnicodeNormalization;

use crate::media::printable;
use crate::monitor::Monitor;

/// Warns of names that Windows clients cannot tell apart on a Samba share (`case-collision`), and of those
/// that are the same in Unicode's composed form (`unicode-collision`).
pub fn warn_collisions(plan: &Plan<'_>, monitor: &dyn Monitor) {
    let mut by_case = Capped::new("case-collision", monitor);
    let mut by_form = Capped::new("unicode-collision", monitor);
    let top = Some(PlanId::ROOT);
    for dir in top.into_iter().chain(plan.iter()).filter(|&id| *plan.item(id) == Item::Dir) {
        let children = plan.children(dir);
        if children.len() < 2 {
            continue;
        }
        let mut first: HashMap<Vec<u8>, PlanId> = HashMap::with_capacity(children.len());
        for &id in children {
            let before = *first.entry(folded(plan.name(id))).or_insert(id);
            if before != id {
                let difference = Difference::of(plan.name(before), plan.name(id));
                let warnings = match difference {
                    Difference::Case => &mut by_case,
                    Difference::Form | Difference::Both => &mut by_form,
                };
                warnings
                    .warn(|| printable(&plan.path(id)), || message(plan, before, id, difference));
            }
        }
    }
    by_case.finish();
    by_form.finish();
}

/// In what two names differ that are one once they are folded.
#[derive(Debug, Clone, Copy)]
enum Difference {
    Case,
    Form,
    Both,
}

impl Difference {
    fn of(a: &[u8], b: &[u8]) -> Self {
        if upper(a) == upper(b) {
            Self::Case
        } else if composed(a) == composed(b) {
            Self::Form
        } else {
            Self::Both
        }
    }
}

/// What is said of the later of two names.
fn message(plan: &Plan<'_>, before: PlanId, id: PlanId, difference: Difference) -> String {
    let other = printable(plan.name(before));
    let disc = plan.disc(before).filter(|_| plan.disc(before) != plan.disc(id));
    let image = disc.map(|disc| format!(" of image {}", disc.saturating_add(1)));
    let image = image.unwrap_or_default();
    let are_dirs = [before, id].iter().all(|&id| *plan.item(id) == Item::Dir);
    let within = if are_dirs { " with all that is in it" } else { "" };
    let what = match difference {
        Difference::Case => {
            format!("in letter case only: over Samba one hides the other{within}")
        }
        Difference::Form => format!(
            "in Unicode's form only, composed and decomposed: it reads the same, and clients that normalize \
             names find one of the two{within}"
        ),
        Difference::Both => format!(
            "in letter case and Unicode's form only: clients that do not tell case and normalize names find \
             one of the two{within}"
        ),
    };
    format!("differs from '{other}'{image} {what}")
}

/// Without case and in the composed form.
fn folded(name: &[u8]) -> Vec<u8> {
    if name.is_ascii() { upper(name) } else { composed(&upper(&composed(name))) }
}

/// In the composed form (NFC); bytes that are not UTF-8 stay.
fn composed(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut buf = [0; 4];
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().nfc() {
            out.extend_from_slice(c.encode_utf8(&mut buf).as_bytes());
        }
        out.extend_from_slice(chunk.invalid());
    }
    out
}

/// In upper case, letter for letter; bytes that are not UTF-8 stay.
fn upper(name: &[u8]) -> Vec<u8> {
    if name.is_ascii() {
        return name.to_ascii_uppercase();
    }
    let mut out = Vec::with_capacity(name.len());
    let mut buf = [0; 4];
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            let mut letters = c.to_uppercase();
            let one = letters.next().filter(|_| letters.next().is_none()).unwrap_or(c);
            out.extend_from_slice(one.encode_utf8(&mut buf).as_bytes());
        }
        out.extend_from_slice(chunk.invalid());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::Content;
    use crate::monitor::Collect;

    /// The codes of the warnings.
    fn codes(names: &[&[u8]]) -> Vec<&'static str> {
        collect(names).into_iter().map(|warning| warning.code).collect()
    }

    fn warned(names: &[&[u8]]) -> Vec<(String, String)> {
        collect(names).into_iter().map(|warning| (warning.path, warning.message)).collect()
    }

    fn collect(names: &[&[u8]]) -> Vec<crate::monitor::Warning> {
        let mut plan = Plan::new(&[]);
        let dir = plan.add(PlanId::ROOT, b"d", Item::Dir, 0o755, None).expect("a name");
        for name in names {
            let item = Item::File(Content::Bytes((*b"").into()));
            plan.add(dir, name, item, 0o644, None).expect("a name");
        }
        let heard = Collect::default();
        warn_collisions(&plan, &heard);
        heard.warnings()
    }

    #[test]
    fn names_that_differ_in_case_only_are_told() {
        let message =
            "differs from 'Setup.exe' in letter case only: over Samba one hides the other";
        let expected = [("d/SETUP.EXE".to_owned(), message.to_owned())];
        assert_eq!(warned(&[b"Setup.exe", b"a", b"SETUP.EXE"]), expected);
    }

    #[test]
    fn letters_beyond_ascii_have_case_too() {
        assert_eq!(warned(&["Ä".as_bytes(), "ä".as_bytes(), "a".as_bytes()]).len(), 1);
        assert_eq!(warned(&[b"A\xff", b"a\xff", b"a\xfe"]).len(), 1);
        assert_eq!(warned(&["ΟΔΟΣ".as_bytes(), "οδος".as_bytes(), "οδοσ".as_bytes()]).len(), 2);
    }

    #[test]
    fn what_windows_tells_apart_is_no_collision() {
        let names = ["Straße", "STRASSE", "i", "\u{130}", "ﬁ", "FI", "e\u{301}", "e"];
        assert_eq!(warned(&names.map(str::as_bytes)), []);
    }

    #[test]
    fn names_that_differ_in_unicodes_form_only_are_told() {
        let (composed, decomposed) = ("caf\u{e9}".as_bytes(), "cafe\u{301}".as_bytes());
        let told = warned(&[composed, decomposed]);
        assert_eq!(told[0].0, "d/cafe\u{301}");
        assert!(
            told[0].1.starts_with("differs from 'caf\u{e9}' in Unicode's form only"),
            "{told:?}"
        );
        assert_eq!(codes(&[decomposed, composed]), ["unicode-collision"]);
        let upper = "CAFE\u{301}".as_bytes();
        assert!(warned(&[composed, upper])[0].1.contains("in letter case and Unicode's form only"));
        assert_eq!(codes(&[composed, "CAF\u{c9}".as_bytes()]), ["case-collision"]);
        // Hangul, and a sign that is a letter in every form; two marks in either order.
        assert_eq!(codes(&["\u{1112}\u{1161}\u{11ab}".as_bytes(), "\u{d55c}".as_bytes()]).len(), 1);
        assert_eq!(codes(&["\u{212b}".as_bytes(), "\u{c5}".as_bytes()]).len(), 1);
        assert_eq!(codes(&["a\u{323}\u{307}".as_bytes(), "a\u{307}\u{323}".as_bytes()]).len(), 1);
        assert_eq!(codes(&[b"e\xcc", "e\u{301}".as_bytes()]), [""; 0]);
    }

    #[test]
    fn directories_are_told_with_what_is_in_them() {
        let mut plan = Plan::new(&[]);
        for name in [&b"Packages"[..], b"packages"] {
            let dir = plan.add(PlanId::ROOT, name, Item::Dir, 0o755, None).expect("a name");
            let item = Item::File(Content::Bytes((*b"").into()));
            plan.add(dir, b"a", item, 0o644, None).expect("a name");
        }
        let heard = Collect::default();
        warn_collisions(&plan, &heard);
        let warnings = heard.warnings();
        assert_eq!(warnings.len(), 1, "one for the directories, none for what is in them");
        assert_eq!((warnings[0].code, warnings[0].path.as_str()), ("case-collision", "packages"));
        assert!(warnings[0].message.ends_with("one hides the other with all that is in it"));
    }

    #[test]
    fn beyond_a_limit_collisions_are_counted() {
        let names: Vec<_> = (0..100).flat_map(|n| [format!("a{n}"), format!("A{n}")]).collect();
        let names: Vec<_> = names.iter().map(|name| name.as_bytes()).collect();
        let told = warned(&names);
        assert_eq!(told.len(), 51);
        assert_eq!(told[50].1, "50 more of the same kind are not listed");
    }

    #[test]
    fn one_name_in_two_directories_is_no_collision() {
        let mut plan = Plan::new(&[]);
        let dir = plan.add(PlanId::ROOT, b"a", Item::Dir, 0o755, None).expect("a name");
        plan.add(dir, b"A", Item::Dir, 0o755, None).expect("a name");
        let heard = Collect::default();
        warn_collisions(&plan, &heard);
        assert_eq!(heard.warnings(), []);
    }
}
