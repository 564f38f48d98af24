//! The version that a Linux kernel for x86 tells of itself (Documentation/arch/x86/boot.rst).

/// Where the header of the boot protocol begins, and its magic number.
const MAGIC_AT: usize = 0x202;
const MAGIC: &[u8] = b"HdrS";
/// `kernel_version`: where the text is, in bytes behind the first sector; 16 bits, little-endian.
const POINTER_AT: usize = 0x20e;
const SECTOR: usize = 0x200;
/// Longest version that is believed.
const VERSION_MAX: usize = 128;

/// The first word of the kernel's version text; `None` for a kernel that has none, as those of
/// other machines.
pub(super) fn version(image: &[u8]) -> Option<String> {
    let magic = image.get(MAGIC_AT..)?;
    if !magic.starts_with(MAGIC) {
        return None;
    }
    let pointer = image.get(POINTER_AT..)?.first_chunk::<2>()?;
    let at = usize::from(u16::from_le_bytes(*pointer));
    let text = image.get(at.checked_add(SECTOR)?..).filter(|_| at != 0)?;
    let text = text.get(..VERSION_MAX.min(text.len()))?;
    let word = text.split(|&b| b == 0 || b.is_ascii_whitespace()).next()?;
    plausible(word)
}

/// A word that can be a kernel's version.
pub(super) fn plausible(word: &[u8]) -> Option<String> {
    let fits = word.first().is_some_and(u8::is_ascii_digit)
        && word.len() < VERSION_MAX
        && word.iter().all(|&b| b.is_ascii_alphanumeric() || b".-_+~".contains(&b));
    let text = std::str::from_utf8(word).ok()?;
    fits.then(|| text.to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A kernel of that version, as far as its header goes.
    pub(in crate::netboot) fn image(text: &str) -> Vec<u8> {
        let mut image = vec![0; 0x400];
        image[0x202..0x206].copy_from_slice(MAGIC);
        image[0x20e..0x210].copy_from_slice(&0x100_u16.to_le_bytes());
        image[0x300..0x300 + text.len()].copy_from_slice(text.as_bytes());
        image
    }

    #[test]
    fn the_version_is_the_first_word_of_its_text() {
        let of = |text: &str| version(&image(text));
        let text = "6.1.0-37-amd64 (debian-kernel@lists.debian.org) #1 SMP";
        assert_eq!(of(text), Some("6.1.0-37-amd64".into()));
        assert_eq!(of("6.12.57+deb13-amd64 x"), Some("6.12.57+deb13-amd64".into()));
        assert_eq!(of(""), None);
        assert_eq!(of("\u{1b}[2J6.1"), None);
    }

    #[test]
    fn what_is_no_such_kernel_or_is_cut_has_none() {
        let whole = image("6.1.0");
        for len in [0, 0x205, 0x20f, 0x210, 0x2ff] {
            assert_eq!(version(&whole[..len]), None, "{len}");
        }
        let mut none = whole.clone();
        none[0x20e..0x210].fill(0);
        assert_eq!(version(&none), None, "no text");
        none[0x20e..0x210].fill(0xff);
        assert_eq!(version(&none), None, "a text behind the end");
        assert_eq!(version(b"MZ and more"), None);
    }
}
