//! The texts of an XML document's elements, in order.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

/// Deepest nesting that is read.
const DEPTH_MAX: usize = 32;
/// Longest name of an element in bytes.
const NAME_MAX: usize = 256;
/// Most attributes of one element that are read.
const ATTRIBUTES_MAX: usize = 32;
/// Longest text of one element in characters that is kept.
const TEXT_MAX: usize = 4096;

/// Calls `each` at the end of every element with its path (`WIM/IMAGE/NAME`) and its own text, and
/// before that, when it begins, with each of its attributes (`WIM/IMAGE/@INDEX`).
///
/// # Errors
/// What is wrong with the document; elements before that have been reported.
pub(super) fn elements(xml: &str, mut each: impl FnMut(&str, &str)) -> Result<(), String> {
    let mut reader = Reader::from_str(xml.strip_prefix('\u{feff}').unwrap_or(xml));
    let mut path = String::new();
    let mut texts: Vec<String> = Vec::new();
    loop {
        match reader.read_event().map_err(|e| e.to_string())? {
            Event::Start(start) => {
                if texts.len() >= DEPTH_MAX {
                    return Err(format!("elements nested deeper than {DEPTH_MAX}"));
                }
                push(&mut path, &start)?;
                attributes(&mut path, &start, &mut each);
                texts.push(String::new());
            }
            Event::Empty(start) => {
                push(&mut path, &start)?;
                attributes(&mut path, &start, &mut each);
                each(&path, "");
                pop(&mut path);
            }
            Event::Text(text) => append(&mut texts, &text.xml10_content()),
            Event::CData(text) => append(&mut texts, &text.xml10_content()),
            Event::GeneralRef(entity) => {
                if let Ok(Some(c)) = entity.resolve_char_ref() {
                    append(&mut texts, c.encode_utf8(&mut [0; 4]));
                } else if let Some(text) = resolve_predefined_entity(&entity.xml10_content()) {
                    append(&mut texts, text);
                }
            }
            Event::End(_) => {
                let text = texts.pop().unwrap_or_default();
                each(&path, text.trim());
                pop(&mut path);
            }
            Event::Eof if texts.is_empty() => return Ok(()),
            Event::Eof => return Err(format!("ends inside the element {path}")),
            _ => {}
        }
    }
}

fn push(path: &mut String, start: &BytesStart) -> Result<(), String> {
    let name = start.local_name();
    let name: &str = name.as_ref();
    if name.len() > NAME_MAX {
        return Err(format!("an element name of {} bytes", name.len()));
    }
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(name);
    Ok(())
}

/// What cannot be read of them is passed over.
fn attributes(path: &mut String, start: &BytesStart<'_>, each: &mut impl FnMut(&str, &str)) {
    for attribute in start.attributes().flatten().take(ATTRIBUTES_MAX) {
        let name: &str = attribute.key.as_ref();
        if let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0)
            && name.len() <= NAME_MAX
            && value.len() <= TEXT_MAX
        {
            path.push_str("/@");
            path.push_str(name);
            each(path, value.trim());
            pop(path);
        }
    }
}

fn pop(path: &mut String) {
    path.truncate(path.rfind('/').unwrap_or(0));
}

fn append(texts: &mut [String], more: &str) {
    if let Some(text) = texts.last_mut() {
        let room = TEXT_MAX.saturating_sub(text.len());
        text.extend(more.chars().take(room));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(xml: &str) -> (Vec<String>, Result<(), String>) {
        let mut out = Vec::new();
        let result = elements(xml, |path, text| out.push(format!("{path}={text}")));
        (out, result)
    }

    #[test]
    fn texts_come_with_their_paths_and_entities_resolved() {
        let (out, result) = all("<?xml version='1.0'?><a><b x='1&lt;'> R&amp;D&#33; </b><c/></a>");
        assert_eq!(result, Ok(()));
        assert_eq!(out, ["a/b/@x=1<", "a/b=R&D!", "a/c=", "a="]);
    }

    #[test]
    fn a_document_that_is_cut_or_too_deep_is_refused() {
        assert!(all("<a><b>").1.is_err());
        assert!(all("<a></b>").1.is_err());
        assert!(all(&"<a>".repeat(10_000)).1.is_err());
    }
}
