//! The entry of a disc that no profile knows, guessed from its own boot loader configs.

use super::answer::AnswerKind;
use super::context::Context;
use super::entry::needs_server;
use super::product::Product;
use super::template;
use crate::error::Result;
use crate::guess::{self, Arg, Candidate, Files, Form, Guess, Installer, Loader, kernel, medium};
use crate::media::path::{LINKS_MAX, follow};
use crate::media::{Disc, Kind, printable};
use crate::menu::{Efi, Entry, pxelinux};
use crate::monitor::{Monitor, Warning};

/// Starts multiboot kernels; beside `pxelinux.0` where the loader's own version is to be used.
const MBOOT: &str = "mboot.c32";

/// What the configs of a disc say that they boot.
pub fn of_disc(disc: &Disc) -> Guess {
    let tree = &disc.tree;
    let file = |path: &str| {
        let mut path = path.as_bytes().to_owned();
        for _ in 0..LINKS_MAX {
            let id = tree.find(&path)?;
            match tree.kind(id) {
                Kind::File => return Some(id),
                Kind::Link => path = follow(&path, tree.target(id))?,
                Kind::Dir | Kind::Other => return None,
            }
        }
        None
    };
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    guess::guess(&Files {
        read: &|path, limit| disc.content(file(path)?, limit).ok(),
        list: &|path| match tree.find(path.as_bytes()) {
            Some(dir) => {
                tree.children(dir).filter_map(|id| text(tree.name(id).to_owned())).collect()
            }
            None => Vec::new(),
        },
        find: &|path| text(tree.path(tree.find_ignoring_case(path.as_bytes())?)),
    })
}

/// The entry, with the warnings that say where it comes from; none where nothing boots.
pub(super) fn entries(
    product: &Product,
    label: &str,
    context: &Context<'_>,
    monitor: &dyn Monitor,
) -> Result<Vec<Entry>> {
    let files = Files { read: context.read, list: context.list, find: context.find };
    let guess = guess::guess(&files);
    let Some(chosen) = &guess.chosen else {
        monitor.warn(Warning::new("no-entry", context.dir, nothing(&guess, &files)));
        return Ok(Vec::new());
    };
    let form = medium::form(chosen, &files);
    let mut args = filled(&form, product, context)?;
    let answered = answer(&form, &mut args, context, monitor);
    let tree = |path: &str| format!("/{}/{path}", context.dir);
    let mut entry = Entry {
        label: label.to_owned(),
        title: title(product),
        kernel: tree(&chosen.kernel),
        initrd: None,
        args,
        bootif: form.bootif || answered,
        efi: Efi::Kernel,
    };
    if !chosen.initrds.is_empty() {
        let paths: Vec<_> = chosen.initrds.iter().map(|path| tree(path)).collect();
        entry.initrd = Some(paths.join(","));
    }
    match &chosen.loader {
        Loader::Linux => {}
        Loader::Com32 => entry.efi = Efi::None,
        Loader::Multiboot(mboot) => {
            let own = (context.loader)(MBOOT).then(|| MBOOT.to_owned());
            let Some(mboot) = own.or_else(|| mboot.as_deref().map(tree)) else {
                let what = format!(
                    "no menu entry: {} line {} boots by {MBOOT}, which is neither on the disc nor \
                     beside pxelinux.0",
                    chosen.config, chosen.line
                );
                monitor.warn(Warning::new("no-entry", context.dir, what));
                return Ok(Vec::new());
            };
            let kernel = std::mem::replace(&mut entry.kernel, mboot);
            entry.args.insert(0, kernel);
            for module in &chosen.modules {
                entry.args.extend(["---".to_owned(), tree(&module.path)]);
                entry.args.extend(module.args.iter().cloned());
            }
            entry.efi = Efi::None;
        }
    }
    // What a disc says must not fail its import.
    if let Err(error) = pxelinux::block(&entry) {
        let what = format!("no menu entry: {} line {}: {error}", chosen.config, chosen.line);
        monitor.warn(Warning::new("no-entry", context.dir, what));
        return Ok(Vec::new());
    }
    tell(chosen, &form, context, monitor);
    let head = (files.read)(&chosen.kernel, kernel::HEAD).unwrap_or_default();
    if chosen.loader == Loader::Linux && !kernel::is_linux(&head) && !head.starts_with(b"MZ") {
        let what = "is neither a kernel of Linux's boot protocol nor an EFI program: no client may be \
                    able to start it";
        monitor.warn(Warning::new("guess-kernel", &chosen.kernel, what));
    }
    Ok(vec![entry])
}

