//! A disc that only its volume identifier names.

use super::{Found, guessed, product};
use crate::guess::kernel::{self, REMOVABLE};
use crate::media::Disc;

/// The name is the volume identifier's, or else the image file's.
pub(super) fn read<'p>(disc: &Disc) -> Found<'p> {
    let file = disc.image.path().file_stem().map(|name| name.to_string_lossy().into_owned());
    let volume = product::line(&disc.identifiers.volume_id.replace('_', " "));
    let name = volume.or_else(|| product::line(&file.unwrap_or_default()));
    let there = |path: &str| disc.tree.find_ignoring_case(path.as_bytes()).is_some();
    let program = || REMOVABLE.iter().find(|(path, _)| there(path)).map(|(_, arch)| *arch);
    let arch = kernel_arch(disc).or_else(program);
    Found { name, arch: arch.map(str::to_owned), ..Found::default() }
}

/// The architecture of the kernel that the disc's own configs boot.
fn kernel_arch(disc: &Disc) -> Option<&'static str> {
    let chosen = guessed::of_disc(disc).chosen?;
    let kernel = disc.tree.find(chosen.kernel.as_bytes())?;
    kernel::arch(&disc.content(kernel, kernel::HEAD).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identify::sample::disc;

    #[test]
    fn the_volume_names_the_disc_and_a_firmware_program_its_architecture() {
        let found = read(&disc("ARCH_202411", &[("EFI/boot/bootx64.efi", b"MZ")]));
        assert_eq!(found.name.as_deref(), Some("ARCH 202411"));
        assert_eq!(found.arch.as_deref(), Some("x86_64"));
        let found = read(&disc("", &[("readme", b"")]));
        assert_eq!((found.name.as_deref(), found.arch), (Some("x"), None));
    }
}
