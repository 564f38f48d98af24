//! XML as a stream, in bounded memory however it is made.

use std::io::{self, BufRead, Read};
use std::ops::Range;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Longest tag or text in bytes.
const EVENT_MAX: usize = 4 << 20;
/// Deepest nesting.
const DEPTH_MAX: usize = 32;

/// A document that is being read.
pub(crate) struct Xml<R> {
    reader: Reader<Bounded<R>>,
    buf: Vec<u8>,
    depth: usize,
}

/// The next piece of a document.
pub(crate) enum Piece<'b> {
    /// An element begins; it is at this depth, the document's own at 1.
    Start(usize, BytesStart<'b>),
    /// Text inside an element.
    Text(String),
    /// The element at this depth ends.
    End(usize),
    /// The whole document has been read.
    Done,
}

impl<R: BufRead> Xml<R> {
    pub(crate) fn new(input: R) -> Self {
        let mut reader = Reader::from_reader(Bounded { input, used: 0 });
        reader.config_mut().expand_empty_elements = true;
        Self { reader, buf: Vec::new(), depth: 0 }
    }

    /// For [`Xml::event`]: everything as it is written.
    pub(crate) fn raw(input: R) -> Self {
        let mut raw = Self::new(input);
        raw.reader.config_mut().expand_empty_elements = false;
        raw
    }

    /// The next event of all there are, with the depth of its element or of what holds it; written
    /// again by quick-xml it has the bytes that were read, blanks in an end tag aside. `None` once
    /// the whole document has been read.
    ///
    /// # Errors
    /// What is wrong with the document.
    pub(crate) fn event(&mut self) -> Result<Option<(usize, Event<'_>)>, String> {
        self.buf.clear();
        self.reader.get_mut().used = 0;
        let event = self.reader.read_event_into(&mut self.buf).map_err(|e| e.to_string())?;
        let at = match &event {
            Event::Start(_) => {
                self.depth = self.depth.saturating_add(1);
                self.depth
            }
            Event::Empty(_) => self.depth.saturating_add(1),
            Event::End(_) => {
                let ended = self.depth;
                self.depth = self.depth.saturating_sub(1);
                ended
            }
            Event::Eof if self.depth > 0 => return Err("it ends within an element".into()),
            Event::Eof => return Ok(None),
            _ => self.depth,
        };
        if at > DEPTH_MAX {
            return Err(format!("elements nested deeper than {DEPTH_MAX}"));
        }
        Ok(Some((at, event)))
    }

    /// The next piece; comments and the like are passed over.
    ///
    /// # Errors
    /// What is wrong with the document.
    pub(crate) fn next(&mut self) -> Result<Piece<'_>, String> {
        // The borrow checker does not see that the buffer is free again after an event that is
        // passed over, so that the loop ends before the event is taken apart.
        loop {
            self.buf.clear();
            self.reader.get_mut().used = 0;
            let event = self.reader.read_event_into(&mut self.buf).map_err(|e| e.to_string())?;
            match event {
                Event::Start(start) => {
                    self.depth = self.depth.saturating_add(1);
                    if self.depth > DEPTH_MAX {
                        return Err(format!("elements nested deeper than {DEPTH_MAX}"));
                    }
                    return Ok(Piece::Start(self.depth, start.into_owned()));
                }
                Event::End(_) => {
                    let ended = self.depth;
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Piece::End(ended));
                }
                Event::Text(text) => return Ok(Piece::Text(text.xml10_content().into_owned())),
                Event::Eof if self.depth > 0 => return Err("it ends within an element".into()),
                Event::Eof => return Ok(Piece::Done),
                _ => {}
            }
        }
    }
}

/// The value of an attribute by its whole name (`xml:base`).
pub(crate) fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    let Some(found) = start.try_get_attribute(name).map_err(|e| e.to_string())? else {
        return Ok(None);
    };
    let value = found.normalized_value(XmlVersion::Implicit1_0).map_err(|e| e.to_string())?;
    Ok(Some(value.into_owned()))
}

/// Where an attribute lies in the text behind the name of its element.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The blanks before it, name, value and quotes.
    pub(crate) whole: Range<usize>,
    /// What is between the quotes.
    pub(crate) value: Range<usize>,
}