fn title(product: &Product) -> String {
    let arch = product.arch.as_deref().unwrap_or_default();
    let tail = format!(" {arch} (guessed)");
    let room = pxelinux::TITLE_SHOWN.saturating_sub(tail.len());
    let name: String = product.name.chars().take(room).collect();
    // A caret would mark a hot key.
    let name = name.replace(|c: char| !matches!(c, ' '..='~') || c == '^', "?");
    template::tidy(&format!("{name}{tail}"))
}

/// The arguments with the tree's URL.
fn filled(form: &Form, product: &Product, context: &Context<'_>) -> Result<Vec<String>> {
    let filled = |arg: &Arg| match (arg, context.url) {
        (Arg::Plain(arg), _) => Ok(arg.clone()),
        (Arg::Url(before, after), Some(url)) => Ok(format!("{before}{url}{after}")),
        (Arg::Url(..), None) => Err(needs_server(product, "url")),
    };
    form.args.iter().map(filled).collect()
}

/// Names the answer file to an installer that is known; whether it was.
fn answer(
    form: &Form,
    args: &mut Vec<String>,
    context: &Context<'_>,
    monitor: &dyn Monitor,
) -> bool {
    let Some(answer) = context.answer else { return false };
    let url = &answer.url;
    let (keys, new): (&[&str], Vec<String>) = match (form.installer, answer.kind) {
        (Some(Installer::Anaconda), AnswerKind::Kickstart) => {
            (&["inst.ks=", "ks="], vec![format!("inst.ks={url}")])
        }
        (Some(Installer::OldAnaconda), AnswerKind::Kickstart) => {
            (&["ks="], vec![format!("ks={url}"), "ksdevice=bootif".to_owned()])
        }
        (Some(Installer::Debian), AnswerKind::Preseed) => (
            &["url=", "auto=", "priority="],
            vec!["auto=true".to_owned(), "priority=critical".to_owned(), format!("url={url}")],
        ),
        (Some(Installer::Yast), AnswerKind::Kickstart) => {
            (&["autoyast="], vec![format!("autoyast={url}")])
        }
        _ => {
            let what = "the file is published, and no argument names it: which one does is not known \
                        of this disc; give it with --arg";
            monitor.warn(Warning::new("answer-unused", context.dir, what));
            return false;
        }
    };
    args.retain(|arg| !keys.iter().any(|key| arg.starts_with(key)));
    // What stands behind is for the installed system.
    let at = args.iter().position(|arg| matches!(arg.as_str(), "---" | "--"));
    let at = at.unwrap_or(args.len());
    args.splice(at..at, new);
    true
}

/// Where the entry comes from, and what it may lack.
fn tell(chosen: &Candidate, form: &Form, context: &Context<'_>, monitor: &dyn Monitor) {
    let mut what = format!(
        "the menu entry is guessed: kernel, initial ramdisk and arguments are those of {:?} in {} line \
         {}",
        printable(chosen.title.as_bytes()),
        chosen.config,
        chosen.line
    );
    for change in &form.changes {
        what.push_str("; ");
        what.push_str(change);
    }
    for arg in &chosen.dropped {
        what.push_str(&format!("; {:?} is left out, as no boot menu can hold it", arg));
    }
    monitor.warn(Warning::new("guessed-entry", context.dir, what));
    for (path, what) in &form.medium {
        monitor.warn(Warning::new("guess-needs-medium", path, what));
    }
    if chosen.loader == Loader::Com32 {
        let what = "is a module of the disc's own syslinux: it starts where pxelinux.0 is of the same \
                    version";
        monitor.warn(Warning::new("guess-needs-loader", &chosen.kernel, what));
    }
}

/// Why there is no entry, and what can be done.
fn nothing(guess: &Guess, files: &Files<'_>) -> String {
    let programs = kernel::REMOVABLE.iter().filter_map(|(path, _)| files.file(path));
    let others = ["boot/loader", "boot/kernel/kernel", "boot/floppy.img", "boot/etfsboot.com"];
    let others = others.iter().filter_map(|path| files.file(path));
    let found: Vec<_> = programs.chain(others).collect();
    let found = match found.as_slice() {
        [] => String::new(),
        list => format!("; it has {}", list.join(", ")),
    };
    format!(
        "no menu entry: {}{found}. Where the disc boots from a drive, --profile winpe keeps the whole \
         image, which memdisk gives to BIOS clients as a drive",
        guess.nothing()
    )
}
