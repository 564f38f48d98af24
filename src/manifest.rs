//! The list of a tree's files with their BLAKE3 hashes, as `b3sum --check` reads it.
//!
//! A line is the hash in lower-case hexadecimal digits, two spaces and the path. Where the path
//! holds a backslash or a newline these are written `\\` and `\n`, and the line begins with a
//! backslash. The program refuses a path that is not UTF-8 or holds U+FFFD; such names, which
//! media have seldom enough, cannot be listed ([`fits`]).

use std::fmt::Write;

use blake3::Hash;

use crate::media::TreePath;
use crate::plan::{Plan, PlanId};

/// A file with the hash of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From the top of the tree.
    pub path: String,
    /// BLAKE3 of the content.
    pub hash: Hash,
}

/// A line that is not as `b3sum` writes it, or names a path that leads out of the tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct BadLine {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// The path as text, if a manifest can list it. Carriage returns are taken for a part of the line
/// end by some versions of `b3sum` and are left out, too.
pub fn fits(path: &[u8]) -> Option<&str> {
    std::str::from_utf8(path)
        .ok()
        .filter(|path| !path.is_empty() && !path.contains(['\0', '\r', '\u{fffd}']))
}

/// The manifest's text, in the order of `entries`.
pub fn write<'e>(entries: impl IntoIterator<Item = (&'e str, Hash)>) -> String {
    let mut out = String::new();
    for (path, hash) in entries {
        // A bare dash would be the standard input.
        let path = if path == "-" { "./-" } else { path };
        if path.contains(['\\', '\n']) {
            let path = path.replace('\\', "\\\\").replace('\n', "\\n");
            let _ = writeln!(out, "\\{hash}  {path}");
        } else {
            let _ = writeln!(out, "{hash}  {path}");
        }
    }
    out
}

/// The manifest of what a copy of `plan` has written, by path, given the hashes of
/// [`crate::copy::Copied`]. `name` is the name of the file where the plan is a single one. What
/// does not fit a manifest is left out.
pub fn of_plan(plan: &Plan<'_>, hashes: &[Option<Hash>], name: &str) -> String {
    let mut entries: Vec<(String, Hash)> = std::iter::once(PlanId::ROOT)
        .chain(plan.iter())
        .filter_map(|id| {
            let hash = (*hashes.get(id.index())?)?;
            let path = if id == PlanId::ROOT { name.into() } else { plan.path(id) };
            Some((fits(&path)?.to_owned(), hash))
        })
        .collect();
    entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    write(entries.iter().map(|(path, hash)| (path.as_str(), *hash)))
}

/// Reads a manifest.
///
/// # Errors
/// [`BadLine`] for the first line that is not as [`write()`] makes it.
pub fn parse(text: &str) -> Result<Vec<Entry>, BadLine> {
    let lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
    let lines = lines.filter(|_| !text.is_empty());
    (1..)
        .zip(lines)
        .map(|(line, text)| entry(text).map_err(|what| BadLine { line, what }))
        .collect()
}

fn entry(line: &str) -> Result<Entry, &'static str> {
    let (escaped, line) = match line.strip_prefix('\\') {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let (digits, path) = line.split_once("  ").ok_or("there are no two spaces after the hash")?;
    if digits.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err("the hash is not in lower case");
    }
    let hash = Hash::from_hex(digits).map_err(|_| "the hash is not 64 hexadecimal digits")?;
    let path = if escaped { unescape(path)? } else { path.to_owned() };
    let path = if path == "./-" { "-".to_owned() } else { path };
    if fits(path.as_bytes()).is_none() || TreePath::new(path.as_bytes()).is_err() {
        return Err("the path is not one of a file inside the tree");
    }
    Ok(Entry { path, hash })
}

fn unescape(path: &str) -> Result<String, &'static str> {
    let mut out = String::with_capacity(path.len());
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next() {
                Some('\\') => '\\',
                Some('n') => '\n',
                _ => return Err("a backslash is followed by neither a backslash nor an 'n'"),
            },
            c => c,
        });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    const NAMES: [&str; 8] =
        ["a", "dir/b", "two  spaces", "back\\slash", "new\nline", "-", " lead", "é\u{1f600}"];

    fn hash(name: &str) -> Hash {
        blake3::hash(name.as_bytes())
    }

    #[test]
    fn a_line_is_hash_two_spaces_path() {
        let text = write([("a b", hash("a b"))]);
        assert_eq!(text, format!("{}  a b\n", hash("a b").to_hex()));
    }

    #[test]
    fn backslash_and_newline_are_escaped_and_the_line_says_so() {
        let text = write([("a\\b\nc", hash("x"))]);
        assert_eq!(text, format!("\\{}  a\\\\b\\nc\n", hash("x").to_hex()));
    }

    #[test]
    fn lines_that_are_wrong_are_refused_with_their_number() {
        let good = write([("a", hash("a"))]);
        let hex = hash("a").to_hex();
        for bad in [
            String::new(),
            format!("{hex} a"),
            format!("{hex}  "),
            format!("{hex}  ../a"),
            format!("{hex}  /etc/passwd"),
            format!("{hex}  a//b"),
            format!("{}  a", hex.to_uppercase()),
            format!("{}  a", &hex[1..]),
            format!("\\{hex}  a\\x"),
            format!("\\{hex}  a\\"),
            format!("{hex}  \u{fffd}"),
        ] {
            let error = parse(&format!("{good}{bad}\n")).expect_err(&bad);
            assert_eq!(error.line, 2, "{bad:?}");
        }
        assert_eq!(parse("").expect("nothing"), []);
    }

    #[test]
    fn what_b3sum_cannot_name_does_not_fit() {
        assert_eq!(fits(b"\xff"), None);
        assert_eq!(fits("a\u{fffd}".as_bytes()), None);
        assert_eq!(fits(b"a\r"), None);
        assert_eq!(fits(b"a b"), Some("a b"));
    }

    #[test]
    fn b3sum_checks_every_name_and_writes_the_same_lines() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(dir.path().join("dir")).expect("create");
        for name in NAMES {
            std::fs::write(dir.path().join(name), name).expect("write");
        }
        let text = write(NAMES.map(|name| (name, hash(name))));
        let list = dir.path().join("list.b3");
        std::fs::write(&list, &text).expect("write");
        let run =
            |args: &[&str]| Command::new("b3sum").args(args).current_dir(dir.path()).output().ok();
        let Some(checked) = run(&["--check", "list.b3"]) else {
            eprintln!("skipped: needs b3sum");
            return;
        };
        let said = String::from_utf8_lossy(&checked.stdout);
        assert!(checked.status.success(), "{said}");
        assert_eq!(said.matches(": OK").count(), NAMES.len(), "{said}");
        let names: Vec<_> = NAMES.map(|name| if name == "-" { "./-" } else { name }).into();
        let written = run(&names).expect("it ran before");
        assert_eq!(String::from_utf8_lossy(&written.stdout), text);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            paths in proptest::collection::vec("([^/\0\r.][^/\0\r]{0,8}/){0,2}[^/\0\r.][^/\0\r]{0,8}", 0..8)
        ) {
            let entries: Vec<_> = paths
                .into_iter()
                .filter(|path| fits(path.as_bytes()).is_some())
                .map(|path| Entry { hash: hash(&path), path })
                .collect();
            let text = write(entries.iter().map(|entry| (entry.path.as_str(), entry.hash)));
            prop_assert_eq!(parse(&text).expect("as written"), entries);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "\\PC*") {
            let _ = parse(&text);
        }
    }
}
