//! Menu entries of a product, from its profile.

use serde::Deserialize;

use super::answer::AnswerKind;
use super::arg::{Arg, Conditional};
use super::companion::Companion;
use super::context::Context;
use super::product::{self, Product};
use super::profile::Profile;
use super::ram::{self, Ram};
use super::requirement::in_range;
use super::template;
use super::wimboot::{RamFile, WimFile, is_among};
use crate::error::{Error, Result};
use crate::menu::ipxe::WIMBOOT;
use crate::menu::{Efi, Entry};
use crate::monitor::{Monitor, Warning};

/// One way to boot, `[[entry]]` of a profile.
///
/// Texts may hold `{dir}` (the target, `yum/CentOS6.8`), `{path}` (the same with its leading `/`
/// and the path of the server's URL), `{url}` (of the tree), `{host}` (of the server, with its
/// port), `{answer}` (the answer file's URL), `{label}`, `{name}`, `{version}`, `{arch}`,
/// `{debian-arch}`, `{variant}`, `{image}` (the URL of the image that is kept in the tree) and `{ram}` (the
/// memory that a client needs, as `3 GiB`).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Boot {
    /// What `--boot` calls it; one with a name is taken only where it is asked for.
    pub name: Option<String>,
    /// In one line, for those who choose among names.
    pub about: Option<String>,
    /// Where the tree goes with this one, if elsewhere than the profile says.
    pub target: Option<String>,
    /// Whether the image is kept whole with this one, if otherwise than the profile says.
    pub whole_image: Option<bool>,
    /// How much memory a client needs.
    pub ram: Option<Ram>,
    /// Only for these families; for all where empty.
    #[serde(default)]
    pub families: Vec<String>,
    /// Only for these variants, of which the empty text is the full disc; for all where empty.
    #[serde(default)]
    pub variants: Vec<String>,
    /// Only for these architectures, by whichever of their names; for all where empty. A disc that does not
    /// say its own is taken for one of them.
    #[serde(default)]
    pub archs: Vec<String>,
    /// From this version on.
    pub from: Option<String>,
    /// Before this version.
    pub below: Option<String>,
    /// The text in the menu.
    pub title: String,
    /// The kernel. What begins with `/{dir}/` must be in the tree; a bare name is a loader beside
    /// `pxelinux.0`.
    pub kernel: String,
    /// The initial ramdisk, likewise; several with commas between them.
    pub initrd: Option<String>,
    /// Further files of the tree without which it does not boot, as paths in the tree.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether the kernel is told the NIC that booted (`BOOTIF=`).
    #[serde(default)]
    pub bootif: bool,
    /// What UEFI clients start instead of the kernel, as paths in the tree, found whatever their letter
    /// case: the first that is there. Where none of them is, they start nothing.
    pub efi_programs: Option<Vec<String>>,
    /// The files of wimboot's RAM disk: there is an entry only where all of them are in the tree, and
    /// wimboot lies beside `pxelinux.0`.
    #[serde(default)]
    pub wimboot: Vec<WimFile>,
    /// The architectures that UEFI clients can be given wimboot for; all where empty. A 32-bit Windows PE
    /// does not start on the 64-bit firmware that nearly all machines have.
    #[serde(default)]
    pub uefi_archs: Vec<String>,
    /// Files made for this entry and published with it, `[[entry.file]]`. With `wimboot` they go into its
    /// RAM disk too, where they appear in `\Windows\System32`.
    #[serde(rename = "file", default)]
    pub companions: Vec<Companion>,
    /// Arguments without an answer file.
    pub plain: Vec<Arg>,
    /// The languages of answer files that it takes; kickstart where left out.
    #[serde(default = "kickstart")]
    pub answers: Vec<AnswerKind>,
    /// Arguments with one; none where it has no use for answers.
    #[serde(default)]
    pub answered: Vec<Arg>,
    /// Arguments with a preseed file, where they differ.
    #[serde(default)]
    pub preseed: Vec<Arg>,
}

