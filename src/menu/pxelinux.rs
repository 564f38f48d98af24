//! pxelinux: an entry as a block, and the menu to begin with.
//!
//! Limits measured with pxelinux 6.04: vesamenu cuts a text at about 54 characters, and the kernel
//! gets no more than 2,047 bytes of command line.

use super::block::Block;
use super::entry::{Entry, check_title};
use crate::error::{Error, Result};
use crate::monitor::Warning;

/// What vesamenu shows of a menu text, in characters.
pub const TITLE_SHOWN: usize = 54;
/// Longest command line in bytes, what pxelinux itself adds included.
pub const COMMAND_LINE_MAX: usize = 2047;
/// The picture behind the menu, beside pxelinux.0.
pub const SPLASH: &str = "splash.png";
/// Longest timeout that syslinux takes, in tenths of a second.
pub const TIMEOUT_MAX: u32 = 35_996;

/// The block for an entry.
///
/// # Errors
/// As [`Entry::check`]; [`Error::Usage`] if the command line is above [`COMMAND_LINE_MAX`].
pub fn block(entry: &Entry) -> Result<Block> {
    entry.check()?;
    let Entry { label, title, kernel, initrd, args, bootif, .. } = entry;
    let append = initrd
        .iter()
        .map(|initrd| format!("initrd={initrd}"))
        .chain(args.iter().cloned())
        .collect::<Vec<_>>()
        .join(" ");
    let length = command_line(kernel, &append, *bootif);
    if length > COMMAND_LINE_MAX {
        return Err(Error::Usage(format!(
            "the command line of the label {label} would be {length} bytes, above pxelinux's limit \
             of {COMMAND_LINE_MAX}: give fewer or shorter arguments"
        )));
    }
    let mut body = format!("label {label}\n    menu label {title}\n    kernel {kernel}\n");
    if !append.is_empty() {
        body.push_str(&format!("    append {append}\n"));
    }
    if *bootif {
        body.push_str("    IPAPPEND 2\n");
    }
    let mut warnings = Vec::new();
    // A caret marks the hot key and is not shown.
    let shown = title.chars().filter(|&c| c != '^').count();
    if shown > TITLE_SHOWN {
        warnings.push(Warning::new(
            "menu-text-long",
            label.as_str(),
            format!("the menu text has {shown} characters and is cut at about {TITLE_SHOWN}"),
        ));
    }
    Ok(Block::new(label, &body, warnings))
}

/// Bytes of the command line that the kernel gets: pxelinux puts `BOOT_IMAGE=` before it, and
/// `BOOTIF=` with a hardware type and address behind it.
fn command_line(kernel: &str, append: &str, bootif: bool) -> usize {
    let image = "BOOT_IMAGE= ".len() + kernel.len();
    let interface = if bootif { " BOOTIF=01-00-00-00-00-00-00".len() } else { 0 };
    image + append.len() + interface
}

