//! A file that an older tree has already: another name for it, or its bytes shared.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use super::kernel;
use super::output::Output;
use super::reuse::{Old, OldFile};
use super::worker::Worker;
use crate::content::Content;
use crate::dir::Dir;
use crate::error::Result;
use crate::plan::{Item, PlanId};

impl Worker<'_, '_> {
    /// Takes the file over from the older tree: as a hard link where that has the right mode and
    /// time, else sharing its bytes. False if neither can be; nothing has been made then.
    pub(super) fn take_over(&mut self, id: PlanId) -> Result<bool> {
        let (Some(reuse), Some(output)) = (self.run.reuse, self.run.output) else {
            return Ok(false);
        };
        if self.run.links(id) {
            return Ok(false);
        }
        let Some(hash) = reuse.hash(id).filter(|_| reuse.has(id)) else { return Ok(false) };
        let path = self.run.plan.path(id);
        let files = reuse.files(id, Path::new(OsStr::from_bytes(&path)));
        let mut done = false;
        for &file in &files {
            done = done || self.link(id, output, reuse.old, file)?;
        }
        if let Some(&file) = files.first().filter(|_| !done) {
            done = self.share(id, output, reuse.old, file)?;
        }
        if done {
            self.run.set_hash(id, *hash);
            self.run.reused.fetch_add(self.run.plan.size(id), Ordering::Relaxed);
        }
        Ok(done)
    }

    fn link(
        &mut self,
        id: PlanId,
        output: &Output<'_>,
        old: &Old,
        (path, file): (&Path, &OldFile),
    ) -> Result<bool> {
        let mtime = self.run.plan.mtime(id);
        if mtime.is_none_or(|mtime| mtime.seconds != file.mtime) {
            return Ok(false);
        }
        let Ok(dir) = directory(&mut self.last_old, old, path) else { return Ok(false) };
        // A copy of an image that was linked before is no other name of the user's own file.
        let not = match self.run.plan.item(id) {
            Item::File(Content::Image { disc }) => {
                self.run.plan.discs().get(*disc).and_then(|disc| disc.image.file())
            }
            _ => None,
        };
        output.link_file(id, &mut self.last, (dir, old.name(path)), not)
    }

    fn share(
        &mut self,
        id: PlanId,
        output: &Output<'_>,
        old: &Old,
        (path, file): (&Path, &OldFile),
    ) -> Result<bool> {
        if self.unshared {
            return Ok(false);
        }
        let Ok(dir) = directory(&mut self.last_old, old, path) else { return Ok(false) };
        let from = dir.open_file(old.name(path)).ok().filter(|from| file.is(from));
        let Some(from) = from else { return Ok(false) };
        let to = output.create_file(id, &mut self.last)?;
        if kernel::clone(&from, &to) {
            self.finish(id, &to)?;
            return Ok(true);
        }
        self.unshared = true;
        output.remove_file(id, &mut self.last)?;
        Ok(false)
    }
}

/// The directory of the older tree that holds the file at `path`.
fn directory<'l>(
    last: &'l mut Option<(PathBuf, Dir)>,
    old: &Old,
    path: &Path,
) -> std::io::Result<&'l Dir> {
    let parent = path.parent().unwrap_or(Path::new(""));
    let kept = last.take().filter(|(kept, _)| kept == parent);
    let kept = match kept {
        Some(kept) => kept,
        None => (parent.to_owned(), old.parent(path)?),
    };
    Ok(&last.insert(kept).1)
}
