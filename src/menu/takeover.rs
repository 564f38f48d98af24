//! The administrator's own label for a tree becomes our block in its place.
//!
//! What an entry cannot hold (`menu default`, a help text, comments) stays behind the block as it
//! is: syslinux counts all up to the next label to the label before it.

use std::ops::Range;
use std::path::Path;

use super::block::{Block, hash};
use super::config::{Config, Label, Line, after, trim};
use super::entry::{Entry, check_title};
use crate::error::{Error, Result};
use crate::media::path::printable;

/// A label of the administrator's that leads into a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// Its name.
    pub label: String,
    /// Its line, counted from 1.
    pub line: usize,
    /// [`hash`] of its text, to tell later whether somebody has edited it.
    pub hash: String,
    title: Option<String>,
    kernel: Option<String>,
    initrd: Option<String>,
    args: Vec<String>,
    bootif: bool,
    /// From its first line to behind the last one that an entry holds.
    span: Range<usize>,
    /// Lines between those that no entry holds.
    rest: Vec<u8>,
}

/// What of the administrator's label an entry is to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// The text in the menu.
    pub title: bool,
    /// All arguments, in their order, where the kernel is the same; else only those that say
    /// something of which our entry says nothing.
    pub args: bool,
}

/// The labels outside our blocks that lead into `target`, a path below the web root, in order; the
/// one that is called `name` first.
///
/// # Errors
/// As [`super::config::labels`].
pub fn find(path: &Path, text: &[u8], name: &str, target: &str) -> Result<Vec<Own>> {
    let config = Config::parse(path, text)?;
    let foreign = config.labels.iter().filter(|label| label.block.is_none());
    let mut found: Vec<_> = foreign
        .filter_map(|label| Own::read(text, label))
        .filter(|own| own.leads_into(target))
        .collect();
    // Another of that name would be in the way of our own block.
    found.sort_by_key(|own| own.label != name);
    Ok(found)
}

/// Name and line of each label outside our blocks that leads into `target`.
///
/// # Errors
/// As [`super::config::labels`].
pub fn leading(path: &Path, text: &[u8], target: &str) -> Result<Vec<(String, usize)>> {
    Ok(find(path, text, "", target)?.into_iter().map(|own| (own.label, own.line)).collect())
}

/// Whether a menu speaks of anything in the directory `dir` below the web root.
pub fn mentions(text: &[u8], dir: &str) -> bool {
    let dir = format!("{dir}/").into_bytes();
    let word = |&b: &u8| b.is_ascii_alphanumeric() || b"._-+~".contains(&b);
    let begins = |at: usize| at == 0 || text.get(at - 1).is_none_or(|b| !word(b));
    text.windows(dir.len()).enumerate().any(|(at, there)| there == dir && begins(at))
}

/// Lines that name `label` as what to boot by itself, which another name would break: `default`,
/// `ontimeout`, `onerror`.
pub fn named_by(text: &[u8], label: &str) -> Vec<usize> {
    let names = |line: &[u8]| {
        let line = trim(line);
        ["default", "ontimeout", "onerror"]
            .iter()
            .any(|keyword| after(line, keyword).is_some_and(|rest| rest == label.as_bytes()))
    };
    let lines = (1..).zip(text.split(|&b| b == b'\n'));
    lines.filter(|(_, line)| names(line)).map(|(number, _)| number).collect()
}

/// Puts `block` in the place of the administrator's label that leads into `target` and has the
/// text of which `expected` is the hash. Nothing changes where the block is there already, or there
/// is no such label and none is expected.
///
/// # Errors
/// As [`find`]; [`Error::Conflict`] if the label has been edited or is gone.
pub fn apply(
    path: &Path,
    text: &[u8],
    block: &Block,
    target: &str,
    expected: Option<&str>,
) -> Result<Vec<u8>> {
    let there = Config::parse(path, text)?.block(block.label()).is_some();
    let Some(expected) = expected.filter(|_| !there) else { return Ok(text.to_owned()) };
    let own = find(path, text, block.label(), target)?.into_iter().next();
    let own = own.filter(|own| own.hash == expected).ok_or_else(|| {
        let what = format!(
            "your label for {target} has been changed in this moment: look at it, and run this again"
        );
        Error::conflict(path, what)
    })?;
    let old = text.get(own.span.clone()).unwrap_or_default();
    let first = old.split_inclusive(|&b| b == b'\n').next().unwrap_or_default();
    let line_end = if first.ends_with(b"\r\n") { "\r\n" } else { "\n" };
    let mut new = text.get(..own.span.start).unwrap_or_default().to_owned();
    new.extend(block.bytes(line_end, old.ends_with(b"\n") || !own.rest.is_empty()));
    new.extend_from_slice(&own.rest);
    new.extend_from_slice(text.get(own.span.end..).unwrap_or_default());
    Ok(new)
}

