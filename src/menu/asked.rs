//! Which files a pxelinux menu makes a client ask for.
//!
//! As pxelinux reads it: a blank ends a path, `DEFAULT` may name a label or a module, an `APPEND`
//! outside of labels holds for those that have none of their own, and what follows a module is the
//! module's own business, so that of those only `mboot.c32` and `linux.c32` are understood here.

use std::path::Path;

use super::block::hash;
use super::config::{Config, after, trim};
use crate::error::Result;

/// What a path in a menu is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The module that shows the menu (`UI`, `DEFAULT`).
    Ui,
    /// Another module, `.c32`.
    Module,
    /// A kernel, or what is started like one (`memdisk`).
    Kernel,
    /// An initial ramdisk, or an image for `memdisk`.
    Initrd,
    /// The settings of ESXi's loader (`mboot.c32 -c`).
    BootCfg,
    /// The picture behind the menu.
    Picture,
    /// A further menu, which is not read here.
    Menu,
    /// A URL on a kernel's command line.
    Url,
}

/// One path that will be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What it is.
    pub role: Role,
    /// As written.
    pub path: Vec<u8>,
    /// Line of the menu, counted from 1.
    pub line: usize,
    /// The label that it belongs to; `None` outside of labels.
    pub label: Option<Vec<u8>>,
    /// Label of the block of ours that it lies in; `None` for the administrator's own.
    pub block: Option<Vec<u8>>,
}

/// What a menu asks for, and the blocks of ours in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Menu {
    /// Every path, in order.
    pub asked: Vec<Asked>,
    /// Label, line and [`hash`] of every block.
    pub blocks: Vec<(Vec<u8>, usize, String)>,
}

/// Reads the menu `text`.
///
/// # Errors
/// As [`super::config::labels`].
pub fn asked(path: &Path, text: &[u8]) -> Result<Menu> {
    let config = Config::parse(path, text)?;
    let blocks = config.blocks.iter();
    let mut menu = Menu {
        asked: Vec::new(),
        blocks: blocks.map(|b| (b.label.clone(), b.line, hash(&text[b.span.clone()]))).collect(),
    };
    let mut global = Section::default();
    let mut sections: Vec<Section> = Vec::new();
    let (mut in_text, mut start) = (false, 0);
    for (number, line) in (1..).zip(text.split_inclusive(|&b| b == b'\n')) {
        let block = config.blocks.iter().find(|block| block.span.contains(&start));
        let block = block.map(|block| block.label.clone());
        start += line.len();
        let line = trim(line);
        if in_text {
            in_text = after(line, "endtext").is_none();
            continue;
        }
        in_text = after(line, "text").is_some();
        if let Some(label) = after(line, "label") {
            let label = Some(label.to_vec());
            sections.push(Section { label, block, ..Section::default() });
            continue;
        }
        let (role, rest) = match outside(line) {
            Some((Role::Ui, rest)) if names_label(&config, rest) => continue,
            Some(found) => found,
            None => {
                sections.last_mut().unwrap_or(&mut global).read(number, line);
                continue;
            }
        };
        let label = sections.last().and_then(|section| section.label.clone());
        let mut add = |role, path: &[u8]| {
            let (label, block, path) = (label.clone(), block.clone(), path.to_vec());
            menu.asked.push(Asked { role, path, line: number, label, block });
        };
        let mut words = words(rest);
        match (role, words.next()) {
            (Role::Ui, Some(first)) if is_module(first) => {
                add(Role::Ui, first);
                words.for_each(|word| add(Role::Menu, word));
            }
            (Role::Ui, Some(first)) => add(Role::Kernel, first),
            (role, Some(first)) => add(role, first),
            (_, None) => {}
        }
    }
    for section in &sections {
        section.ask(global.append.as_ref(), &mut menu.asked);
    }
    menu.asked.sort_by_key(|asked| asked.line);
    Ok(menu)
}

