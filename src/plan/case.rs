//! Names of one directory that differ in letter case only.

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
            let before = *first.entry(lower(plan.name(id))).or_insert(id);
            if before != id {
                warnings.warn(
                    || printable(&plan.path(id)),
                    || {
                        let other = printable(plan.name(before));
                        format!("differs from '{other}' in letter case only: over Samba one hides the other")
                    },
                );
            }
        }
    }
    warnings.finish();
}

/// In lower case, character by character; bytes that are not UTF-8 stay.
fn lower(name: &[u8]) -> Vec<u8> {
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    let mut out = Vec::with_capacity(name.len());
    let mut buf = [0; 4];
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars().flat_map(char::to_lowercase) {
            out.extend_from_slice(c.encode_utf8(&mut buf).as_bytes());
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
