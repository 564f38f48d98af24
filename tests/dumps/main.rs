//! How many real discs are known by their volume descriptors: `isoinfo -d` of thousands of them, which
//! osinfo-db's source package carries (`scripts/osinfo-dumps`).

mod dump;
mod truth;

use std::collections::BTreeMap;
use std::path::PathBuf;

use dump::Dump;
use pxe_import::identify::Profiles;
use pxe_import::identify::descriptor::{Described, by_descriptor};
use pxe_import::identify::product::same_arch;
use pxe_import::monitor::Void;
use pxe_import::osinfo::Database;
use truth::{FLOOR, Truth};

/// What became of one disc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Right,
    Wrong,
    None,
}

/// Systems of which none may be taken for another.
const NEVER_WRONG: [&str; 6] = ["CentOS", "RHEL", "Ubuntu", "ESXi", "Debian", "Fedora"];

fn dumps() -> Option<Vec<Dump>> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let dir = std::env::var_os("PXE_IMPORT_OSINFO_DUMPS")
        .map_or_else(|| target.join("osinfo-dumps"), PathBuf::from);
    let dumps = dump::read(&dir.join("isodata"));
    if dumps.is_empty() {
        println!("skipped: needs the source package of osinfo-db (scripts/osinfo-dumps)");
        return None;
    }
    Some(dumps)
}

/// By the answer's own words: a profile's as family and version, the database's as a short identifier.
fn judge(truth: &Truth, answer: Option<&Described>) -> Verdict {
    let (right, arch) = match answer {
        None => return Verdict::None,
        Some(Described::Profile(named)) => {
            let product = &named.product;
            let family = truth.family.is_some_and(|family| family == product.family);
            let version = match (&truth.version, &product.version) {
                (Some(truth), Some(said)) => begins(said, truth),
                _ => false,
            };
            (family && version, &product.arch)
        }
        // It knows the line of releases alone, not which.
        Some(Described::Database(found)) if found.id.ends_with("/unknown") => return Verdict::None,
        Some(Described::Database(found)) => (found.short_id == truth.short_id, &found.arch),
    };
    let arch = match (&truth.arch, arch) {
        (Some(truth), Some(said)) => same_arch(truth, said),
        _ => true,
    };
    if right && arch { Verdict::Right } else { Verdict::Wrong }
}

/// Whether a version is the truth's or says it more exactly.
fn begins(said: &str, truth: &str) -> bool {
    said.strip_prefix(truth).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Right, wrong, none by system.
type Rates = BTreeMap<&'static str, [usize; 3]>;

fn count(rates: &mut Rates, row: &'static str, verdict: Verdict) {
    let counts = rates.entry(row).or_default();
    match verdict {
        Verdict::Right => counts[0] += 1,
        Verdict::Wrong => counts[1] += 1,
        Verdict::None => counts[2] += 1,
    }
}

fn print(title: &str, rates: &Rates) {
    println!("\n{title}\n{:<16}{:>6}{:>7}{:>6}", "", "right", "wrong", "none");
    for (row, [right, wrong, none]) in rates {
        println!("{row:<16}{right:>6}{wrong:>7}{none:>6}");
    }
}

#[test]
fn real_discs_are_known_by_their_volume_descriptors_and_never_taken_for_another() {
    let Some(dumps) = dumps() else { return };
    let profiles = Profiles::builtin().expect("sound");
    let database = PathBuf::from("/usr/share/osinfo");
    let installed = database.join("os").is_dir();
    let database = Database::open(&[database], &Void);
    let (mut alone, mut with) = (Rates::new(), Rates::new());
    let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
    for dump in &dumps {
        let truth = truth::of(dump);
        let ours = by_descriptor(&dump.identifiers, &profiles, Database::default);
        let both = match &ours {
            None => database.find(&dump.identifiers).map(Described::Database),
            Some(_) => by_descriptor(&dump.identifiers, &profiles, || panic!("not asked")),
        };
        if let Some(ours) = &ours {
            assert_eq!(both.as_ref(), Some(ours), "the database changed an answer: {}", dump.path);
        }
        let (first, second) = (judge(&truth, ours.as_ref()), judge(&truth, both.as_ref()));
        count(&mut alone, truth.row, first);
        count(&mut with, truth.row, second);
        if second == Verdict::Wrong {
            let said = both.as_ref().map(|both| match both {
                Described::Profile(named) => named.product.to_string(),
                Described::Database(found) => format!("{} {:?}", found.short_id, found.arch),
            });
            let said = said.unwrap_or_default();
            wrong.push(format!("{} {:?}: {said}", dump.path, dump.identifiers.volume_id));
        } else if second == Verdict::None && truth.family.is_some() {
            unknown.push(format!("{} {:?}", dump.path, dump.identifiers.volume_id));
        }
    }
    println!("{} discs", dumps.len());
    print("by the profiles' patterns alone", &alone);
    if installed {
        print("and by osinfo-db where those know nothing", &with);
    } else {
        println!("skipped: needs osinfo-db");
    }
    println!("\nwrong:\n{}", wrong.join("\n"));
    println!("\nof ours not known:\n{}", unknown.join("\n"));
    for rates in [&alone, &with] {
        for row in NEVER_WRONG {
            assert_eq!(rates.get(row).map_or(0, |counts| counts[1]), 0, "wrong of {row}");
        }
    }
    assert_eq!(alone["others"][1], 0, "another system was taken for one of ours");
    let volumes: Vec<_> = profiles.iter().flat_map(|profile| &profile.volumes).collect();
    for (row, family, floor) in FLOOR {
        let right = alone.get(row).map_or(0, |counts| counts[0]);
        // Without a pattern there is nothing to lose.
        let floor = if volumes.iter().any(|of| of.family == family) { floor } else { 0 };
        assert!(right >= floor, "{row}: {right} right, {floor} were");
        assert!(with[row][0] >= right, "{row}: the database takes answers away");
    }
}
