//! The network installer of a Debian disc, which the disc itself does not carry: kernel and initrd
//! from the administrator, checked against the disc before they are published beside it.
//!
//! The installer loads its kernel modules from the archive that it installs from, and finds those of
//! its own kernel only. Netboot files of another point release boot and then find no disk.

#![deny(
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used
)]
#![cfg_attr(
    test,
    expect(
        clippy::as_conversions,
        clippy::arithmetic_side_effects,
        clippy::indexing_slicing,
        reason = "a test that is out of bounds fails, as it should"
    )
)]

mod ar;
mod cpio;
mod kernel;
mod modules;
mod pick;
mod source;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::content::Content;
use crate::error::{Error, Result};
use crate::media::{Timestamp, printable};
use crate::monitor::{Monitor, Warning};
use crate::plan::{Item, Plan, PlanId};

/// Where network installers lie in a tree.
const DIR: &str = "install/netboot";
/// Debian's own installer.
const DEBIAN: &str = "debian-installer";

/// Which installer is wanted, and for what its messages need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The directory that it has on a mirror: `debian-installer`, `ubuntu-installer`.
    pub installer: String,
    /// Debian's name of the architecture: `amd64`.
    pub arch: String,
    /// The release that the disc says it is of: `12.9.0`.
    pub version: Option<String>,
}

/// A file as it was supplied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplied {
    /// All of it.
    pub bytes: Vec<u8>,
    /// Its time of the last modification, where it is known.
    pub mtime: Option<Timestamp>,
}

/// A network installer's kernel and initrd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Netboot {
    from: PathBuf,
    wanted: Wanted,
    kernel: Supplied,
    initrd: Supplied,
    /// The kernel's version, where kernel or initrd tell it: `6.1.0-37-amd64`.
    version: Option<String>,
}

impl Wanted {
    /// Where it can be had: Debian has packages of it, Ubuntu has none.
    fn package(&self) -> String {
        if self.installer != DEBIAN {
            return "netboot.tar.gz from a mirror".to_owned();
        }
        let major = self.version.as_deref().and_then(|version| version.split('.').next());
        let major = major.unwrap_or("VERSION");
        format!("the package debian-installer-{major}-netboot-{}", self.arch)
    }
}

impl Netboot {
    /// Takes kernel and initrd from `path`: a directory, a tar archive (`netboot.tar.gz`), or a
    /// Debian package. Where there are several, that with the text interface is taken.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read, [`Error::Invalid`] if they are not in it, are larger than
    /// any installer or do not belong together.
    pub fn read(path: &Path, wanted: &Wanted, monitor: &dyn Monitor) -> Result<Self> {
        let Some((kernel, initrd)) = source::read(path, wanted, monitor)? else {
            let Wanted { installer, arch, .. } = wanted;
            let what = format!(
                "holds no {installer}/{arch}/linux with its initrd.gz: give {} (a .deb or .tar.gz \
                 as it is), or a directory in which they are",
                wanted.package()
            );
            return Err(Error::invalid(path, what));
        };
        let of_kernel = kernel::version(&kernel.bytes);
        let of_initrd = cpio::modules(&initrd.bytes, monitor)
            .map_err(|e| Error::invalid(path, format!("its initrd.gz cannot be read: {e}")));
        monitor.check()?;
        let of_initrd = of_initrd?;
        if let (Some(kernel), Some(initrd)) = (&of_kernel, &of_initrd)
            && kernel != initrd
        {
            let what = format!(
                "its kernel is {kernel} and its initrd is made for {initrd}: take both from one \
                 place"
            );
            return Err(Error::invalid(path, what));
        }
        let version = of_kernel.or(of_initrd);
        Ok(Self { from: path.to_owned(), wanted: wanted.clone(), kernel, initrd, version })
    }

    /// Kernel and initrd with the paths that they get in a tree.
    pub fn files(&self) -> [(String, &Supplied); 2] {
        let Wanted { installer, arch, .. } = &self.wanted;
        let path = |name: &str| format!("{DIR}/{installer}/{arch}/{name}");
        [(path(pick::KERNEL), &self.kernel), (path(pick::INITRD), &self.initrd)]
    }

    /// Compares the kernel's version with those that the plan's `*-modules-VERSION-di` packages are
    /// for. Warns where there is nothing to compare (`netboot-unchecked`).
    ///
    /// # Errors
    /// [`Error::Invalid`] with both versions if they differ.
    pub fn check(&self, plan: &Plan<'_>, monitor: &dyn Monitor) -> Result<()> {
        let there = modules::versions(plan, &self.wanted.arch);
        let unchecked = |what: &str| {
            let message = format!(
                "{what}: whether this installer fits is not known; it must be of the disc's own \
                 point release"
            );
            monitor.warn(Warning::new("netboot-unchecked", self.from.to_string_lossy(), message));
            Ok(())
        };
        let Some(version) = &self.version else {
            return unchecked("neither its kernel nor its initrd tells a version");
        };
        if there.is_empty() {
            return unchecked("the discs have no packages *-modules-VERSION-di");
        }
        if there.contains(version.as_str()) {
            return Ok(());
        }
        let there = there.into_iter().collect::<Vec<_>>().join(", ");
        let Wanted { arch, version: release, .. } = &self.wanted;
        let what = format!(
            "its kernel is {version}, and the modules on the discs are for {there}: the installer \
             would find no disk. Take the netboot files of {}: of {}, or of what lies below \
             dists/{}/main/installer-{arch}/ on a mirror",
            release.as_deref().unwrap_or("the disc's own point release"),
            self.wanted.package(),
            modules::codename(plan).unwrap_or_else(|| "CODENAME".to_owned()),
        );
        Err(Error::invalid(&self.from, what))
    }

    /// Adds both to the plan, in the place where the profile's menu entry looks for them.
    ///
    /// # Errors
    /// [`Error::Conflict`] if the discs have an installer there.
    pub fn add_to(&self, plan: &mut Plan<'_>) -> Result<()> {
        for (path, supplied) in self.files() {
            let taken = || {
                let what =
                    "is on the disc, which has its own network installer: leave out --netboot";
                Error::conflict(&path, what)
            };
            let (dirs, name) = path.rsplit_once('/').unwrap_or(("", &path));
            let mut dir = PlanId::ROOT;
            for part in dirs.split('/') {
                let there = plan.names(dir).get(part.as_bytes()).copied();
                dir = match there {
                    Some(id) if *plan.item(id) == Item::Dir => id,
                    Some(_) => return Err(taken()),
                    None => add(plan, dir, part, Item::Dir, 0o755, supplied.mtime)?,
                };
            }
            if plan.names(dir).contains_key(name.as_bytes()) {
                return Err(taken());
            }
            let item = Item::File(Content::Bytes(supplied.bytes.as_slice().into()));
            add(plan, dir, name, item, 0o644, supplied.mtime)?;
        }
        Ok(())
    }
}

fn add(
    plan: &mut Plan<'_>,
    dir: PlanId,
    name: &str,
    item: Item,
    mode: u16,
    mtime: Option<Timestamp>,
) -> Result<PlanId> {
    plan.add(dir, name.as_bytes(), item, mode, mtime)
        .map_err(|e| Error::conflict(printable(name.as_bytes()), format!("cannot be added: {e}")))
}
