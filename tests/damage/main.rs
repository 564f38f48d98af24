//! Damaged discs through everything that `extract` does: an error or success, never a panic, a hang, or
//! a file outside the target. An image that ends too early is an error that says so.

mod extract;
mod hurt;
mod images;
mod watchdog;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use pxe_import::Error;

use crate::extract::{extract, read};
use crate::images::{Sound, all};
use crate::watchdog::Watchdog;

/// Places at which each image is cut, and ways in which the bytes of each are changed.
const CUTS: usize = 10;
const FLIPS: usize = 16;
/// One in so many changed images is written to disk, which takes longer than all else; of the others
/// all bytes are read.
const WRITTEN: usize = 4;

type Outcome = Result<BTreeMap<Vec<u8>, String>, Error>;

/// Runs one case in isolation.
fn run(watchdog: &Watchdog, case: &str, image: Vec<u8>, write: bool) -> Result<Outcome, String> {
    let _watched = watchdog.watch(case);
    let extract = AssertUnwindSafe(|| if write { extract(image) } else { read(image) });
    catch_unwind(extract).map_err(|_| format!("{case}: panicked"))
}

/// Does `check` on every image, on all cores, and fails with all that is wrong. Not with rayon, whose
/// threads would take up a second case while the copy of the first one runs in a pool of its own, and
/// make it seem slow.
fn on_each(images: &[Sound], check: impl Fn(&Sound) -> Vec<String> + Sync) {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some(image) = images.get(next.fetch_add(1, Ordering::Relaxed)) {
            let found = check(image);
            wrong.lock().expect("no check panics").extend(found);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let wrong = wrong.into_inner().expect("no check panics");
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// An error for people who have only half of a download: it says so, and what to do.
fn says_what_to_do(error: &Error) -> bool {
    let text = error.to_string();
    ["fetch it again", "fetch the image again"].iter().any(|hint| text.contains(hint))
        // Nothing of a disc is there yet.
        || (matches!(error, Error::NotAnImage { .. }) && text.contains("is no disc image"))
}

#[test]
fn an_image_that_ends_too_early_is_an_error_that_says_so() {
    let watchdog = Watchdog::start();
    on_each(&all(), |sound| {
        let whole = run(&watchdog, sound.name, sound.image.clone(), true);
        let Ok(Ok(whole)) = whole else { return vec![format!("{}: cannot be read", sound.name)] };
        let mut wrong = Vec::new();
        for len in hurt::cuts(sound, CUTS) {
            let case = format!("{} cut at {len} of {}", sound.name, sound.image.len());
            match run(&watchdog, &case, sound.image[..len].to_vec(), true) {
                Err(panicked) => wrong.push(panicked),
                // Some images end with what nobody needs.
                Ok(Ok(rest)) if rest == whole => {}
                Ok(Ok(_)) => wrong.push(format!("{case}: read as if it were whole")),
                Ok(Err(error)) if says_what_to_do(&error) => {}
                Ok(Err(error)) => wrong.push(format!("{case}: {error}")),
            }
        }
        wrong
    });
}

#[test]
fn changed_bytes_are_an_error_or_other_files_and_nothing_worse() {
    let watchdog = Watchdog::start();
    on_each(&all(), |sound| {
        let hurt = |number| {
            let case = format!("{} changed, {number}", sound.name);
            run(&watchdog, &case, hurt::flipped(sound, number), number.is_multiple_of(WRITTEN))
                .err()
        };
        (0..FLIPS).filter_map(hurt).collect()
    });
}
