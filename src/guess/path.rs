//! Paths as boot loaders write them.

/// Longest path in bytes.
const PATH_MAX: usize = 1024;

/// The path from the top that `path` means in the directory `dir`: what names a drive (`(cd0)/x`,
/// `($root)/x`) or a server's own root (`::x`) is cut, backslashes are slashes, and nothing leads above
/// the top. `None` for an URL, and for what is no path.
pub(super) fn join(dir: &str, path: &str) -> Option<String> {
    if path.contains("://") {
        return None;
    }
    let (path, rooted) = match (path.strip_prefix("::"), path.strip_prefix('(')) {
        (Some(rest), _) => (rest, true),
        (None, Some(drive)) => (drive.split_once(')')?.1, true),
        _ => (path, false),
    };
    let path = path.replace('\\', "/");
    let dir = if rooted || path.starts_with('/') { "" } else { dir };
    let mut parts: Vec<&str> = Vec::new();
    for part in dir.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    let fits = !path.is_empty() && path.len() <= PATH_MAX && !path.contains(char::is_control);
    fits.then_some(path)
}

/// Whether a path can stand in a menu, where a comma begins the next initial ramdisk.
pub(super) fn is_plain(path: &str) -> bool {
    !path.is_empty()
        && path.bytes().all(|b| b.is_ascii_graphic() && !b",%#?\"'\\$".contains(&b))
        && !path.contains("::")
        && !path.split('/').any(|part| part == "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drives_are_cut_and_nothing_leads_above_the_top() {
        let join = |path| join("boot/x", path);
        assert_eq!(join("k").as_deref(), Some("boot/x/k"));
        assert_eq!(join("/k").as_deref(), Some("k"));
        assert_eq!(join("../../../../k").as_deref(), Some("k"));
        assert_eq!(join("(cd0)/a//./k").as_deref(), Some("a/k"));
        assert_eq!(join("()/k").as_deref(), Some("k"));
        assert_eq!(join("::/arch/k").as_deref(), Some("arch/k"));
        assert_eq!(join("\\EFI\\k").as_deref(), Some("EFI/k"));
        for none in ["", "/", "..", "(cd0", "http://h/k", "a\nb"] {
            assert_eq!(super::join("", none), None, "{none:?}");
        }
    }
}
