//! `primary.xml` without `media://`: what a package's place is relative to is the repository then.

use std::io::{self, BufRead, Read};

use quick_xml::Writer;
use quick_xml::events::{BytesStart, Event};

use super::{is_media, without};
use crate::metadata::xml::{Xml, attribute};

/// Reads a `primary.xml` as it is but for `xml:base="media://..."` of the packages' places, which is
/// left out. No more of it is held than one tag or text.
pub(super) struct Mended<R> {
    xml: Xml<R>,
    out: Vec<u8>,
    given: usize,
    done: bool,
    /// How many packages' places have been changed.
    pub(super) places: u64,
}

impl<R: BufRead> Mended<R> {
    pub(super) fn new(input: R) -> Self {
        Self { xml: Xml::raw(input), out: Vec::new(), given: 0, done: false, places: 0 }
    }

    /// Takes the next piece of the document into `out`; `false` at the end.
    fn step(&mut self) -> Result<bool, String> {
        let Some((depth, event)) = self.xml.event()? else { return Ok(false) };
        if let (1, Event::Start(start) | Event::Empty(start)) = (depth, &event)
            && start.local_name().as_ref() != "metadata"
        {
            return Err(format!("it is no primary.xml: it holds <{}>", start.name().as_ref()));
        }
        let event = match event {
            Event::Start(start) if is_place(depth, &start)? => {
                self.places = self.places.saturating_add(1);
                Event::Start(without(&start, "xml:base"))
            }
            Event::Empty(start) if is_place(depth, &start)? => {
                self.places = self.places.saturating_add(1);
                Event::Empty(without(&start, "xml:base"))
            }
            event => event,
        };
        Writer::new(&mut self.out).write_event(event).map_err(|e| e.to_string())?;
        Ok(true)
    }
}

/// Whether it is a package's `<location>` on some medium.
fn is_place(depth: usize, start: &BytesStart<'_>) -> Result<bool, String> {
    if depth != 3 || start.local_name().as_ref() != "location" {
        return Ok(false);
    }
    Ok(attribute(start, "xml:base")?.is_some_and(|base| is_media(&base)))
}

impl<R: BufRead> Read for Mended<R> {
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
        let mut mended = Mended::new(text.as_bytes());
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
    fn what_is_cut_or_something_else_is_an_error() {
        for text in ["<metadata><package>", "<html/>", "<metadata><a></b></metadata>"] {
            assert!(mended(text).is_err(), "{text}");
        }
    }
}
