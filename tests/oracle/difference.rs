//! What two views do not agree on.

use std::collections::BTreeSet;
use std::fmt;

use crate::view::{AttributesOf, View, What};

/// In which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// We have it, the other reader has not.
    Missing,
    /// The other reader has it, we have not.
    Extra,
    /// One takes it for a file, the other for a directory, or the like.
    Kind,
    /// A link leads elsewhere.
    Target,
    /// A file is longer or shorter.
    Size,
    /// A file is as long, with other bytes.
    Bytes,
    /// The other reader lists it and cannot read it.
    Unreadable,
    /// Other permission bits.
    Mode,
    /// Another time of modification.
    Time,
}

/// One path on which they do not agree.
#[derive(Debug, Clone)]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) how: How,
    ours: String,
    theirs: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, how, ours, theirs } = self;
        write!(f, "{how:?} {path}: ours {ours}, theirs {theirs}")
    }
}

fn words(what: Option<&What>) -> String {
    match what {
        None => "nothing".into(),
        Some(What::Link(target)) => format!("a link to {}", target.escape_ascii()),
        Some(What::File { size, .. }) => format!("a file of {size} bytes"),
        Some(What::Unreadable(why)) => format!("unreadable ({why})"),
        Some(What::Dir) => "a directory".into(),
        Some(What::Other) => "a device".into(),
    }
}

/// Every path on which the two do not agree.
pub(crate) fn between(ours: &View, theirs: &View) -> Vec<Difference> {
    let paths: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let difference = |path: &Vec<u8>| {
        let (ours, theirs) = (ours.get(path), theirs.get(path));
        let how = how(ours, theirs)?;
        let path = path.escape_ascii().to_string();
        Some(Difference { path, how, ours: words(ours), theirs: words(theirs) })
    };
    paths.into_iter().filter_map(difference).collect()
}

/// Every path that both have with attributes on which they do not agree.
pub(crate) fn of_attributes(ours: &AttributesOf, theirs: &AttributesOf) -> Vec<Difference> {
    let mut found = Vec::new();
    for (path, ours) in ours {
        let Some(theirs) = theirs.get(path) else { continue };
        let path = path.escape_ascii().to_string();
        if let (Some(ours), Some(theirs)) = (ours.mode, theirs.mode)
            && ours != theirs
        {
            let (ours, theirs) = (format!("{ours:04o}"), format!("{theirs:04o}"));
            found.push(Difference { path: path.clone(), how: How::Mode, ours, theirs });
        }
        if let (Some(ours), Some(theirs)) = (ours.mtime, theirs.mtime)
            && ours != theirs
        {
            let (ours, theirs) = (ours.to_string(), theirs.to_string());
            found.push(Difference { path, how: How::Time, ours, theirs });
        }
    }
    found
}

fn how(ours: Option<&What>, theirs: Option<&What>) -> Option<How> {
    let (ours, theirs) = match (ours, theirs) {
        (Some(ours), Some(theirs)) => (ours, theirs),
        (Some(_), None) => return Some(How::Missing),
        (None, _) => return Some(How::Extra),
    };
    match (ours, theirs) {
        (ours, theirs) if ours == theirs => None,
        (_, What::Unreadable(_)) => Some(How::Unreadable),
        (What::Link(_), What::Link(_)) => Some(How::Target),
        (What::File { size: a, .. }, What::File { size: b, .. }) if a != b => Some(How::Size),
        (What::File { .. }, What::File { .. }) => Some(How::Bytes),
        _ => Some(How::Kind),
    }
}
