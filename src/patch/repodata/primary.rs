//! `primary.xml` without `media://`: what a package's place is relative to is the repository then.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Read};

use quick_xml::Writer;
use quick_xml::events::{BytesStart, Event};

use super::{is_media, without};
use crate::metadata::primary::Package;
use crate::metadata::xml::{Xml, attribute};

/// Most discs of a set that are told apart.
const DISCS_MAX: usize = 64;

/// Reads a `primary.xml` as it is but for `xml:base="media://..."` of the packages' places, which is
/// left out. No more of it is held than one tag or text.
pub(super) struct Mended<R, F> {
    xml: Xml<R>,
    /// Whether the place is a file of the tree.
    is_there: F,
    out: Vec<u8>,
    given: usize,
    done: bool,
    /// How many packages' places have been changed.
    pub(super) places: u64,
    /// How many of them are no file of the tree.
    pub(super) missing: u64,
    /// Which discs those are on, as far as it says so.
    pub(super) discs: BTreeSet<u32>,
}

impl<R: BufRead, F: Fn(&str) -> bool> Mended<R, F> {
    pub(super) fn new(input: R, is_there: F) -> Self {
        Self {
            xml: Xml::raw(input),
            is_there,
            out: Vec::new(),
            given: 0,
            done: false,
            places: 0,
            missing: 0,
            discs: BTreeSet::new(),
        }
    }

    /// Takes the next piece of the document into `out`; `false` at the end.
    fn step(&mut self) -> Result<bool, String> {
        let Some((depth, event)) = self.xml.event()? else { return Ok(false) };
        if let (1, Event::Start(start) | Event::Empty(start)) = (depth, &event)
            && start.local_name().as_ref() != "metadata"
        {
            return Err(format!("it is no primary.xml: it holds <{}>", start.name().as_ref()));
        }
        let place = match &event {
            Event::Start(start) | Event::Empty(start) => place(depth, start)?,
            _ => None,
        };
        let event = match event {
            Event::Start(start) if place.is_some() => Event::Start(without(&start, "xml:base")),
            Event::Empty(start) if place.is_some() => Event::Empty(without(&start, "xml:base")),
            event => event,
        };
        Writer::new(&mut self.out).write_event(event).map_err(|e| e.to_string())?;
        if let Some((package, href)) = place {
            self.places = self.places.saturating_add(1);
            if !(self.is_there)(&href) {
                self.missing = self.missing.saturating_add(1);
                let room = self.discs.len() < DISCS_MAX;
                self.discs.extend(package.disc().filter(|_| room));
            }
        }
        Ok(true)
    }
}

/// A package's `<location>` on some medium, and where that is in the repository.
fn place(depth: usize, start: &BytesStart<'_>) -> Result<Option<(Package, String)>, String> {
    if depth != 3 || start.local_name().as_ref() != "location" {
        return Ok(None);
    }
    let base = attribute(start, "xml:base")?.filter(|base| is_media(base));
    let href = attribute(start, "href")?.unwrap_or_default();
    Ok(base.map(|base| (Package { base: Some(base), ..Package::default() }, href)))
}

impl<R: BufRead, F: Fn(&str) -> bool> Read for Mended<R, F> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while !self.done && self.out.len() == self.given {
            self.out.clear();
            self.given = 0;
            self.done = !self.step().map_err(io::Error::other)?;
        }
        let n = self.out.get(self.given..).unwrap_or_default().read(buf)?;
        self.given = self.given.saturating_add(n);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(text: &str) -> io::Result<(String, u64)> {
        let mut mended = Mended::new(text.as_bytes(), |href| href != "c.rpm");
        let mut out = String::new();
        mended.read_to_string(&mut out)?;
        Ok((out, mended.places))
    }

    #[test]
    fn only_the_base_of_packages_places_goes() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <metadata xmlns=\"c\" xmlns:rpm=\"r\" packages=\"3\">\n<package type=\"rpm\">\n  \
            <summary>xml:base=\"media://1#1\" &lt;\u{e9}&gt;</summary>\n  \
            <location xml:base=\"media://1463897099.73#1\" href=\"Packages/a&amp;b.rpm\"/>\n\
            <format><location xml:base=\"media://1#1\"/></format></package>\n\
            <package><location href=\"c.rpm\" xml:base='media://1#2' /></package>\n\
            <!-- <location xml:base=\"media://\"/> -->\
            <package><location xml:base=\"http://x/\" href=\"d.rpm\"/></package>\n</metadata>\n";
        let expected = text
            .replace("location xml:base=\"media://1463897099.73#1\"", "location")
            .replace(" xml:base='media://1#2'", "");
        assert_eq!(mended(text).expect("whole"), (expected.clone(), 2));
        assert_eq!(mended(&expected).expect("whole"), (expected, 0), "a second time is none");
    }

    #[test]
    fn packages_that_are_not_there_are_counted_with_their_discs() {
        let package = |disc: u32, href: &str| {
            format!(
                "<package><location xml:base=\"media://7.5#{disc}\" href=\"{href}\"/></package>"
            )
        };
        let all = [package(1, "a"), package(2, "b"), package(4, "c"), package(4, "d")].concat();
        let text = format!("<metadata>{all}<package><location href=\"e\"/></package></metadata>");
        let mut mended = Mended::new(text.as_bytes(), |href| href == "a");
        io::copy(&mut mended, &mut io::sink()).expect("whole");
        assert_eq!((mended.places, mended.missing), (4, 3));
        assert_eq!(mended.discs, [2, 4].into());
    }

    #[test]
    fn what_is_cut_or_something_else_is_an_error() {
        for text in ["<metadata><package>", "<html/>", "<metadata><a></b></metadata>"] {
            assert!(mended(text).is_err(), "{text}");
        }
    }
}
