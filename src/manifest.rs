//! The list of a tree's files with their BLAKE3 hashes, as `b3sum --check` reads it.
//!
//! A line is the hash in lower-case hexadecimal digits, two spaces and the path. Where the path
//! holds a backslash or a newline these are written `\\` and `\n`, and the line begins with a
//! backslash. The program refuses a path that is not UTF-8 or holds U+FFFD; such names, which
//! media have seldom enough, cannot be listed ([`fits`]).

use std::io::{self, BufRead};

use blake3::Hash;

use crate::lines::{Unread, lines};
use crate::media::TreePath;
use crate::plan::{Item, Plan, PlanId};

/// A file with the hash of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// From the top of the tree.
    pub path: String,
    /// BLAKE3 of the content.
    pub hash: Hash,
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
    entries.into_iter().map(|(path, hash)| line(path, hash)).collect()
}

fn line(path: &str, hash: Hash) -> String {
    // A bare dash would be the standard input.
    let path = if path == "-" { "./-" } else { path };
    if path.contains(['\\', '\n']) {
        let path = path.replace('\\', "\\\\").replace('\n', "\\n");
        format!("\\{hash}  {path}\n")
    } else {
        format!("{hash}  {path}\n")
    }
}

/// Writes the list of a plan's files in the order of their paths; `name` stands for the top where the plan is
/// one file. What [`fits`] refuses is left out. `hashes` are by [`PlanId::index`].
///
/// # Errors
/// As `out`.
pub fn write_plan(
    out: &mut dyn io::Write,
    plan: &Plan<'_>,
    hashes: &[Option<Hash>],
    name: &str,
) -> io::Result<()> {
    let mut one = |id: PlanId, path: &[u8]| match (hashes.get(id.index()), fits(path)) {
        (Some(Some(hash)), Some(path)) => out.write_all(line(path, *hash).as_bytes()),
        _ => Ok(()),
    };
    one(PlanId::ROOT, name.as_bytes())?;
    let mut open = vec![sorted(plan, PlanId::ROOT)];
    while let Some(here) = open.last_mut() {
        let Some(id) = here.pop() else {
            open.pop();
            continue;
        };
        match plan.item(id) {
            Item::Dir => open.push(sorted(plan, id)),
            Item::File(_) => one(id, &plan.path(id))?,
            Item::Link(_) => {}
        }
    }
    Ok(())
}

/// What is in a directory of the plan, the last in the order of whole paths first: a directory stands where the
/// paths in it do.
fn sorted(plan: &Plan<'_>, dir: PlanId) -> Vec<PlanId> {
    let mut all = plan.children(dir).to_vec();
    let key = |&id: &PlanId| {
        let slash: &[u8] = if *plan.item(id) == Item::Dir { b"/" } else { b"" };
        plan.name(id).iter().chain(slash).copied()
    };
    all.sort_unstable_by(|a, b| key(b).cmp(key(a)));
    all
}

/// Reads a manifest, one line after the other, as far as the first that is not as [`write()`] makes it or
/// that names a path out of the tree.
///
/// # Errors
/// [`Unread`] for that line, or where `from` cannot be read.
pub fn read(from: impl BufRead) -> impl Iterator<Item = Result<Entry, Unread>> {
    lines(from, entry)
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

    fn parse(text: &str) -> Result<Vec<Entry>, String> {
        read(text.as_bytes()).collect::<Result<_, _>>().map_err(|error| error.to_string())
    }

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
            assert!(error.starts_with("line 2: "), "{bad:?}: {error}");
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
    fn a_plan_is_listed_in_the_order_of_whole_paths() {
        let mut plan = Plan::new(&[]);
        let mut hashes = vec![None];
        let add = |plan: &mut Plan<'_>, parent, name: &str, item| {
            plan.add(parent, name.as_bytes(), item, 0o644, None).expect("a name")
        };
        let file = || Item::File(crate::content::Content::Bytes((*b"x").into()));
        let dir = add(&mut plan, PlanId::ROOT, "a", Item::Dir);
        for (parent, name) in [(dir, "z"), (dir, "b"), (PlanId::ROOT, "a.b"), (PlanId::ROOT, "a0")]
        {
            add(&mut plan, parent, name, file());
        }
        add(&mut plan, PlanId::ROOT, "l", Item::Link((*b"a").into()));
        hashes.resize(plan.len(), Some(hash("x")));
        let mut text = Vec::new();
        write_plan(&mut text, &plan, &hashes, "").expect("in memory");
        let entries = parse(std::str::from_utf8(&text).expect("UTF-8")).expect("our own");
        let paths: Vec<_> = entries.into_iter().map(|entry| entry.path).collect();
        assert_eq!(paths, ["a.b", "a/b", "a/z", "a0"]);
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
