//! Programs that read discs too, and how each is asked to unpack one.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use pxe_import::media::Hierarchy;

use crate::view::{self, View};

/// A program that unpacks disc images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    Bsdtar,
    Xorriso,
    SevenZip,
}

impl Program {
    pub(crate) const ALL: [Self; 3] = [Self::Bsdtar, Self::Xorriso, Self::SevenZip];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bsdtar => "bsdtar",
            Self::Xorriso => "xorriso",
            Self::SevenZip => "7zz",
        }
    }

    /// The release that [`crate::known`] was measured with, as the program tells it. Of another one
    /// we do not know which of its differences are its own.
    fn measured(self) -> &'static str {
        match self {
            Self::Bsdtar => "bsdtar 3.6.2 ",
            Self::Xorriso => "xorriso version   :  1.5.4",
            Self::SevenZip => "7-Zip (z) 26.02 ",
        }
    }

    /// What the program says of its release; says so if it is not there.
    fn release(self) -> Option<String> {
        let option = match self {
            Self::SevenZip => "i",
            Self::Bsdtar => "--version",
            Self::Xorriso => "-version",
        };
        let output = run(self.name(), &[option])?;
        Some(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Whether the program is there, in whatever release.
    pub(crate) fn is_there(self) -> bool {
        self.release().is_some()
    }

    /// Whether the program is there, and can be held to what is known of it. Says so if not.
    pub(crate) fn is_known(self) -> bool {
        let Some(text) = self.release() else { return false };
        let known = text.contains(self.measured());
        if !known {
            let found = text.lines().find(|line| line.contains(|c: char| c.is_ascii_digit()));
            println!(
                "skipped: needs {}, whose differences are known; there is {}",
                self.measured().trim(),
                found.unwrap_or("another one").trim()
            );
        }
        known
    }

    /// Unpacks `hierarchy` of `image` into `out`, a new directory, and reads that back; or what the
    /// program says if nothing came out. `None` if it cannot be told to take that hierarchy of this
    /// image.
    pub(crate) fn unpack(
        self,
        image: &Path,
        hierarchy: Hierarchy,
        preferred: bool,
        out: &Path,
    ) -> Option<Result<View, String>> {
        let (image, to) = (image.to_str()?, out.to_str()?);
        let directory = format!("-o{to}");
        let (before, after) = match self {
            Self::Bsdtar => {
                let options = match hierarchy {
                    Hierarchy::RockRidge => "rockridge",
                    Hierarchy::Joliet => "!rockridge",
                    Hierarchy::Iso9660 => "!rockridge,!joliet",
                    // It knows neither.
                    Hierarchy::Udf | Hierarchy::Enhanced => return None,
                };
                (vec!["-xf", image, "--options", options], vec!["-C", to])
            }
            Self::Xorriso => {
                let tree = match hierarchy {
                    Hierarchy::RockRidge => "nojoliet",
                    Hierarchy::Joliet => "norock",
                    Hierarchy::Iso9660 => "ecma119",
                    Hierarchy::Enhanced | Hierarchy::Udf => return None,
                };
                let read = vec!["-report_about", "SORRY", "-read_fs", tree, "-osirrox", "on"];
                (read, vec!["-indev", image, "-extract", "/", to])
            }
            // It takes what it likes best.
            Self::SevenZip if !preferred => return None,
            Self::SevenZip => (vec!["x", "-y", "-bso0"], vec![directory.as_str(), image]),
        };
        fs::create_dir(out).expect("a new directory");
        let output = run(self.name(), &[before, after].concat())?;
        let view = view::of_dir(out).expect("what has been unpacked can be read");
        if view.is_empty() && !output.status.success() {
            return Some(Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
        }
        Some(Ok(view))
    }
}

/// Runs a program; says what is missing if it is not there.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output();
    match output {
        Ok(output) => Some(output),
        Err(_) => {
            println!("skipped: needs {program}");
            None
        }
    }
}
