//! Entries of the Boot Loader Specification (type 1), as systemd-boot reads them.

use super::CANDIDATES_MAX;
use super::candidate::Candidate;
use super::files::{Reader, name};
use crate::menu::config::{after, trim};

/// Where they lie.
const DIRS: [&str; 2] = ["loader", "boot/loader"];

/// Longest pattern of a default in bytes, and most stars in it, which cost time.
const PATTERN_MAX: usize = 128;
const STARS_MAX: usize = 4;

/// The entries of every directory that is there.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<Candidate> {
    let mut all = Vec::new();
    for dir in DIRS {
        let (entries, names) = reader.list(&format!("{dir}/entries"));
        let pattern = default(reader, dir);
        let mut here = Vec::new();
        let is_entry = |name: &&String| name.to_ascii_lowercase().ends_with(".conf");
        for name in names.iter().filter(is_entry).take(CANDIDATES_MAX) {
            if let Some((path, bytes)) = reader.open(&[&entries], name)
                && let Some(entry) = entry(reader, path, &bytes)
            {
                here.push(entry);
            }
        }
        let is_default = |entry: &Candidate| {
            let file = name(&entry.config).to_ascii_lowercase();
            let stem = file.strip_suffix(".conf").unwrap_or(&file);
            pattern.as_ref().is_some_and(|p| p.matches(&file) || p.matches(stem))
        };
        // Without a default it is the last, which sorts as the newest.
        let at = here.iter().position(is_default).or(here.len().checked_sub(1));
        for (index, entry) in here.iter_mut().enumerate() {
            entry.default = Some(index) == at;
        }
        all.extend(here);
    }
    all
}

/// The `default` of loader.conf.
fn default(reader: &mut Reader<'_>, dir: &str) -> Option<glob::Pattern> {
    let (_, bytes) = reader.open(&[dir], "loader.conf")?;
    let lines = bytes.split(|&b| b == b'\n');
    let value = lines.filter_map(|line| after(trim(line), "default")).next_back()?;
    let text = String::from_utf8_lossy(value).to_ascii_lowercase();
    let short = text.len() <= PATTERN_MAX && text.matches('*').count() <= STARS_MAX;
    short.then(|| glob::Pattern::new(&text).ok())?
}

fn entry(reader: &Reader<'_>, config: String, bytes: &[u8]) -> Option<Candidate> {
    let mut made = Candidate { config, line: 1, ..Candidate::default() };
    let mut version = None;
    let mut kernel = None;
    for (line, number) in bytes.split(|&b| b == b'\n').zip(1_usize..) {
        let line = trim(line);
        let value = |key| after(line, key).map(|v| String::from_utf8_lossy(v).into_owned());
        if let Some(title) = value("title") {
            made.title = title;
        } else if let Some(text) = value("version") {
            version = Some(text);
        } else if let Some(path) = value("linux") {
            made.line = number;
            kernel = Some(path);
        } else if let Some(list) = value("initrd") {
            let room = 16_usize.saturating_sub(made.initrds.len());
            made.initrds.extend(list.split_whitespace().take(room).map(str::to_owned));
        } else if let Some(options) = value("options") {
            let room = 256_usize.saturating_sub(made.args.len());
            made.args.extend(options.split_whitespace().take(room).map(str::to_owned));
        }
    }
    if made.title.is_empty() {
        made.title = version.unwrap_or_else(|| name(&made.config).to_owned());
    }
    made.kernel = kernel?;
    let paths = std::mem::take(&mut made.initrds);
    let mut found = |path: &str| {
        reader.find(&[""], path).unwrap_or_else(|missing| {
            made.missing.push(missing.clone());
            missing
        })
    };
    let kernel = found(&made.kernel.clone());
    made.initrds = paths.iter().map(|path| found(path)).collect();
    made.kernel = kernel;
    Some(made.without_unfit())
}
