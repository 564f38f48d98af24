//! DESIGN.md tells of every source file.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "tests") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_source_file_has_its_line_in_design_md() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let design = fs::read_to_string(top.join("DESIGN.md")).expect("DESIGN.md");
    let mut found = Vec::new();
    sources(&top.join("src"), &mut found);
    assert!(found.len() > 50, "the sources are found");
    let missing: Vec<_> = found
        .iter()
        .map(|path| path.strip_prefix(top).expect("below the top").to_string_lossy().into_owned())
        .filter(|path| !path.ends_with("/tests.rs") && !path.ends_with("/sample.rs"))
        .filter(|path| !design.contains(&format!("{path} ")))
        .collect();
    assert!(missing.is_empty(), "no line in DESIGN.md for {missing:?}");
}
