//! The hadris crates, whose readers share nothing with ours.

use hadris_fs::sync::{FileSystem, Volume};
use hadris_fs::{FileType, MountOptions};
use hadris_iso::Namespace;
use hadris_iso::sync::IsoFs;
use hadris_udf::sync::UdfFs;
use pxe_import::media::Hierarchy;

use crate::view::{View, What};

/// What hadris sees in `hierarchy`, or why it sees nothing.
pub(crate) fn view(image: Vec<u8>, hierarchy: Hierarchy) -> Result<View, String> {
    let namespace = match hierarchy {
        Hierarchy::Udf => {
            let fs = UdfFs::mount(image, MountOptions::new()).map_err(|e| format!("{e:?}"))?;
            return walk(&Volume::new(fs));
        }
        Hierarchy::RockRidge => Namespace::RockRidge,
        Hierarchy::Joliet => Namespace::Joliet,
        Hierarchy::Enhanced => Namespace::Enhanced,
        Hierarchy::Iso9660 => Namespace::Primary,
    };
    let fs = IsoFs::mount_namespace(image, MountOptions::new(), namespace);
    walk(&Volume::new(fs.map_err(|e| format!("{e:?}"))?))
}

fn walk<F: FileSystem + Send + 'static>(volume: &Volume<F>) -> Result<View, String> {
    let mut view = View::new();
    let mut open = vec![Vec::new()];
    while let Some(dir) = open.pop() {
        let top = [b"/", &dir[..]].concat();
        for entry in volume.read_dir(&top).map_err(|e| format!("{e:?}"))? {
            let entry = entry.map_err(|e| format!("{e:?}"))?;
            let name = entry.name().as_bytes();
            let path = if dir.is_empty() { name.to_vec() } else { [&dir[..], b"/", name].concat() };
            let at = [b"/", &path[..]].concat();
            let what = match entry.file_type() {
                FileType::Dir => {
                    open.push(path.clone());
                    What::Dir
                }
                FileType::File => volume
                    .read(&at)
                    .map_or_else(|e| What::Unreadable(format!("{e:?}")), |b| What::file(&b)),
                FileType::Symlink => volume
                    .read_link(&at)
                    .map_or_else(|e| What::Unreadable(format!("{e:?}")), What::Link),
                _ => What::Other,
            };
            view.insert(path, what);
        }
    }
    Ok(view)
}
