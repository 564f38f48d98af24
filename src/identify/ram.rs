//! How much memory a client needs to boot an entry.

use serde::Deserialize;

/// `ram = { mib = 2048, image = true }` of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ram {
    /// MiB that are always needed.
    pub mib: u64,
    /// Whether the image that is kept in the tree goes to memory as a whole besides.
    #[serde(default)]
    pub image: bool,
}

impl Ram {
    /// Bytes, given those of the image.
    pub fn bytes(self, image: Option<u64>) -> u64 {
        let image = image.filter(|_| self.image).unwrap_or(0);
        self.mib.saturating_mul(1 << 20).saturating_add(image)
    }
}

/// Bytes as the memory of a machine is counted, rounded up: `3 GiB`, `3.5 GiB`, `512 MiB`.
pub fn shown(bytes: u64) -> String {
    let mib = bytes.div_ceil(1 << 20);
    if mib < 1024 {
        return format!("{mib} MiB");
    }
    let halves = mib.div_ceil(512);
    let half = if halves % 2 == 1 { ".5" } else { "" };
    format!("{}{half} GiB", halves / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_image_counts_where_it_goes_to_memory() {
        let ram = Ram { mib: 2048, image: true };
        assert_eq!(ram.bytes(Some(1 << 30)), 3 << 30);
        assert_eq!(Ram { image: false, ..ram }.bytes(Some(1 << 30)), 2 << 30);
    }

    #[test]
    fn memory_is_rounded_up_to_what_machines_have() {
        let mib = |count: u64| shown(count << 20);
        assert_eq!(
            (mib(512), mib(1024), mib(1025)),
            ("512 MiB".into(), "1 GiB".into(), "1.5 GiB".into())
        );
        assert_eq!((mib(3584), mib(3585)), ("3.5 GiB".into(), "4 GiB".into()));
        assert_eq!(shown(1), "1 MiB");
    }
}
