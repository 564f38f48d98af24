//! A pxelinux menu as lines: where its labels are, and which of them lie in blocks of ours.
//!
//! Lines are read as syslinux reads them: blanks before a keyword do not count, keywords are
//! case-blind, a label is the rest of its line and is case-sensitive, and between `text` and
//! `endtext` there are no keywords.

use std::ops::Range;
use std::path::Path;

use super::block::{BEGIN, END};
use crate::error::{Error, Result};
use crate::media::path::printable;

/// A block of ours found in a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) label: Vec<u8>,
    /// From the first byte of the first marker to behind the line end of the last.
    pub(super) span: Range<usize>,
    /// Line of the first marker, counted from 1.
    pub(super) line: usize,
}

/// A `label` line of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What follows the keyword, without blanks around it.
    pub label: Vec<u8>,
    /// Line, counted from 1.
    pub line: usize,
    /// Label of the block of ours that it lies in; `None` for the administrator's own.
    pub block: Option<Vec<u8>>,
    /// Byte offset of the line.
    pub(super) start: usize,
    /// How many submenus it lies in.
    pub(super) depth: usize,
}

/// The labels and blocks of a menu.
#[derive(Debug, Default)]
pub(super) struct Config {
    pub(super) blocks: Vec<Found>,
    pub(super) labels: Vec<Label>,
}

/// Every label of the menu `text`, in order.
///
/// # Errors
/// [`Error::Invalid`] on `path` with the line of a marker that has lost its fellow, or of a `text`
/// without `endtext`.
pub fn labels(path: &Path, text: &[u8]) -> Result<Vec<Label>> {
    Config::parse(path, text).map(|config| config.labels)
}

/// Label and text of every block of ours in the menu `text`, in order.
///
/// # Errors
/// As [`labels`].
pub fn blocks<'t>(path: &Path, text: &'t [u8]) -> Result<Vec<(Vec<u8>, &'t [u8])>> {
    let blocks = Config::parse(path, text)?.blocks.into_iter();
    Ok(blocks.map(|block| (block.label, text.get(block.span).unwrap_or_default())).collect())
}

impl Config {
    pub(super) fn parse(path: &Path, text: &[u8]) -> Result<Self> {
        let mut config = Self::default();
        let mut open: Option<(Vec<u8>, usize, usize)> = None;
        let mut in_text = None;
        let mut depth = 0_usize;
        let mut start = 0;
        for (index, line) in text.split_inclusive(|&b| b == b'\n').enumerate() {
            let number = index + 1;
            let end = start + line.len();
            let fault = |what: String| Error::invalid(path, format!("line {number}: {what}"));
            match Line::of(line) {
                Line::EndText if in_text.is_some() => in_text = None,
                _ if in_text.is_some() => {}
                Line::Text => in_text = Some(number),
                Line::Begin(label) => {
                    if let Some((other, line, _)) = &open {
                        return Err(fault(format!(
                            "a block of pxe-import begins inside the block {} that began in line \
                             {line}: put its end marker back",
                            printable(other)
                        )));
                    }
                    if let Some(other) = config.blocks.iter().find(|b| b.label == label) {
                        return Err(fault(format!(
                            "a second block {} (the first is in line {}): delete one of them",
                            printable(label),
                            other.line
                        )));
                    }
                    open = Some((label.to_owned(), number, start));
                }
                Line::End(label) => match open.take() {
                    Some((begun, line, start)) if begun == label => {
                        config.blocks.push(Found { label: begun, span: start..end, line });
                    }
                    Some((begun, line, _)) => {
                        return Err(fault(format!(
                            "the end of the block {} where that of {}, begun in line {line}, is \
                             due: put the markers back",
                            printable(label),
                            printable(&begun)
                        )));
                    }
                    None => {
                        return Err(fault(format!(
                            "the end of a block {} that never began: put its begin marker back, or \
                             delete this line",
                            printable(label)
                        )));
                    }
                },
                Line::Label(label) => config.labels.push(Label {
                    label: label.to_owned(),
                    line: number,
                    block: open.as_ref().map(|(label, ..)| label.clone()),
                    start,
                    depth,
                }),
                Line::MenuBegin => depth = depth.saturating_add(1),
                Line::MenuEnd => depth = depth.saturating_sub(1),
                Line::EndText | Line::Other => {}
            }
            start = end;
        }
        if let Some(line) = in_text {
            return Err(Error::invalid(
                path,
                format!("line {line}: a text without endtext hides all that follows: close it"),
            ));
        }
        if let Some((label, line, _)) = open {
            return Err(Error::invalid(
                path,
                format!(
                    "line {line}: the block {} has no end: put the line \"{END}{}\" back",
                    printable(&label),
                    printable(&label)
                ),
            ));
        }
        Ok(config)
    }

    /// The first line behind a block that is part of its entry: a directive before the next label,
    /// submenu or block.
    pub(super) fn stray(&self, text: &[u8], block: &Found) -> Option<usize> {
        let before = text.get(..block.span.end)?.iter().filter(|&&b| b == b'\n').count();
        let after = text.get(block.span.end..)?.split_inclusive(|&b| b == b'\n');
        for (index, line) in after.enumerate() {
            match Line::of(line) {
                Line::Other if matches!(trim(line).first(), None | Some(b'#')) => {}
                Line::Other | Line::Text => return Some(before + index + 1),
                _ => return None,
            }
        }
        None
    }

