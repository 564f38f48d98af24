//! Compares pxe-import's view of one image with that of the cdfs crate: names, types, link targets, contents.
//!
//! One image a process, for cdfs may recurse without end or panic. Exit 0: the same, letter case aside;
//! 1: differences, printed; 3: cdfs cannot read the image; 4: we cannot.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::Read;
use std::process::ExitCode;

use cdfs::{DirectoryEntry, ISO9660, ISODirectory};
use pxe_import::media::{Disc, Hierarchy, Image, Kind};
use pxe_import::monitor::Void;

type View = BTreeMap<String, String>;

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: crosscheck IMAGE");
        return ExitCode::from(2);
    };
    let ours = match our_view(&path) {
        Ok(view) => view,
        Err(error) => {
            println!("refused: {error}");
            return ExitCode::from(4);
        }
    };
    let theirs = match cdfs_view(&path) {
        Ok(view) => view,
        Err(error) => {
            println!("cdfs cannot read it: {error}");
            return ExitCode::from(3);
        }
    };
    // cdfs shows plain names as they are recorded, we do as Linux does, in lower case.
    let folded = lowered(&theirs);
    let (theirs, case) = if theirs != ours && folded == lowered(&ours) {
        (ours.clone(), ", letter case aside")
    } else {
        (theirs, "")
    };
    let mut differences = 0;
    let paths: std::collections::BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    for path in paths {
        let (a, b) = (ours.get(path), theirs.get(path));
        if a != b {
            println!("{path:?}: ours {a:?}, cdfs {b:?}");
            differences += 1;
        }
    }
    println!("{} paths, {differences} differences{case}", ours.len());
    ExitCode::from(u8::from(differences > 0))
}

fn lowered(view: &View) -> View {
    view.iter().map(|(path, what)| (path.to_lowercase(), what.clone())).collect()
}

/// The ISO 9660 side, for cdfs knows no UDF.
fn our_view(path: &str) -> Result<View, Box<dyn Error>> {
    let open =
        |hierarchy| Ok::<_, Box<dyn Error>>(Disc::read(Image::open(path)?, hierarchy, &Void)?);
    let mut disc = open(None)?;
    if disc.hierarchy == Hierarchy::Udf {
        let sides = [Hierarchy::RockRidge, Hierarchy::Joliet, Hierarchy::Iso9660];
        disc = sides
            .into_iter()
            .find_map(|side| open(Some(side)).ok())
            .ok_or("has no ISO 9660 side")?;
    }
    let mut view = View::new();
    for id in disc.tree.iter() {
        let what = match disc.tree.kind(id) {
            Kind::Dir => "dir".to_owned(),
            Kind::Link => format!("link {}", String::from_utf8_lossy(disc.tree.target(id))),
            Kind::Other => continue,
            Kind::File => {
                format!("file {}", blake3::hash(&disc.content(id, usize::MAX)?).to_hex())
            }
        };
        view.insert(String::from_utf8_lossy(&disc.tree.path(id)).into_owned(), what);
    }
    Ok(view)
}

fn cdfs_view(path: &str) -> Result<View, Box<dyn Error>> {
    let disc = ISO9660::new(File::open(path)?)?;
    let mut view = View::new();
    descend(disc.root(), "", &mut view)?;
    Ok(view)
}

fn descend(dir: &ISODirectory<File>, above: &str, view: &mut View) -> Result<(), Box<dyn Error>> {
    for entry in dir.contents() {
        let entry = entry?;
        let name = entry.identifier().to_owned();
        if matches!(name.as_str(), "." | ".." | "\0" | "\u{1}") {
            continue;
        }
        let path = if above.is_empty() { name } else { format!("{above}/{name}") };
        let what = match &entry {
            DirectoryEntry::Directory(below) => {
                descend(below, &path, view)?;
                "dir".to_owned()
            }
            DirectoryEntry::Symlink(link) => {
                format!("link {}", link.target().map_or("", String::as_str))
            }
            DirectoryEntry::File(file) => {
                let mut content = Vec::new();
                file.read().read_to_end(&mut content)?;
                format!("file {}", blake3::hash(&content).to_hex())
            }
        };
        view.insert(path, what);
    }
    Ok(())
}
