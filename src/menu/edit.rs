//! Our blocks put into a menu, replaced in it and taken out of it. Everything else in the file stays
//! as it is, byte for byte.

use std::path::Path;

use similar::TextDiff;

use super::block::{Block, hash};
use super::config::{Config, Found};
use crate::error::{Error, Result};
use crate::media::path::printable;
use crate::monitor::Warning;

/// What became of a label's block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It was not there and is now.
    Added,
    /// It was there, and has been written anew in its place.
    Replaced,
    /// It is there as it should be.
    Unchanged,
    /// Somebody has edited it, so it stays as it is.
    Kept {
        /// Unified diff from the block as it stands to the one that was not written.
        diff: String,
    },
    /// It was there and is no more.
    Removed,
    /// It was not there.
    Absent,
}

/// A menu after an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The whole new text.
    pub text: Vec<u8>,
    /// What was done.
    pub change: Change,
    /// What the administrator should know.
    pub warnings: Vec<Warning>,
}

/// Puts `block` into the menu `text`: in the place of the block of the same label, else before
/// the first `label local` outside submenus, else at the end.
///
/// `recorded` holds the hashes ([`Block::hash`]) of the block as we have written it, more than one
/// where a publication may have been cut short between record and menu. A block that is there with
/// any other hash has been edited, and stays unless `force`.
///
/// # Errors
/// [`Error::Conflict`] on `path` if the administrator has a label of the same name outside the
/// block: syslinux would take the first of the two. [`Error::Invalid`] for damaged markers, as
/// [`super::config::labels`], and for UTF-16.
pub fn upsert(
    path: &Path,
    text: &[u8],
    block: &Block,
    recorded: &[&str],
    force: bool,
) -> Result<Edit> {
    let mut warnings = block.warnings().to_vec();
    warnings.extend(check_encoding(path, text)?);
    let config = Config::parse(path, text)?;
    check_foreign(path, &config, block.label())?;
    let done = |text, change, warnings| Ok(Edit { text, change, warnings });
    let Some(found) = config.block(block.label()) else {
        return done(insert(text, &config, block), Change::Added, warnings);
    };
    let old = &text[found.span.clone()];
    let hash = hash(old);
    if hash == block.hash() {
        return done(text.to_owned(), Change::Unchanged, warnings);
    }
    if !force && !recorded.contains(&hash.as_str()) {
        warnings.push(Warning::new(
            "menu-block-edited",
            path.to_string_lossy(),
            format!(
                "line {}: the block {} has been edited since it was written and is kept; --force \
                 writes it anew",
                found.line,
                block.label()
            ),
        ));
        let change = Change::Kept { diff: diff(path, old, block) };
        return done(text.to_owned(), change, warnings);
    }
    let mut new = text[..found.span.start].to_owned();
    new.extend(block.bytes(line_end(old), old.ends_with(b"\n")));
    new.extend_from_slice(&text[found.span.end..]);
    done(new, Change::Replaced, warnings)
}

/// Takes the block of `label` out of the menu `text`, with the blank line that came with it.
///
/// # Errors
/// [`Error::Invalid`] for damaged markers, as [`super::config::labels`].
pub fn remove(path: &Path, text: &[u8], label: &str) -> Result<Edit> {
    let config = Config::parse(path, text)?;
    let done = |text, change| Edit { text, change, warnings: Vec::new() };
    Ok(match config.block(label) {
        Some(found) => done(cut(text, found), Change::Removed),
        None => done(text.to_owned(), Change::Absent),
    })
}

/// As [`remove`], but a block with a hash that is not among `recorded` has been edited, and stays
/// unless `force`.
///
/// # Errors
/// As [`remove`].
pub fn withdraw(
    path: &Path,
    text: &[u8],
    label: &str,
    recorded: &[&str],
    force: bool,
) -> Result<Edit> {
    let config = Config::parse(path, text)?;
    let Some(found) = config.block(label) else { return remove(path, text, label) };
    let hash = hash(&text[found.span.clone()]);
    if !force && !recorded.contains(&hash.as_str()) {
        let message = format!(
            "line {}: the block {label} has been edited since it was written and is kept: it leads \
             nowhere now; delete it, or use --force",
            found.line
        );
        let warning = Warning::new("menu-block-edited", path.to_string_lossy(), message);
        let change = Change::Kept { diff: String::new() };
        return Ok(Edit { text: text.to_owned(), change, warnings: vec![warning] });
    }
    let mut edit = remove(path, text, label)?;
    if let Some(line) = config.stray(text, found) {
        let lines = |text: &[u8]| text.iter().filter(|&&b| b == b'\n').count();
        let line = line.saturating_sub(lines(text).saturating_sub(lines(&edit.text)));
        let message = format!(
            "line {line}: what stands behind the block {label} belonged to its entry, and belongs to \
             the entry before it now: delete it"
        );
        edit.warnings.push(Warning::new("menu-lines-left", path.to_string_lossy(), message));
    }
    Ok(edit)
}

