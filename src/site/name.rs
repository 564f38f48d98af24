//! What an import may be called, and where under the web root it may go.

use crate::error::{Error, Result};
use crate::menu::entry::{LABEL_MAX, is_label};

/// Longest target in bytes.
pub const TARGET_MAX: usize = 255;

/// First components of a path in the web root that are not for imports: the loaders' own.
const TAKEN: [&str; 3] = ["pxefiles", "px386", "ipxe.efi"];

/// Checks an import's NAME: it is a file name in the site's state and the default label.
///
/// # Errors
/// [`Error::Usage`] unless it is `[A-Za-z0-9][A-Za-z0-9._-]*` of at most 64 bytes.
pub fn check_name(name: &str) -> Result<()> {
    if is_label(name) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "the name {name:?} cannot be used: a NAME is at most {LABEL_MAX} letters, digits, dots, \
         underscores and hyphens, beginning with a letter or digit"
    )))
}

/// The target directory `dir` in normal form: relative to the web root, components parted by single
/// slashes, `yum/CentOS6.8`.
///
/// The characters are those that mean themselves in a URL, a kernel's command line, boot.cfg and a
/// boot menu alike: a blank would cut the path, a comma begins the next initrd, `%`, `#` and `?`
/// mean something else in a URL. Components do not begin with a dot, which web servers tend to
/// refuse.
///
/// # Errors
/// [`Error::Usage`] saying what is wrong.
pub fn target(dir: &str) -> Result<String> {
    let refuse = |why: String| {
        Err(Error::Usage(format!("the target directory {dir:?} cannot be used: {why}")))
    };
    if dir.starts_with('/') {
        return refuse("it must be relative to the web root, as in yum/CentOS6.8".to_owned());
    }
    let components: Vec<&str> = dir.split('/').filter(|c| !matches!(*c, "" | ".")).collect();
    let Some(first) = components.first() else {
        return refuse("it must name a directory below the web root".to_owned());
    };
    if components.contains(&"..") {
        return refuse("'..' leads out of it".to_owned());
    }
    let fit = |c: char| c.is_ascii_alphanumeric() || "._-+~".contains(c);
    if let Some(bad) = dir.chars().find(|&c| c != '/' && !fit(c)) {
        return refuse(format!(
            "{bad:?} has no place in a path that boot loaders are given: use letters, digits and \
             ._-+~"
        ));
    }
    if let Some(hidden) = components.iter().find(|c| c.starts_with(['.', '-'])) {
        return refuse(format!("the component {hidden} begins with a dot or a hyphen"));
    }
    if TAKEN.iter().any(|taken| first.eq_ignore_ascii_case(taken)) {
        return refuse(format!("{first} belongs to the boot loaders"));
    }
    let target = components.join("/");
    if target.len() > TARGET_MAX {
        return refuse(format!("it is longer than {TARGET_MAX} bytes"));
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_label() {
        check_name("windows_server_2008_x64").expect("good");
        for bad in ["", "..", "a/b", "a b", "-h", &"x".repeat(65)] {
            assert!(matches!(check_name(bad), Err(Error::Usage(_))), "{bad}");
        }
    }

    #[test]
    fn a_target_is_put_into_normal_form() {
        assert_eq!(target("yum/CentOS6.8").expect("good"), "yum/CentOS6.8");
        assert_eq!(target("./yum//CentOS6.8/").expect("good"), "yum/CentOS6.8");
        assert_eq!(target("windows/win8pe.iso").expect("good"), "windows/win8pe.iso");
    }

    #[test]
    fn a_target_stays_in_the_web_root_and_off_the_loaders() {
        for (bad, why) in [
            ("/yum", "relative to the web root"),
            ("", "must name a directory"),
            ("./", "must name a directory"),
            ("../x", "leads out"),
            ("a/../../x", "leads out"),
            ("pxefiles", "belongs to the boot loaders"),
            ("./PXEfiles/x", "belongs to the boot loaders"),
            ("px386/x", "belongs to the boot loaders"),
            ("ipxe.efi", "belongs to the boot loaders"),
            ("a b", "' ' has no place"),
            ("a\nb", "'\\n' has no place"),
            ("a,b", "',' has no place"),
            ("a%20b", "'%' has no place"),
            ("yum/Ä", "'Ä' has no place"),
            ("yum/.git", "begins with a dot"),
            ("-rf", "begins with a dot or a hyphen"),
        ] {
            let error = target(bad).expect_err(bad).to_string();
            assert!(error.contains(why), "{bad}: {error}");
        }
        assert!(target(&"x".repeat(TARGET_MAX + 1)).is_err());
    }
}
