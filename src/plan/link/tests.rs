//! Links that lead inside, outside, in circles and nowhere.

use super::*;
use crate::content::Content;
use crate::monitor::Collect;

/// A plan of directories (`d/`), links (`l -> target`) and files, parents made as needed.
fn plan(lines: &[&str]) -> Plan<'static> {
    let mut plan = Plan::new(&[]);
    for line in lines {
        let (path, item) = match line.split_once(" -> ") {
            Some((path, target)) => (path, Item::Link(target.as_bytes().into())),
            None if line.ends_with('/') => (line.trim_end_matches('/'), Item::Dir),
            None => (*line, Item::File(Content::Bytes((*b"").into()))),
        };
        let (dirs, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut dir = PlanId::ROOT;
        for name in dirs.split('/').filter(|name| !name.is_empty()) {
            dir = match plan.names(dir).get(name.as_bytes()).copied() {
                Some(dir) => dir,
                None => plan.add(dir, name.as_bytes(), Item::Dir, 0o755, None).expect("name"),
            };
        }
        plan.add(dir, name.as_bytes(), item, 0o644, None).expect("a name");
    }
    plan
}

/// Paths of the links that stay, and those warned about with their messages.
fn judged(lines: &[&str]) -> (Vec<String>, Vec<(String, String)>) {
    let mut plan = plan(lines);
    let heard = Collect::default();
    judge(&mut plan, false, &heard);
    let is_link = |id: &PlanId| matches!(plan.item(*id), Item::Link(_));
    let text = |id| String::from_utf8(plan.path(id)).expect("ascii");
    let left = plan.iter().filter(is_link).map(text).collect();
    let said = heard.warnings().into_iter().map(|w| {
        assert_eq!(w.code, "unsafe-link");
        (w.path, w.message)
    });
    (left, said.collect())
}

fn kept(lines: &[&str]) -> Vec<String> {
    judged(lines).0
}

#[test]
fn a_link_to_its_own_directory_stays() {
    assert_eq!(kept(&["ubuntu -> .", "d/up -> ..", "d/also -> ../d/./"]).len(), 3);
}

#[test]
fn an_absolute_link_is_not_created_and_its_target_is_escaped() {
    let (left, said) = judged(&["l -> /etc/\x1b[1m"]);
    assert!(left.is_empty());
    let message = "links to '/etc/\\x1b[1m', an absolute path: not created";
    assert_eq!(said, [("l".to_owned(), message.to_owned())]);
}

#[test]
fn a_link_above_the_top_is_not_created() {
    let (left, said) = judged(&["l -> ..", "d/ok -> ../x", "d/l -> ../../x", "m -> ../tree/x"]);
    assert_eq!(left, ["d/ok"]);
    let message = "links to '../../x', which leads outside the tree: not created";
    assert_eq!(said[1], ("d/l".to_owned(), message.to_owned()));
    assert_eq!(said.len(), 3);
}

#[test]
fn links_that_lead_out_stay_where_they_are_wanted_and_are_told_all_the_same() {
    let long = format!("x -> {}", "a/".repeat(2048));
    let mut plan = plan(&["l -> /etc", "m -> ../x", "n -> l/passwd", "e -> ", &long, "f"]);
    let heard = Collect::default();
    judge(&mut plan, true, &heard);
    let names: Vec<_> = plan.iter().map(|id| plan.path(id)).collect();
    assert_eq!(names, [b"l", b"m", b"n", b"f"]);
    let said = heard.warnings();
    assert_eq!(said.len(), 5);
    let fate = "kept, and a web server that follows links hands out what is there";
    assert_eq!(said[0].message, format!("links to '/etc', an absolute path: {fate}"));
    assert!(said[3].message.ends_with("which no link can have: not created"));
}

#[test]
fn a_link_that_dangles_inside_is_created() {
    assert_eq!(kept(&["l -> gone", "m -> gone/../x", "d/n -> f/x", "d/f"]).len(), 3);
}

#[test]
fn what_is_missing_counts_as_a_directory_on_the_way_up() {
    assert_eq!(kept(&["l -> gone/../../x", "f", "m -> f/../../x"]), [""; 0]);
}

#[test]
fn a_way_out_through_other_links_is_found() {
    // By the letter `deep/../..` stays inside; the link `deep` leads to the top.
    assert_eq!(kept(&["a/b/deep -> ../..", "a/b/l -> deep/../x"]), ["a/b/deep"]);
    assert_eq!(kept(&["a/b/", "s -> a/b", "l -> s/../../x"]), ["s", "l"]);
    assert_eq!(kept(&["s -> t", "t -> /etc", "l -> s/passwd"]), [""; 0]);
}

#[test]
fn links_after_the_one_that_they_lead_through_are_judged_alike() {
    assert_eq!(kept(&["t -> /etc", "s -> t", "l -> s/passwd"]), [""; 0]);
}

#[test]
fn a_loop_dangles() {
    assert_eq!(kept(&["a -> a", "b -> c", "c -> b", "d -> b/x"]).len(), 4);
    assert_eq!(kept(&["a -> a/../../x"]), [""; 0]);
}

#[test]
fn forty_links_are_followed_and_no_more() {
    let chain = |n: u32| {
        let mut lines: Vec<_> = (1..n).map(|k| format!("l{k} -> l{}", k + 1)).collect();
        lines.push(format!("l{n} -> f"));
        lines.push("f".into());
        lines
    };
    let count = |lines: &[String]| {
        let lines: Vec<_> = lines.iter().map(String::as_str).collect();
        kept(&lines).len()
    };
    assert_eq!(count(&chain(40)), 40);
    assert_eq!(count(&chain(42)), 40);
}

#[test]
fn a_target_that_the_system_refuses_is_not_created() {
    let long = format!("l -> {}", "a/".repeat(2048));
    assert_eq!(kept(&["e -> ", "n -> a\0b", &long]), [""; 0]);
    assert_eq!(kept(&["e -> ", "through -> e/x", "up -> e/../../x"]), ["through"]);
}

#[test]
fn a_long_chain_needs_no_deep_stack() {
    let mut lines: Vec<_> = (0..50_000).map(|k| format!("l{k} -> l{}", k + 1)).collect();
    lines.push("l50000 -> .".into());
    let mut plan = Plan::new(&[]);
    for line in &lines {
        let (name, target) = line.split_once(" -> ").expect("a link");
        let item = Item::Link(target.as_bytes().into());
        plan.add(PlanId::ROOT, name.as_bytes(), item, 0o777, None).expect("a name");
    }
    let heard = Collect::default();
    judge(&mut plan, false, &heard);
    assert_eq!(plan.iter().count(), 40);
    assert_eq!(heard.warnings().len(), super::super::capped::MOST + 1);
}

#[test]
fn paths_are_found_through_links() {
    let plan = plan(&["a/b/f", "s -> a/b", "t -> s/f", "x -> gone"]);
    let mut links = Links::new(&plan);
    let f = plan.find(b"a/b/f");
    assert!(f.is_some());
    for path in [&b"a/b/f"[..], b"s/f", b"t", b"a//b/./f", b"s/../b/f"] {
        assert_eq!(links.find(path), f, "{}", printable(path));
    }
    assert_eq!(links.find(b"x"), None);
    assert_eq!(links.find(b"../a"), None);
}
