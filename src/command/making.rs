//! Menu entries of a tree, from what was asked for: the same way for an import, for `entry add` and
//! for `render`.

use crate::answer::seed;
use crate::config::samba;
use crate::error::Result;
use crate::identify::companion::{Around, Made};
use crate::identify::{Answer, AnswerKind, Context, Product, Profile};
use crate::menu::Entry;
use crate::menu::esxi::{self, Bios};
use crate::menu::ipxe::WIMBOOT;
use crate::monitor::{Monitor, Warning};
use crate::site::asked::Asked;
use crate::site::loader::version;
use crate::site::{Root, Server, pxelinux};

/// The first wimboot that puts files which it does not know into Windows PE's System32.
const TAKES_FILES: [u64; 2] = [2, 6];

/// A tree, and where it is served.
pub(super) struct Making<'a> {
    pub root: &'a Root,
    pub server: Option<Server>,
    pub profile: &'a Profile,
    pub product: &'a Product,
    /// Below the web root.
    pub target: &'a str,
    /// Whether a path is in the tree.
    pub exists: &'a dyn Fn(&str) -> bool,
    /// A path of the tree by its name in any letter case.
    pub find: &'a dyn Fn(&str) -> Option<String>,
    /// Size in bytes of a file of the tree.
    pub size: &'a dyn Fn(&str) -> Option<u64>,
    /// The first bytes of a file of the tree.
    pub read: &'a dyn Fn(&str, usize) -> Option<Vec<u8>>,
    /// The names in a directory of the tree.
    pub list: &'a dyn Fn(&str) -> Vec<String>,
    /// The account that the share of Windows' files asks for.
    pub smb_user: Option<String>,
}