/// Whether what is to be booted by itself is a label: the whole of it, or the first word with
/// arguments for that label behind it.
fn names_label(config: &Config, rest: &[u8]) -> bool {
    let first = words(rest).next();
    config.labels.iter().any(|l| l.label == rest || Some(&l.label[..]) == first)
}

/// What a line asks for that is none of a label's.
fn outside(line: &[u8]) -> Option<(Role, &[u8])> {
    let menu = after(line, "menu");
    let picture = menu
        .and_then(|rest| after(rest, "background"))
        .filter(|rest| !rest.starts_with(b"#"))
        .map(|rest| (Role::Picture, rest));
    let further = || {
        let include = menu.and_then(|rest| after(rest, "include"));
        include.or_else(|| after(line, "include")).or_else(|| after(line, "config"))
    };
    let ui = || after(line, "ui").or_else(|| after(line, "default"));
    picture
        .or_else(|| further().map(|rest| (Role::Menu, rest)))
        .or_else(|| ui().map(|rest| (Role::Ui, rest)))
}

/// The lines of a label.
#[derive(Debug, Default)]
struct Section {
    label: Option<Vec<u8>>,
    block: Option<Vec<u8>>,
    /// Line, text, and whether it is a module whatever its name.
    kernel: Option<(usize, Vec<u8>, bool)>,
    initrd: Option<(usize, Vec<u8>)>,
    append: Option<(usize, Vec<u8>)>,
}

impl Section {
    fn read(&mut self, number: usize, line: &[u8]) {
        let kernel = ["kernel", "linux", "boot", "bss", "pxe", "fdimage", "comboot"];
        if let Some(rest) = kernel.iter().find_map(|keyword| after(line, keyword)) {
            let linux = after(line, "linux").is_some();
            let module = !linux && words(rest).next().is_some_and(is_module);
            self.kernel = Some((number, rest.to_vec(), module));
        } else if let Some(rest) = after(line, "com32") {
            self.kernel = Some((number, rest.to_vec(), true));
        } else if let Some(rest) = after(line, "initrd") {
            self.initrd = Some((number, rest.to_vec()));
        } else if let Some(rest) = after(line, "append") {
            self.append = Some((number, rest.to_vec()));
        }
    }

    /// Adds what it asks for.
    fn ask(&self, global: Option<&(usize, Vec<u8>)>, out: &mut Vec<Asked>) {
        let Some((line, text, module)) = &self.kernel else { return };
        let mut add = |line: usize, role, path: &[u8]| {
            let (label, block, path) = (self.label.clone(), self.block.clone(), path.to_vec());
            out.push(Asked { role, path, line, label, block });
        };
        let mut in_kernel = words(text);
        let Some(kernel) = in_kernel.next() else { return };
        add(*line, if *module { Role::Module } else { Role::Kernel }, kernel);
        // A lone hyphen takes the common arguments away.
        let append = self.append.as_ref().or(global).filter(|(_, text)| text != b"-");
        let (at, append) = append.map_or((*line, &b""[..]), |(at, text)| (*at, text));
        let args: Vec<&[u8]> = in_kernel.chain(words(append)).collect();
        let file = kernel.rsplit(|&b| b == b'/').next().unwrap_or(kernel);
        let is = |name: &str| *module && file.eq_ignore_ascii_case(name.as_bytes());
        if is("mboot.c32") {
            match args.iter().position(|arg| *arg == b"-c") {
                Some(option) => {
                    args.iter().skip(option + 1).take(1).for_each(|p| add(at, Role::BootCfg, p));
                }
                // It looks for this where the loader is.
                None if args.is_empty() => add(at, Role::BootCfg, b"boot.cfg"),
                None => {
                    let items = args.split(|arg| *arg == b"---");
                    items.filter_map(<[_]>::first).for_each(|path| add(at, Role::Kernel, path));
                }
            }
        }
        if is("linux.c32") {
            let kernel = args.iter().find(|arg| !arg.contains(&b'=') && !arg.starts_with(b"-"));
            kernel.into_iter().for_each(|path| add(at, Role::Kernel, path));
        }
        if !*module || is("linux.c32") {
            let own = self.initrd.iter().map(|(line, text)| (*line, &text[..]));
            let lists = args.iter().filter_map(|arg| {
                let list =
                    arg.strip_prefix(b"initrd=").or_else(|| arg.strip_prefix(b"initrdfile="))?;
                Some((at, list))
            });
            for (line, list) in own.chain(lists) {
                let paths = list.split(|&b| b == b',').filter(|path| !path.is_empty());
                paths.for_each(|path| add(line, Role::Initrd, path));
            }
        }
        let others = args.iter().filter(|arg| !arg.starts_with(b"initrd"));
        for arg in others {
            let Some(url) = url(arg) else { continue };
            add(at, Role::Url, url);
            // cloud-init asks for two files in the directory of a seed.
            if arg.starts_with(b"ds=nocloud") && url.ends_with(b"/") {
                add(at, Role::Url, &[url, b"user-data"].concat());
                add(at, Role::Url, &[url, b"meta-data"].concat());
            }
        }
        mirror(&args).iter().for_each(|url| add(at, Role::Url, url));
    }
}

