//! What two views do not agree on.

use std::collections::BTreeSet;
use std::fmt;

use crate::view::{View, What};

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
}

/// One path on which they do not agree.
#[derive(Debug, Clone)]
pub(crate) struct Difference {
    pub(crate) path: String,
    pub(crate) how: How,
    ours: Option<What>,
    theirs: Option<What>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}: ", self.how, self.path)?;
        for (who, what) in [("ours", &self.ours), (", theirs", &self.theirs)] {
            match what {
                None => write!(f, "{who} nothing")?,
                Some(What::Link(target)) => write!(f, "{who} a link to {}", target.escape_ascii())?,
                Some(What::File { size, .. }) => write!(f, "{who} a file of {size} bytes")?,
                Some(What::Unreadable(why)) => write!(f, "{who} unreadable ({why})")?,
                Some(What::Dir) => write!(f, "{who} a directory")?,
                Some(What::Other) => write!(f, "{who} a device")?,
            }
        }
        Ok(())
    }
}

/// Every path on which the two do not agree.
pub(crate) fn between(ours: &View, theirs: &View) -> Vec<Difference> {
    let paths: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
    let difference = |path: &Vec<u8>| {
        let (ours, theirs) = (ours.get(path), theirs.get(path));
        let how = how(ours, theirs)?;
        let path = path.escape_ascii().to_string();
        Some(Difference { path, how, ours: ours.cloned(), theirs: theirs.cloned() })
    };
    paths.into_iter().filter_map(difference).collect()
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
