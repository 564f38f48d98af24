//! `repodata/repomd.xml`: which files describe a repository of RPM packages.

use std::io::BufRead;

use super::xml::{Piece, Xml, attribute};

/// Most files that are taken; createrepo writes about ten.
const DATA_MAX: usize = 256;

/// One `<data>`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Data {
    /// `type`: `primary`, `filelists`, `group`.
    pub(crate) kind: String,
    /// `<location href>`, relative to the directory that holds `repodata`.
    pub(crate) href: String,
    /// `<location xml:base>`.
    pub(crate) base: Option<String>,
    /// `<size>` of the file as it is stored.
    pub(crate) size: Option<u64>,
    /// `<checksum>` of the file as it is stored: its type and digits.
    pub(crate) sum: Option<(String, String)>,
    /// `<open-checksum>` of what is packed in it.
    pub(crate) open_sum: Option<(String, String)>,
}

/// Reads the files that a `repomd.xml` names.
///
/// # Errors
/// What is wrong with the document.
pub(crate) fn parse(input: impl BufRead) -> Result<Vec<Data>, String> {
    let mut xml = Xml::new(input);
    let mut all = Vec::new();
    let mut data = Data::default();
    // The element at depth 3 whose text is being read, its attribute and the text.
    let mut open = (String::new(), String::new(), String::new());
    loop {
        match xml.next()? {
            Piece::Start(1, start) if start.local_name().as_ref() != "repomd" => {
                return Err(format!("it is no repomd.xml: it holds <{}>", start.name().as_ref()));
            }
            Piece::Start(2, start) => {
                let kind = attribute(&start, "type")?.unwrap_or_default();
                data = Data { kind, ..Data::default() };
            }
            Piece::Start(3, start) => {
                open = (start.local_name().as_ref().to_owned(), String::new(), String::new());
                match open.0.as_str() {
                    "location" => {
                        data.href = attribute(&start, "href")?.unwrap_or_default();
                        data.base = attribute(&start, "xml:base")?;
                    }
                    "checksum" | "open-checksum" => {
                        open.1 = attribute(&start, "type")?.unwrap_or_default()
                    }
                    _ => {}
                }
            }
            Piece::Text(text) => open.2.push_str(&text),
            Piece::End(3) => {
                let text = std::mem::take(&mut open.2);
                match open.0.as_str() {
                    "size" => data.size = text.trim().parse().ok(),
                    "checksum" | "open-checksum" => {
                        let digits = text.trim().to_ascii_lowercase();
                        let sum = Some((std::mem::take(&mut open.1), digits));
                        match open.0.as_str() {
                            "checksum" => data.sum = sum,
                            _ => data.open_sum = sum,
                        }
                    }
                    _ => {}
                }
            }
            Piece::End(2) => {
                let done = std::mem::take(&mut data);
                if !done.href.is_empty() {
                    if all.len() >= DATA_MAX {
                        return Err(format!("it names more than {DATA_MAX} files"));
                    }
                    all.push(done);
                }
            }
            Piece::Done if all.is_empty() => return Err("it names no file".into()),
            Piece::Done => return Ok(all),
            Piece::Start(..) | Piece::End(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_place_size_and_sum() {
        let all = parse(
            &b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <repomd xmlns=\"http://linux.duke.edu/metadata/repo\" xmlns:rpm=\"x\">\n\
            <revision>1463897099</revision>\n\
            <data type=\"primary\">\n  <checksum type=\"sha256\">ABcd</checksum>\n\
            <open-checksum type=\"sha256\">ffff</open-checksum>\n\
            <location href=\"repodata/abcd-primary.xml.gz\"/>\n<timestamp>1.5</timestamp>\n\
            <size>2920</size><open-size>99</open-size></data>\n\
            <data type=\"group\"><location xml:base=\"media://1#1\" href=\"repodata/comps.xml\"/></data>\n\
            </repomd>"[..],
        )
        .expect("whole");
        assert_eq!(all.len(), 2);
        assert_eq!(
            all[0],
            Data {
                kind: "primary".into(),
                href: "repodata/abcd-primary.xml.gz".into(),
                base: None,
                size: Some(2920),
                sum: Some(("sha256".into(), "abcd".into())),
                open_sum: Some(("sha256".into(), "ffff".into())),
            }
        );
        assert_eq!(all[1].base.as_deref(), Some("media://1#1"));
        assert_eq!((all[1].size, &all[1].sum), (None, &None));
    }

    #[test]
    fn what_is_cut_or_something_else_is_refused() {
        assert!(parse(&b"<repomd><data type=\"primary\">"[..]).is_err());
        assert!(parse(&b"<html></html>"[..]).is_err_and(|e| e.contains("<html>")));
        assert!(parse(&b""[..]).is_err());
        let many =
            format!("<repomd>{}</repomd>", "<data><location href=\"a\"/></data>".repeat(300));
        assert!(parse(many.as_bytes()).is_err_and(|e| e.contains("more than")));
    }
}
