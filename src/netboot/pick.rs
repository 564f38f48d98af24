//! Which of many files are the kernel and the initrd of a network installer.

use super::{Supplied, Wanted};

pub(super) const KERNEL: &str = "linux";
pub(super) const INITRD: &str = "initrd.gz";
/// The installer with a graphical interface, which is twice as large and no use without a mouse.
const GRAPHICAL: &str = "gtk";

/// Which of the two a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The kernel.
    Kernel,
    /// The initrd.
    Initrd,
}

/// How much a directory is to be preferred: the smaller the better.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    graphical: bool,
    len: usize,
    dir: String,
}

/// What a path below the source is; `None` for all that is no installer's. The source may be the
/// directory of the installer itself.
pub(super) fn part(path: &str, wanted: &Wanted) -> Option<(Rank, Part)> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
    let part = match name {
        KERNEL => Part::Kernel,
        INITRD => Part::Initrd,
        _ => return None,
    };
    let own = format!("{}/{}", wanted.installer, wanted.arch);
    let fits = dir.is_empty() || dir == own || dir.ends_with(&format!("/{own}"));
    let graphical = dir.split('/').any(|name| name == GRAPHICAL);
    let rank = Rank { graphical, len: dir.len(), dir: dir.to_owned() };
    fits.then_some((rank, part))
}

/// The best that was offered so far.
#[derive(Debug, Default)]
pub(super) struct Best {
    rank: Option<Rank>,
    kernel: Option<Supplied>,
    initrd: Option<Supplied>,
}

impl Best {
    /// Whether a file of this rank is better than what there is, or belongs to it.
    pub(super) fn wants(&self, rank: &Rank) -> bool {
        self.rank.as_ref().is_none_or(|best| rank <= best)
    }

    /// Takes a file.
    pub(super) fn take(&mut self, rank: Rank, part: Part, file: Supplied) {
        if self.rank.as_ref() != Some(&rank) {
            *self = Self { rank: Some(rank), ..Self::default() };
        }
        match part {
            Part::Kernel => self.kernel = Some(file),
            Part::Initrd => self.initrd = Some(file),
        }
    }

    /// Both, if both are there.
    pub(super) fn both(self) -> Option<(Supplied, Supplied)> {
        self.kernel.zip(self.initrd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netboot::tests::wanted;

    #[test]
    fn only_the_installer_s_own_directory_counts() {
        let is_part = |path: &str| part(path, &wanted()).map(|(_, part)| part);
        assert_eq!(is_part("./debian-installer/amd64/linux"), Some(Part::Kernel));
        assert_eq!(is_part("usr/x/text/debian-installer/amd64/initrd.gz"), Some(Part::Initrd));
        assert_eq!(is_part("linux"), Some(Part::Kernel));
        for other in ["a/linux", "debian-installer/i386/linux", "debian-installer/amd64/x/linux"] {
            assert_eq!(is_part(other), None, "{other}");
        }
        assert_eq!(is_part("my-debian-installer/amd64/linux"), None);
    }

    #[test]
    fn the_text_installer_is_better_whichever_comes_first() {
        let file = |text: &str| Supplied { bytes: text.as_bytes().to_vec(), mtime: None };
        let text = "images/12/amd64/text/debian-installer/amd64";
        let gtk = "gtk/debian-installer/amd64";
        for dirs in [[text, gtk], [gtk, text]] {
            let mut best = Best::default();
            for dir in dirs {
                for name in [INITRD, KERNEL] {
                    let path = format!("{dir}/{name}");
                    let (rank, part) = part(&path, &wanted()).expect("a part");
                    if best.wants(&rank) {
                        best.take(rank, part, file(&path));
                    }
                }
            }
            let (kernel, initrd) = best.both().expect("both");
            assert_eq!(kernel, file(&format!("{text}/linux")));
            assert_eq!(initrd, file(&format!("{text}/initrd.gz")));
        }
    }
}
