//! What is to be done about an entry of `[[media]]`, found out by reading alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::prune;
use crate::answer::Source;
use crate::cli::{Import, Refresh};
use crate::command::answer::AnswerFile;
use crate::command::{netboot, origin};
use crate::error::{Error, Result};
use crate::monitor::Monitor;
use crate::site::media::{Found, same_file};
use crate::site::record::Image;
use crate::site::standing::Look;
use crate::site::{Media, Record, Root, Settings, hold};

/// Options by their long names.
type Options = BTreeMap<String, Vec<String>>;

/// Options that name files.
const OF_PATHS: [&str; 5] = ["answer", "checksums", "netboot", "root-password-file", "ssh-key"];

/// What is to be done, and the images at the moment when that was decided.
pub(super) struct Decision {
    pub verdict: Verdict,
    pub looks: Vec<Look>,
}

/// What is to be done about an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Unchanged,
    /// Nothing, on request.
    Held,
    /// Nothing now, and why.
    Waits(String),
    /// Import it, and why; whether there is an import already.
    Import { reason: String, again: bool },
    /// Remove the import, and why.
    Prune(String),
}

impl Verdict {
    /// Whether something is going to be written.
    pub(super) fn is_work(&self) -> bool {
        matches!(self, Self::Import { .. } | Self::Prune(_))
    }
}

/// Compares the entry with the record of its import and with the images as they are.
///
/// # Errors
/// [`Error::Invalid`] for a pattern that matches nothing and for a record that cannot be read;
/// whatever reading the images and the answer file gives.
pub(super) fn decide(
    media: &Media,
    base: &Path,
    root: &Root,
    settings: &Settings,
    args: &Refresh,
    monitor: &dyn Monitor,
) -> Result<Decision> {
    let name = &media.name;
    let without = |verdict| Ok(Decision { verdict, looks: Vec::new() });
    if hold::is_held(root, name)? {
        return without(Verdict::Held);
    }
    let Found { images, empty } = media.find(base)?;
    if let Some(pattern) = empty.first() {
        if args.prune && images.is_empty() {
            let record = Record::read(root, name)?.filter(|record| record.media);
            if record.is_some_and(|record| prune::images_are_gone(&record)) {
                return without(Verdict::Prune("its patterns match nothing any more".into()));
            }
        }
        let what = format!(
            "the [[media]] entry '{name}': the pattern {pattern:?} matches nothing: mend it, or see \
             whether the directory is mounted"
        );
        return Err(Error::invalid(root.settings(), what));
    }
    let looks = images.iter().map(|path| Look::at(path)).collect::<Result<Vec<_>>>()?;
    let import = media.import(base, &images)?;
    let verdict = match Record::read(root, name)? {
        None => Some(Verdict::Import { reason: "new".into(), again: false }),
        Some(record) => change(&record, root, settings, &looks, &import, monitor)?
            .map(|reason| Verdict::Import { reason, again: true }),
    };
    let now = SystemTime::now();
    let verdict = match verdict {
        None => Verdict::Unchanged,
        Some(work) => match looks.iter().find(|look| is_young(look, now, args.settle)) {
            Some(young) => Verdict::Waits(format!(
                "{} was written to less than {} s ago",
                young.path.display(),
                args.settle.as_secs()
            )),
            None => work,
        },
    };
    Ok(Decision { verdict, looks })
}

