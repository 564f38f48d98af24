//! Arguments that look for the disc in a drive, and what they are over the network.

use super::candidate::{Candidate, Loader};
use super::files::{Files, name, parent};

/// An argument as it goes into a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg {
    /// As the disc has it.
    Plain(String),
    /// With the URL of the tree between two texts: `inst.stage2=` and nothing.
    Url(String, String),
}

/// An installer that takes an answer file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installer {
    /// Anaconda with the `inst.` names: `inst.ks=`.
    Anaconda,
    /// Anaconda before those: `ks=`.
    OldAnaconda,
    /// debian-installer: `auto=true priority=critical url=`.
    Debian,
    /// YaST: `autoyast=`.
    Yast,
}

/// A candidate's command line for the network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// The arguments, in order.
    pub args: Vec<Arg>,
    /// What was put in place of what, for people.
    pub changes: Vec<String>,
    /// Arguments, or files, that look for the disc in a drive still, each with what to do.
    pub medium: Vec<(String, String)>,
    /// Whose it is, if an answer file can be named to it.
    pub installer: Option<Installer>,
    /// Whether the kernel is told the NIC that booted (`BOOTIF=`).
    pub bootif: bool,
}

/// Said of an argument that is kept although it can find nothing.
const KEPT: &str = "looks for the disc in a drive of the machine, and no form of it for the network \
                    is known here: the entry stops there unless the disc is inserted too";

/// Arguments that look for the disc in a drive, by how they begin.
const LOOKS: [&str; 24] = [
    "root=LABEL=",
    "root=UUID=",
    "root=CDLABEL=",
    "root=/dev/sr",
    "root=/dev/cdrom",
    "root=/dev/disk/",
    "root=/dev/hd",
    "root=/dev/sd",
    "real_root=",
    "cdroot",
    "looptype=",
    "findiso=",
    "fromiso=",
    "isofrom",
    "iso-scan/",
    "img_dev=",
    "img_loop=",
    "isoboot=",
    "misolabel=",
    "misodevice=",
    "live-media=",
    "bootfrom=",
    "from=",
    "cdrom-detect/",
];

/// What a value begins with that is a drive.
const DRIVES: [&str; 5] = ["hd:", "cdrom:", "cd:", "LABEL=", "/cdrom"];

/// Arguments that tell archiso where its medium is.
const ARCHISO: [&str; 4] =
    ["archisolabel", "archisodevice", "archisosearchuuid", "archisosearchfilename"];

struct Making<'a> {
    files: &'a Files<'a>,
    form: Form,
}

/// The arguments of `candidate` for a tree that is served.
pub fn form(candidate: &Candidate, files: &Files<'_>) -> Form {
    let form = Form { bootif: candidate.bootif, ..Form::default() };
    let mut making = Making { files, form };
    if candidate.loader != Loader::Linux {
        making.form.args.extend(candidate.args.iter().cloned().map(Arg::Plain));
        return making.form;
    }
    let has = |begin: &str| candidate.args.iter().any(|arg| arg.starts_with(begin));
    for arg in &candidate.args {
        making.one(candidate, arg);
    }
    if has("boot=live") {
        making.live_boot(candidate);
    }
    let archiso = has("archisobasedir=") || has("archisolabel=");
    if archiso && !has("archiso_http_srv=") {
        making.put("archiso_http_srv=", "/", "the archiso image");
    }
    making.alpine(candidate);
    making.yast(candidate);
    making.of_files(candidate);
    making.finish()
}

