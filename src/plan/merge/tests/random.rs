use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

/// Trees whose directories and files have different names, so that kinds never clash.
fn things() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    let path = proptest::collection::vec("[abc]", 0..3);
    let content = proptest::collection::vec(0..3_u8, 0..3);
    let entry = (path, "[fgh]", content).prop_map(|(mut dirs, name, content)| {
        dirs.push(name);
        (dirs.join("/"), content)
    });
    proptest::collection::vec(entry, 0..12).prop_map(|entries| entries.into_iter().collect())
}

fn disc_of(image: &str, files: &BTreeMap<String, Vec<u8>>) -> Disc {
    let things: Vec<_> =
        files.iter().map(|(path, bytes)| (path.as_str(), Thing::File(bytes.clone()))).collect();
    disc(image, 1, &things)
}

fn files_of(plan: &Plan<'_>) -> BTreeMap<String, Vec<u8>> {
    let paths = plan.iter().filter(|&id| matches!(plan.item(id), Item::File(_)));
    paths
        .map(|id| {
            let path = String::from_utf8(plan.path(id)).expect("ascii");
            let bytes = content(plan, &path).expect("a file");
            (path, bytes)
        })
        .collect()
}

proptest! {
    #[test]
    fn a_merge_has_every_path_once_and_the_content_that_the_policy_says(
        a in things(), b in things(), c in things(),
    ) {
        let discs = [disc_of("a.iso", &a), disc_of("b.iso", &b), disc_of("c.iso", &c)];
        for (policy, order) in [(OnConflict::Later, [&a, &b, &c]), (OnConflict::First, [&c, &b, &a])] {
            let Merged { plan, conflicts } =
                merged(&discs, &Rules::default(), policy).expect("kinds never clash");
            let mut expected = BTreeMap::new();
            for files in order {
                expected.extend(files.clone());
            }
            prop_assert_eq!(files_of(&plan), expected);
            let ids: Vec<_> = plan.iter().map(|id| plan.path(id)).collect();
            prop_assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len());
            for conflict in &conflicts {
                let versions: BTreeSet<_> =
                    [&a, &b, &c].iter().filter_map(|files| files.get(&conflict.path)).collect();
                prop_assert!(versions.len() > 1, "{}", conflict.path);
            }
        }
    }

    #[test]
    fn the_order_of_discs_that_share_no_file_does_not_matter(a in things(), b in things()) {
        let b: BTreeMap<_, _> = b.into_iter().filter(|(path, _)| !a.contains_key(path)).collect();
        let here = [disc_of("a.iso", &a), disc_of("b.iso", &b)];
        let there = [disc_of("b.iso", &b), disc_of("a.iso", &a)];
        let here = merged(&here, &Rules::default(), OnConflict::Fail).expect("no conflict");
        let there = merged(&there, &Rules::default(), OnConflict::Fail).expect("no conflict");
        prop_assert_eq!(files_of(&here.plan), files_of(&there.plan));
        prop_assert!(here.conflicts.is_empty());
    }
}
