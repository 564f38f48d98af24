//! Everything that can go wrong, in families that a caller can tell apart.

use std::io;
use std::path::{Path, PathBuf};

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What failed, on which path, and, for media, at which byte of the image.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused something.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried, as a verb: `read`, `create`, `rename`.
        action: &'static str,
        /// The file it was tried on.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The image breaks the standard that it claims to follow, or ends too early.
    #[error("{}: corrupt at byte {offset:#x}: {what}", image.display())]
    Corrupt {
        /// The image.
        image: PathBuf,
        /// Byte offset in the image of the structure at fault.
        offset: u64,
        /// What is wrong with it.
        what: String,
    },
    /// The image is well formed as far as can be told, but uses something that is not read here.
    #[error("{}: unsupported at byte {offset:#x}: {what}", image.display())]
    Unsupported {
        /// The image.
        image: PathBuf,
        /// Byte offset in the image of the structure at fault.
        offset: u64,
        /// What is not supported.
        what: String,
    },
    /// The file is no disc image at all, or not as it stands (a compressed download).
    #[error("{}: {what}", image.display())]
    NotAnImage {
        /// The file.
        image: PathBuf,
        /// Why, and what to do.
        what: String,
    },
    /// Something is there already, belongs to somebody else, or contradicts what was asked for.
    #[error("{}: {what}", path.display())]
    Conflict {
        /// Where.
        path: PathBuf,
        /// What is in the way, and what to do.
        what: String,
    },
    /// A file of the user's (settings, profile, answer) cannot be used as it is.
    #[error("{}: {what}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        what: String,
    },
    /// The command line asks for something that makes no sense.
    #[error("{0}")]
    Usage(String),
    /// A signal asked the program to stop.
    #[error("interrupted by signal {0}; nothing was published")]
    Interrupted(i32),
}

/// How an image that ends before what it describes is told.
pub(crate) const INCOMPLETE: &str = "the download is incomplete";

impl Error {
    /// Wraps an I/O error with what was tried and where.
    pub fn io(action: &'static str, path: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Io { action, path: path.as_ref().to_owned(), source }
    }

    /// Something in the way at `path`.
    pub fn conflict(path: impl AsRef<Path>, what: impl Into<String>) -> Self {
        Self::Conflict { path: path.as_ref().to_owned(), what: what.into() }
    }

    /// A user's file that cannot be used.
    pub fn invalid(path: impl AsRef<Path>, what: impl Into<String>) -> Self {
        Self::Invalid { path: path.as_ref().to_owned(), what: what.into() }
    }

    /// The family, as `--json` names it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Io { .. } => "io",
            Self::Corrupt { .. } => "corrupt",
            Self::Unsupported { .. } => "unsupported",
            Self::NotAnImage { .. } => "not-an-image",
            Self::Conflict { .. } => "conflict",
            Self::Invalid { .. } => "invalid",
            Self::Usage(_) => "usage",
            Self::Interrupted(_) => "interrupted",
        }
    }

    /// The error with all its causes, in one line: `cannot open a.iso: No such file or directory`.
    pub fn chain(&self) -> String {
        let mut chain = self.to_string();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            let text = cause.to_string();
            if !chain.contains(&text) {
                chain = format!("{chain}: {text}");
            }
            source = cause.source();
        }
        chain
    }

    /// The path that the error is about.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Io { path, .. } | Self::Conflict { path, .. } | Self::Invalid { path, .. } => {
                Some(path)
            }
            Self::Corrupt { image, .. }
            | Self::Unsupported { image, .. }
            | Self::NotAnImage { image, .. } => Some(image),
            Self::Usage(_) | Self::Interrupted(_) => None,
        }
    }

    /// Whether an image ends before what it describes: it may still be on its way.
    pub fn is_incomplete(&self) -> bool {
        matches!(self, Self::Corrupt { what, .. } if what.contains(INCOMPLETE))
    }

    /// The byte offset in the image, where the error has one.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::Corrupt { offset, .. } | Self::Unsupported { offset, .. } => Some(*offset),
            _ => None,
        }
    }
}
