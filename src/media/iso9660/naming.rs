//! Which names a hierarchy shows.

use super::{joliet, plain};

/// How the identifier of a record becomes a file name, where Rock Ridge gives none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// Lower case and without version one, as Linux does by default.
    Plain,
    /// UCS-2.
    Joliet,
    /// As it stands, without version one.
    Enhanced,
}

impl Naming {
    /// The file name, not yet checked.
    pub(super) fn name(self, identifier: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain => plain::mapped(identifier),
            Self::Joliet => joliet::name(identifier),
            Self::Enhanced => plain::unversioned(identifier).to_vec(),
        }
    }
}
