//! The result of `inspect`.

use std::fmt::Write;

use serde::Serialize;

use super::count;
use crate::human::human;
use crate::identify::Product;
use crate::identify::edition::Edition;
use crate::media::{Bootable, Hierarchy, printable};
use crate::monitor::Warning;

/// The result of `inspect`.
#[derive(Debug, Serialize)]
pub struct Inspected {
    /// Version of this document.
    pub schema: u32,
    /// One an image, in the order of the command line.
    pub images: Vec<ImageReport>,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
}

/// What is on one image.
#[derive(Debug, Serialize)]
pub struct ImageReport {
    /// As given; what is not UTF-8 is replaced.
    pub path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
    /// Volume identifier.
    pub volume_id: String,
    /// System identifier.
    pub system_id: String,
    /// Application identifier.
    pub application_id: String,
    /// The tree that was read.
    pub hierarchy: Hierarchy,
    /// The systems that set-up offers, of a Windows disc; empty where its WIM cannot be read.
    pub editions: Option<Vec<Edition>>,
    /// The sum of the files' sizes in bytes.
    pub bytes: u64,
    /// How many regular files there are.
    pub files: u64,
    /// Which firmware can start it.
    pub bootable: Bootable,
    /// What it is, if known.
    pub product: Option<Product>,
    /// What the disc's own boot loader configs boot, where no profile knows it.
    pub boots: Option<Boots>,
    /// What tells that, in sentences, with `--explain`.
    pub why: Option<Vec<String>>,
    /// Every path, with `--files`.
    pub entries: Option<Vec<PathEntry>>,
}

/// What a boot loader's config boots.
#[derive(Debug, Serialize)]
pub struct Boots {
    /// The kernel, from the top of the disc.
    pub kernel: String,
    /// The initial ramdisks.
    pub initrds: Vec<String>,
    /// The config, from the top of the disc.
    pub config: String,
    /// Its line, counted from 1.
    pub line: usize,
}

/// One path of an image.
#[derive(Debug, Serialize)]
pub struct PathEntry {
    /// From the top of the disc; what is not UTF-8 is replaced.
    pub path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
    /// `file`, `dir`, `link` or `other`.
    pub r#type: &'static str,
    /// Bytes.
    pub size: u64,
    /// RFC 3339 in UTC.
    pub mtime: Option<String>,
    /// Of a link.
    pub target: Option<String>,
}

impl ImageReport {
    pub(super) fn text(&self) -> String {
        let mut out = format!("{}\n", printable(self.path.as_bytes()));
        let mut line = |what: &str, value: &str| {
            let value = if value.is_empty() { "-" } else { value };
            let _ = writeln!(out, "  {what:<12} {}", printable(value.as_bytes()));
        };
        match &self.product {
            Some(product) => line("product", &product.to_string()),
            None => line("product", "not known"),
        }
        if let Some(Boots { kernel, config, line: number, .. }) = &self.boots {
            line("boots", &format!("{kernel} (guessed from {config} line {number})"));
        }
        for (number, why) in self.why.iter().flatten().enumerate() {
            line(if number == 0 { "because" } else { " " }, why);
        }
        line("volume", &self.volume_id);
        line("system", &self.system_id);
        line("application", &self.application_id);
        line("hierarchy", &self.hierarchy.to_string());
        line(
            "bootable",
            match (self.bootable.bios, self.bootable.uefi) {
                (true, true) => "BIOS, UEFI",
                (true, false) => "BIOS",
                (false, true) => "UEFI",
                (false, false) => "no",
            },
        );
        line("holds", &format!("{}, {}", count(self.files, "file"), human(self.bytes)));
        self.write_editions(&mut out);
        for entry in self.entries.iter().flatten() {
            let mark = match entry.r#type {
                "dir" => "d",
                "link" => "l",
                "file" => "-",
                _ => "?",
            };
            let mtime = entry.mtime.as_deref().unwrap_or("-");
            let path = printable(entry.path.as_bytes());
            let _ = write!(out, "  {mark} {:>12} {mtime:<20} {path}", entry.size);
            if let Some(target) = &entry.target {
                let _ = write!(out, " -> {}", printable(target.as_bytes()));
            }
            out.push('\n');
        }
        out
    }

    fn write_editions(&self, out: &mut String) {
        let Some(editions) = &self.editions else { return };
        if editions.is_empty() {
            let _ = writeln!(out, "  {:<12} not known", "editions");
        }
        for of_one in editions.chunk_by(|a, b| a.file == b.file) {
            let file = of_one.first().map_or("", |edition| &edition.file);
            let (count, file) = (of_one.len(), printable(file.as_bytes()));
            let _ = writeln!(out, "  {:<12} {count} in {file}", "editions");
            for edition in of_one {
                let _ = writeln!(out, "  {}", printable(edition.to_string().as_bytes()));
            }
        }
    }
}
