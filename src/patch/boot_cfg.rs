//! ESXi's `boot.cfg`: what mboot reads from it, and the changes that let it load over HTTP.
//!
//! Grammar (as VMware's esx-boot reads it): lines `key=value`; blank lines and lines that start
//! with `#` are skipped; keys in any letter case; a blank before `=` makes the line unknown, and
//! unknown lines are ignored; of a key that comes twice the last counts, an empty value resets it;
//! carriage returns and blanks at both ends are dropped. `modules` are split by `---`, each a file
//! name and options. A name that starts with a slash or holds `://` ignores `prefix`.
//!
//! Titles may be in any encoding: all of this works on bytes.

use std::ops::Range;

/// The name that ESXi 5.0 to 6.5 give their kernel.
const TBOOT: &[u8] = b"tboot.b00";
/// Kernel option that makes the installer look for its files on a CD.
const CDROM_BOOT: &[u8] = b"cdromBoot";

/// What mboot gets out of a boot.cfg. What is not there is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BootCfg<'a> {
    /// Shown while loading.
    pub title: &'a [u8],
    /// Put before the names of kernel and modules; where empty, boot.cfg's own directory is.
    pub prefix: &'a [u8],
    /// File name of the kernel.
    pub kernel: &'a [u8],
    /// Arguments of the kernel.
    pub kernelopt: &'a [u8],
    /// What is loaded beside the kernel, in order.
    pub modules: Vec<Module<'a>>,
    /// Version and build: `7.0.2-0.0.17630552`.
    pub build: &'a [u8],
}

/// One item of `modules`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Module<'a> {
    /// File name.
    pub name: &'a [u8],
    /// What follows the name.
    pub options: &'a [u8],
}

/// A patched boot.cfg.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patched {
    /// The new text.
    pub text: Vec<u8>,
    /// Files that it names and that are not there, each once, in order.
    pub missing: Vec<Vec<u8>>,
}

/// Reads a boot.cfg. There is no text that it refuses, as there is none for mboot.
pub fn parse(text: &[u8]) -> BootCfg<'_> {
    let mut cfg = BootCfg::default();
    for line in lines(text) {
        let Some(field) = Field::of(line) else { continue };
        let value = &line[field.value];
        match field.key {
            Some(Key::Title) => cfg.title = value,
            Some(Key::Prefix) => cfg.prefix = value,
            Some(Key::Kernel) => cfg.kernel = value,
            Some(Key::KernelOpt) => cfg.kernelopt = value,
            Some(Key::Modules) => cfg.modules = modules(value),
            Some(Key::Build) => cfg.build = value,
            None => {}
        }
    }
    cfg
}

/// Makes a boot.cfg load its files from `prefix` (`/esxi/5.5/`, or a URL).
///
/// - `prefix=` is there once, with that value: in the place of the first such line, else as the
///   second line of the file;
/// - kernel and modules lose the slashes that start their names and make them ignore the prefix;
/// - where the kernel named does not exist and `tboot.b00` does, that is the kernel;
/// - `cdromBoot` leaves the kernel options.
///
/// All else stays byte for byte, line ends too, and a second time changes nothing. `exists` says
/// whether a path below the prefix is a file of more than 0 bytes.
pub fn patch(text: &[u8], prefix: &str, mut exists: impl FnMut(&[u8]) -> bool) -> Patched {
    let text = strip(text, prefix.as_bytes());
    let mut text = set_prefix(text, prefix.as_bytes());
    let kernel = parse(&text).kernel;
    let is_there = is_url(kernel) || (!kernel.is_empty() && exists(kernel));
    if !is_there && exists(TBOOT) {
        text = set_kernel(&text, TBOOT);
    }
    let cfg = parse(&text);
    let mut missing: Vec<Vec<u8>> = Vec::new();
    let names = cfg.modules.iter().map(|module| module.name);
    for name in std::iter::once(cfg.kernel).chain(names) {
        let asked = !name.is_empty() && !is_url(name) && !exists(name);
        if asked && !missing.iter().any(|known| known == name) {
            missing.push(name.to_vec());
        }
    }
    Patched { text, missing }
}

/// A key that means something here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Title,
    Prefix,
    Kernel,
    KernelOpt,
    Modules,
    Build,
}

/// A `key=value` line.
struct Field {
    key: Option<Key>,
    /// Where the value lies in the line, blanks at both ends left out.
    value: Range<usize>,
}

impl Field {
    fn of(line: &[u8]) -> Option<Self> {
        let start = line.len() - line.trim_ascii_start().len();
        let end = line.trim_ascii_end().len();
        let body = line.get(start..end)?;
        if body.starts_with(b"#") {
            return None;
        }
        let equals = body.iter().position(|&b| b == b'=')?;
        let (key, value) = (&body[..equals], &body[equals + 1..]);
        let keys = [
            (&b"title"[..], Key::Title),
            (b"prefix", Key::Prefix),
            (b"kernel", Key::Kernel),
            (b"kernelopt", Key::KernelOpt),
            (b"modules", Key::Modules),
            (b"build", Key::Build),
        ];
        let known = keys.iter().find(|(name, _)| key.eq_ignore_ascii_case(name));
        let value_start = end - value.trim_ascii_start().len();
        Some(Self { key: known.map(|&(_, key)| key), value: value_start..end })
    }
}

/// The lines with their ends.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&b| b == b'\n')
}

fn is_url(name: &[u8]) -> bool {
    name.windows(3).any(|part| part == b"://")
}

