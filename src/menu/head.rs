//! The part of a menu that is no import's: what is left without our blocks.

use std::path::Path;

use super::config::{Config, after, trim};
use super::edit::remove;
use super::pxelinux::{TIMEOUT_MAX, default_config};
use crate::error::Result;

/// The menu `text` without any block of ours.
///
/// # Errors
/// [`crate::Error::Invalid`] on `path` for damaged markers.
pub fn head(path: &Path, text: &[u8]) -> Result<Vec<u8>> {
    let config = Config::parse(path, text)?;
    config.blocks.iter().try_fold(text.to_owned(), |text, block| {
        remove(path, &text, &String::from_utf8_lossy(&block.label)).map(|edit| edit.text)
    })
}

/// The menu that has `head` for its head and the blocks of `text`, byte for byte and in their order,
/// before its first `label local`, else at its end.
///
/// # Errors
/// As [`head`].
pub fn replace(path: &Path, text: &[u8], head: &[u8]) -> Result<Vec<u8>> {
    let blocks: Vec<u8> = Config::parse(path, text)?
        .blocks
        .iter()
        .flat_map(|block| {
            let bytes = text.get(block.span.clone()).unwrap_or_default();
            let end: &[u8] = if bytes.ends_with(b"\n") { b"\n" } else { b"\n\n" };
            [bytes, end].concat()
        })
        .collect();
    let local = Config::parse(path, head)?;
    let local = local.labels.iter().find(|label| label.label.eq_ignore_ascii_case(b"local"));
    let at = local.map_or(head.len(), |local| local.start);
    let (before, behind) = head.split_at(at);
    Ok([before, &blocks, behind].concat())
}

/// Whether `head` is one that we write, for any title and timeout: nobody has edited it.
pub fn is_ours(head: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(head) else { return false };
    let value = |keyword: &str| {
        text.lines().find_map(|line| after(trim(line.as_bytes()), keyword)).unwrap_or_default()
    };
    let title = after(value("menu"), "title").unwrap_or_default();
    let timeout = std::str::from_utf8(value("timeout")).ok().and_then(|text| text.parse().ok());
    let (Ok(title), Some(timeout)) = (std::str::from_utf8(title), timeout) else { return false };
    timeout <= TIMEOUT_MAX
        && [false, true].iter().any(|&splash| {
            default_config(title, timeout, splash).is_ok_and(|whole| whole.as_bytes() == head)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::menu::edit::upsert;
    use crate::menu::{Entry, pxelinux};

    fn menu(labels: &[&str]) -> Vec<u8> {
        let begin = default_config("Old", 300, false).expect("valid").into_bytes();
        labels.iter().fold(begin, |text, label| {
            let entry = Entry {
                label: (*label).into(),
                title: label.to_uppercase(),
                kernel: "/k".into(),
                initrd: None,
                args: Vec::new(),
                bootif: false,
                efi: Default::default(),
            };
            let block = pxelinux::block(&entry).expect("valid");
            upsert("default".as_ref(), &text, &block, &[], false).expect("put").text
        })
    }

    #[test]
    fn a_head_is_the_menu_before_its_imports() {
        let text = menu(&["a", "b"]);
        let head = head("default".as_ref(), &text).expect("whole");
        assert_eq!(head, menu(&[]));
        assert!(is_ours(&head));
    }

    #[test]
    fn a_new_head_keeps_every_block_in_its_order() {
        let new = default_config("New", 100, true).expect("valid");
        let text = replace("default".as_ref(), &menu(&["a", "b"]), new.as_bytes()).expect("whole");
        let again = head("default".as_ref(), &text).expect("whole");
        assert_eq!(again, new.as_bytes());
        let back = default_config("Old", 300, false).expect("valid");
        let back = replace("default".as_ref(), &text, back.as_bytes()).expect("whole");
        assert_eq!(back, menu(&["a", "b"]));
    }

    #[test]
    fn one_line_more_is_somebody_elses() {
        let mut text = menu(&[]);
        assert!(is_ours(&text));
        text.extend_from_slice(b"label mine\n");
        assert!(!is_ours(&text));
        let crlf = String::from_utf8(menu(&[])).expect("ASCII").replace('\n', "\r\n");
        assert!(!is_ours(crlf.as_bytes()));
        assert!(!is_ours(b""));
    }
}