fn kickstart() -> Vec<AnswerKind> {
    vec![AnswerKind::Kickstart]
}

pub(super) const NAMES: [&str; 13] = [
    "dir",
    "path",
    "url",
    "host",
    "answer",
    "label",
    "name",
    "version",
    "arch",
    "debian-arch",
    "variant",
    "image",
    "ram",
];

/// Placeholders that cannot be filled without the server's address.
const OF_SERVER: [&str; 4] = ["url", "host", "answer", "image"];

impl Boot {
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let args = [&self.plain, &self.answered, &self.preseed].into_iter().flatten();
        let texts = [&self.title, &self.kernel].into_iter().chain(&self.initrd);
        for text in texts.map(String::as_str).chain(args.map(Arg::text)) {
            if let Some(name) = template::names(text).iter().find(|name| !NAMES.contains(name)) {
                let what = format!(
                    "entry {:?}: unknown placeholder {{{name}}} in {text:?}; there are {{{}}}",
                    self.title,
                    NAMES.join("}, {")
                );
                return Err((text.to_owned(), what));
            }
        }
        for version in [&self.from, &self.below].into_iter().flatten() {
            if product::numbers(version).is_empty() {
                let what = format!("entry {:?}: {version:?} is no version", self.title);
                return Err((version.clone(), what));
            }
        }
        self.companions.iter().try_for_each(Companion::check)?;
        if let Some(name) = &self.name
            && product::slug(name).as_deref() != Some(name)
        {
            let what =
                format!("entry name {name:?} must be lower-case letters, digits and hyphens");
            return Err((name.clone(), what));
        }
        match &self.target {
            Some(target) => super::target::check(target).map_err(|what| (target.clone(), what)),
            None => Ok(()),
        }
    }

    /// Whether it is for this product; one of unknown version is taken for the newest.
    pub(super) fn fits(&self, product: &Product) -> bool {
        let listed = |list: &[String], item: Option<&String>| {
            let item = item.map_or("", String::as_str);
            list.is_empty() || list.iter().any(|one| one == item)
        };
        in_range(product.version.as_deref(), self.from.as_ref(), self.below.as_ref())
            && listed(&self.families, Some(&product.family))
            && listed(&self.variants, product.variant.as_ref())
            && is_among(&self.archs, product)
    }

    /// The arguments for an answer file of this kind, and whether they name it.
    fn args(&self, answer: Option<AnswerKind>) -> (&[Arg], bool) {
        match answer {
            Some(AnswerKind::Preseed) if !self.preseed.is_empty() => (&self.preseed, true),
            Some(_) if !self.answered.is_empty() => (&self.answered, true),
            Some(_) if self.companions.iter().any(Companion::takes_answers) => (&self.plain, true),
            _ => (&self.plain, false),
        }
    }
}

impl Profile {
    /// The entry for a product: the first that fits, or of those with a name the one called `choice`.
    ///
    /// # Errors
    /// [`Error::Usage`] for a name that no entry for this product has.
    pub fn boot(&self, product: &Product, choice: Option<&str>) -> Result<Option<&Boot>> {
        let fits = |boot: &&Boot| boot.fits(product);
        let found = self.boots.iter().filter(fits).find(|boot| boot.name.as_deref() == choice);
        match (found, choice) {
            (None, Some(choice)) => {
                let names = self.boots.iter().filter(fits).filter_map(|boot| boot.name.as_deref());
                let names: Vec<_> = names.collect();
                Err(Error::Usage(match names.is_empty() {
                    true => format!("{} boots in one way only: leave out --boot", product.name),
                    false => format!(
                        "there is no way {choice:?} to boot {}: --boot can be {}",
                        product.name,
                        names.join(", ")
                    ),
                }))
            }
            (found, _) => Ok(found),
        }
    }