/// The items of `modules`, empty ones left out.
fn modules(value: &[u8]) -> Vec<Module<'_>> {
    items(value)
        .map(|item| value[item].trim_ascii())
        .filter(|item| !item.is_empty())
        .map(|item| {
            let end = item.iter().position(u8::is_ascii_whitespace).unwrap_or(item.len());
            let (name, options) = item.split_at(end);
            Module { name, options: options.trim_ascii() }
        })
        .collect()
}

/// Where the items of `modules` lie, between `---`.
fn items(value: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let len = value[start..].windows(3).position(|part| part == b"---");
        next = len.map(|len| start + len + 3);
        Some(start..len.map_or(value.len(), |len| start + len))
    })
}

/// Everything but the prefix: names without slashes, options without `cdromBoot`.
fn strip(text: &[u8], prefix: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + prefix.len() + 16);
    for line in lines(text) {
        let field = Field::of(line);
        let Some((key, value)) = field.and_then(|f| Some((f.key?, f.value))) else {
            out.extend_from_slice(line);
            continue;
        };
        out.extend_from_slice(&line[..value.start]);
        let old = &line[value.clone()];
        match key {
            Key::Kernel => out.extend_from_slice(bare(old)),
            Key::Modules => strip_modules(old, &mut out),
            Key::KernelOpt => without_word(old, CDROM_BOOT, &mut out),
            Key::Title | Key::Prefix | Key::Build => out.extend_from_slice(old),
        }
        out.extend_from_slice(&line[value.end..]);
    }
    out
}

/// Text that begins with a name, without the slashes at its start. The blanks between them go too:
/// else what follows a lone slash would be the name next time, with slashes of its own.
fn bare(text: &[u8]) -> &[u8] {
    let name = text.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    if is_url(name) {
        return text;
    }
    let slash = |b: u8| b == b'/' || b == b'\\';
    let start = text.iter().position(|&b| !slash(b) && !b.is_ascii_whitespace());
    &text[start.unwrap_or(text.len())..]
}

fn strip_modules(value: &[u8], out: &mut Vec<u8>) {
    let mut copied = 0;
    for Range { start, end } in items(value) {
        let item = value[start..end].trim_ascii_start();
        out.extend_from_slice(&value[copied..end - item.len()]);
        copied = end - bare(item).len();
    }
    out.extend_from_slice(&value[copied..]);
}

/// Takes a word out with the blanks after it, or, at the end, before it.
fn without_word(value: &[u8], word: &[u8], out: &mut Vec<u8>) {
    let from = out.len();
    let mut rest = value;
    while !rest.is_empty() {
        let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        let (this, after) = rest.split_at(end);
        let blanks = after.len() - after.trim_ascii_start().len();
        if this != word {
            out.extend_from_slice(&rest[..end + blanks]);
        }
        rest = &after[blanks..];
    }
    if value.ends_with(word) {
        while out.len() > from && out.last().is_some_and(u8::is_ascii_whitespace) {
            out.pop();
        }
    }
}

/// Leaves one `prefix` line with the value given: the first one, else a new second line.
fn set_prefix(text: Vec<u8>, prefix: &[u8]) -> Vec<u8> {
    let is_prefix = |line: &[u8]| Field::of(line).is_some_and(|f| f.key == Some(Key::Prefix));
    if !lines(&text).any(is_prefix) {
        return insert_line(&text, 1, &[b"prefix=", prefix].concat());
    }
    let mut out = Vec::with_capacity(text.len() + prefix.len());
    let mut done = false;
    for line in lines(&text) {
        match Field::of(line) {
            Some(Field { key: Some(Key::Prefix), value }) => {
                if !done {
                    out.extend_from_slice(&line[..value.start]);
                    out.extend_from_slice(prefix);
                    out.extend_from_slice(&line[value.end..]);
                }
                done = true;
            }
            _ => out.extend_from_slice(line),
        }
    }
    out
}

/// Changes the kernel line that counts, or adds one after the prefix.
fn set_kernel(text: &[u8], name: &[u8]) -> Vec<u8> {
    let has = |line: &[u8], key| Field::of(line).is_some_and(|field| field.key == Some(key));
    let last = lines(text).enumerate().filter(|(_, line)| has(line, Key::Kernel)).last();
    let Some((at, _)) = last else {
        let prefix = lines(text).position(|line| has(line, Key::Prefix)).unwrap_or(0);
        return insert_line(text, prefix + 1, &[b"kernel=", name].concat());
    };
    let mut out = Vec::with_capacity(text.len() + name.len());
    for (n, line) in lines(text).enumerate() {
        match Field::of(line).filter(|_| n == at) {
            Some(Field { value, .. }) => {
                out.extend_from_slice(&line[..value.start]);
                out.extend_from_slice(name);
                out.extend_from_slice(&line[value.end..]);
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

/// Puts a line after the first `after` lines, with the line end that the line before has. A file
/// without one at its end keeps that.
fn insert_line(text: &[u8], after: usize, new: &[u8]) -> Vec<u8> {
    let at = lines(text).take(after).map(<[u8]>::len).sum();
    let (before, behind) = text.split_at(at);
    let end: &[u8] = if lines(text).next().is_some_and(|line| line.ends_with(b"\r\n")) {
        b"\r\n"
    } else {
        b"\n"
    };
    match before {
        [] => [new, end, behind].concat(),
        _ if before.ends_with(b"\n") => [before, new, end, behind].concat(),
        _ => [before, end, new].concat(),
    }
}

#[cfg(test)]
mod tests;
