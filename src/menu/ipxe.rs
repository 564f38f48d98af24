//! iPXE: the menu of UEFI clients as a script, and the commands that boot one entry.
//!
//! `uefi.ipxe` is generated whole. Each command that can fail leads to a message and back to the menu; the
//! default is the machine's own drive, by `exit 1`, which lets the firmware try its next device.

mod word;

use std::fmt::Write;

use super::entry::{Efi, Entry};
use super::pe::Machine;
use super::pxelinux::COMMAND_LINE_MAX;
use word::{title, word, words};

/// What iPXE puts in for the machine's own address, as pxelinux's `IPAPPEND 2` does.
const BOOTIF: &str = "BOOTIF=01-${netX/mac:hexhyp}";
/// Where an entry's item and label are called so that they are none of the script's own.
const ENTRY: &str = "entry-";
/// The loader of Windows' images, beside `pxelinux.0`.
pub const WIMBOOT: &str = "wimboot";
/// Where bare names lie: beside `pxelinux.0`, below the web root.
const BESIDE: &str = "/pxefiles/";

/// An entry that UEFI clients can boot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item<'a> {
    /// The entry.
    pub entry: &'a Entry,
    /// The URL of the web root, without a slash at its end.
    pub base: &'a str,
    /// Which machines it is for.
    pub machine: Machine,
}

/// A menu.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Menu<'a> {
    /// The text above it.
    pub title: &'a str,
    /// Seconds until it boots the local drive; 0 to wait for ever.
    pub timeout: u32,
    /// The entries, in order.
    pub items: Vec<Item<'a>>,
    /// URL of a public boot service.
    pub public_netboot: Option<&'a str>,
    /// URL of the site's own script.
    pub site: Option<&'a str>,
    /// Labels that are in pxelinux's menu only, and why.
    pub bios_only: Vec<(String, String)>,
}

/// Why an entry cannot be booted by an iPXE script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It has no form for UEFI.
    #[error("it has no form for UEFI")]
    Bios,
    /// A word holds `${`.
    #[error("{0} holds ${{, where iPXE would put in a setting of its own")]
    Setting(String),
    /// A word holds what is not printable ASCII.
    #[error("{0:?} is not printable ASCII")]
    NotAscii(String),
    /// The command line has so many bytes.
    #[error("the command line would be {0} bytes, above the kernel's limit of {COMMAND_LINE_MAX}")]
    TooLong(usize),
}

/// The script that shows `menu`, and the labels that have been left out, with the reason.
pub fn script(menu: &Menu<'_>) -> (String, Vec<(String, Unfit)>) {
    let mut unfit = Vec::new();
    let mut items = String::new();
    let mut entries = String::new();
    for Item { entry, base, machine } in &menu.items {
        let label = &entry.label;
        match commands(entry, base, "goto failed") {
            Ok(commands) => {
                let (arch, title) = (machine.buildarch(), title(&entry.title));
                let _ =
                    writeln!(items, "iseq ${{buildarch}} {arch} && item {ENTRY}{label} {title} ||");
                // A program that ends well has started nothing either.
                let _ = write!(entries, "\n:{ENTRY}{label}\n{commands}goto failed\n");
            }
            Err(why) => unfit.push((label.clone(), why)),
        }
    }
    let mut out = "#!ipxe\n# The menu of UEFI clients, made by pxe-import from its records. Entries of your own \
                   belong into site.ipxe.\n"
        .to_owned();
    for (label, why) in &menu.bios_only {
        let _ = writeln!(out, "# BIOS only: {label} ({why})");
    }
    for (label, why) in &unfit {
        // A label is plain; what the reason quotes need not be.
        let _ = writeln!(out, "# BIOS only: {label} ({})", comment(&why.to_string()));
    }
    let _ = writeln!(out, "\n:menu\nmenu {}", title(menu.title));
    out.push_str(&items);
    let public = menu.public_netboot.and_then(|url| word(url).ok());
    if let Some(url) = &public {
        let _ = writeln!(out, "item public Public boot service: {url}");
    }
    let site = menu.site.and_then(|url| word(url).ok());
    if let Some(url) = &site {
        // It adds items of its own; started again below, it finds the chosen one in ${selected}.
        let _ = writeln!(out, "clear selected ||\nchain --autofree {url} ||");
    }
    out.push_str("item local Boot from local drive\n");
    let timeout = match menu.timeout {
        0 => String::new(),
        seconds => format!(" --timeout {}", u64::from(seconds).saturating_mul(1000)),
    };
    let _ = writeln!(out, "choose --default local{timeout} selected || goto local");
    match &site {
        Some(url) => {
            let _ = writeln!(
                out,
                "goto ${{selected}} ||\nchain --autofree {url} || goto failed\ngoto menu"
            );
        }
        None => out.push_str("goto ${selected}\n"),
    }
    out.push_str(&entries);
    if let Some(url) = &public {
        let _ = writeln!(out, "\n:public\nchain --autofree {url} || goto failed\ngoto menu");
    }
    out.push_str(
        "\n:failed\necho ${selected} did not start: see above.\n\
         prompt --timeout 30000 Press a key for the menu ||\nimgfree ||\ngoto menu\n\
         \n:local\nexit 1\n",
    );
    (out, unfit)
}

