//! How much memory a client needs to boot an entry.

use serde::Deserialize;

use super::paths::Paths;

/// `ram = { mib = 2048, image = true }` of an entry, or `{ mib = 512, file = "sources/boot.wim" }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ram {
    /// MiB that are always needed.
    pub mib: u64,
    /// Whether the image that is kept in the tree goes to memory as a whole besides.
    #[serde(default)]
    pub image: bool,
    /// A file of the tree that goes to memory as a whole besides: the first of these paths that is there,
    /// letter case aside.
    pub file: Option<Paths>,
}

impl Ram {
    /// Bytes, given those of the image; `size` gives those of a file of the tree by its path in any letter
    /// case.
    pub fn bytes(&self, image: Option<u64>, size: impl Fn(&str) -> Option<u64>) -> u64 {
        let image = image.filter(|_| self.image).unwrap_or(0);
        let file = self.file.as_ref().and_then(|file| file.iter().find_map(size)).unwrap_or(0);
        self.mib.saturating_mul(1 << 20).saturating_add(image).saturating_add(file)
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
        let ram = Ram { mib: 2048, image: true, file: None };
        assert_eq!(ram.bytes(Some(1 << 30), |_| None), 3 << 30);
        assert_eq!(Ram { image: false, ..ram }.bytes(Some(1 << 30), |_| None), 2 << 30);
    }

    #[test]
    fn a_file_counts_where_the_tree_has_it() {
        let ram = Ram { mib: 512, image: false, file: Some(["a", "b"].into()) };
        assert_eq!(ram.bytes(None, |path| (path == "b").then_some(512 << 20)), 1 << 30);
        assert_eq!(ram.bytes(None, |_| None), 512 << 20);
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
