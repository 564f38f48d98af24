//! UDF (ECMA-167, OSTA).

use super::{Identifiers, Image, Tree};
use crate::error::Result;
use crate::monitor::Monitor;

/// The volume of a UDF disc.
#[derive(Debug)]
pub struct Udf {}

impl Udf {
    /// Reads recognition sequence, anchors and volume descriptors; `None` if the disc has no UDF.
    ///
    /// # Errors
    /// as usual
    pub fn open(image: &Image) -> Result<Option<Self>> {
        let _ = image;
        Ok(None)
    }

    /// What the volume descriptors say.
    pub fn identifiers(&self) -> Identifiers {
        Identifiers::default()
    }

    /// Reads the tree.
    ///
    /// # Errors
    /// as usual
    pub fn read(&self, image: &Image, monitor: &dyn Monitor) -> Result<Tree> {
        let _ = (image, monitor);
        Ok(Tree::new())
    }
}