/// The URL in an argument: `ks=http://...`, `ds=nocloud-net;s=http://.../`.
fn url(arg: &[u8]) -> Option<&[u8]> {
    let start = arg.windows(7).position(|part| part.eq_ignore_ascii_case(b"http://"))?;
    let url = &arg[start..];
    let end = url.iter().position(|b| b";\"'".contains(b)).unwrap_or(url.len());
    Some(&url[..end])
}

/// The mirror that debian-installer is pointed to, as a URL.
fn mirror(args: &[&[u8]]) -> Option<Vec<u8>> {
    let value = |key: &[u8]| args.iter().rev().find_map(|arg| arg.strip_prefix(key));
    let host = value(b"mirror/http/hostname=")?;
    let directory = value(b"mirror/http/directory=")?;
    Some([b"http://", host, b"/", directory].concat())
}

fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| b <= b' ').filter(|word| !word.is_empty())
}

fn is_module(path: &[u8]) -> bool {
    path.rsplit(|&b| b == b'.').next().is_some_and(|end| end.eq_ignore_ascii_case(b"c32"))
        && path.contains(&b'.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Menu {
        asked(Path::new("default"), text.as_bytes()).expect("a menu")
    }

    fn roles(text: &str) -> Vec<(Role, String, usize)> {
        let asked = read(text).asked.into_iter();
        asked.map(|a| (a.role, String::from_utf8_lossy(&a.path).into_owned(), a.line)).collect()
    }

    fn expected(list: &[(Role, &str, usize)]) -> Vec<(Role, String, usize)> {
        list.iter().map(|&(role, path, line)| (role, path.to_owned(), line)).collect()
    }

    #[test]
    fn a_linux_label_asks_for_kernel_initrds_and_urls() {
        let text = "label a\n kernel /k quiet\n append initrd=/i,/j ks=http://h/ks.cfg ip=dhcp\n";
        let list = [
            (Role::Kernel, "/k", 2),
            (Role::Initrd, "/i", 3),
            (Role::Initrd, "/j", 3),
            (Role::Url, "http://h/ks.cfg", 3),
        ];
        assert_eq!(roles(text), expected(&list));
        let text = "LABEL a\nLINUX vmlinuz.c32\nINITRD /i\n";
        let list = [(Role::Kernel, "vmlinuz.c32", 2), (Role::Initrd, "/i", 3)];
        assert_eq!(roles(text), expected(&list));
    }

    #[test]
    fn a_blank_ends_a_path() {
        assert_eq!(roles("label a\nkernel /a b/vmlinuz\n"), expected(&[(Role::Kernel, "/a", 2)]));
    }

    #[test]
    fn mboot_asks_for_its_boot_cfg_or_for_what_follows() {
        let list = [(Role::Module, "/e/mboot.c32", 2), (Role::BootCfg, "/e/boot.cfg", 3)];
        let text = "label e\nkernel /e/mboot.c32\nappend -c /e/boot.cfg\n";
        assert_eq!(roles(text), expected(&list));
        let list = [(Role::Module, "/e/mboot.c32", 2), (Role::BootCfg, "boot.cfg", 2)];
        assert_eq!(roles("label e\nkernel /e/mboot.c32\n"), expected(&list));
        let list = [(Role::Module, "MBOOT.C32", 2), (Role::Kernel, "t", 3), (Role::Kernel, "u", 3)];
        let text = "label e\ncom32 MBOOT.C32\nappend t x=y --- u\n";
        assert_eq!(roles(text), expected(&list));
    }

    #[test]
    fn default_and_ui_name_a_module_a_kernel_or_a_label() {
        assert_eq!(roles("default menu.c32\n"), expected(&[(Role::Ui, "menu.c32", 1)]));
        let list = [(Role::Ui, "vesamenu.c32", 1), (Role::Menu, "other", 1)];
        assert_eq!(roles("UI vesamenu.c32 other\n"), expected(&list));
        assert_eq!(roles("default a b\nlabel a b\nlocalboot 0\n"), []);
        assert_eq!(roles("default a text\nlabel a\nlocalboot 0\n"), []);
        assert_eq!(roles("default linux x\n"), expected(&[(Role::Kernel, "linux", 1)]));
    }

    #[test]
    fn pictures_count_and_colours_do_not() {
        assert_eq!(roles("menu background s.png\n"), expected(&[(Role::Picture, "s.png", 1)]));
        assert_eq!(roles("menu background #ff000000\n"), []);
        assert_eq!(roles("menu include x\nINCLUDE y\n").len(), 2);
    }

    #[test]
    fn the_common_append_holds_where_a_label_has_none() {
        let text = "append initrd=/i\nlabel a\nkernel /k\nlabel b\nkernel /k\nappend -\n";
        let list = [(Role::Initrd, "/i", 1), (Role::Kernel, "/k", 3), (Role::Kernel, "/k", 5)];
        assert_eq!(roles(text), expected(&list));
    }

    #[test]
    fn help_texts_ask_for_nothing() {
        assert_eq!(roles("label a\ntext help\nkernel /k\nendtext\n"), []);
    }

    #[test]
    fn the_mirror_of_debian_installer_is_a_url() {
        let text = "label a\nkernel /k\nappend mirror/http/hostname=h:8080 \
                    mirror/http/directory=/apt/u ds=nocloud-net;s=http://h/s/ x\n";
        let urls: Vec<_> = roles(text).into_iter().filter(|(r, ..)| *r == Role::Url).collect();
        let list = [
            (Role::Url, "http://h/s/", 3),
            (Role::Url, "http://h/s/user-data", 3),
            (Role::Url, "http://h/s/meta-data", 3),
            (Role::Url, "http://h:8080//apt/u", 3),
        ];
        assert_eq!(urls, expected(&list));
    }

    #[test]
    fn what_lies_in_a_block_is_ours() {
        let block = "# pxe-import begin a\nlabel a\nkernel /k\n# pxe-import end a\n";
        let menu = read(&format!("{block}label b\nkernel /l\n"));
        let owners: Vec<_> = menu.asked.iter().map(|asked| asked.block.as_deref()).collect();
        assert_eq!(owners, [Some(&b"a"[..]), None]);
        assert_eq!(menu.blocks, [(b"a".to_vec(), 1, hash(block.as_bytes()))]);
    }

    proptest! {
        #[test]
        fn no_menu_makes_it_panic(
            lines in proptest::collection::vec(
                "(label|kernel|append|com32|ui|text|endtext|initrd|menu begin|linux)? [ -~]{0,20}", 0..12
            ),
            bytes in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let _ = asked(Path::new("default"), lines.join("\n").as_bytes());
            let _ = asked(Path::new("default"), &bytes);
            let _ = asked(Path::new("d"), &[b"label a\nkernel linux.c32\nappend ", &bytes[..]].concat());
        }
    }
}
