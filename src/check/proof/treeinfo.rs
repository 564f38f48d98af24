//! `.treeinfo`: kernel, initrd and second stage, and which repositories there are.

use std::io::Read;

use super::repository::Repository;
use super::tree::Found;
use super::{AGAIN, Proof};
use crate::error::Result;
use crate::identify::ini::Ini;
use crate::identify::product::numbers;
use crate::metadata::href::{Href, resolve};

/// Most bytes that are read.
const TEXT_MAX: u64 = 1 << 20;
/// The names under which anaconda looks for it, in its order.
const NAMES: [&str; 2] = [".treeinfo", "treeinfo"];

/// A `.treeinfo` with its own name.
pub(super) struct Treeinfo {
    name: &'static str,
    ini: Ini,
}

impl Treeinfo {
    /// The value of the first of these that there is, with its section and key.
    fn first(&self, places: &[(&str, &str)]) -> Option<&str> {
        places.iter().find_map(|(section, key)| self.ini.get(section, key))
    }

    /// The directories that are said to be repositories, with the sections that say so.
    pub(super) fn repositories(&self) -> Vec<(&str, &str)> {
        let entries = self.ini.entries().filter(|(_, key, value)| {
            // An empty value counts as absent.
            *key == "repository" && !value.is_empty()
        });
        entries.map(|(section, _, value)| (section, value)).collect()
    }

    /// The file's own name.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }
}

/// Reads the tree's `.treeinfo`; one that cannot be read is a finding.
pub(super) fn read(proof: &mut Proof<'_>) -> Result<Option<Treeinfo>> {
    for name in NAMES {
        proof.monitor.check()?;
        let file = match proof.tree.file(name) {
            Ok(file) => file,
            Err(Found::Missing) => continue,
            Err(found) => {
                let what = found.no_file().unwrap_or_default();
                proof.fault("treeinfo-unreadable", name, what, AGAIN);
                continue;
            }
        };
        let mut bytes = Vec::new();
        if let Err(e) = file.take(TEXT_MAX).read_to_end(&mut bytes) {
            proof.fault("treeinfo-unreadable", name, format!("cannot be read: {e}"), AGAIN);
            continue;
        }
        let ini = Ini::parse(&String::from_utf8_lossy(&bytes));
        return Ok(Some(Treeinfo { name, ini }));
    }
    Ok(None)
}

/// Checks what the tree needs to boot anaconda.
pub(super) fn prove(
    proof: &mut Proof<'_>,
    info: Option<&Treeinfo>,
    repositories: &[Repository],
) -> Result<()> {
    proof.monitor.check()?;
    match info {
        Some(info) => {
            images(proof, info);
            stage2(proof, info);
        }
        None if proof.product.is_some_and(|product| product.profile == "el") => {
            absent(proof, repositories);
        }
        None => {}
    }
    Ok(())
}

/// Without `.treeinfo` anaconda takes the tree itself for the one repository.
fn absent(proof: &mut Proof<'_>, repositories: &[Repository]) {
    let top = repositories.iter().any(|repository| repository.dir.is_empty());
    let mend = "copy it from the disc: its name begins with a dot, and `cp /mnt/*` leaves it out";
    if top || repositories.is_empty() {
        let what = "is not there: the installer has to guess where its second stage is";
        proof.warning("treeinfo-missing", NAMES[0], what, mend);
    } else {
        let what = "is not there: the installer finds the packages only through it";
        proof.fault("treeinfo-missing", NAMES[0], what, mend);
    }
}

/// The section of the tree's own architecture.
fn own_images(proof: &Proof<'_>, info: &Treeinfo) -> Option<String> {
    let product = proof.product.and_then(|product| product.arch.as_deref());
    let arch = info.first(&[("tree", "arch"), ("general", "arch")]).or(product)?;
    Some(format!("images-{arch}"))
}

/// Kernel and initrd of the tree's own architecture must be there; the other images are for
/// media, for Xen, and for other architectures.
fn images(proof: &mut Proof<'_>, info: &Treeinfo) {
    let own = own_images(proof, info);
    let mut complete = own.is_none();
    // The own ones first, so that nothing is a note that is a fault.
    for own_turn in [true, false] {
        for (section, key, value) in info.ini.entries() {
            let is_own = Some(section) == own.as_deref();
            if !section.starts_with("images-") || is_own != own_turn || value.is_empty() {
                continue;
            }
            complete |= is_own && key == "kernel";
            let needed = is_own && matches!(key, "kernel" | "initrd");
            image(proof, info.name, &format!("[{section}] {key}"), value, needed);
        }
    }
    // XenServer's names no images at all, and boots by other files.
    let is_asked = is_anaconda(proof, info)
        || info.ini.entries().any(|(section, ..)| section.starts_with("images-"));
    if !complete && is_asked {
        let what = "names no kernel for its own architecture: nothing can be said of how it boots";
        proof.note("treeinfo-no-kernel", info.name, what);
    }
}

/// One file that `.treeinfo` names as `what`.
fn image(proof: &mut Proof<'_>, name: &str, what: &str, value: &str, needed: bool) {
    let (path, wrong) = match resolve("", value) {
        Href::Inside(path) => match proof.tree.look(&path).no_file() {
            None => return,
            Some(wrong) => (path, wrong),
        },
        Href::Elsewhere | Href::Outside => (name.to_owned(), "leads out of the tree".into()),
    };
    let wrong = format!("{wrong} ({what} in {name})");
    if needed {
        proof.fault("treeinfo-image", &path, wrong, AGAIN);
    } else if !proof.said.contains(&("treeinfo-image", format!("{}/{path}", proof.label))) {
        proof.note("treeinfo-image-unused", &path, wrong);
    }
}

/// Whether the tree boots anaconda: SUSE and XenServer write a `.treeinfo`, too.
fn is_anaconda(proof: &Proof<'_>, info: &Treeinfo) -> bool {
    let kernel = own_images(proof, info).and_then(|own| info.ini.get(&own, "kernel"));
    proof.product.is_some_and(|product| product.profile == "el")
        || kernel.is_some_and(|path| path.starts_with("images/pxeboot/"))
}

/// The second stage: the system that anaconda runs in.
fn stage2(proof: &mut Proof<'_>, info: &Treeinfo) {
    if let Some(main) = info.ini.get("stage2", "mainimage") {
        image(proof, info.name, "[stage2] mainimage", main, true);
    } else if is_anaconda(proof, info) {
        let version = info
            .first(&[("release", "version"), ("product", "version"), ("general", "version")])
            .and_then(|version| numbers(version).first().copied());
        let mut places = vec!["images/install.img"];
        if version.is_none_or(|major| major >= 7) {
            places.push("LiveOS/squashfs.img");
        }
        if version.is_none_or(|major| major <= 5) {
            places.push("images/stage2.img");
        }
        if !places.iter().any(|path| proof.tree.look(path).no_file().is_none()) {
            let what = format!(
                "names no second stage, and there is no {}: the installer cannot start",
                places.join(", no ")
            );
            proof.fault("treeinfo-stage2", info.name, what, AGAIN);
        }
    }
    if let Some(instimage) = info.ini.get("stage2", "instimage") {
        image(proof, info.name, "[stage2] instimage", instimage, false);
    }
}
