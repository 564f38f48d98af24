//! Boot loaders: where distributions put them, which of them are taken, and what is missing.
//!
//! Nothing is compiled and nothing downloaded. pxelinux and its modules are always of one origin: a
//! module of another version hangs the client without a word.

pub mod package;
pub mod place;
pub mod version;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use self::package::Packages;
use self::place::{MAIN, OTHERS, SETS};
use super::generated::{Origin, SiteFile};
use crate::error::{Error, Result};

/// Largest loader in bytes; real ones have up to 3 MiB.
const BYTES_MAX: u64 = 32 << 20;
/// Where pxelinux 3.86 goes, which ESXi's loader needs, below the root.
pub const PX386: &str = "wwwroot/px386/pxelinux.0";
/// Where pxelinux and everything beside it goes, below the root.
pub const PXEFILES: &str = "wwwroot/pxefiles";

/// What has been found.
#[derive(Debug, Default)]
pub struct Loaders {
    /// pxelinux and its modules, of one origin; empty where there is no pxelinux.
    pub set: Vec<SiteFile>,
    /// All others.
    pub others: Vec<SiteFile>,
    /// What has not been found.
    pub missing: Vec<Missing>,
    /// Files in the user's directory that are left where they are, and why.
    pub refused: Vec<(PathBuf, String)>,
}

/// A loader that has not been found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Where it would go, relative to the root.
    pub file: PathBuf,
    /// What cannot be done without it.
    pub purpose: &'static str,
    /// The packages that have it; `None` for what no distribution packs.
    pub packages: Option<&'static Packages>,
    /// Whether a boot server is of no use without it to most.
    pub needed: bool,
}

/// Looks in the user's directory `own` first, then below `system`, which is `/`.
///
/// # Errors
/// [`Error::Io`] for a file that is there and cannot be read, and for a directory of the user's that is
/// not there.
pub fn find(system: &Path, own: Option<&Path>) -> Result<Loaders> {
    if let Some(own) = own {
        std::fs::read_dir(own).map_err(|e| Error::io("read", own, e))?;
    }
    let mut found = Loaders::default();
    main_set(system, own, &mut found)?;
    if let Some(own) = own {
        px386(own, &mut found)?;
    }
    let main = found.set.first().and_then(|file| version::pxelinux(&file.bytes));
    let loads = main.is_some_and(version::Pxelinux::loads_mboot);
    if !loads && !found.others.iter().any(|file| file.path == Path::new(PX386)) {
        found.missing.push(Missing {
            file: PX386.into(),
            purpose: "ESXi by BIOS (without it by UEFI only): PXELINUX 3.86, given as --loaders DIR \
                      with DIR/px386/pxelinux.0",
            packages: None,
            needed: false,
        });
    }
    for other in &OTHERS {
        let mine = own.map(|own| own.join(other.name));
        // A name that is another loader's in a directory without subdirectories is that one's.
        let by_name = own.into_iter().flat_map(|own| {
            let names = other.places.iter().filter_map(|place| place.rsplit('/').next());
            names.filter(|name| OTHERS.iter().all(|one| one.name != *name)).map(|n| own.join(n))
        });
        let packed = other.places.iter().map(|place| below(system, place));
        let places = mine.into_iter().chain(by_name).chain(packed);
        match first(places, Path::new(other.file))? {
            Some(file) => found.others.push(file),
            None => found.missing.push(Missing {
                file: other.file.into(),
                purpose: other.purpose,
                packages: other.packages,
                needed: other.needed,
            }),
        }
    }
    Ok(found)
}

