//! The sums that `--sha256` and `--checksums` ask of the images.

use std::fs::File;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::list;
use crate::error::{Error, Result};
use crate::media::printable;
use crate::sum::{Algorithm, Sum, SumError};

/// Most bytes of a list; that of a whole mirror has some hundred KiB.
const BYTES_MAX: u64 = 16 << 20;

/// What one image must hash to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub sum: Sum,
    /// The list that says so; `None` for `--sha256`.
    pub list: Option<PathBuf>,
}

/// What the images must hash to, by their place on the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    by_image: Vec<Vec<Asked>>,
}

impl Wanted {
    /// Reads the options: one `sha256` an image or none at all, and the file `checksums`, in which each
    /// image is looked up by its base name. No image is opened.
    ///
    /// # Errors
    /// [`Error::Usage`] for a count or a sum that cannot be meant; [`Error::Io`] for a list that cannot
    /// be read; [`Error::Invalid`] for one that does not name an image, names it with two different
    /// sums, or has only sums that are not computed here.
    pub fn new(images: &[PathBuf], sha256: &[String], checksums: Option<&Path>) -> Result<Self> {
        let mut by_image = vec![Vec::new(); images.len()];
        if !sha256.is_empty() && sha256.len() != images.len() {
            return Err(Error::Usage(format!(
                "--sha256 is given {} times for {} images: give one an image, in their order",
                sha256.len(),
                images.len()
            )));
        }
        for (asked, text) in by_image.iter_mut().zip(sha256) {
            match text.trim().parse() {
                Ok(sum @ Sum::Sha256(_)) => asked.push(Asked { sum, list: None }),
                _ => {
                    return Err(Error::Usage(format!(
                        "--sha256 {text:?} is no SHA-256: that has 64 hexadecimal digits"
                    )));
                }
            }
        }
        if let Some(path) = checksums {
            let text = read(path)?;
            for (asked, image) in by_image.iter_mut().zip(images) {
                let sums = look_up(path, &text, image)?;
                asked.extend(sums.into_iter().map(|sum| Asked { sum, list: Some(path.into()) }));
            }
        }
        Ok(Self { by_image })
    }

    /// What is asked of an image.
    pub(super) fn of(&self, image: usize) -> &[Asked] {
        self.by_image.get(image).map(Vec::as_slice).unwrap_or_default()
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let error = |e| Error::io("read", path, e);
    let mut text = Vec::new();
    let file = File::open(path).map_err(error)?;
    file.take(BYTES_MAX + 1).read_to_end(&mut text).map_err(error)?;
    if text.len() as u64 > BYTES_MAX {
        let what = "is too large for a list of checksums: give the SHA256SUMS or CHECKSUM file that \
                    stands beside the image on its server";
        return Err(Error::invalid(path, what));
    }
    Ok(text)
}

/// The sums that a list has for an image: at most one an algorithm, at least one.
fn look_up(list: &Path, text: &[u8], image: &Path) -> Result<Vec<Sum>> {
    let wanted = image.file_name().unwrap_or(image.as_os_str()).as_bytes();
    let name = printable(wanted);
    let mut sums: Vec<Sum> = Vec::new();
    let mut unsupported = None;
    let lines = list::parse(text).filter(|line| base_name(&line.name) == wanted);
    for sum in lines.map(|line| line.sum) {
        let sum = match sum {
            Ok(sum) => sum,
            Err(error) => {
                unsupported = Some(error);
                continue;
            }
        };
        match sums.iter().find(|other| other.algorithm() == sum.algorithm()) {
            Some(other) if *other == sum => {}
            Some(other) => {
                let what = format!(
                    "has two sums for {name}, {other} and {sum}: give a list of one directory alone, \
                     or the right sum with --sha256"
                );
                return Err(Error::invalid(list, what));
            }
            None => sums.push(sum),
        }
    }
    match (sums.is_empty(), unsupported) {
        (false, _) => {
            // The strongest first: that is the one to be told of when none holds.
            sums.sort_by_key(|sum| sum.algorithm() == Algorithm::Md5);
            Ok(sums)
        }
        (true, Some(error @ SumError::Unsupported(_))) => {
            let what = format!("has no sum for {name} that can be checked: {error}");
            Err(Error::invalid(list, what))
        }
        (true, _) => {
            let what = format!(
                "does not list {name}, given as {}: give the list that belongs to the image, or keep \
                 the name that the image was downloaded under, or give its sum with --sha256",
                image.display()
            );
            Err(Error::invalid(list, what))
        }
    }
}

fn base_name(name: &[u8]) -> &[u8] {
    name.rsplit(|&byte| byte == b'/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    const MD5: &str = "cccccccccccccccccccccccccccccccc";

    fn found(text: &str) -> Result<Vec<String>, String> {
        let sums = look_up("SUMS".as_ref(), text.as_bytes(), "dir/a.iso".as_ref());
        sums.map(|sums| sums.iter().map(Sum::to_string).collect()).map_err(|e| e.to_string())
    }

    fn wanted(sha256: &[&str]) -> Result<Wanted> {
        let sums: Vec<_> = sha256.iter().map(|&sum| sum.to_owned()).collect();
        Wanted::new(&["a.iso".into(), "b.iso".into()], &sums, None)
    }

    #[test]
    fn an_image_is_found_by_its_base_name() {
        assert_eq!(found(&format!("{A}  a.iso\n{B}  b.iso\n")), Ok(vec![A.into()]));
        assert_eq!(found(&format!("SHA256 (x/a.iso) = {A}\n")), Ok(vec![A.into()]));
    }

    #[test]
    fn sums_of_several_algorithms_must_all_hold() {
        let text = format!("{MD5}  a.iso\n{A}  a.iso\n{A} *./a.iso\n");
        assert_eq!(found(&text), Ok(vec![A.into(), MD5.into()]));
    }

    #[test]
    fn two_different_sums_of_one_name_are_an_error() {
        let error = found(&format!("{A}  x/a.iso\n{B}  y/a.iso\n")).expect_err("which one?");
        assert!(error.starts_with("SUMS: has two sums for a.iso, aaa"), "{error}");
    }

    #[test]
    fn an_image_that_is_not_listed_is_an_error_that_names_both() {
        for text in ["", "<html>404</html>\n", &format!("{A}  A.ISO\n{A}  a.iso.torrent\n")] {
            let error = found(text).expect_err("not listed");
            assert!(error.starts_with("SUMS: does not list a.iso, given as dir/a.iso"), "{error}");
        }
    }

    #[test]
    fn sha1_alone_is_said_to_be_unsupported_and_passed_over_beside_others() {
        let sha1 = "d".repeat(40);
        let error = found(&format!("{sha1}  a.iso\n")).expect_err("unsupported");
        assert!(error.contains("SHA-1 sums are not supported"), "{error}");
        assert_eq!(found(&format!("{sha1}  a.iso\n{A}  a.iso\n")), Ok(vec![A.into()]));
    }

    #[test]
    fn one_sha256_an_image_or_none_at_all() {
        assert_eq!(wanted(&[]).expect("none").of(1), []);
        let two = wanted(&[A, &B.to_uppercase()]).expect("two");
        assert_eq!(two.of(1)[0].sum.to_string(), B);
        assert_eq!(two.of(2), []);
        for sums in [&[A][..], &[A, B, A], &[A, "x"], &[MD5, A], &["", ""]] {
            assert!(matches!(wanted(sums), Err(Error::Usage(_))), "{sums:?}");
        }
    }
}
