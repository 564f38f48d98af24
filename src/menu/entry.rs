//! One thing to boot, whatever the menu format.

use crate::error::{Error, Result};

/// Longest label in bytes.
pub const LABEL_MAX: usize = 64;

/// The label of the entry that chains to a public boot service, which is no import's.
pub const PUBLIC_NETBOOT: &str = "public-netboot";

/// A menu entry. Paths are absolute in the web root: `/yum/CentOS6.8/images/pxeboot/vmlinuz`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// The key: what a client names, and what our block in a menu is found by.
    pub label: String,
    /// The text that people see.
    pub title: String,
    /// Kernel, `mboot.c32` or `memdisk`: a path in the web root, or a bare name for a loader that
    /// lies beside `pxelinux.0`.
    pub kernel: String,
    /// The initial ramdisk, a path in the web root.
    pub initrd: Option<String>,
    /// Arguments after the initrd, in order.
    pub args: Vec<String>,
    /// Whether pxelinux shall add `BOOTIF=` (`IPAPPEND 2`).
    pub bootif: bool,
    /// What UEFI clients are given.
    #[serde(default, skip_serializing_if = "Efi::is_kernel")]
    pub efi: Efi,
}

/// How UEFI clients, who come by iPXE, boot an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Efi {
    /// The kernel itself with its initrd and arguments, where it is an EFI program.
    #[default]
    Kernel,
    /// Another program of the tree, by its path in the web root, with arguments of its own.
    Program {
        /// The program, as `/esxi/5.5/efi/boot/bootx64.efi`.
        path: String,
        /// Its arguments.
        args: Vec<String>,
    },
    /// wimboot with these files in its RAM disk: the name there, and the path in the web root.
    Wimboot(Vec<(String, String)>),
    /// Not at all.
    None,
}

impl Efi {
    fn is_kernel(&self) -> bool {
        *self == Self::Kernel
    }
}

impl Entry {
    /// Checks that every part can stand in a menu of any format.
    ///
    /// # Errors
    /// As [`check_label`], [`check_title`], [`check_arg`]; a path that holds a blank or anything
    /// else that is not printable ASCII.
    pub fn check(&self) -> Result<()> {
        check_label(&self.label)?;
        check_title(&self.title)?;
        check_path(&self.kernel)?;
        self.initrd.as_deref().map_or(Ok(()), check_path)?;
        self.args.iter().try_for_each(|arg| check_arg(arg))
    }
}

/// Whether `text` is `[A-Za-z0-9][A-Za-z0-9._-]*` of at most [`LABEL_MAX`] bytes: fit for a label
/// in every menu format, a file name and an import's NAME.
pub fn is_label(text: &str) -> bool {
    text.len() <= LABEL_MAX
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Checks a label.
///
/// # Errors
/// [`Error::Usage`] unless [`is_label`].
pub fn check_label(label: &str) -> Result<()> {
    if is_label(label) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "the label {label:?} cannot be used: a label is at most {LABEL_MAX} letters, digits, dots, \
         underscores and hyphens, beginning with a letter or digit"
    )))
}

/// Checks the text that people see in a menu: the boot loaders' fonts have ASCII only.
///
/// # Errors
/// [`Error::Usage`] naming the first character that is not printable ASCII; an empty text.
pub fn check_title(title: &str) -> Result<()> {
    if let Some(c) = title.chars().find(|c| !matches!(c, ' '..='~')) {
        return Err(Error::Usage(format!(
            "the menu text {title:?} holds {c:?} (U+{:04X}), which boot menus cannot show: use \
             printable ASCII",
            u32::from(c)
        )));
    }
    if title.trim().is_empty() {
        return Err(Error::Usage("the menu text is empty".to_owned()));
    }
    Ok(())
}

/// Checks one argument for a kernel's command line.
///
/// # Errors
/// [`Error::Usage`] for an empty argument and for a control character, a line break above all: it
/// would end the line in the menu, and what follows would be read as a command.
pub fn check_arg(arg: &str) -> Result<()> {
    if let Some(c) = arg.chars().find(|c| c.is_control()) {
        return Err(Error::Usage(format!(
            "the argument {arg:?} holds the control character U+{:04X}, which no boot menu can \
             pass on",
            u32::from(c)
        )));
    }
    if arg.trim().is_empty() {
        return Err(Error::Usage("an argument is empty".to_owned()));
    }
    Ok(())
}

/// A blank would end the path, and the loader would ask the server for the first half.
fn check_path(path: &str) -> Result<()> {
    if !path.is_empty() && path.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "the path {path:?} cannot stand in a boot menu: it must be printable ASCII without blanks"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_letters_digits_and_three_signs() {
        for good in ["a", "centos6.8", "win_server-2008", "8", &"x".repeat(LABEL_MAX)] {
            assert!(is_label(good), "{good}");
        }
        for bad in ["", ".a", "-a", "_a", "a b", "a/b", "ä", "a\n", &"x".repeat(LABEL_MAX + 1)] {
            assert!(!is_label(bad), "{bad}");
            assert!(matches!(check_label(bad), Err(Error::Usage(_))), "{bad}");
        }
    }

    #[test]
    fn a_title_that_is_not_ascii_is_refused_with_the_character() {
        check_title("CentOS 6.8 x86_64").expect("plain");
        let error = check_title("Café").expect_err("not ASCII").to_string();
        assert!(error.contains("'é' (U+00E9)"), "{error}");
        for bad in ["a\tb", "a\nlabel b", "", "  "] {
            assert!(matches!(check_title(bad), Err(Error::Usage(_))), "{bad:?}");
        }
    }

    #[test]
    fn an_argument_with_a_line_break_is_refused() {
        check_arg("ks=http://192.168.4.6/yum/ks.cfg").expect("plain");
        check_arg("net.ifnames=0 biosdevname=0").expect("two in one");
        for bad in ["quiet\nlabel evil", "a\rb", "a\tb", "a\0", "", " ", "a\u{85}b"] {
            assert!(matches!(check_arg(bad), Err(Error::Usage(_))), "{bad:?}");
        }
    }

    #[test]
    fn a_path_with_a_blank_is_refused_wherever_it_stands() {
        let entry = Entry {
            label: "a".into(),
            title: "A".into(),
            kernel: "/a/vmlinuz".into(),
            initrd: Some("/a/initrd".into()),
            args: vec!["quiet".into()],
            bootif: false,
            efi: Default::default(),
        };
        entry.check().expect("plain");
        for bad in ["/a b", "", "/a\nb", "/ä"] {
            let kernel = Entry { kernel: bad.into(), ..entry.clone() };
            let initrd = Entry { initrd: Some(bad.into()), ..entry.clone() };
            assert!(kernel.check().is_err() && initrd.check().is_err(), "{bad:?}");
        }
        assert!(Entry { args: vec!["\n".into()], ..entry.clone() }.check().is_err());
        assert!(Entry { label: "a b".into(), ..entry.clone() }.check().is_err());
        assert!(Entry { title: String::new(), ..entry }.check().is_err());
    }
}