    /// Whether the product's entry, as [`Profile::boot`] chooses it, cannot be made without the server's
    /// address.
    ///
    /// # Errors
    /// As [`Profile::boot`].
    pub fn needs_server(
        &self,
        product: &Product,
        choice: Option<&str>,
        answered: bool,
    ) -> Result<bool> {
        let of_server =
            |arg: &Arg| template::names(arg.text()).iter().any(|name| OF_SERVER.contains(name));
        let kinds = [AnswerKind::Kickstart, AnswerKind::Preseed].map(Some);
        let kinds = if answered { &kinds[..] } else { &[None] };
        let boot = self.boot(product, choice)?.into_iter();
        Ok(boot.flat_map(|boot| kinds.iter().flat_map(|&kind| boot.args(kind).0)).any(of_server))
    }

    /// The menu entries of a product under `label`, as [`Profile::boot`] chooses. Why there is none, and an
    /// answer file that is of no use, are warnings.
    ///
    /// # Errors
    /// [`Error::Usage`] where the server's address is needed and not known; as [`Profile::boot`].
    pub fn entries(
        &self,
        product: &Product,
        label: &str,
        choice: Option<&str>,
        context: &Context,
        monitor: &dyn Monitor,
    ) -> Result<Vec<Entry>> {
        let Some(boot) = self.boot(product, choice)? else {
            if self.guess {
                return super::guessed::entries(product, label, context, monitor);
            }
            let none = "no menu entry: the profile has none for this product".to_owned();
            let what = self.note.clone().unwrap_or(none);
            monitor.warn(Warning::new("no-entry", context.dir, what));
            return Ok(Vec::new());
        };
        let ram = boot.ram.as_ref().map(|ram| ram.bytes(context.image, context.size));
        let fill = |text: &str| fill(text, self, product, label, ram, context);
        let kernel = fill(&boot.kernel)?;
        let initrd = boot.initrd.as_deref().map(fill).transpose()?;
        let tree = format!("/{}/", context.dir);
        let initrds = initrd.iter().flat_map(|list| list.split(','));
        let missing = initrds
            .chain([kernel.as_str()])
            .filter_map(|path| path.strip_prefix(&tree))
            .chain(boot.needs.iter().map(String::as_str))
            .find(|path| !(context.exists)(path));
        if let Some(path) = missing {
            // A live disc of a family whose entries are those of its installer.
            if product.variant.as_deref() == Some("live") {
                return super::guessed::entries(product, label, context, monitor);
            }
            let none =
                || "no menu entry: this file, which boots the installer, is not on the discs";
            let what = self.note.clone().unwrap_or_else(|| none().to_owned());
            monitor.warn(Warning::new("no-entry", path, what));
            return Ok(Vec::new());
        }
        let files = match boot.wim_files(label, context) {
            Ok(files) => files,
            Err(Some(path)) => {
                let what = "no menu entry: this file, which wimboot needs, is not on the discs";
                monitor.warn(Warning::new("no-entry", path, what));
                return Ok(Vec::new());
            }
            Err(None) => {
                let none = "no menu entry: wimboot does not lie beside pxelinux.0";
                let what = self.note.clone().unwrap_or_else(|| none.to_owned());
                monitor.warn(Warning::new("no-entry", context.dir, what));
                return Ok(Vec::new());
            }
        };
        let kind = context.answer.map(|answer| answer.kind);
        let (of_kind, used) = boot.args(kind);
        let unfit = match kind {
            Some(kind) if !used => {
                let way = self.answered_way(product, kind);
                let way = way.map(|way| format!(" but with --boot {way}")).unwrap_or_default();
                Some(("answer-unused", format!("takes no answer file of this language{way}")))
            }
            Some(AnswerKind::Preseed) if !boot.preseed.is_empty() => None,
            Some(kind) if !boot.answers.contains(&kind) => {
                let reads: Vec<_> = boot.answers.iter().map(ToString::to_string).collect();
                let reads = reads.join(" or ");
                Some((
                    "answer-kind",
                    format!("reads {reads}, and the answer file looks like {kind}"),
                ))
            }
            _ => None,
        };
        if let Some((code, what)) = unfit {
            monitor.warn(Warning::new(code, context.dir, format!("{} {what}", self.title)));
        }
        let mut args = Vec::new();
        for arg in of_kind {
            match arg {
                Arg::Conditional(Conditional { if_exists, .. }) if !(context.exists)(if_exists) => {
                }
                arg => args.push(fill(arg.text())?),
            }
        }
        let efi = if !files.is_empty() {
            let of_bios = files.iter().filter(|file| !file.efi_only);
            let list: Vec<&str> = of_bios.map(|file| file.path.as_str()).collect();
            args.insert(0, format!("initrdfile={}", list.join(",")));
            args.insert(0, WIMBOOT.to_owned());
            let named = |file: RamFile<'_>| (file.name.to_owned(), file.path);
            match is_among(&boot.uefi_archs, product) {
                true => Efi::Wimboot(files.into_iter().map(named).collect()),
                false => Efi::None,
            }
        } else if let Some(programs) = &boot.efi_programs {
            let found = programs.iter().find_map(|path| (context.find)(path));
            match found {
                // Its arguments are those of the entry.
                Some(path) => Efi::Program { path: format!("{tree}{path}"), args: Vec::new() },
                None => Efi::None,
            }
        } else {
            Efi::Kernel
        };
        if efi == Efi::None
            && let Some(way) = self.uefi_way(product, boot, context)
        {
            let what =
                format!("boots BIOS clients alone; with --boot {way} it boots UEFI clients, too");
            monitor.warn(Warning::new("uefi-by-other-way", context.dir, what));
        }
        Ok(vec![Entry {
            label: label.to_owned(),
            title: template::tidy(&fill(&boot.title)?),
            kernel,
            initrd,
            args,
            bootif: boot.bootif,
            efi,
        }])
    }
}