impl Making<'_> {
    fn one(&mut self, candidate: &Candidate, arg: &str) {
        let value = |keys: &[&str]| {
            let (key, value) = arg.split_once('=')?;
            keys.contains(&key).then_some(value)
        };
        let is_drive = |value: &str| {
            matches!(value, "cdrom" | "cd") || DRIVES.iter().any(|drive| value.starts_with(drive))
        };
        // Checks of a medium that is not there.
        if matches!(arg, "rd.live.check" | "inst.mediacheck" | "mediacheck" | "mediacheck=1") {
            self.form.changes.push(format!("{arg} is left out"));
            return;
        }
        // An image file that another boot loader has found.
        if matches!(arg, "findiso=" | "iso-scan/filename=") {
            return;
        }
        if let Some(rest) = value(&["root"]).and_then(|root| root.strip_prefix("live:")) {
            let dir = of(candidate, "rd.live.dir=").unwrap_or("LiveOS");
            let image = of(candidate, "rd.live.squashimg=").unwrap_or("squashfs.img");
            let path = format!("{dir}/{image}");
            if rest.starts_with("http") || !self.put_file("root=live:", &path, arg) {
                self.keep(arg);
            }
            return;
        }
        let keys = ["inst.stage2", "stage2", "inst.repo", "repo", "method", "inst.method"];
        if value(&keys).is_some_and(is_drive) {
            let key = arg.split_once('=').map_or(arg, |(key, _)| key);
            self.put(&format!("{key}="), "", arg);
            return;
        }
        if let Some(place) = value(&["inst.ks", "ks"]).filter(|value| is_drive(value)) {
            let path = place.rsplit(':').next().unwrap_or_default().trim_start_matches('/');
            let key = if arg.starts_with("inst.") { "inst.ks=" } else { "ks=" };
            if !self.put_file(key, path, arg) {
                self.keep(arg);
            }
            return;
        }
        // `file=` and `preseed/file=` of debian-installer.
        if let Some(path) = value(&["file", "preseed/file"])
            .and_then(|path| path.strip_prefix("/cdrom/"))
            .filter(|_| !is_casper(candidate))
        {
            if !self.put_file("url=", path, arg) {
                self.keep(arg);
            }
            return;
        }
        if value(&ARCHISO).is_some() {
            self.form.changes.push(format!("{arg} is left out"));
            return;
        }
        if value(&["alpine_dev", "modloop"]).is_some_and(|value| !value.contains("://")) {
            self.form.changes.push(format!("{arg} is left out"));
            return;
        }
        if LOOKS.iter().any(|begin| arg.starts_with(begin)) && !arg.contains("://") {
            self.form.medium.push((arg.to_owned(), KEPT.to_owned()));
        }
        self.form.args.push(Arg::Plain(arg.to_owned()));
    }

    /// Keeps an argument that can find nothing.
    fn keep(&mut self, arg: &str) {
        if !arg.contains("://") {
            self.form.medium.push((arg.to_owned(), KEPT.to_owned()));
        }
        self.form.args.push(Arg::Plain(arg.to_owned()));
    }

    /// Puts the URL of the tree in place of `old`.
    fn put(&mut self, before: &str, after: &str, old: &str) {
        self.form.changes.push(format!("{before}URL{after} stands for {old}"));
        self.form.args.push(Arg::Url(before.to_owned(), after.to_owned()));
    }

    /// The same for a file of the tree; whether that is there.
    fn put_file(&mut self, before: &str, path: &str, old: &str) -> bool {
        let Some(path) = self.files.file(path).filter(|path| super::path::is_plain(path)) else {
            return false;
        };
        self.put(before, &format!("/{path}"), old);
        true
    }

    /// live-boot(7): `fetch=` loads the file system's image into memory.
    fn live_boot(&mut self, candidate: &Candidate) {
        let has = |begin: &str| candidate.args.iter().any(|arg| arg.starts_with(begin));
        if has("fetch=") || has("httpfs=") || has("netboot") {
            return;
        }
        let dir = of(candidate, "live-media-path=").unwrap_or("live").trim_matches('/').to_owned();
        let image = format!("{dir}/filesystem.squashfs");
        if self.put_file("fetch=", &image, "the live system's image") {
            let looks = |(arg, _): &(String, String)| {
                arg.starts_with("live-media=") || arg.starts_with("bootfrom=")
            };
            self.form.medium.retain(|item| !looks(item));
            let stays = |arg: &Arg| match arg {
                Arg::Plain(arg) => !looks(&(arg.clone(), String::new())),
                Arg::Url(..) => true,
            };
            self.form.args.retain(stays);
        } else {
            let what = format!("looks for the disc, and {image} is not in the tree to be fetched");
            self.form.medium.push(("boot=live".to_owned(), what));
        }
    }

    /// Alpine: what its initial ramdisk looks for on the medium is named by `modloop=` and
    /// `alpine_repo=`.
    fn alpine(&mut self, candidate: &Candidate) {
        let kernel = name(&candidate.kernel);
        let Some(flavour) = kernel.strip_prefix("vmlinuz-") else { return };
        let modloop = format!("{}/modloop-{flavour}", parent(&candidate.kernel));
        let args = |begin: &str| candidate.args.iter().any(|arg| arg.starts_with(begin));
        if args("alpine_repo=") || self.files.file(&modloop).is_none() {
            return;
        }
        self.put_file("modloop=", &modloop, "the kernel modules");
        self.put("alpine_repo=", "/apks", "the packages");
        let what = "Alpine's initial ramdisk of the disc has few network drivers: where a machine \
                    gets no address, take the one of Alpine's netboot archive";
        self.form.medium.push((candidate.initrds.join(","), what.to_owned()));
    }

    /// linuxrc of SUSE's installer looks for the medium unless `install=` names it.
    fn yast(&mut self, candidate: &Candidate) {
        let tree = || ["media.1/media", "content"].iter().any(|p| self.files.file(p).is_some());
        if !parent(&candidate.kernel).ends_with("/loader") || !tree() {
            return;
        }
        self.form.installer = Some(Installer::Yast);
        let is_network = |arg: &String| arg.starts_with("install=") && arg.contains("://");
        if !candidate.args.iter().any(is_network) {
            self.form.args.retain(|arg| !matches!(arg, Arg::Plain(a) if a.starts_with("install=")));
            self.put("install=", "", "the installation source");
        }
    }

    /// What the tree tells, where no argument does.
    fn of_files(&mut self, candidate: &Candidate) {
        let has = |begin: &str| candidate.args.iter().any(|arg| arg.starts_with(begin));
        let initrd = candidate.initrds.first().map(String::as_str).unwrap_or_default();
        let top = (self.files.list)("");
        let is_there = |wanted: &str| top.iter().any(|there| there == wanted);
        // One of its network installer, which some discs carry.
        let netboot = ["debian-installer/", "ubuntu-installer/"];
        if netboot.iter().any(|dir| initrd.contains(dir)) {
            self.form.installer = Some(Installer::Debian);
            self.form.bootif = true;
        } else if parent(initrd).starts_with("install")
            && name(initrd).starts_with("initrd.gz")
            && !has("boot=")
        {
            self.form.installer = Some(Installer::Debian);
            self.form.bootif = true;
            let what = "debian-installer's initial ramdisk of a disc looks for that disc: take the one \
                        of its network installer";
            self.form.medium.push((initrd.to_owned(), what.to_owned()));
        }
        if is_casper(candidate) && !has("url=http") && !has("netboot=") {
            let what = "casper looks for the disc, or fetches the whole ISO image that url= names: publish \
                        that beside the tree, and give --arg url=URL --arg ip=dhcp";
            self.form.medium.push((initrd.to_owned(), what.to_owned()));
        }
        if is_there(".pve-cd-id.txt") || is_there("proxmox") {
            let what = "Proxmox's initial ramdisk looks for the disc: it wants the ISO image itself as \
                        a second one";
            self.form.medium.push((initrd.to_owned(), what.to_owned()));
        }
    }

    fn finish(mut self) -> Form {
        let plain = |arg: &Arg| match arg {
            Arg::Plain(arg) | Arg::Url(arg, _) => arg.clone(),
        };
        let all: Vec<String> = self.form.args.iter().map(plain).collect();
        let has = |begin: &str| all.iter().any(|arg| arg.starts_with(begin));
        let anaconda = match () {
            () if has("inst.stage2=") || has("inst.repo=") || has("inst.ks=") => {
                Some(Installer::Anaconda)
            }
            () if has("method=") || has("repo=") || has("ks=") => Some(Installer::OldAnaconda),
            () => None,
        };
        self.form.installer = self.form.installer.or(anaconda);
        let is_network = |arg: &Arg| matches!(arg, Arg::Url(..));
        let last = self.form.args.iter().rposition(is_network);
        if let Some(last) = last {
            self.form.bootif = true;
            // No address at all, in Clonezilla's and others' words.
            let no_address = |arg: &Arg| matches!(arg, Arg::Plain(arg) if matches!(arg.as_str(), "ip=" | "ip=frommedia"));
            self.form.args.retain(|arg| !no_address(arg));
            let all = &self.form.args;
            let has_ip = all.iter().any(|a| matches!(a, Arg::Plain(a) if a.starts_with("ip=")));
            let last = all.iter().rposition(is_network).unwrap_or(last);
            let old = self.form.installer == Some(Installer::OldAnaconda);
            let yast = self.form.installer == Some(Installer::Yast);
            let debian = self.form.installer == Some(Installer::Debian);
            if !has_ip && !old && !yast && !debian {
                let at = last.saturating_add(1).min(self.form.args.len());
                self.form.args.insert(at, Arg::Plain("ip=dhcp".to_owned()));
            }
        }
        self.form
    }
}

fn is_casper(candidate: &Candidate) -> bool {
    parent(&candidate.kernel).ends_with("casper")
        || candidate.args.iter().any(|arg| arg == "boot=casper")
}

/// The value of the argument that begins so.
fn of<'c>(candidate: &'c Candidate, begin: &str) -> Option<&'c str> {
    candidate.args.iter().rev().find_map(|arg| arg.strip_prefix(begin))
}
