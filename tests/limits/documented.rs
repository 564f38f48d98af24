//! docs/limits.md: each limit has a test that is there.

use std::fs;
use std::path::Path;

const TOP: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_limit_names_a_test_that_is_there() {
    let text = fs::read_to_string(Path::new(TOP).join("docs/limits.md")).expect("docs/limits.md");
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(2);
    let mut count = 0;
    for row in rows {
        let test = row.split('|').rev().nth(1).map(|cell| cell.trim().trim_matches('`'));
        let test = test.unwrap_or_default();
        let (target, path) = test.split_once(' ').unwrap_or_else(|| panic!("{row}: no test"));
        let line = format!("fn {}(", path.rsplit("::").next().unwrap_or_default());
        let places = match target {
            "lib" => vec![Path::new(TOP).join("src")],
            target => {
                let tests = Path::new(TOP).join("tests");
                vec![tests.join(target), tests.join(format!("{target}.rs"))]
            }
        };
        assert!(places.iter().any(|place| holds(place, &line)), "{test}: no such test");
        count += 1;
    }
    assert!(count > 20, "{count} limits");
}

/// Whether a file at or below `place` has the text.
fn holds(place: &Path, text: &str) -> bool {
    if place.is_dir() {
        let entries = fs::read_dir(place).expect("a directory");
        return entries.into_iter().any(|entry| holds(&entry.expect("an entry").path(), text));
    }
    fs::read_to_string(place).is_ok_and(|there| there.contains(text))
}