/// A menu with nothing to install yet: `title` above it, and after `timeout` tenths of a second
/// (0: never) the machine boots from its own drive. [`SPLASH`] is behind it where it lies beside
/// pxelinux.0 (`splash`).
///
/// # Errors
/// As [`check_title`]; [`Error::Usage`] for a timeout above [`TIMEOUT_MAX`].
pub fn default_config(title: &str, timeout: u32, splash: bool) -> Result<String> {
    check_title(title)?;
    if timeout > TIMEOUT_MAX {
        return Err(Error::Usage(format!(
            "the menu timeout is above syslinux's limit of {} seconds",
            TIMEOUT_MAX / 10
        )));
    }
    let background = if splash { format!("menu background {SPLASH}\n") } else { String::new() };
    Ok(format!(
        "\
default vesamenu.c32
timeout {timeout}

menu title {title}
{background}\
menu color border 0 #ffffffff #00000000
menu color sel 7 #ffffffff #ff000000
menu color title 0 #ffffffff #00000000
menu color tabmsg 0 #ffffffff #00000000
menu color unsel 0 #ffffffff #00000000
menu color hotsel 0 #ff000000 #ffffffff
menu color hotkey 7 #ffffffff #ff000000
menu color scrollbar 0 #ffffffff #00000000

label local
    menu label Boot from local drive
    menu default
    localboot 0xffff
"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn centos() -> Entry {
        Entry {
            label: "centos6.8".into(),
            title: "CentOS 6.8 x86_64".into(),
            kernel: "/yum/CentOS6.8/images/pxeboot/vmlinuz".into(),
            initrd: Some("/yum/CentOS6.8/images/pxeboot/initrd.img".into()),
            args: vec!["ksdevice=bootif".into(), "ks=http://192.168.4.6/ks.cfg".into()],
            bootif: true,
            efi: Default::default(),
        }
    }

    #[test]
    fn an_entry_becomes_a_block_with_its_label_at_column_0() {
        let block = block(&centos()).expect("valid");
        let expected = "\
# pxe-import begin centos6.8
label centos6.8
    menu label CentOS 6.8 x86_64
    kernel /yum/CentOS6.8/images/pxeboot/vmlinuz
    append initrd=/yum/CentOS6.8/images/pxeboot/initrd.img ksdevice=bootif ks=http://192.168.4.6/ks.cfg
    IPAPPEND 2
# pxe-import end centos6.8
";
        assert_eq!(block.text(), expected);
        assert!(block.warnings().is_empty());
    }

    #[test]
    fn memdisk_needs_no_interface_and_mboot_no_initrd() {
        let winpe = Entry {
            kernel: "memdisk".into(),
            initrd: Some("/windows/win8pe.iso".into()),
            args: vec!["raw".into(), "iso".into()],
            bootif: false,
            efi: Default::default(),
            ..centos()
        };
        let text = block(&winpe).expect("valid").text().to_owned();
        assert!(
            text.contains("    kernel memdisk\n    append initrd=/windows/win8pe.iso raw iso\n#")
        );
        let esxi = Entry {
            kernel: "/esxi/5.5/mboot.c32".into(),
            initrd: None,
            args: vec!["-c".into(), "/esxi/5.5/boot.cfg".into()],
            ..winpe.clone()
        };
        let text = block(&esxi).expect("valid").text().to_owned();
        assert!(text.contains("    append -c /esxi/5.5/boot.cfg\n"), "{text}");
        let bare = Entry { initrd: None, args: Vec::new(), ..winpe };
        assert!(!block(&bare).expect("valid").text().contains("append"));
    }

    #[test]
    fn a_command_line_may_have_2047_bytes_and_no_more() {
        let mut entry = Entry { args: Vec::new(), ..centos() };
        let used = "BOOT_IMAGE=/yum/CentOS6.8/images/pxeboot/vmlinuz \
                    initrd=/yum/CentOS6.8/images/pxeboot/initrd.img  BOOTIF=01-aa-bb-cc-dd-ee-ff"
            .len();
        entry.args = vec!["x".repeat(2047 - used)];
        block(&entry).expect("at the limit");
        entry.args = vec!["x".repeat(2048 - used)];
        let error = block(&entry).expect_err("above the limit");
        assert!(matches!(&error, Error::Usage(what) if what.contains("2048 bytes")), "{error}");
    }

    #[test]
    fn a_text_above_54_characters_is_warned_of() {
        let title = |title: String| block(&Entry { title, ..centos() }).expect("valid");
        assert!(title("^".to_owned() + &"x".repeat(54)).warnings().is_empty());
        assert_eq!(title("x".repeat(55)).warnings().len(), 1);
    }

    #[test]
    fn the_first_menu_boots_from_the_local_drive() {
        let text = default_config("Welcome to PXE server!", 300, false).expect("valid");
        assert!(text.starts_with("default vesamenu.c32\ntimeout 300\n\nmenu title Welcome to PXE"));
        assert!(text.ends_with("label local\n    menu label Boot from local drive\n    menu default\n    localboot 0xffff\n"));
        assert!(default_config("a\nb", 300, false).is_err());
        assert!(default_config("a", TIMEOUT_MAX + 1, false).is_err());
    }
}
