//! The readers against images of other people's writers (`fixtures/make-foreign.sh`).

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use pxe_import::media::{Disc, Hierarchy, Image, Kind, NodeId};
use pxe_import::monitor::Void;

/// Path to what is there: kind, content or target, and mode and time where `rich`.
type Listing = BTreeMap<String, String>;

fn of_disc(disc: &Disc, rich: bool) -> Listing {
    let mut listing = Listing::new();
    for id in disc.tree.iter().filter(|&id| id != NodeId::ROOT) {
        let path = disc.tree.path(id).escape_ascii().to_string();
        let what = match disc.tree.kind(id) {
            Kind::Dir => "dir".to_owned(),
            Kind::Link => format!("link {}", disc.tree.target(id).escape_ascii()),
            Kind::Other => "other".to_owned(),
            Kind::File => content(&disc.content(id, 1 << 24).expect("every file can be read")),
        };
        let mtime = disc.tree.mtime(id).map_or(0, |time| time.seconds);
        let mode = u32::from(disc.tree.mode(id).unwrap_or_default());
        listing.insert(path, line(what, rich, mode, mtime));
    }
    listing
}

fn of_directory(dir: &Path, rich: bool) -> Listing {
    let mut listing = Listing::new();
    let mut queue = vec![dir.to_owned()];
    while let Some(next) = queue.pop() {
        for entry in fs::read_dir(next).expect("a directory").flatten() {
            let path = entry.path();
            let meta = entry.metadata().expect("what is there has attributes");
            let what = if meta.is_dir() {
                queue.push(path.clone());
                "dir".to_owned()
            } else if meta.is_symlink() {
                let target = fs::read_link(&path).expect("a link");
                format!("link {}", target.as_os_str().as_encoded_bytes().escape_ascii())
            } else {
                content(&fs::read(&path).expect("a file"))
            };
            let name = path.strip_prefix(dir).expect("it lies below").as_os_str();
            let name = name.as_encoded_bytes().escape_ascii().to_string();
            listing.insert(name, line(what, rich, meta.mode() & 0o7777, meta.mtime()));
        }
    }
    listing
}

fn line(what: String, rich: bool, mode: u32, mtime: i64) -> String {
    // -R makes files readable to all and writable to none, but leaves alone who may execute them.
    let executable = mode & 0o111 != 0;
    if rich && !what.starts_with("link") { format!("{what} {executable} {mtime}") } else { what }
}

fn content(bytes: &[u8]) -> String {
    format!("file {} {}", bytes.len(), &blake3::hash(bytes).to_hex()[..16])
}

#[test]
fn what_other_writers_wrote_is_read_as_they_were_given_it() {
    let scratch = tempfile::tempdir().expect("a scratch directory");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/make-foreign.sh");
    let output = Command::new(script).arg(scratch.path()).output().expect("a shell is there");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let mut faults = String::new();
    for made in String::from_utf8_lossy(&output.stdout).lines() {
        let [name, from, why] = made.splitn(3, ' ').collect::<Vec<_>>()[..] else { continue };
        if name == "skipped:" {
            eprintln!("{made}");
            continue;
        }
        let image = Image::open(scratch.path().join(format!("{name}.iso"))).expect("it was made");
        // Nobody takes an enhanced volume descriptor unasked.
        let wanted = name.ends_with("1999").then_some(Hierarchy::Enhanced);
        let disc = match Disc::read(image, wanted, &Void) {
            Ok(disc) => disc,
            Err(error) => {
                faults.push_str(&format!("{name} ({why}): {error}\n"));
                continue;
            }
        };
        let rich = disc.hierarchy == Hierarchy::RockRidge;
        let mut found = of_disc(&disc, rich);
        let mut given = of_directory(&scratch.path().join(from), rich);
        if disc.hierarchy == Hierarchy::Iso9660 {
            // Names are cut to what the level allows: what they name is compared.
            let values = |listing: Listing| {
                let mut values: Vec<String> = listing.into_values().collect();
                values.sort_unstable();
                values.into_iter().enumerate().map(|(n, it)| (n.to_string(), it)).collect()
            };
            (found, given) = (values(found), values(given));
        }
        // What writers add of their own.
        found.retain(|path, _| {
            let name = path.rsplit('/').next().unwrap_or(path);
            !["rr_moved", ".rr_moved", "TRANS.TBL", "boot.catalog"].contains(&name)
        });
        let missing: Vec<_> = given.iter().filter(|it| found.get(it.0) != Some(it.1)).collect();
        let more: Vec<_> = found.iter().filter(|it| given.get(it.0) != Some(it.1)).collect();
        if !missing.is_empty() || !more.is_empty() {
            let hierarchy = disc.hierarchy;
            faults.push_str(&format!(
                "{name} ({why}): read as {hierarchy}, without {missing:#?}, with {more:#?}\n"
            ));
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}