    pub(super) fn block(&self, label: &str) -> Option<&Found> {
        self.blocks.iter().find(|block| block.label == label.as_bytes())
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Begin(&'a [u8]),
    End(&'a [u8]),
    Label(&'a [u8]),
    Text,
    EndText,
    MenuBegin,
    MenuEnd,
    Other,
}

impl<'a> Line<'a> {
    pub(super) fn of(line: &'a [u8]) -> Self {
        let line = trim(line);
        if let Some(label) = line.strip_prefix(BEGIN.as_bytes()) {
            Self::Begin(trim(label))
        } else if let Some(label) = line.strip_prefix(END.as_bytes()) {
            Self::End(trim(label))
        } else if let Some(label) = after(line, "label") {
            Self::Label(label)
        } else if after(line, "text").is_some() {
            Self::Text
        } else if after(line, "endtext").is_some() {
            Self::EndText
        } else if let Some(rest) = after(line, "menu") {
            if after(rest, "begin").is_some() {
                Self::MenuBegin
            } else if after(rest, "end").is_some() {
                Self::MenuEnd
            } else {
                Self::Other
            }
        } else {
            Self::Other
        }
    }
}

/// Space is all up to 0x20 to syslinux.
pub(crate) fn trim(mut line: &[u8]) -> &[u8] {
    while let [0..=b' ', rest @ ..] | [rest @ .., 0..=b' '] = line {
        line = rest;
    }
    line
}

/// What follows `keyword`, if the line begins with that word.
pub(crate) fn after<'a>(line: &'a [u8], keyword: &str) -> Option<&'a [u8]> {
    let (word, rest) = line.split_at_checked(keyword.len())?;
    let whole = rest.first().is_none_or(|&b| b <= b' ');
    (whole && word.eq_ignore_ascii_case(keyword.as_bytes())).then(|| trim(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config> {
        Config::parse(Path::new("default"), text.as_bytes())
    }

    fn fault(text: &str) -> String {
        let error = parse(text).expect_err(text);
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
        error.to_string()
    }

    #[test]
    fn keywords_are_case_blind_and_may_be_indented() {
        assert_eq!(Line::of(b"  LaBeL\tCentOS 6 \r\n"), Line::Label(b"CentOS 6"));
        assert_eq!(Line::of(b"labels a\n"), Line::Other);
        assert_eq!(Line::of(b"label"), Line::Label(b""));
        assert_eq!(Line::of(b"# label a"), Line::Other);
        assert_eq!(Line::of(b"menu label a"), Line::Other);
        assert_eq!(Line::of(b"MENU BEGIN tools"), Line::MenuBegin);
        assert_eq!(Line::of(b"menu end"), Line::MenuEnd);
        assert_eq!(Line::of(b"\xff\xfe\n"), Line::Other);
        assert_eq!(Line::of(b" # pxe-import begin a \r\n"), Line::Begin(b"a"));
    }

    #[test]
    fn labels_are_listed_with_their_lines_and_owners() {
        let text = "default x\nlabel one\n# pxe-import begin two\nlabel two\n\
                    # pxe-import end two\nmenu begin\nlabel three\nmenu end\nlabel four\n";
        let labels = labels(Path::new("default"), text.as_bytes()).expect("whole");
        let list: Vec<_> = labels
            .iter()
            .map(|l| (printable(&l.label), l.line, l.block.is_some(), l.depth))
            .collect();
        let expected = [("one", 2, false, 0), ("two", 4, true, 0), ("three", 7, false, 1)];
        let expected = expected.into_iter().chain([("four", 9, false, 0)]);
        assert!(list.iter().map(|(a, b, c, d)| (a.as_str(), *b, *c, *d)).eq(expected), "{list:?}");
    }

    #[test]
    fn help_texts_hold_no_labels_and_no_markers() {
        let config = parse("text help\nlabel a\n# pxe-import begin b\n  endtext\nlabel c\n");
        let config = config.expect("whole");
        assert_eq!(config.labels.len(), 1);
        assert!(config.blocks.is_empty());
    }

    #[test]
    fn damaged_markers_are_refused_with_their_line() {
        let begin = "# pxe-import begin a\n";
        let end = "# pxe-import end a\n";
        let other = "# pxe-import begin b\n";
        assert!(fault(&format!("x\n{begin}label a\n")).contains("line 2: the block a has no end"));
        assert!(fault(&format!("x\n{end}")).contains("line 2: the end of a block a that never"));
        assert!(fault(&format!("{begin}{other}")).contains("line 2: a block of pxe-import begins"));
        let mismatch = fault(&format!("{begin}# pxe-import end b\n"));
        assert!(mismatch.contains("line 2: the end of the block b"), "{mismatch}");
        let twice = fault(&format!("{begin}{end}{begin}{end}"));
        assert!(twice.contains("line 3: a second block a (the first is in line 1)"), "{twice}");
        assert!(fault("a\ntext help\nlabel x\n").contains("line 2: a text without endtext"));
    }
}
