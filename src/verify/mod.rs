//! Checksums of images and of the files on them, proven while the files are copied.
//!
//! Whole images are read by a thread of their own, in the order of the copy, so that both find in
//! the page cache what the other has read; when the copy is done, what is left is shared among all
//! cores. Files are hashed in the copy pass itself where their
//! bytes pass in order; large ones, which are copied in pieces, by that thread.

mod disc_list;
mod halt;
mod image;
mod list;
mod wanted;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::{Deserialize, Serialize};

use crate::copy::{self, Sums};
use crate::error::Result;
use crate::lossy::json_path;
use crate::media::{Disc, implant};
use crate::monitor::{Monitor, Warning};
use crate::plan::{Plan, PlanId};
use crate::sum::Sum;

use halt::Halt;
use image::{By, Check};
pub use wanted::Wanted;

/// Everything that is to be proven of a plan's discs.
#[derive(Debug)]
pub struct Checks<'p> {
    plan: &'p Plan<'p>,
    images: Vec<Check>,
    files: Sums,
}

/// What a thread has to read.
enum Task<'c> {
    /// A whole image.
    Image(&'c Disc, Vec<&'c Check>),
    /// A file of a disc.
    File(PlanId),
}

/// What has been proven of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// The image as given; what is not UTF-8 is replaced.
    pub image: String,
    /// The bytes of a path that is not UTF-8, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_hex: Option<String>,
    /// What it was held against: `sha256`, `checksums` (the options), `implanted-md5`, or the list
    /// on the disc, `md5sum.txt` or `CHECKSUMS`.
    pub by: String,
    /// The sum of the whole image in hexadecimal; of an implanted one, what was implanted.
    pub sum: Option<String>,
    /// How many files a list on the disc vouches for.
    pub files: Option<u64>,
}

impl Verified {
    /// For people.
    pub fn text(&self) -> String {
        let image = &self.image;
        match (&*self.by, self.files) {
            ("sha256", _) => format!("{image} by --sha256"),
            ("checksums", _) => format!("{image} by --checksums"),
            ("implanted-md5", _) => format!("{image} by its implanted MD5"),
            (list, Some(1)) => format!("1 file of {image} by its {list}"),
            (list, files) => format!("{} files of {image} by its {list}", files.unwrap_or(0)),
        }
    }
}

impl<'p> Checks<'p> {
    /// What `wanted` asks for, and, with `media_check`, what the discs say of themselves: an implanted
    /// MD5, and lists of sums.
    ///
    /// Warns of an implanted MD5 that cannot be used (`implant-not-read`), and as the lists need it.
    ///
    /// # Errors
    /// If an image cannot be read.
    pub fn new(
        plan: &'p Plan<'p>,
        wanted: &Wanted,
        media_check: bool,
        monitor: &dyn Monitor,
    ) -> Result<Self> {
        let mut images = Vec::new();
        for (disc, Disc { image, .. }) in plan.discs().iter().enumerate() {
            images.extend(wanted.of(disc).iter().map(|asked| {
                let by = asked.list.clone().map_or(By::Option, By::List);
                Check { disc, sum: asked.sum, by }
            }));
            if !media_check {
                continue;
            }
            match implant::read(image)? {
                Ok(None) => {}
                Ok(Some(found)) => {
                    let by = By::Implant { end: found.end, blank: found.blank };
                    images.push(Check { disc, sum: Sum::Md5(found.md5), by });
                }
                Err(error) => {
                    let message = format!("its implanted MD5 cannot be checked: {error}");
                    let path = image.path().to_string_lossy();
                    monitor.warn(Warning::new("implant-not-read", path, message));
                }
            }
        }
        let files = if media_check { disc_list::sums(plan, monitor)? } else { Sums::default() };
        Ok(Self { plan, images, files })
    }

    /// What files must hash to, for the copy to check in its own pass.
    pub fn files(&self) -> Option<&Sums> {
        (!self.files.is_empty()).then_some(&self.files)
    }