fn fill(
    text: &str,
    profile: &Profile,
    product: &Product,
    label: &str,
    ram: Option<u64>,
    context: &Context,
) -> Result<String> {
    let value = |name: &str| value(name, profile, product, label, ram, context);
    template::fill(text, value).map_err(|name| needs_server(product, name))
}

/// The error for the placeholder `name`, which has no value without the server's address.
pub(super) fn needs_server(product: &Product, name: &str) -> Error {
    Error::Usage(format!(
        "the menu entry of {} needs the server's address ({name}): give --server ADDRESS, or \
         write server = \"ADDRESS\" in ROOT/pxe-import.toml",
        product.name
    ))
}

/// What a placeholder stands for.
pub(super) fn value(
    name: &str,
    profile: &Profile,
    product: &Product,
    label: &str,
    ram: Option<u64>,
    context: &Context,
) -> Option<String> {
    let arch = product.arch.as_deref().unwrap_or_default();
    match name {
        "dir" => Some(context.dir.to_owned()),
        "path" => Some(format!("{}/{}", context.path_prefix.trim_end_matches('/'), context.dir)),
        "url" => context.url.map(str::to_owned),
        "host" => context.host.map(str::to_owned),
        "answer" => context.answer.map(|answer| answer.url.clone()),
        "label" => Some(label.to_owned()),
        "name" => Some(product.name.clone()),
        "version" => Some(product.version.clone().unwrap_or_default()),
        "arch" => Some(arch.to_owned()),
        "debian-arch" => Some(product::debian_arch(arch).to_owned()),
        "variant" => Some(product.variant.clone().unwrap_or_default()),
        "image" => Some(format!("{}/{}", context.url?, profile.keep_image.as_deref()?)),
        "ram" => Some(ram.map(ram::shown).unwrap_or_default()),
        _ => None,
    }
}