/// The place of an attribute by its whole name.
pub(crate) fn place(attributes: &str, name: &str) -> Option<Place> {
    let mut at = 0_usize;
    loop {
        let (key, after) = attributes.get(at..)?.split_once('=')?;
        let quoted = after.trim_start();
        let quote = quoted.chars().next().filter(|&c| c == '"' || c == '\'')?;
        let inner = quoted.get(1..)?;
        let len = inner.find(quote)?;
        let start = attributes.len().checked_sub(inner.len())?;
        let end = start.checked_add(len)?;
        let whole = at..end.checked_add(1)?;
        at = whole.end;
        if key.trim() == name {
            return Some(Place { whole, value: start..end });
        }
    }
}

/// Refuses to give more than [`EVENT_MAX`] bytes before it is told that an event is over.
struct Bounded<R> {
    input: R,
    used: usize,
}

impl<R: BufRead> BufRead for Bounded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.used > EVENT_MAX {
            let what = format!("a tag or text is longer than {} MiB", EVENT_MAX >> 20);
            return Err(io::Error::other(what));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.used = self.used.saturating_add(amount);
        self.input.consume(amount);
    }
}

impl<R: BufRead> Read for Bounded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(buf)?;
        self.consume(n);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Result<String, String> {
        let mut xml = Xml::new(text.as_bytes());
        let mut out = String::new();
        loop {
            match xml.next()? {
                Piece::Start(depth, start) => {
                    let value = attribute(&start, "a")?.unwrap_or_default();
                    out += &format!("<{depth} {} {value}>", start.local_name().as_ref());
                }
                Piece::Text(text) => out += &text,
                Piece::End(depth) => out += &format!("</{depth}>"),
                Piece::Done => return Ok(out),
            }
        }
    }

    #[test]
    fn elements_come_with_depth_and_attributes() {
        let out = all("<?xml version=\"1.0\"?><!-- x --><r><p:q a=\"1&amp;2\"/>t</r>\n");
        assert_eq!(out.as_deref(), Ok("<1 r ><2 q 1&2></2>t</1>\n"));
    }

    #[test]
    fn raw_events_written_again_are_the_document() {
        let text = "<?xml version='1.0' encoding=\"UTF-8\"?>\r\n<!-- x --><!DOCTYPE r>\n<r a = '1'>\n\
                    <b c=\"&lt;\" /><![CDATA[<]]>&amp;\u{e9}&#10;</r>\n<?p q?>\n";
        let mut xml = Xml::raw(text.as_bytes());
        let mut out = quick_xml::Writer::new(Vec::new());
        let mut depths = Vec::new();
        while let Some((depth, event)) = xml.event().expect("whole") {
            depths.push(depth);
            out.write_event(event).expect("a vector takes all");
        }
        assert_eq!(String::from_utf8_lossy(&out.into_inner()), text);
        assert_eq!((depths.iter().max(), depths.last()), (Some(&2), Some(&0)));
        assert!(Xml::raw(&b"<a>"[..]).event().is_ok());
        let mut cut = Xml::raw(&b"<a>"[..]);
        assert!(cut.event().is_ok() && cut.event().is_err_and(|e| e.contains("ends within")));
        let deep = "<a>".repeat(100);
        let mut deep = Xml::raw(deep.as_bytes());
        assert!((0..100).any(|_| deep.event().is_err_and(|e| e.contains("deeper"))));
    }

    #[test]
    fn an_attribute_is_found_with_the_blanks_before_it() {
        let text = " xml:base='media://1#2'\n href = \"a='b'\"";
        let base = place(text, "xml:base").expect("there");
        assert_eq!(
            (&text[base.whole], &text[base.value]),
            (" xml:base='media://1#2'", "media://1#2")
        );
        let href = place(text, "href").expect("there");
        assert_eq!((&text[href.whole], &text[href.value]), ("\n href = \"a='b'\"", "a='b'"));
        for none in ["", " a", " a=", " a=b", " a='b", " b='1' c"] {
            assert_eq!(place(none, "a"), None, "{none}");
        }
    }

    #[test]
    fn what_is_cut_too_deep_or_too_long_is_an_error() {
        assert!(all("<a><b>").is_err_and(|e| e.contains("ends within")));
        assert!(all(&"<a>".repeat(1000)).is_err_and(|e| e.contains("deeper")));
        let long = format!("<a>{}</a>", "x".repeat(EVENT_MAX + (1 << 20)));
        let chunks = io::BufReader::with_capacity(1 << 16, long.as_bytes());
        let mut xml = Xml::new(chunks);
        assert!(matches!(xml.next(), Ok(Piece::Start(1, _))));
        assert!(xml.next().is_err_and(|e| e.contains("longer")));
    }
}
