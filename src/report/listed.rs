//! The result of `list`.

use std::fmt::{self, Write};

use serde::Serialize;

use super::{Document, document};
use crate::human::human;
use crate::identify::Product;
use crate::media::printable;
use crate::monitor::Warning;
use crate::site::standing::Standing;

/// All imports of a root.
#[derive(Debug, Serialize)]
pub struct Listed {
    /// Version of this document.
    pub schema: u32,
    /// By name.
    pub imports: Vec<ImportState>,
    /// Records that could not be read.
    pub warnings: Vec<Warning>,
    /// The root, for people.
    #[serde(skip)]
    pub root: String,
}

/// One import, and how it stands with it.
#[derive(Debug, Serialize)]
pub struct ImportState {
    /// The NAME.
    pub name: String,
    /// What the discs say they are.
    pub product: Option<Product>,
    /// Name of the profile.
    pub profile: String,
    /// The tree or file, relative to the root.
    pub target: String,
    /// How many regular files were published.
    pub files: u64,
    /// The sum of their sizes in bytes.
    pub bytes: u64,
    /// In the order given.
    pub images: Vec<ListedImage>,
    /// RFC 3339 in UTC.
    pub published: String,
    /// How it stands with it.
    pub state: State,
    /// Whether `refresh` leaves it alone.
    pub held: bool,
    /// What is the matter, and what to do.
    pub hint: Option<String>,
}

/// An image that an import was made of.
#[derive(Debug, Serialize)]
pub struct ListedImage {
    /// Where it was.
    pub path: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path_hex: Option<String>,
    /// Bytes, at the time of the import.
    pub size: u64,
    /// RFC 3339 in UTC, at the time of the import.
    pub mtime: String,
    /// Its volume identifier.
    pub volume_id: String,
    /// What has become of it.
    pub state: Standing,
}

/// How it stands with an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it was published, as far as a glance tells.
    Ok,
    /// The tree, its manifest or its meta is missing, or a publication was cut short.
    Incomplete,
    /// An image is no longer the one that was imported.
    ChangedImage,
    /// An image is not where it was; nothing needs it.
    MissingImage,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Incomplete => "incomplete",
            Self::ChangedImage => "changed image",
            Self::MissingImage => "ok (image missing)",
        })
    }
}

impl Document for Listed {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        if self.imports.is_empty() {
            return format!("no imports in {}\n", printable(self.root.as_bytes()));
        }
        let head = ["NAME", "PRODUCT", "TARGET", "FILES", "SIZE", "PUBLISHED", "STATE"];
        let mut rows = vec![head.map(str::to_owned)];
        rows.extend(self.imports.iter().map(ImportState::row));
        let hints = self.imports.iter().map(|import| import.hint.as_deref());
        let mut out = String::new();
        for (line, hint) in columns(&rows, &[3, 4]).iter().zip(std::iter::once(None).chain(hints)) {
            out.push_str(line);
            if let Some(hint) = hint {
                let _ = writeln!(out, "  {}", printable(hint.as_bytes()));
            }
        }
        out
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}

impl ImportState {
    fn row(&self) -> [String; 7] {
        let product = match &self.product {
            Some(product) => product.to_string(),
            None => self.profile.clone(),
        };
        let target = self.target.strip_prefix("wwwroot/").unwrap_or(&self.target);
        let held = if self.held { ", held" } else { "" };
        [
            self.name.clone(),
            printable(product.as_bytes()),
            target.to_owned(),
            self.files.to_string(),
            human(self.bytes),
            self.published.get(..10).unwrap_or(&self.published).to_owned(),
            format!("{}{held}", self.state),
        ]
    }
}

/// Lines of columns of equal width; those of `right` are set flush right.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]], right: &[usize]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match right
            .contains(&column)
        {
            true => format!("{cell:>width$}"),
            false => format!("{cell:width$}"),
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(name: &str, state: State, hint: Option<&str>) -> ImportState {
        ImportState {
            name: name.into(),
            product: None,
            profile: "esxi".into(),
            target: format!("wwwroot/esxi/{name}"),
            files: 70,
            bytes: 5 << 30,
            images: Vec::new(),
            published: "2016-05-22T06:04:59Z".into(),
            state,
            held: hint.is_some(),
            hint: hint.map(str::to_owned),
        }
    }

    fn listed(imports: Vec<ImportState>) -> Listed {
        Listed { schema: 1, imports, warnings: Vec::new(), root: "/data".into() }
    }

    #[test]
    fn columns_are_aligned_and_a_hint_follows_its_import() {
        let imports = vec![
            import("NAME", State::Ok, None),
            import("longer", State::Incomplete, Some("mend it")),
        ];
        assert_eq!(
            listed(imports).text(),
            "NAME    PRODUCT  TARGET       FILES     SIZE  PUBLISHED   STATE\n\
             NAME    esxi     esxi/NAME       70  5.0 GiB  2016-05-22  ok\n\
             longer  esxi     esxi/longer     70  5.0 GiB  2016-05-22  incomplete, held\n\
             \x20 mend it\n"
        );
    }

    #[test]
    fn an_empty_root_is_said_to_be_empty() {
        assert_eq!(listed(Vec::new()).text(), "no imports in /data\n");
    }

    #[test]
    fn states_have_one_word_in_json() {
        let states = [State::Ok, State::Incomplete, State::ChangedImage, State::MissingImage];
        let json = serde_json::to_string(&states).expect("JSON");
        assert_eq!(json, r#"["ok","incomplete","changed-image","missing-image"]"#);
    }
}