/// Puts `block` in the place of the block of `old`, another label. Where `old` has none, or one with a
/// hash that is not among `recorded`, which has been edited, nothing changes.
///
/// # Errors
/// As [`upsert`].
pub fn rename(
    path: &Path,
    text: &[u8],
    old: &str,
    block: &Block,
    recorded: &[&str],
) -> Result<Edit> {
    let config = Config::parse(path, text)?;
    check_foreign(path, &config, block.label())?;
    let unchanged = |change| Edit { text: text.to_owned(), change, warnings: Vec::new() };
    let Some(found) = config.block(old) else { return Ok(unchanged(Change::Absent)) };
    let there = &text[found.span.clone()];
    if !recorded.contains(&hash(there).as_str()) {
        return Ok(unchanged(Change::Kept { diff: diff(path, there, block) }));
    }
    let new = block.bytes(line_end(there), there.ends_with(b"\n"));
    let text = [&text[..found.span.start], &new, &text[found.span.end..]].concat();
    Ok(Edit { text, change: Change::Replaced, warnings: block.warnings().to_vec() })
}

fn check_encoding(path: &Path, text: &[u8]) -> Result<Option<Warning>> {
    if text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        return Err(Error::invalid(
            path,
            "is UTF-16, which syslinux cannot read: save it as plain ASCII or UTF-8 without a byte \
             order mark",
        ));
    }
    Ok(text.starts_with(b"\xef\xbb\xbf").then(|| {
        Warning::new(
            "byte-order-mark",
            path.to_string_lossy(),
            "begins with a byte order mark, which breaks its first line for syslinux: save it \
             without one",
        )
    }))
}

fn check_foreign(path: &Path, config: &Config, label: &str) -> Result<()> {
    let label = label.as_bytes();
    let foreign =
        config.labels.iter().find(|l| l.label == label && l.block.as_deref() != Some(label));
    foreign.map_or(Ok(()), |foreign| {
        Err(Error::conflict(
            path,
            format!(
                "line {}: a label {} is there already and is not ours: rename or delete it, or \
                 import under another NAME",
                foreign.line,
                printable(label)
            ),
        ))
    })
}

/// The block is set apart by a blank line of ours, behind it where something follows, else before
/// it. [`cut`] relies on that.
fn insert(text: &[u8], config: &Config, block: &Block) -> Vec<u8> {
    let line_end = line_end(text);
    let local = config
        .labels
        .iter()
        .find(|l| l.block.is_none() && l.depth == 0 && l.label.eq_ignore_ascii_case(b"local"));
    let at = local.map_or(text.len(), |local| local.start);
    let mut new = text[..at].to_owned();
    if local.is_some() {
        new.extend(block.bytes(line_end, true));
        new.extend_from_slice(line_end.as_bytes());
    } else if text.is_empty() {
        new.extend(block.bytes(line_end, true));
    } else {
        let last = text.ends_with(b"\n");
        if !last {
            new.extend_from_slice(line_end.as_bytes());
        }
        new.extend_from_slice(line_end.as_bytes());
        new.extend(block.bytes(line_end, last));
    }
    new.extend_from_slice(&text[at..]);
    new
}

fn cut(text: &[u8], found: &Found) -> Vec<u8> {
    let line_end = line_end(&text[found.span.clone()]).as_bytes();
    let before = &text[..found.span.start];
    let after = &text[found.span.end..];
    if !after.is_empty() {
        return [before, after.strip_prefix(line_end).unwrap_or(after)].concat();
    }
    let mut before = match before.strip_suffix(line_end) {
        Some(rest) if rest.is_empty() || rest.ends_with(b"\n") => rest,
        _ => before,
    };
    if !text.ends_with(b"\n") {
        before = before.strip_suffix(line_end).unwrap_or(before);
    }
    before.to_owned()
}

/// The kind of line end that the first line has.
fn line_end(text: &[u8]) -> &'static str {
    match text.split_inclusive(|&b| b == b'\n').next() {
        Some(line) if line.ends_with(b"\r\n") => "\r\n",
        _ => "\n",
    }
}

fn diff(path: &Path, old: &[u8], block: &Block) -> String {
    let lines = |text: &[u8]| {
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        text.split(|&b| b == b'\n')
            .map(|line| printable(line.strip_suffix(b"\r").unwrap_or(line)) + "\n")
            .collect::<String>()
    };
    let name = printable(path.as_os_str().as_encoded_bytes());
    TextDiff::from_lines(lines(old), lines(block.text().as_bytes()))
        .unified_diff()
        .header(&name, &format!("{name} (pxe-import)"))
        .to_string()
}

#[cfg(test)]
mod tests;
