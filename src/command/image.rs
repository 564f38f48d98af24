//! The image itself in the web root: as the whole target, or beside its tree.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use crate::cli::Import;
use crate::content::Content;
use crate::cpio::Frame;
use crate::error::{Error, Result};
use crate::media::Disc;
use crate::monitor::{Monitor, Warning};
use crate::plan::{Plan, PlanId, add_file};

/// The plan of a target that is the image itself.
pub(super) fn whole_image<'d>(discs: &'d [Disc], args: &Import) -> Result<Plan<'d>> {
    if args.answering.answer.is_some() {
        let what =
            "an answer file has no place beside an image that is booted whole: leave out --answer";
        return Err(Error::Usage(what.into()));
    }
    match discs {
        [disc] => {
            let mut plan = Plan::single(discs, Content::Image { disc: 0 });
            plan.set_mtime(PlanId::ROOT, super::mtime(&disc.image)?);
            Ok(plan)
        }
        _ => Err(Error::Usage("an image that is booted whole is imported by itself".into())),
    }
}

/// Puts the image itself into the tree, under `name` at its top; one that is linked to keeps its mode. Where it is
/// called something `inside`, as the file of that name in a cpio archive.
pub(super) fn keep_image(
    plan: &mut Plan<'_>,
    discs: &[Disc],
    (name, inside): (&str, Option<&str>),
    linked: bool,
    monitor: &dyn Monitor,
) -> Result<()> {
    let [disc] = discs else {
        let what = "this disc boots from its whole image, which is kept in the tree: import each disc \
                    by itself";
        return Err(Error::Usage(what.into()));
    };
    if linked && inside.is_some() {
        let what = "--link-iso: this disc's image is kept inside an archive, which no link can be: leave \
                    it out";
        return Err(Error::Usage(what.into()));
    }
    let mut mode = 0o644;
    if let Some(file) = disc.image.file().filter(|_| linked) {
        let path = disc.image.path();
        let meta = file.metadata().map_err(|e| Error::io("stat", path, e))?;
        mode = u16::try_from(meta.permissions().mode() & 0o7777).unwrap_or(mode);
        if mode & 0o004 == 0 {
            let message = "may not be read by others, as the web server must: chmod o+r it (a linked \
                           image is never changed by imports)";
            monitor.warn(Warning::new("image-not-readable", path.to_string_lossy(), message));
        }
    }
    let content = match inside {
        Some(inside) => {
            let frame = Arc::new(Frame::new(inside, disc.image.size())?);
            Content::Archived { disc: 0, frame }
        }
        None => Content::Image { disc: 0 },
    };
    if plan.find(name.as_bytes()).is_some() {
        let what = "the disc has that name already, under which the image that it boots from is to be kept: \
                    take a profile of your own whose keep-image is another name";
        return Err(Error::conflict(name, what));
    }
    let id = add_file(plan, name.as_bytes(), content, mode)?;
    if let Some(mtime) = super::mtime(&disc.image)? {
        plan.set_mtime(id, Some(mtime));
    }
    Ok(())
}