impl Making<'_> {
    /// The server's address, which `purpose` needs.
    pub(super) fn server(&self, purpose: &str) -> Result<&Server> {
        self.server.as_ref().ok_or_else(|| Server::missing(self.root, purpose))
    }

    /// The prefix of boot.cfg.
    pub(super) fn prefix(&self) -> String {
        match &self.server {
            Some(server) => server.esxi_prefix(self.target),
            None => format!("/{}/", self.target),
        }
    }

    /// The answer file `name`, from the top of the tree; one that is part of a seed is fetched by the
    /// URL of its directory.
    pub(super) fn answer(&self, name: &str, kind: AnswerKind) -> Result<Answer> {
        let server = self.server("the answer file's URL")?;
        let asked = seed::dir(name).unwrap_or(name);
        Ok(Answer { url: server.url(format!("{}/{asked}", self.target)), kind })
    }

    /// The language of answer files that the way `choice` reads, where it is one alone.
    pub(super) fn language(&self, choice: Option<&str>) -> Result<Option<AnswerKind>> {
        let boot = self.profile.boot(self.product, choice)?;
        let only = boot.filter(|boot| !boot.answered.is_empty() && boot.preseed.is_empty());
        Ok(only.and_then(|boot| match boot.answers[..] {
            [only] => Some(only),
            _ => None,
        }))
    }

    /// Size in bytes of the image that is kept in the tree.
    fn image(&self) -> Option<u64> {
        self.profile.keep_image.as_deref().and_then(self.size)
    }

    /// The memory in bytes that a client of the entry needs, where that is known.
    pub(super) fn ram(&self, choice: Option<&str>) -> Result<Option<u64>> {
        let boot = self.profile.boot(self.product, choice)?;
        let ram = boot.and_then(|boot| boot.ram.as_ref());
        Ok(ram.map(|ram| ram.bytes(self.image(), |path| self.size_of(path))))
    }

    /// Size in bytes of a file of the tree by its path in any letter case.
    fn size_of(&self, path: &str) -> Option<u64> {
        (self.size)(&(self.find)(path)?)
    }

    /// Has `work` make something of where the tree is and is served.
    fn with<T>(&self, answer: Option<&Answer>, work: impl FnOnce(&Context<'_>) -> T) -> T {
        let url = self.server.as_ref().map(|server| server.url(self.target));
        let host = self.server.as_ref().map(Server::authority);
        work(&Context {
            dir: self.target,
            url: url.as_deref(),
            host: host.as_deref(),
            path_prefix: self.server.as_ref().map(Server::path).unwrap_or_default(),
            answer,
            exists: self.exists,
            find: self.find,
            read: self.read,
            list: self.list,
            loader: &|name| self.root.pxefiles().join(name).is_file(),
            image: self.image(),
            size: &|path| self.size_of(path),
        })
    }

    /// The files that the entry of `label` brings along.
    pub(super) fn companions(
        &self,
        label: &str,
        asked: &Asked,
        answer: Option<&Answer>,
        monitor: &dyn Monitor,
    ) -> Result<Vec<Made>> {
        let host = self.server.as_ref().map(Server::unc_host);
        self.with(answer, |context| {
            let around = Around {
                context,
                host: host.as_deref(),
                share: samba::SHARE,
                shared: samba::SHARED,
                user: self.smb_user.as_deref(),
                answer: asked.answer.as_ref().map(|answer| answer.file.as_str()),
            };
            let made =
                self.profile.companions(self.product, label, asked.boot.as_deref(), &around)?;
            if let Some(answer) = asked.answer.as_ref().filter(|a| !made.is_empty() && a.mode & 0o004 == 0)
            {
                let what = format!(
                    "is to be read from the share {}, whose guests are the user nobody: that user, or the \
                     one that the share asks for, has to be in the file's group",
                    samba::SHARE
                );
                monitor.warn(Warning::new("answer-on-share", &answer.file, what));
            }
            if !made.is_empty() {
                self.warn_of_old_wimboot(monitor);
            }
            Ok(made)
        })
    }

    /// Tells of a wimboot that leaves files aside which it does not know.
    fn warn_of_old_wimboot(&self, monitor: &dyn Monitor) {
        let path = self.root.pxefiles().join(WIMBOOT);
        let old = std::fs::read(&path).ok().and_then(|bytes| version::wimboot(&bytes));
        if old.is_some_and(|old| old < TAKES_FILES.to_vec()) {
            let what = "is older than v2.6.0, and does not hand further files to Windows PE: take a newer \
                        one from https://github.com/ipxe/wimboot/releases";
            monitor.warn(Warning::new("old-wimboot", path.to_string_lossy(), what));
        }
    }

    /// The entry of `label` as it is `asked` for; none where the profile has none, which is warned of.
    pub(super) fn entry(
        &self,
        label: &str,
        asked: &Asked,
        answer: Option<&Answer>,
        monitor: &dyn Monitor,
    ) -> Result<Option<Entry>> {
        let Asked { title, args, boot, .. } = asked;
        let choice = boot.as_deref();
        let made = self.with(answer, |context| {
            self.profile.entries(self.product, label, choice, context, monitor)
        })?;
        Ok(made.into_iter().next().map(|mut entry| {
            match title {
                Some(title) => title.clone_into(&mut entry.title),
                // A disc may call itself what no boot menu can show.
                None => entry.title = entry.title.replace(|c: char| !c.is_ascii(), "?"),
            }
            let at = behind(&entry);
            entry.args.splice(at..at, args.iter().cloned());
            let bios = pxelinux::bios(self.root, self.server.as_ref());
            if bios == Bios::Missing && esxi::is_esxi(&entry) {
                monitor.warn(pxelinux::uefi_only(&entry.label));
            }
            esxi::adapt(&entry, &bios)
        }))
    }

    /// The entry in the form that the boot loader which is there can boot.
    pub(super) fn adapted(&self, entry: Entry) -> Entry {
        esxi::adapt(&entry, &pxelinux::bios(self.root, self.server.as_ref()))
    }
}

/// Where further arguments go: behind those of the profile, or with mboot.c32 behind those of the kernel that it
/// starts last; what comes after that is its RAM disk, which has no use for any.
fn behind(entry: &Entry) -> usize {
    let of_kernel = match entry.kernel.as_str() {
        "mboot.c32" => entry.args.iter().rposition(|arg| arg == "---"),
        _ => None,
    };
    of_kernel.unwrap_or(entry.args.len())
}