/// Why the import is to be made anew; `None` if nothing has changed.
fn change(
    record: &Record,
    root: &Root,
    settings: &Settings,
    looks: &[Look],
    import: &Import,
    monitor: &dyn Monitor,
) -> Result<Option<String>> {
    let target = root.target(&record.target);
    if !target.try_exists().map_err(|e| Error::io("stat", &target, e))? {
        return Ok(Some(format!("wwwroot/{} is gone", record.target)));
    }
    let same = |(look, recorded): (&Look, &Image)| same_file(&look.path, &recorded.path());
    if looks.len() != record.images.len() || !looks.iter().zip(&record.images).all(same) {
        return Ok(Some("other images".into()));
    }
    for (look, recorded) in looks.iter().zip(&record.images) {
        if let Some(change) = look.change(recorded)? {
            return Ok(Some(format!("{}: {change}", look.path.display())));
        }
    }
    let options = origin::options(import);
    if options != record.options {
        let all = options.keys().chain(record.options.keys());
        let mut differ: Vec<_> =
            all.filter(|key| !same_option(key, &options, &record.options)).collect();
        differ.sort();
        differ.dedup();
        let differ: Vec<_> = differ.into_iter().map(String::as_str).collect();
        if !differ.is_empty() {
            return Ok(Some(format!("other options ({})", differ.join(", "))));
        }
    }
    let server = origin::server(import, settings)?.map(|server| server.to_string());
    // Where the record knows what it takes, the menus are rendered anew, and no media are read.
    if server != record.server && record.product.is_none() {
        return Ok(Some("another server".into()));
    }
    if let Some(path) = &import.netboot
        && netboot::has_changed(path, record, monitor)?
    {
        return Ok(Some(format!("{} has changed", path.display())));
    }
    let Some(answer) = import.answering.answer.as_ref().and_then(Source::file) else {
        return Ok(None);
    };
    let file = AnswerFile::read(answer)?;
    // Where it was published may depend on its language and on the entry's label.
    let asked = record.main().and_then(|main| main.asked.as_ref()?.answer.as_ref());
    let name = asked.map_or(&*file.name, |asked| &asked.file);
    let published = format!("wwwroot/{}/{name}", record.target);
    let hash = blake3::hash(&file.content).to_hex();
    let same = record.files.iter().any(|one| one.path == published && one.blake3 == *hash.as_str());
    Ok((!same).then(|| format!("{} has changed", answer.display())))
}

/// Whether an option is the same in both. What names a file may be spelt another way where the root
/// directory is: cron and an administrator need not agree on that.
fn same_option(key: &str, a: &Options, b: &Options) -> bool {
    match (a.get(key), b.get(key)) {
        (Some(a), Some(b)) if OF_PATHS.contains(&key) && a.len() == b.len() => {
            a.iter().zip(b).all(|(a, b)| same_file(Path::new(a), Path::new(b)))
        }
        (a, b) => a == b,
    }
}

/// Whether the image was written to within `settle` of now. A time further ahead than that is no
/// sign of a download but of a clock that was wrong, and must not keep the image out for ever.
pub(super) fn is_young(look: &Look, now: SystemTime, settle: Duration) -> bool {
    let nanoseconds = u64::from(look.mtime.nanoseconds());
    let seconds = Duration::from_secs(look.mtime.seconds.unsigned_abs());
    let mtime = match look.mtime.seconds < 0 {
        true => SystemTime::UNIX_EPOCH.checked_sub(seconds),
        false => SystemTime::UNIX_EPOCH.checked_add(seconds),
    };
    let mtime = mtime.and_then(|time| time.checked_add(Duration::from_nanos(nanoseconds)));
    mtime.is_some_and(|mtime| match now.duration_since(mtime) {
        Ok(age) => age < settle,
        Err(ahead) => ahead.duration() < settle,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn an_image_is_young_within_the_time_on_either_side_of_now() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("a.iso");
        let file = File::create(&path).expect("made");
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_463_000_000);
        let minute = Duration::from_secs(60);
        let young = |mtime, settle| {
            file.set_modified(mtime).expect("set");
            is_young(&Look::at(&path).expect("readable"), now, settle)
        };
        assert!(young(now - Duration::from_millis(59_500), minute));
        assert!(!young(now - minute, minute));
        assert!(young(now + Duration::from_secs(30), minute), "clocks differ a little");
        assert!(!young(now + Duration::from_secs(86_400), minute), "a clock was wrong");
        assert!(!young(SystemTime::UNIX_EPOCH - minute, minute), "before 1970");
        assert!(!young(now, Duration::ZERO), "nothing is young without a time to settle");
    }
}
