//! Our own images, and volumes that Linux wrote, as Linux shows them: against listings that are stored
//! here, or against those that `scripts/agreement` has just taken.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use liblzma::read::XzDecoder;
use liblzma::write::XzEncoder;
use pxe_import::media::Image;
use pxe_import_fixtures::family::{self, Size};
use sha2::{Digest, Sha256};

use crate::fixtures::samples;
use crate::judge::Judge;
use crate::known_linux;
use crate::linux;
use crate::store::{Shown, Store};

/// A volume is stored as long as it is small.
const STORED_MAX: usize = 100 << 10;

/// Some images, and where their listings are.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Group {
    Odd,
    Families,
    Volumes,
    Corpora,
}

impl Group {
    fn name(self) -> &'static str {
        match self {
            Self::Odd => "odd",
            Self::Families => "families",
            Self::Volumes => "volumes",
            Self::Corpora => "corpora",
        }
    }

    fn stored(self) -> PathBuf {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/linux");
        dir.join(self.name()).with_extension("txt")
    }

    /// Where `scripts/agreement` has put what it has just taken of this group, if it did.
    pub(crate) fn live(self) -> Option<PathBuf> {
        let dir = PathBuf::from(std::env::var_os("PXE_IMPORT_AGREEMENT")?).join(self.name());
        dir.is_dir().then_some(dir)
    }

    /// The listings of `images`, each its name, its file's name in `scripts/kernel-view`'s output, and
    /// its sum: what has just been taken, which is stored if that is asked for, else what is stored.
    pub(crate) fn listings(self, images: &[[String; 3]]) -> Store {
        let Some(live) = self.live() else {
            let text = fs::read_to_string(self.stored()).expect("stored listings");
            return Store::of_text(&text);
        };
        let shown = images.iter().map(|[name, file_name, sha256]| {
            (name.clone(), Shown::of_dir(&live, file_name, sha256.clone()))
        });
        let store = Store(shown.collect());
        if is_to_be_stored() {
            let kernel = fs::read_to_string(live.join("kernel")).expect("the kernel's release");
            let comment = format!(
                "What {} shows of these images. scripts/agreement --store writes this file.",
                kernel.trim()
            );
            fs::write(self.stored(), store.text(&comment)).expect("this package's directory");
        }
        store
    }
}

fn is_to_be_stored() -> bool {
    std::env::var_os("PXE_IMPORT_AGREEMENT_STORE").is_some()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares all of `images` (name, file name, bytes) with their listings.
fn agree(group: Group, images: Vec<(String, String, Vec<u8>)>) {
    let sums: Vec<_> = images
        .iter()
        .map(|(name, file_name, bytes)| [name.clone(), file_name.clone(), sha256(bytes)])
        .collect();
    let Store(mut listings) = group.listings(&sums);
    let mut judge = Judge::new(match group {
        Group::Odd => known_linux::ODD,
        Group::Families => known_linux::FAMILIES,
        Group::Volumes | Group::Corpora => known_linux::VOLUMES,
    });
    for ((name, _, bytes), [.., sum]) in images.into_iter().zip(sums) {
        match listings.remove(&name) {
            Some(shown) if shown.sha256 == sum => {
                let open = || Image::new("image", bytes.clone());
                linux::compare(&name, open, &shown, &mut judge);
            }
            Some(_) => judge.blame(format!("{name}: has changed: scripts/agreement --store")),
            None => judge.blame(format!("{name}: is not listed: scripts/agreement --store")),
        }
    }
    for name in listings.into_keys() {
        judge.blame(format!("{name}: is no more: scripts/agreement --store"));
    }
    judge.tell();
    judge.finish(true);
}

#[test]
fn our_odd_images_are_read_as_linux_shows_them() {
    let images = samples().into_iter().map(|sample| {
        (sample.name.to_owned(), format!("{}.iso", sample.name), sample.image.to_vec())
    });
    agree(Group::Odd, images.collect());
}

#[test]
fn the_discs_of_the_families_are_read_as_linux_shows_them() {
    let images = family::ALL.iter().map(|(name, build)| {
        let disc = build(Size::Small);
        ((*name).to_owned(), disc.file_name.to_owned(), disc.image().to_vec())
    });
    agree(Group::Families, images.collect());
}

#[test]
fn udf_volumes_that_linux_wrote_are_read_as_linux_shows_them() {
    let dir = Group::Volumes.stored().with_extension("");
    let mut volumes = BTreeMap::new();
    for entry in fs::read_dir(Group::Volumes.live().as_ref().unwrap_or(&dir)).expect("volumes") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("a file");
        let file_name = path.file_name().and_then(|name| name.to_str()).expect("ASCII");
        if let Some(name) = file_name.strip_suffix(".img") {
            volumes.insert(name.to_owned(), bytes);
        } else if let Some(name) = file_name.strip_suffix(".img.xz") {
            let mut plain = Vec::new();
            XzDecoder::new(&bytes[..]).read_to_end(&mut plain).expect("a sound volume");
            volumes.insert(name.to_owned(), plain);
        }
    }
    if Group::Volumes.live().is_some() && is_to_be_stored() {
        fs::remove_dir_all(&dir).ok();
        fs::create_dir_all(&dir).expect("this package's directory");
        volumes.retain(|name, bytes| {
            let mut writer = XzEncoder::new(Vec::new(), 9);
            let packed = writer.write_all(bytes).and_then(|()| writer.finish()).expect("memory");
            println!("{name}: {} bytes, packed", packed.len());
            let small = packed.len() <= STORED_MAX;
            if small {
                fs::write(dir.join(format!("{name}.img.xz")), packed).expect("this directory");
            }
            small
        });
    }
    assert!(!volumes.is_empty(), "no volumes");
    let images = volumes.into_iter().map(|(name, bytes)| {
        let file_name = format!("{name}.img");
        (name, file_name, bytes)
    });
    agree(Group::Volumes, images.collect());
}