impl Own {
    /// The label that begins at `label`; `None` for one that holds what is no text.
    fn read(text: &[u8], label: &Label) -> Option<Self> {
        let mut own = Self {
            label: printable(&label.label),
            line: label.line,
            hash: String::new(),
            title: None,
            kernel: None,
            initrd: None,
            args: Vec::new(),
            bootif: false,
            span: label.start..label.start,
            rest: Vec::new(),
        };
        let mut append = String::new();
        let mut separate = None;
        // Lines that no entry holds, since the last that one does.
        let mut other = Vec::new();
        let (mut at, mut in_text) = (label.start, false);
        for (index, line) in text.get(label.start..)?.split_inclusive(|&b| b == b'\n').enumerate() {
            let kind = Line::of(line);
            at += line.len();
            let held = match kind {
                _ if in_text => {
                    in_text = kind != Line::EndText;
                    false
                }
                Line::Label(_) if index == 0 => true,
                Line::Text => {
                    in_text = true;
                    false
                }
                Line::EndText => false,
                Line::Other => own.directive(trim(line), &mut append, &mut separate)?,
                _ => break,
            };
            if held {
                own.rest.append(&mut other);
                own.span.end = at;
            } else {
                other.extend_from_slice(line);
            }
        }
        for word in append.split_ascii_whitespace() {
            match word.strip_prefix("initrd=") {
                Some(initrd) if own.initrd.is_none() => own.initrd = Some(initrd.to_owned()),
                _ => own.args.push(word.to_owned()),
            }
        }
        own.initrd = own.initrd.or(separate);
        own.hash = hash(text.get(own.span.clone())?);
        Some(own)
    }

    /// Takes in a directive, if an entry can hold it; `None` for one that is no text.
    fn directive(
        &mut self,
        line: &[u8],
        append: &mut String,
        initrd: &mut Option<String>,
    ) -> Option<bool> {
        let value = |keyword: &str| after(line, keyword);
        let text = |value: &[u8]| std::str::from_utf8(value).ok().map(str::to_owned);
        if let Some(title) = value("menu").and_then(|rest| after(rest, "label")) {
            self.title = text(title);
        } else if let Some(kernel) = ["kernel", "linux", "com32"].into_iter().find_map(value) {
            self.kernel = Some(text(kernel)?);
        } else if let Some(args) = value("append") {
            *append = text(args)?;
        } else if let Some(path) = value("initrd") {
            *initrd = Some(text(path)?);
        } else if let Some(bits) = ["ipappend", "sysappend"].into_iter().find_map(value) {
            self.bootif = text(bits)?.parse::<u32>().is_ok_and(|bits| bits & 2 != 0);
        } else {
            return Some(false);
        }
        Some(true)
    }

    /// Whether kernel, initial ramdisk or boot.cfg lie in `target`, or are it.
    fn leads_into(&self, target: &str) -> bool {
        let config = self.args.iter().zip(self.args.iter().skip(1)).filter(|(c, _)| *c == "-c");
        let initrds = self.initrd.iter().flat_map(|initrd| initrd.split(','));
        let paths = self.kernel.iter().map(String::as_str).chain(initrds);
        let target = normal(target);
        paths.chain(config.map(|(_, path)| path.as_str())).any(|p| normal(p).starts_with(&target))
    }

    /// Our entry with what the administrator has written.
    pub fn entry(&self, ours: &Entry, keep: Keep) -> Entry {
        let mut entry = ours.clone();
        if keep.title {
            let title = self.title.as_ref().unwrap_or(&self.label);
            if check_title(title).is_ok() {
                entry.title.clone_from(title);
            }
        }
        let same = self.kernel.as_deref().is_some_and(|own| normal(own) == normal(&ours.kernel));
        if !same || !keep.args {
            entry.args.extend(self.extra(ours));
            return entry;
        }
        let other = |initrd: &&String| {
            ours.initrd.as_deref().is_none_or(|ours| normal(ours) != normal(initrd))
        };
        if let Some(initrd) = self.initrd.as_ref().filter(other) {
            entry.initrd = Some(initrd.clone());
        }
        entry.args.clone_from(&self.args);
        entry.bootif = self.bootif;
        entry
    }

    /// The administrator's arguments of whose kind our entry has none.
    pub fn extra(&self, ours: &Entry) -> Vec<String> {
        let key = |arg: &str| arg.split('=').next().unwrap_or_default().to_owned();
        let known: Vec<_> = ours.args.iter().map(|arg| key(arg)).collect();
        let mut before = "";
        let mut extra = Vec::new();
        for arg in &self.args {
            if before != "-c" && !known.contains(&key(arg)) && arg != "-c" {
                extra.push(arg.clone());
            }
            before = arg;
        }
        extra
    }
}

/// The components of a path as pxelinux asks for it: below its prefix, in `pxefiles`, or of a URL.
fn normal(path: &str) -> Vec<&str> {
    let path = match path.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => path,
    };
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    if parts.first() == Some(&"pxefiles") {
        parts.remove(0);
    }
    parts
}

#[cfg(test)]
mod tests;
