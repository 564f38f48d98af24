//! The lines of our own state files, one after the other: there is one for each file of an import.

use std::io::{self, BufRead, Read as _};

/// Most bytes of a line: that of a path and a link's target, all of it escaped.
const LINE_MAX: u64 = 128 << 10;

/// A line that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct BadLine {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

/// Why a file of lines cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Io(#[from] io::Error),
    /// A line of it is damaged.
    #[error(transparent)]
    Line(#[from] BadLine),
}

/// What `parse` makes of every line, as far as the first that it does not take or that cannot be had.
pub(crate) fn lines<T>(
    mut from: impl BufRead,
    parse: impl Fn(&str) -> Result<T, &'static str>,
) -> impl Iterator<Item = Result<T, Unread>> {
    let (mut line, mut ended, mut bytes) = (0, false, Vec::new());
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        line += 1;
        let next = match next(&mut from, &mut bytes) {
            Ok(None) => None,
            Ok(Some(text)) => {
                let parsed = text.and_then(&parse);
                Some(parsed.map_err(|what| Unread::Line(BadLine { line, what })))
            }
            Err(error) => Some(Err(Unread::Io(error))),
        };
        ended = !matches!(next, Some(Ok(_)));
        next
    })
}

/// The next line, or what is wrong with it.
fn next<'b>(
    from: &mut impl BufRead,
    bytes: &'b mut Vec<u8>,
) -> io::Result<Option<Result<&'b str, &'static str>>> {
    bytes.clear();
    let len = from.take(LINE_MAX).read_until(b'\n', bytes)?;
    Ok(match bytes.as_slice() {
        [] => None,
        [text @ .., b'\n'] => Some(std::str::from_utf8(text).map_err(|_| "it is not UTF-8")),
        _ if u64::try_from(len).is_ok_and(|len| len >= LINE_MAX) => Some(Err("it is too long")),
        text => Some(std::str::from_utf8(text).map_err(|_| "it is not UTF-8")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &[u8]) -> Vec<Result<String, String>> {
        let parse = |text: &str| if text == "bad" { Err("it is bad") } else { Ok(text.to_owned()) };
        lines(text, parse).map(|line| line.map_err(|error| error.to_string())).collect()
    }

    #[test]
    fn the_last_line_needs_no_end() {
        let line = |text: &str| Ok(text.to_owned());
        assert_eq!(all(b""), []);
        assert_eq!(all(b"a\n\nb"), [line("a"), line(""), line("b")]);
        assert_eq!(all(b"a\n"), [line("a")]);
    }

    #[test]
    fn nothing_comes_after_what_is_wrong_which_is_named() {
        let long = [b"a\n", &*vec![b'x'; 1 << 20]].concat();
        let expected = [Ok("a".to_owned()), Err("line 2: it is too long".to_owned())];
        assert_eq!(all(&long), expected);
        assert_eq!(all(b"\xff\nb"), [Err("line 1: it is not UTF-8".to_owned())]);
        assert_eq!(all(b"bad\nb"), [Err("line 1: it is bad".to_owned())]);
    }
}
