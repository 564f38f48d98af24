//! `repomd.xml` after one of the files that it names has been changed.

use quick_xml::Writer;
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, BytesText, Event};

use super::{is_media, with, without};
use crate::metadata::xml::{Xml, attribute};

/// What is new of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Renewed {
    /// `<location href>`.
    pub(super) href: String,
    /// `<checksum>`.
    pub(super) sum: String,
    /// `<open-checksum>`.
    pub(super) open_sum: String,
    /// `<size>`.
    pub(super) size: u64,
    /// `<open-size>`.
    pub(super) open_size: u64,
}

impl Renewed {
    /// The text of an element of `<data>`, where that is new.
    fn text(&self, element: &str) -> Option<String> {
        Some(match element {
            "checksum" => self.sum.clone(),
            "open-checksum" => self.open_sum.clone(),
            "size" => self.size.to_string(),
            "open-size" => self.open_size.to_string(),
            _ => return None,
        })
    }
}

/// The text with what is new of the primary, if anything is, without `<data>` of the kinds `gone`, and without
/// `xml:base="media://..."`. All else stays as it is, the time stamps too; what an element does not
/// have is not added.
///
/// # Errors
/// What is wrong with the document.
pub(super) fn mend(
    text: &[u8],
    primary: Option<&Renewed>,
    gone: &[&str],
) -> Result<Vec<u8>, String> {
    let mut xml = Xml::raw(text);
    let mut out = Writer::new(Vec::with_capacity(text.len()));
    // Blanks before a <data>, which go with it.
    let mut blanks: Option<BytesText<'static>> = None;
    let (mut kind, mut skipped) = (String::new(), None);
    while let Some((depth, event)) = xml.event()? {
        if let Some(until) = skipped {
            let end = matches!(event, Event::End(_)) && depth == until;
            if end {
                skipped = None;
            }
            // The end of <data> goes, that of an element within stays.
            if !end || until == 2 {
                continue;
            }
        }
        if let (2, Event::Start(start) | Event::Empty(start)) = (depth, &event) {
            kind = attribute(start, "type")?.unwrap_or_default();
            if gone.contains(&kind.as_str()) {
                blanks = None;
                skipped = matches!(event, Event::Start(_)).then_some(2);
                continue;
            }
        }
        let mut write = |event: Event<'_>| out.write_event(event).map_err(|e| e.to_string());
        if let Some(blanks) = blanks.take() {
            write(Event::Text(blanks))?;
        }
        let renewed = primary.filter(|_| kind == "primary");
        match event {
            Event::Text(text) if depth == 1 => blanks = Some(text.into_owned()),
            Event::Start(start) if depth == 3 => {
                let text = renewed.and_then(|new| new.text(start.local_name().as_ref()));
                write(Event::Start(location(start, renewed)?))?;
                if let Some(text) = text {
                    write(Event::Text(BytesText::from_escaped(text)))?;
                    skipped = Some(3);
                }
            }
            Event::Empty(start) if depth == 3 => write(Event::Empty(location(start, renewed)?))?,
            event => write(event)?,
        }
    }
    Ok(out.into_inner())
}

/// A `<location>` without `media://`, and with the new name; any other element as it is.
fn location<'b>(
    mut start: BytesStart<'b>,
    new: Option<&Renewed>,
) -> Result<BytesStart<'b>, String> {
    if start.local_name().as_ref() != "location" {
        return Ok(start);
    }
    if attribute(&start, "xml:base")?.is_some_and(|base| is_media(&base)) {
        start = without(&start, "xml:base");
    }
    Ok(match new {
        Some(new) => with(&start, "href", &escape(new.href.as_str())),
        None => start,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renewed() -> Renewed {
        Renewed {
            href: "repodata/new-primary.xml.gz".into(),
            sum: "aa".into(),
            open_sum: "bb".into(),
            size: 7,
            open_size: 8,
        }
    }

    #[test]
    fn the_primary_is_renewed_and_what_is_gone_leaves_no_blanks() {
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"x\">\n  \
            <revision>1463897099</revision>\n  \
            <data type=\"primary\">\n    <checksum type=\"sha256\">11</checksum>\n    \
            <open-checksum type=\"sha\">22</open-checksum>\n    \
            <location xml:base=\"media://1#1\" href=\"repodata/old-primary.xml.gz\"/>\n    \
            <timestamp>1463897100.5</timestamp>\n    <size>100</size>\n    <open-size>200</open-size>\n  \
            </data>\n  <data type=\"primary_db\">\n    <location href=\"repodata/p.sqlite.bz2\"/>\n  \
            </data>\n  <data type=\"group\"><checksum type=\"sha256\">33</checksum>\
            <location xml:base=\"media://1#1\" href=\"repodata/comps.xml\"></location></data>\n\
            </repomd>\n";
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"x\">\n  \
            <revision>1463897099</revision>\n  \
            <data type=\"primary\">\n    <checksum type=\"sha256\">aa</checksum>\n    \
            <open-checksum type=\"sha\">bb</open-checksum>\n    \
            <location href=\"repodata/new-primary.xml.gz\"/>\n    \
            <timestamp>1463897100.5</timestamp>\n    <size>7</size>\n    <open-size>8</open-size>\n  \
            </data>\n  <data type=\"group\"><checksum type=\"sha256\">33</checksum>\
            <location href=\"repodata/comps.xml\"></location></data>\n\
            </repomd>\n";
        let mended = mend(text.as_bytes(), Some(&renewed()), &["primary_db"]).expect("whole");
        assert_eq!(String::from_utf8_lossy(&mended), expected);
        let again = mend(expected.as_bytes(), Some(&renewed()), &["primary_db"]).expect("whole");
        assert_eq!(String::from_utf8_lossy(&again), expected);
    }

    #[test]
    fn a_name_is_escaped_and_an_element_that_is_missing_is_not_added() {
        let text = "<repomd><data type='primary'><location href='old'/></data></repomd>";
        let new = Renewed { href: "a&'b".into(), ..renewed() };
        let mended = mend(text.as_bytes(), Some(&new), &[]).expect("whole");
        let expected =
            "<repomd><data type='primary'><location href='a&amp;&apos;b'/></data></repomd>";
        assert_eq!(String::from_utf8_lossy(&mended), expected);
    }

    #[test]
    fn what_is_cut_is_an_error() {
        assert!(mend(b"<repomd><data type=\"primary\">", Some(&renewed()), &[]).is_err());
    }
}
