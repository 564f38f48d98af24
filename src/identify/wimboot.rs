//! wimboot, which starts Windows PE from a RAM disk: which files an entry gives it.

use serde::Deserialize;

use super::context::Context;
use super::entry::Boot;
use super::paths::Paths;
use super::product::{self, Product};
use super::profile::Profile;
use crate::menu::ipxe::WIMBOOT;

/// A file of wimboot's RAM disk.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WimFile {
    /// Its name in there.
    pub name: String,
    /// Its path in the tree, found whatever its letter case; of several the first that is there. pxelinux
    /// knows the file by its base name, which is to be `name` therefore.
    pub path: Paths,
    /// Whether only UEFI clients need it, and newer wimboots not even there.
    #[serde(default)]
    pub efi_only: bool,
}

/// A file of wimboot's RAM disk, where it is.
pub(super) struct RamFile<'b> {
    pub name: &'b str,
    /// In the web root.
    pub path: String,
    pub efi_only: bool,
}

/// Whether `archs` are none, or one of them is the product's, or that is not known.
pub(super) fn is_among(archs: &[String], product: &Product) -> bool {
    let same = |own: &str| archs.iter().any(|arch| product::same_arch(arch, own));
    archs.is_empty() || product.arch.as_deref().is_none_or(same)
}

impl Boot {
    /// The files for wimboot.
    ///
    /// # Errors
    /// Which of them is not in the tree; none, where it is wimboot itself that is not there.
    pub(super) fn wim_files(
        &self,
        label: &str,
        context: &Context,
    ) -> Result<Vec<RamFile<'_>>, Option<&str>> {
        if self.wimboot.is_empty() {
            return Ok(Vec::new());
        }
        let mut files = Vec::new();
        for file in &self.wimboot {
            match file.path.iter().find_map(context.find) {
                Some(path) => files.push(RamFile {
                    name: &file.name,
                    path: format!("/{}/{path}", context.dir),
                    efi_only: file.efi_only,
                }),
                None if file.efi_only => {}
                None => return Err(file.path.iter().last()),
            }
        }
        files.extend(self.companions.iter().map(|companion| RamFile {
            name: &companion.name,
            path: format!("/{}/{}", context.dir, companion.path(label)),
            efi_only: false,
        }));
        if (context.loader)(WIMBOOT) { Ok(files) } else { Err(None) }
    }
}

impl Profile {
    /// Another way of a product's that UEFI clients can go where `not` is none for them, by wimboot, which is
    /// there.
    pub(super) fn uefi_way(
        &self,
        product: &Product,
        not: &Boot,
        context: &Context,
    ) -> Option<&str> {
        let goes = |boot: &&Boot| {
            !boot.wimboot.is_empty() && boot.fits(product) && is_among(&boot.uefi_archs, product)
        };
        let way = || self.boots.iter().find(goes)?.name.as_deref();
        (not.wimboot.is_empty() && (context.loader)(WIMBOOT)).then(way)?
    }
}
