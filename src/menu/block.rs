//! The part of a menu that is ours: some lines between two marker comments.

use crate::monitor::Warning;

/// What a block's first line holds before the label.
pub const BEGIN: &str = "# pxe-import begin ";
/// What a block's last line holds before the label.
pub const END: &str = "# pxe-import end ";

/// A block as we write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    label: String,
    text: String,
    warnings: Vec<Warning>,
}

impl Block {
    /// Puts the markers around `body`, lines that end in LF.
    pub(super) fn new(label: &str, body: &str, warnings: Vec<Warning>) -> Self {
        let text = format!("{BEGIN}{label}\n{body}{END}{label}\n");
        Self { label: label.to_owned(), text, warnings }
    }

    /// The label that it is found by.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Markers and body; every line ends in LF.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What its author should know.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// What a record keeps to tell later whether somebody has edited the block: [`hash`] of its
    /// text.
    pub fn hash(&self) -> String {
        hash(self.text.as_bytes())
    }

    /// The text with the menu's own line ends, and without the last one at the end of a file that
    /// has none.
    pub(super) fn bytes(&self, line_end: &str, last: bool) -> Vec<u8> {
        let mut text = self.text.replace('\n', line_end);
        if !last {
            text.truncate(text.len().saturating_sub(line_end.len()));
        }
        text.into_bytes()
    }
}

/// BLAKE3 in hexadecimal of a block's lines with LF at the end of each, so that an editor that only
/// changes the kind of line end has not edited the block.
pub fn hash(block: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    let block = block.strip_suffix(b"\n").unwrap_or(block);
    for line in block.split(|&b| b == b'\n') {
        hasher.update(line.strip_suffix(b"\r").unwrap_or(line));
        hasher.update(b"\n");
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_line_end_does_not_change_the_hash() {
        let block = Block::new("a", "label a\n", Vec::new());
        assert_eq!(block.text(), "# pxe-import begin a\nlabel a\n# pxe-import end a\n");
        assert_eq!(block.hash(), blake3::hash(block.text().as_bytes()).to_hex().to_string());
        for (line_end, last) in [("\n", true), ("\n", false), ("\r\n", true), ("\r\n", false)] {
            assert_eq!(hash(&block.bytes(line_end, last)), block.hash());
        }
        assert_ne!(hash(b"# pxe-import begin a\nlabel b\n# pxe-import end a\n"), block.hash());
    }

    #[test]
    fn the_last_line_end_is_left_out_on_demand() {
        let block = Block::new("a", "", Vec::new());
        assert_eq!(block.bytes("\r\n", false), b"# pxe-import begin a\r\n# pxe-import end a");
    }
}