    /// Copies by `work`, and checks meanwhile what `work` does not; returns when all of it is proven.
    /// When a check fails, the monitor that `work` is given tells it to stop; when `work` fails, the
    /// checks end.
    ///
    /// # Errors
    /// The first of `work`'s and of the checks': [`crate::Error::Conflict`] and
    /// [`crate::Error::Corrupt`] with both sums.
    pub fn alongside<T>(
        &self,
        monitor: &dyn Monitor,
        work: impl FnOnce(&dyn Monitor) -> Result<T>,
    ) -> Result<T> {
        if self.images.is_empty() && self.files.is_empty() {
            return work(monitor);
        }
        let mut large = self.files.unchecked();
        large.retain(|&id| copy::is_split(self.plan.size(id)));
        let sizes = large.iter().map(|&id| self.plan.size(id));
        let total = self.by_disc().map(|(disc, checks)| bytes(disc, &checks)).chain(sizes);
        let total = total.fold(0, u64::saturating_add);
        let images = self.by_disc().map(|(disc, checks)| Task::Image(disc, checks));
        let tasks: Vec<_> = images.chain(large.into_iter().map(Task::File)).collect();
        let next = AtomicUsize::new(0);
        let beside = |halt: &Halt<'_>| {
            while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                match task {
                    Task::Image(disc, checks) => {
                        image::check(&disc.image, checks, &|n| halt.read(n))?
                    }
                    Task::File(id) => self.files.read(self.plan, *id, &|n| halt.read(n), halt)?,
                };
            }
            Ok(())
        };
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let more = cores.min(tasks.len()).saturating_sub(1);
        let done = halt::alongside(monitor, total, more, beside, work)?;
        // What did not pass through the copy in order, for whatever reason.
        for id in self.files.unchecked() {
            let go_on = |_| monitor.check().map(|()| true);
            self.files.read(self.plan, id, &go_on, monitor)?;
        }
        Ok(done)
    }

    /// The discs of which the whole image is checked, in order.
    fn by_disc(&self) -> impl Iterator<Item = (&'p Disc, Vec<&Check>)> {
        self.plan.discs().iter().enumerate().filter_map(|(index, disc)| {
            let checks: Vec<_> = self.images.iter().filter(|check| check.disc == index).collect();
            (!checks.is_empty()).then_some((disc, checks))
        })
    }

    /// What has been proven, once [`Checks::alongside`] has returned: by disc, whole images first.
    pub fn verified(&self) -> Vec<Verified> {
        let path = |disc: usize| {
            let path = self.plan.discs().get(disc).map(|disc| disc.image.path().as_os_str());
            json_path(path.map(std::os::unix::ffi::OsStrExt::as_bytes).unwrap_or_default())
        };
        let of_image = |check: &Check| {
            let (image, image_hex) = path(check.disc);
            let by = match check.by {
                By::Option => "sha256",
                By::List(_) => "checksums",
                By::Implant { .. } => "implanted-md5",
            };
            let sum = Some(check.sum.to_string());
            Verified { image, image_hex, by: by.into(), sum, files: None }
        };
        let mut all: Vec<_> = self.images.iter().map(|c| (c.disc, of_image(c))).collect();
        all.extend(self.files.held(self.plan).into_iter().map(|(disc, list, files)| {
            let (image, image_hex) = path(disc);
            let by = list.into();
            (disc, Verified { image, image_hex, by, sum: None, files: Some(files) })
        }));
        all.sort_by_key(|&(disc, _)| disc);
        all.into_iter().map(|(_, verified)| verified).collect()
    }
}

/// How many bytes have to be read for the checks of a disc.
fn bytes(disc: &Disc, checks: &[&Check]) -> u64 {
    checks.iter().map(|check| check.end(&disc.image)).max().unwrap_or(0)
}