/// Finds pxelinux and its modules in one place.
fn main_set(system: &Path, own: Option<&Path>, found: &mut Loaders) -> Result<()> {
    let mine = own.map(|own| own.join("pxelinux.0")).filter(|path| path.is_file());
    let own = own.filter(|own| mine.is_some() && is_whole(own));
    if let Some(path) = mine.filter(|_| own.is_none())
        && let Some(file) = load(&path, Path::new(PX386))?
        && !version::pxelinux(&file.bytes).is_some_and(version::Pxelinux::loads_mboot)
    {
        found.refused.push((path, "has no modules of its version beside it".to_owned()));
    }
    let candidates = own
        .map(|own| (own.join("pxelinux.0"), own.to_owned()))
        .into_iter()
        .chain(SETS.iter().map(|set| (below(system, set.pxelinux), below(system, set.modules))));
    for (loader, modules) in candidates {
        let target = Path::new(PXEFILES).join("pxelinux.0");
        let Some(file) = load(&loader, &target)? else { continue };
        let elf = version::pxelinux(&file.bytes).is_none_or(version::Pxelinux::has_libraries);
        found.set.push(file);
        for module in &MAIN {
            if module.library && !elf {
                continue;
            }
            let target = Path::new(PXEFILES).join(module.name);
            let path = modules.join(module.name);
            match load(&path, &target)? {
                Some(file) if file.bytes.starts_with(b"\x7fELF") == elf => found.set.push(file),
                there => {
                    if there.is_some() {
                        let why = "is of another version than its pxelinux.0";
                        found.refused.push((path, why.to_owned()));
                    }
                    found.missing.push(Missing {
                        file: target,
                        purpose: module.purpose,
                        packages: Some(&package::SYSLINUX),
                        needed: module.needed,
                    });
                }
            }
        }
        return Ok(());
    }
    found.missing.push(Missing {
        file: Path::new(PXEFILES).join("pxelinux.0"),
        purpose: "the menu of BIOS clients",
        packages: Some(&package::PXELINUX),
        needed: true,
    });
    Ok(())
}

/// Whether a directory has pxelinux with its menu: a lone 3.86 is there for ESXi.
fn is_whole(dir: &Path) -> bool {
    dir.join("vesamenu.c32").is_file() || dir.join("ldlinux.c32").is_file()
}

/// Finds pxelinux 3.86 in the user's directory.
fn px386(own: &Path, found: &mut Loaders) -> Result<()> {
    let places =
        [own.join("px386/pxelinux.0"), own.join("pxelinux.0"), own.join("core/pxelinux.0")];
    for place in places {
        let Some(file) = load(&place, Path::new(PX386))? else { continue };
        match version::pxelinux(&file.bytes) {
            Some(version) if !version.loads_mboot() => {
                if place.ends_with("px386/pxelinux.0") {
                    let why = format!("is {version}, and ESXi needs 3.86 or older");
                    found.refused.push((place, why));
                }
            }
            Some(_) => {
                found.others.push(file);
                return Ok(());
            }
            None => found.refused.push((place, "does not say that it is PXELINUX".to_owned())),
        }
    }
    Ok(())
}

fn below(system: &Path, place: &str) -> PathBuf {
    system.join(place.trim_start_matches('/'))
}

fn first(places: impl Iterator<Item = PathBuf>, target: &Path) -> Result<Option<SiteFile>> {
    for place in places {
        if let Some(file) = load(&place, target)? {
            return Ok(Some(file));
        }
    }
    Ok(None)
}

/// Reads the loader at `path`; `None` if none is there.
fn load(path: &Path, target: &Path) -> Result<Option<SiteFile>> {
    let fail = |e| Error::io("read", path, e);
    // Asked by its path: opening a pipe would wait for a writer.
    match path.metadata() {
        Ok(meta) if !meta.is_file() => return Ok(None),
        Ok(_) => {}
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(e) => return Err(fail(e)),
    }
    let file = File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    file.take(BYTES_MAX.saturating_add(1)).read_to_end(&mut bytes).map_err(fail)?;
    if bytes.is_empty() || u64::try_from(bytes.len()).is_ok_and(|len| len > BYTES_MAX) {
        return Err(Error::invalid(path, "is no boot loader: it is empty or above 32 MiB"));
    }
    let version = version::of(&bytes);
    let origin = Origin { path: path.to_string_lossy().into_owned(), version };
    Ok(Some(SiteFile { path: target.to_owned(), bytes, mode: 0o644, origin: Some(origin) }))
}

#[cfg(test)]
mod tests;
