//! Targets of symbolic links (RRIP, `SL`, 4.1.3).

/// Longest target in bytes (Linux's `PATH_MAX` less its NUL).
const TARGET_MAX: usize = 4095;

/// Bits of the flags of an `SL` entry and of its components.
mod flag {
    pub(super) const CONTINUE: u8 = 0x01;
    pub(super) const CURRENT: u8 = 0x02;
    pub(super) const PARENT: u8 = 0x04;
    pub(super) const ROOT: u8 = 0x08;
}

/// A target as it is put together from the components of one or more `SL` entries.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Target(Vec<u8>);

impl Target {
    /// Takes one `SL` entry: its flags, then its components.
    ///
    /// A slash follows a component unless that is the root, is itself continued, or is the last of
    /// an entry which no other follows. An empty component stands for nothing between two slashes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn take(&mut self, data: &[u8]) -> Result<(), String> {
        let (&entry_flags, mut rest) =
            data.split_first().ok_or("a symbolic link entry without flags")?;
        while let &[flags, len, ref after @ ..] = rest {
            let (text, after) = after
                .split_at_checked(len.into())
                .ok_or("a component of a symbolic link reaches beyond its entry")?;
            rest = after;
            match flags & !flag::CONTINUE {
                0 => self.0.extend_from_slice(text),
                flag::CURRENT => self.0.push(b'.'),
                flag::PARENT => self.0.extend_from_slice(b".."),
                flag::ROOT => self.0.push(b'/'),
                other => return Err(format!("symbolic link component flags {other:#04x}")),
            }
            // A single byte left is padding.
            let last = rest.len() < 2;
            let goes_on = !last || entry_flags & flag::CONTINUE != 0;
            if goes_on && flags & (flag::ROOT | flag::CONTINUE) == 0 {
                self.0.push(b'/');
            }
            if self.0.len() > TARGET_MAX {
                return Err(format!("a symbolic link target of more than {TARGET_MAX} bytes"));
            }
        }
        Ok(())
    }

    /// The whole target.
    ///
    /// # Errors
    /// If it is nothing that a link can hold.
    pub(super) fn finish(self) -> Result<Vec<u8>, String> {
        match self.0.as_slice() {
            [] => Err("a symbolic link without a target".into()),
            target if target.contains(&0) => Err("a symbolic link target with a NUL byte".into()),
            _ => Ok(self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(entries: &[&[u8]]) -> Result<String, String> {
        let mut target = Target::default();
        for entry in entries {
            target.take(entry)?;
        }
        target.finish().map(|t| String::from_utf8(t).expect("ASCII"))
    }

    #[test]
    fn components_are_joined_by_slashes() {
        assert_eq!(target(&[b"\0\x04\0\x04\0\0\x01a\0\x02bc"]).as_deref(), Ok("../../a/bc"));
        assert_eq!(target(&[b"\0\x02\0"]).as_deref(), Ok("."));
    }

    #[test]
    fn the_root_is_one_slash() {
        assert_eq!(target(&[b"\0\x08\0\0\x03etc"]).as_deref(), Ok("/etc"));
        assert_eq!(target(&[b"\0\x08\0"]).as_deref(), Ok("/"));
    }

    #[test]
    fn an_empty_component_keeps_a_doubled_or_a_final_slash() {
        assert_eq!(target(&[b"\0\0\x01a\0\0\0\x01b"]).as_deref(), Ok("a//b"));
        assert_eq!(target(&[b"\0\0\x01a\0\0"]).as_deref(), Ok("a/"));
    }

    #[test]
    fn a_continued_component_goes_on_in_the_next_entry() {
        assert_eq!(target(&[b"\x01\x01\x02ab", b"\0\0\x01c\0\x01d"]).as_deref(), Ok("abc/d"));
        assert_eq!(target(&[b"\0\x01\x02ab\0\x01c"]).as_deref(), Ok("abc"));
    }

    #[test]
    fn a_continued_entry_ends_with_a_slash_when_its_last_component_does_not_go_on() {
        assert_eq!(target(&[b"\x01\0\x02ab", b"\0\0\x01c"]).as_deref(), Ok("ab/c"));
        assert_eq!(target(&[b"\x01\x08\0", b"\0\0\x01c"]).as_deref(), Ok("/c"));
    }

    #[test]
    fn a_component_that_leaves_its_entry_is_refused() {
        let what = target(&[b"\0\0\x05abc"]).expect_err("too long");
        assert_eq!(what, "a component of a symbolic link reaches beyond its entry");
        assert!(target(&[b""]).is_err());
    }

    #[test]
    fn a_target_is_bounded_by_4095_bytes() {
        let entry = [&[1, 1, 250][..], &[b'x'; 250]].concat();
        let most = vec![entry.as_slice(); 16];
        assert_eq!(target(&most).expect("4000 bytes").len(), 4000);
        assert!(target(&vec![entry.as_slice(); 17]).is_err());
    }

    #[test]
    fn a_target_of_no_bytes_or_with_a_nul_is_refused() {
        assert!(target(&[]).is_err());
        assert!(target(&[b"\0\0\0"]).is_err());
        assert!(target(&[b"\0\0\x02a\0"]).is_err());
    }

    #[test]
    fn unknown_component_flags_are_refused() {
        assert!(target(&[b"\0\x20\0"]).is_err());
    }
}
