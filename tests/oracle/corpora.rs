//! Disc images out of other projects' packages (`scripts/corpora`), as Linux shows them or refused, and
//! the table of them in `docs/corpora.md`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pxe_import::media::Image;

use crate::agreement::Group;
use crate::judge::Judge;
use crate::known_linux;
use crate::linux::{self, Ours};
use crate::listing::Listing;
use crate::store::{Mount, Shown, Store};

fn directory() -> PathBuf {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    std::env::var_os("PXE_IMPORT_CORPORA").map_or_else(|| target.join("corpora"), PathBuf::from)
}

/// Name, file name and sum of each image that has been fetched.
fn images(dir: &Path) -> Option<Vec<[String; 3]>> {
    let sums = fs::read_to_string(dir.join("SHA256SUMS")).ok()?;
    let image = |line: &str| {
        let (sum, name) = line.split_once("  ").expect("a line of sha256sum's");
        let file_name = name.rsplit('/').next().expect("a name");
        [name.to_owned(), file_name.to_owned(), sum.to_owned()]
    };
    Some(sums.lines().map(image).collect())
}

#[test]
fn images_of_other_projects_are_read_as_linux_shows_them_or_refused() {
    let dir = directory();
    let Some(images) = images(&dir) else {
        println!("skipped: needs images out of Debian's packages (scripts/corpora)");
        return;
    };
    let Store(mut listings) = Group::Corpora.listings(&images);
    let mut judge = Judge::new(known_linux::CORPORA);
    let mut rows = Vec::new();
    let mut all = true;
    for [name, _, sum] in images {
        let Some(shown) = listings.remove(&name).filter(|shown| shown.sha256 == sum) else {
            println!("not listed, of another release of its package: {name}");
            all = false;
            continue;
        };
        let open = || Image::open(dir.join(&name)).expect("it has been fetched");
        let ours = linux::compare(&name, open, &shown, &mut judge);
        rows.push((name, shown, ours));
    }
    for name in listings.into_keys() {
        println!("not fetched, in no such release of its package: {name}");
        all = false;
    }
    judge.tell();
    if all {
        check(&table(&rows, &judge), &mut judge);
    }
    judge.finish(all);
}

/// Blames a table in the documents that is out of date, or writes it if that is asked for.
fn check(table: &str, judge: &mut Judge) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/corpora.md");
    if std::env::var_os("PXE_IMPORT_TABLE").is_some() {
        fs::write(&path, table).expect("this package's directory");
    } else if fs::read_to_string(&path).ok().as_deref() != Some(table) {
        judge.blame("docs/corpora.md is not what the images show: scripts/corpora --table".into());
    }
}

const HEAD: &str = "\
# Images of other projects

Disc images that others test their readers with, or boot from, out of Debian's source and binary packages. Each is read by every way that Linux mounts it (UDF;
ISO 9660; the same without Rock Ridge, and without Joliet) and compared: names, types, targets of links, sizes, MD5 of the content, modes and times where the
hierarchy has them. `scripts/corpora` fetches the images, `cargo test --test oracle corpora` compares, `scripts/corpora --table` writes this file,
`scripts/agreement --store corpora` takes what Linux shows anew. The hierarchy is what is read unasked, the files are counted in it.

";

fn table(rows: &[(String, Shown, Ours)], judge: &Judge) -> String {
    let mut text = HEAD.to_owned();
    text += "| image | package | hierarchy | files | verdict |\n| --- | --- | --- | ---: | --- |\n";
    let mut foreign: BTreeMap<(&str, String), Vec<&str>> = BTreeMap::new();
    for (name, shown, ours) in rows {
        let (package, image) = name.split_once('/').expect("PACKAGE/IMAGE");
        let refused = shown.mounts.values().all(|listing| *listing == Listing::Refused);
        match &ours.unasked {
            Err(error)
                if refused && !error.contains("corrupt") && !error.contains("unsupported") =>
            {
                foreign.entry((package, without_size(error))).or_default().push(image);
                continue;
            }
            _ => {}
        }
        let (hierarchy, files) = match &ours.unasked {
            Ok((hierarchy, files)) => (hierarchy.to_string(), files.to_string()),
            Err(_) => ("-".into(), "-".into()),
        };
        let verdict = cell(&verdict(name, shown, ours, judge));
        text += &format!("| {image} | {package} | {hierarchy} | {files} | {verdict} |\n");
    }
    text += "\nWhat is no disc image, neither to Linux nor here:\n\n";
    text += "| package | images | refused: |\n| --- | --- | --- |\n";
    for ((package, error), images) in foreign {
        text += &format!("| {package} | {} | {} |\n", images.join(", "), cell(&error));
    }
    text
}

/// The error of a file that is too short, whatever its size.
fn without_size(error: &str) -> String {
    match error.split_once("it ends after ").and_then(|(start, rest)| {
        let (_, rest) = rest.split_once(' ')?;
        Some(format!("{start}it ends after N {rest}"))
    }) {
        Some(error) => error,
        None => error.to_owned(),
    }
}

fn verdict(name: &str, shown: &Shown, ours: &Ours, judge: &Judge) -> String {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for difference in judge.differences() {
        let Some(mount) = difference.image.strip_prefix(name).and_then(|it| it.strip_prefix(':'))
        else {
            continue;
        };
        let why = difference.why.unwrap_or("not known why");
        match reasons.iter_mut().find(|(other, _)| *other == why) {
            Some((_, mounts)) if mounts.contains(&mount) => {}
            Some((_, mounts)) => mounts.push(mount),
            None => reasons.push((why, vec![mount])),
        }
    }
    let differs: Vec<_> =
        reasons.iter().map(|(why, mounts)| format!("{}: {why}", mounts.join(", "))).collect();
    let mounted = |mount: &Mount| !matches!(shown.mounts.get(mount), None | Some(Listing::Refused));
    match (&ours.unasked, differs.is_empty()) {
        (Ok(_), true) => {
            let mounts: Vec<_> =
                Mount::ALL.iter().filter(|it| mounted(it)).map(|it| it.name()).collect();
            format!("equal ({})", mounts.join(", "))
        }
        (Ok(_), false) => format!("differs: {}", differs.join("; ")),
        (Err(error), true) => format!("refused by both: {error}"),
        (Err(error), false) => format!("refused: {error}; {}", differs.join("; ")),
    }
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
