//! `primary.xml`: the packages of a repository, one after the other.

use std::io::BufRead;

use super::xml::{Piece, Xml, attribute};

/// Where a package is said to be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Package {
    /// `<location href>`, relative to the directory that holds `repodata`.
    pub(crate) href: String,
    /// `<location xml:base>`: what the reference is relative to instead.
    pub(crate) base: Option<String>,
    /// `<size package>`: bytes of the file.
    pub(crate) size: Option<u64>,
}

impl Package {
    /// The number of the disc that carries it, after `media://ID#`.
    pub(crate) fn disc(&self) -> Option<u32> {
        let (_, number) = self.base.as_deref()?.strip_prefix("media://")?.rsplit_once('#')?;
        number.trim_end_matches('/').parse().ok()
    }
}

/// A `primary.xml` that is being read; never more of it is held than one package.
pub(crate) struct Packages<R> {
    xml: Xml<R>,
}

impl<R: BufRead> Packages<R> {
    pub(crate) fn new(input: R) -> Self {
        Self { xml: Xml::new(input) }
    }

    /// The next package; `None` at the end.
    ///
    /// # Errors
    /// What is wrong with the document.
    pub(crate) fn next(&mut self) -> Result<Option<Package>, String> {
        let mut package = None;
        loop {
            match self.xml.next()? {
                Piece::Start(1, start) if start.local_name().as_ref() != "metadata" => {
                    return Err(format!(
                        "it is no primary.xml: it holds <{}>",
                        start.name().as_ref()
                    ));
                }
                Piece::Start(2, start) if start.local_name().as_ref() == "package" => {
                    package = Some(Package::default());
                }
                Piece::Start(3, start) => {
                    let Some(package) = &mut package else { continue };
                    match start.local_name().as_ref() {
                        "location" => {
                            package.href = attribute(&start, "href")?.unwrap_or_default();
                            package.base = attribute(&start, "xml:base")?;
                        }
                        "size" => {
                            let size = attribute(&start, "package")?;
                            package.size = size.and_then(|size| size.trim().parse().ok());
                        }
                        _ => {}
                    }
                }
                Piece::End(2) if package.is_some() => return Ok(package),
                Piece::Done => return Ok(None),
                Piece::Start(..) | Piece::End(_) | Piece::Text(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_come_one_by_one() {
        let mut packages = Packages::new(
            &b"<?xml version=\"1.0\"?><metadata xmlns=\"c\" xmlns:rpm=\"r\" packages=\"2\">\n\
            <package type=\"rpm\"><name>a</name><summary>&lt;x&gt;</summary>\
            <size package=\"100\" installed=\"5\" archive=\"6\"/>\
            <location xml:base=\"media://1463897099.73#2\" href=\"Packages/a&amp;b.rpm\"/>\
            <format><rpm:license>x</rpm:license><file>/bin/a</file><location href=\"no\"/></format>\
            </package>\n<package type=\"rpm\"><location href=\"b.rpm\"/></package></metadata>"[..],
        );
        let first = packages.next().expect("whole").expect("one");
        assert_eq!((first.href.as_str(), first.size), ("Packages/a&b.rpm", Some(100)));
        assert_eq!(first.disc(), Some(2));
        let second = packages.next().expect("whole").expect("another");
        assert_eq!(second, Package { href: "b.rpm".into(), base: None, size: None });
        assert_eq!(second.disc(), None);
        assert_eq!(packages.next(), Ok(None));
    }

    #[test]
    fn what_is_cut_is_an_error() {
        let mut packages = Packages::new(&b"<metadata><package><location href=\"a\"/>"[..]);
        assert!(packages.next().is_err());
        assert!(Packages::new(&b"<html/>"[..]).next().is_err());
    }
}
