//! The directory that cloud-init takes an autoinstall file from: `answers/LABEL/` in the tree, with
//! `user-data` and a `meta-data` that has to be there and may be empty (cloud-init, data source NoCloud).

use crate::identify::AnswerKind;

/// The answer file's own name.
const USER_DATA: &str = "user-data";
/// What has to be there beside it.
const META_DATA: &str = "meta-data";
/// The directory of all seeds in a tree.
const TOP: &str = "answers";

/// The heads by which cloud-init knows user data, besides `#cloud-config`: a Jinja template, and parts
/// in MIME.
const OTHER_HEADS: [&[u8]; 3] = [b"## template:", b"Content-Type:", b"MIME-Version:"];

/// Where the answer file of `label` goes, from the top of the tree.
pub fn path(label: &str) -> String {
    format!("{TOP}/{label}/{USER_DATA}")
}

/// The directory, with its slash, that the answer file `path` is served by; `None` for an answer file
/// that is fetched by its own name.
pub fn dir(path: &str) -> Option<&str> {
    path.strip_suffix(USER_DATA).filter(|dir| dir.starts_with(TOP) && dir.ends_with('/'))
}

/// The empty file that goes with the answer file `path`, if it is part of a seed.
pub fn beside(path: &str) -> Option<String> {
    dir(path).map(|dir| format!("{dir}{META_DATA}"))
}

/// The language of the answer file `path`, which holds `content`.
pub fn kind(path: &str, content: &[u8]) -> AnswerKind {
    match dir(path) {
        Some(_) => AnswerKind::Autoinstall,
        None => AnswerKind::of(content),
    }
}

/// Checks that cloud-init takes `content` for user data: it looks at the first line alone, and what it
/// does not know there it leaves aside without a word to the installer.
///
/// # Errors
/// What is wrong, and what to do.
pub fn check(content: &[u8]) -> Result<(), String> {
    let first = content.split(|&b| b == b'\n').next().unwrap_or_default().trim_ascii_end();
    if first == b"#cloud-config" || OTHER_HEADS.iter().any(|head| first.starts_with(head)) {
        return Ok(());
    }
    let (what, mend) = match first.starts_with(b"\xef\xbb\xbf") {
        true => ("begins with a byte order mark", "save it without"),
        false => (
            "does not begin with the line #cloud-config",
            "put that before all else, and the answers below the key autoinstall",
        ),
    };
    Err(format!(
        "{what}, so that cloud-init would ignore it and the installer ask for everything: {mend}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_a_directory_of_the_label_with_two_files() {
        let path = path("web");
        assert_eq!(path, "answers/web/user-data");
        assert_eq!(dir(&path), Some("answers/web/"));
        assert_eq!(beside(&path).as_deref(), Some("answers/web/meta-data"));
        assert_eq!(kind(&path, b"## template: jinja\n"), AnswerKind::Autoinstall);
    }

    #[test]
    fn other_answer_files_are_fetched_by_their_names() {
        for path in ["ks.cfg", "user-data", "answers/user-data-web", "x/answers/web/user-data"] {
            assert_eq!(beside(path), None, "{path}");
        }
        assert_eq!(kind("ks.cfg", b"d-i a/b string c"), AnswerKind::Preseed);
    }

    #[test]
    fn cloud_init_wants_to_see_its_own_first_line() {
        for good in ["#cloud-config\nautoinstall:\n", "#cloud-config\r\n", "## template: jinja\n"] {
            assert_eq!(check(good.as_bytes()), Ok(()), "{good:?}");
        }
        for bad in ["", "autoinstall:\n", "# site\n#cloud-config\n", "\u{feff}#cloud-config\n"] {
            assert!(check(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(check(b"\xef\xbb\xbf#cloud-config").is_err_and(|what| what.contains("byte order")));
    }
}
