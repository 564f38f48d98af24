//! Names of one directory that differ in letter case only.
//!
//! They are compared as Samba and NTFS compare them: by upper-case letters, one for one, so that `ß`
//! is no `SS`, and in no normalization form. Windows draws the line for some rare letters elsewhere,
//! and from one version to the next: a warning more or less there is no harm.

use std::collections::HashMap;

use super::capped::Capped;
use super::tree::{Item, Plan, PlanId};
use crate::media::printable;
use crate::monitor::Monitor;

/// Warns of names that Windows clients cannot tell apart on a Samba share (`case-collision`).
pub fn warn_collisions(plan: &Plan<'_>, monitor: &dyn Monitor) {
    let mut warnings = Capped::new("case-collision", monitor);
    let top = Some(PlanId::ROOT);
    for dir in top.into_iter().chain(plan.iter()).filter(|&id| *plan.item(id) == Item::Dir) {
        let children = plan.children(dir);
        if children.len() < 2 {
            continue;
        }
        let mut first: HashMap<Vec<u8>, PlanId> = HashMap::with_capacity(children.len());
        for &id in children {
            let before = *first.entry(upper(plan.name(id))).or_insert(id);
            if before != id {
                warnings.warn(|| printable(&plan.path(id)), || message(plan, before, id));
            }
        }
    }
    warnings.finish();
}

/// What is said of the later of two names.
fn message(plan: &Plan<'_>, before: PlanId, id: PlanId) -> String {
    let other = printable(plan.name(before));
    let disc = plan.disc(before).filter(|_| plan.disc(before) != plan.disc(id));
    let image = disc.map(|disc| format!(" of image {}", disc.saturating_add(1)));
    let image = image.unwrap_or_default();
    let are_dirs = [before, id].iter().all(|&id| *plan.item(id) == Item::Dir);
    let within = if are_dirs { " with all that is in it" } else { "" };
    format!(
        "differs from '{other}'{image} in letter case only: over Samba one hides the other{within}"
    )
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

    fn warned(names: &[&[u8]]) -> Vec<(String, String)> {
        let mut plan = Plan::new(&[]);
        let dir = plan.add(PlanId::ROOT, b"d", Item::Dir, 0o755, None).expect("a name");
        for name in names {
            let item = Item::File(Content::Bytes((*b"").into()));
            plan.add(dir, name, item, 0o644, None).expect("a name");
        }
        let heard = Collect::default();
        warn_collisions(&plan, &heard);
        heard.warnings().into_iter().map(|w| (w.path, w.message)).collect()
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
        let names = ["Straße", "STRASSE", "e\u{301}", "\u{e9}", "i", "\u{130}", "ﬁ", "FI"];
        assert_eq!(warned(&names.map(str::as_bytes)), []);
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