/// The commands that boot `entry` from the web root at `base`; each of them is followed by `otherwise` if
/// it fails.
///
/// # Errors
/// Why there are none.
pub fn commands(entry: &Entry, base: &str, otherwise: &str) -> Result<String, Unfit> {
    let mut out = String::new();
    let mut line = |text: &str| {
        let _ = writeln!(out, "{text} || {otherwise}");
    };
    match &entry.efi {
        Efi::None => return Err(Unfit::Bios),
        Efi::Kernel => {
            let initrds = entry.initrd.as_deref().unwrap_or_default();
            let initrds: Vec<&str> = initrds.split(',').filter(|path| !path.is_empty()).collect();
            let names = names(&initrds);
            let mut args: Vec<String> = names.iter().map(|name| format!("initrd={name}")).collect();
            for arg in &entry.args {
                args.extend(words(arg)?);
            }
            if entry.bootif {
                args.push(BOOTIF.to_owned());
            }
            let args = args.join(" ");
            let length = args.replace(BOOTIF, "BOOTIF=01-00-00-00-00-00-00").len();
            if length > COMMAND_LINE_MAX {
                return Err(Unfit::TooLong(length));
            }
            line(format!("kernel {} {args}", url(base, &entry.kernel)?).trim_end());
            for (name, path) in names.iter().zip(&initrds) {
                line(&format!("initrd --name {name} {}", url(base, path)?));
            }
            line("boot");
        }
        Efi::Program { path, args } => {
            // One that differs from pxelinux's has arguments of its own.
            let args = if args.is_empty() { &entry.args } else { args };
            let mut command = format!("chain {}", url(base, path)?);
            for arg in args {
                for word in words(arg)? {
                    // A path of the web root, which EFI programs know nothing of.
                    let word = if word.starts_with('/') { format!("{base}{word}") } else { word };
                    let _ = write!(command, " {word}");
                }
            }
            line(&command);
        }
        Efi::Wimboot(files) => {
            let mut args = Vec::new();
            for arg in &entry.args {
                args.extend(words(arg)?);
            }
            let wimboot = url(base, WIMBOOT)?;
            // What tells pxelinux's linux.c32 which files to load is said by the names below.
            args.retain(|arg| !arg.starts_with("initrdfile=") && arg != WIMBOOT);
            line(format!("kernel {wimboot} {}", args.join(" ")).trim_end());
            for (name, path) in files {
                let name = word(name)?;
                line(&format!("initrd --name {name} {} {name}", url(base, path)?));
            }
            line("boot");
        }
    }
    Ok(out)
}

/// What pxelinux would fetch for `path`, as a URL.
fn url(base: &str, path: &str) -> Result<String, Unfit> {
    let path = word(path)?;
    Ok(match path {
        path if path.contains("://") => path,
        path if path.starts_with('/') => format!("{base}{path}"),
        path => format!("{base}{BESIDE}{path}"),
    })
}

/// Names for initial ramdisks, by which the kernel asks for them: their own where they are plain and
/// differ.
fn names(paths: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (number, path) in (1..).zip(paths) {
        let file = path.rsplit('/').next().unwrap_or_default();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        let usable = file.starts_with(|c: char| c.is_ascii_alphanumeric())
            && file.bytes().all(plain)
            && !names.iter().any(|name| name == file);
        names.push(if usable { file.to_owned() } else { format!("initrd{number}.img") });
    }
    names
}

/// A text that stays in its comment.
fn comment(text: &str) -> String {
    let plain = |c: char| if matches!(c, ' '..='~') { c } else { '?' };
    text.chars().map(plain).collect::<String>().replace('\\', "/")
}

#[cfg(test)]
mod tests;
