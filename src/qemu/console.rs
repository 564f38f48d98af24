//! The serial console as text, read bit by bit and never more than fits.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What the machine has written to its serial console: printable text and line ends. Terminal
/// commands that move the cursor count as a line end, others as nothing.
#[derive(Debug)]
pub struct Console {
    path: PathBuf,
    read: u64,
    text: String,
    /// What was taken from the front of the text.
    dropped: usize,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    Escape,
    /// Within a control sequence (ECMA-48, 5.4), up to its final byte.
    Sequence,
}

impl Console {
    /// Bytes that are read at a time.
    const STEP: u64 = 256 << 10;
    /// Bytes of text that are kept.
    const KEPT: usize = 1 << 20;
    /// Bytes that a console may write in all.
    pub const MAX: u64 = 32 << 20;

    /// Of the file at `path`, which need not be there yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), read: 0, text: String::new(), dropped: 0, state: State::Text }
    }

    /// Reads what is new. Whatever cannot be read is as if it had not been written.
    pub fn poll(&mut self) {
        let mut bytes = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.read))?;
            file.take(Self::STEP).read_to_end(&mut bytes)
        });
        if read.is_ok() {
            self.read = self.read.saturating_add(u64::try_from(bytes.len()).unwrap_or(0));
            self.feed(&bytes);
        }
    }

    /// Whether more came than any installer writes.
    pub fn is_flooded(&self) -> bool {
        self.read > Self::MAX
    }

    /// A position behind all that has been read.
    pub fn end(&self) -> usize {
        self.dropped.saturating_add(self.text.len())
    }

    /// The text from `position`, as far as it is still kept.
    pub fn from(&self, position: usize) -> &str {
        self.text.get(position.saturating_sub(self.dropped)..).unwrap_or_default()
    }

    fn feed(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.state = match (self.state, byte) {
                (State::Text | State::Escape, 0x1b) => State::Escape,
                (State::Text, b' '..=b'~' | b'\n') => {
                    self.text.push(char::from(byte));
                    State::Text
                }
                // A line that is written over is another line.
                (State::Text, b'\r') => {
                    self.line_end();
                    State::Text
                }
                (State::Text, 0x80..) => {
                    self.text.push('?');
                    State::Text
                }
                (State::Text, _) => State::Text,
                (State::Escape, b'[') => State::Sequence,
                (State::Escape, _) => State::Text,
                (State::Sequence, 0x40..=0x7e) => {
                    if matches!(byte, b'A'..=b'H' | b'J' | b'd' | b'f') {
                        self.line_end();
                    }
                    State::Text
                }
                (State::Sequence, _) => State::Sequence,
            };
        }
        if self.text.len() > Self::KEPT {
            // All of it is ASCII.
            let cut = self.text.len().saturating_sub(Self::KEPT / 2);
            self.text.drain(..cut);
            self.dropped = self.dropped.saturating_add(cut);
        }
    }

    fn line_end(&mut self) {
        if !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn console() -> Console {
        Console::new(Path::new("/nonexistent/serial.txt"))
    }

    #[test]
    fn terminal_commands_are_no_text_wherever_a_piece_ends() {
        let bytes = b"\x1b[2J\x1b[01;01Hab\x1b[0;37mc\x1b[3;1Hd\r\ne\xc4\x1bcf";
        for cut in 0..bytes.len() {
            let mut console = console();
            let (first, second) = bytes.split_at(cut);
            console.feed(first);
            console.feed(second);
            assert_eq!(console.from(0), "\nabc\nd\n\ne?f", "{cut}");
        }
    }

    #[test]
    fn positions_hold_when_the_front_is_dropped() {
        let mut console = console();
        console.feed(&vec![b'a'; Console::KEPT]);
        let end = console.end();
        console.feed(b"tail");
        assert_eq!(console.from(end), "tail");
        assert!(console.text.len() <= Console::KEPT, "bounded");
        assert_eq!(console.end(), Console::KEPT + 4);
    }

    #[test]
    fn a_file_is_read_on_where_it_was_left() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("serial.txt");
        let mut console = Console::new(&path);
        console.poll();
        std::fs::write(&path, "one\n").expect("written");
        console.poll();
        let end = console.end();
        std::fs::write(&path, "one\ntwo\n").expect("written");
        console.poll();
        assert_eq!(console.from(end), "two\n");
        assert!(!console.is_flooded());
    }
}
