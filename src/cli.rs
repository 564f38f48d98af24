//! The command line: definitions, no logic but the inserted `import`.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::media::Hierarchy;
use crate::plan::OnConflict;

pub mod answering;
pub mod boot;
mod insert;

pub use insert::insert_import;

/// Words that no import may be called: the commands there are, and those that may come.
pub const RESERVED: [&str; 21] = [
    "import", "inspect", "extract", "generate", "help", "init", "list", "check", "refresh",
    "remove", "adopt", "entry", "host", "render", "try", "answer", "profiles", "serve", "publish",
    "status", "relay",
];

/// Turn install ISOs into a PXE boot server's web root.
///
/// `pxe-import NAME ISO...` reads the images directly (no root, no mount), merges them into one tree
/// below ROOT/wwwroot, patches what must be patched, makes the links below ROOT/wwwroot/pxefiles and adds the entry
/// to pxelinux.cfg/default.
#[derive(Debug, Parser)]
#[command(
    name = "pxe-import",
    version,
    override_usage = "pxe-import [OPTIONS] NAME ISO...\n       pxe-import [OPTIONS] COMMAND ...",
    disable_help_subcommand = true,
    arg_required_else_help = true,
    after_help = "Example: pxe-import --root ~/pxe --server 192.168.4.6 centos6.8 DVD1.iso DVD2.iso"
)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the help calls [`Common`], which would stand among a command's own options without it.
const COMMON: &str = "Options of every command";

/// Options of every command; they may stand before or after it.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The root directory that holds wwwroot and the records
    #[arg(
        long,
        global = true,
        help_heading = COMMON,
        value_name = "DIR",
        env = "PXE_IMPORT_ROOT",
        default_value = "/data"
    )]
    pub root: PathBuf,
    /// Print one JSON document on standard output
    #[arg(long, global = true, help_heading = COMMON)]
    pub json: bool,
    /// Print nothing but warnings and errors
    #[arg(long, short, global = true, help_heading = COMMON)]
    pub quiet: bool,
    /// Show what would be done and write nothing
    #[arg(long, global = true, help_heading = COMMON)]
    pub dry_run: bool,
    /// Threads to copy with [default: one a core]
    #[arg(long, global = true, help_heading = COMMON, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub jobs: Option<u16>,
    /// Fail at once where another run holds the root, instead of waiting for it
    #[arg(long, global = true, help_heading = COMMON)]
    pub no_wait: bool,
}

impl Common {
    /// Threads to copy with; `None` for one a core.
    pub fn jobs(&self) -> Option<NonZeroUsize> {
        self.jobs.and_then(|jobs| NonZeroUsize::new(usize::from(jobs)))
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Import install images into the web root (the word `import` may be left out)
    Import(Box<Import>),
    /// Say what is on the images; writes nothing
    Inspect(Inspect),
    /// Merge the images and copy them into a directory, nothing more
    Extract(Extract),
    /// Say what has been imported, and how it stands with it
    List,
    /// Check imports: the files as recorded, and everything that a client will ask for is there
    Check(Check),
    /// Import what is new or has changed of the images that ROOT/pxe-import.toml names
    Refresh(Refresh),
    /// Take an import away: its menu entries, its tree, its record
    Remove(Remove),
    /// Take over a tree that was made by hand from these images
    Adopt(Box<Adopt>),
    /// Make the root of a boot server: loaders, menus, and the configs of dnsmasq, nginx and Samba
    Init(Box<boot::Init>),
    /// Add, rename, remove or list menu entries of imported trees
    Entry(boot::Entry),
    /// Let a machine boot an entry without a menu
    Host(boot::Host),
    /// Write every menu, config and answer file again from settings and records, without media
    Render(boot::Render),
    /// Boot an entry in a virtual machine, as a client would
    Try(boot::Try),
    /// Join standard input and output to a port of this machine: what 'try' has QEMU start
    #[command(name = boot::RELAY, hide = true)]
    Relay(boot::Relay),
    /// Print an import's answer file, or one made from a family's template
    Answer(boot::Answer),
    /// List the kinds of discs that are known, or show how one is known, placed and booted
    Profiles(Profiles),
    /// Print the manual page, shell completions, the means to refresh by the clock, SELinux's
    /// commands, or a script to embed in iPXE
    Generate(Generate),
}

/// `pxe-import NAME ISO...`
#[derive(Debug, Args)]
pub struct Import {
    /// What to call the import: key of its record and label of its menu entry
    pub name: String,
    /// The images of one product, in order
    #[arg(required = true, value_name = "ISO")]
    pub images: Vec<PathBuf>,
    /// The address that clients use: an IP, a host name, or http://HOST:PORT/PATH
    #[arg(long, value_name = "ADDRESS")]
    pub server: Option<String>,
    /// The answer file
    #[command(flatten)]
    pub answering: answering::Answering,
    /// The target directory, relative to wwwroot [default: by product, as yum/CentOS6.8]
    #[arg(long, value_name = "DIR")]
    pub dir: Option<String>,
    /// The menu entry's text (ASCII)
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// The way to boot, where there are several ('pxe-import profiles NAME' tells)
    #[arg(long, value_name = "WAY")]
    pub boot: Option<String>,
    /// A further kernel argument; repeatable
    #[arg(long = "arg", value_name = "ARG", allow_hyphen_values = true)]
    pub args: Vec<String>,
    /// Take the disc for this kind, whatever its markers say
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// Reading and merging
    #[command(flatten)]
    pub merge: Merge,
    /// Debian: the network installer, which its discs lack: the .deb of
    /// debian-installer-VERSION-netboot-ARCH, a netboot.tar.gz, or a directory
    #[arg(long, value_name = "PATH")]
    pub netboot: Option<PathBuf>,
    /// Let repodata that give packages' places as media:// give them relative to the repository, as
    /// dnf needs it
    #[arg(long)]
    pub rewrite_media_urls: bool,
    /// Add no menu entry
    #[arg(long)]
    pub no_menu: bool,
    /// Replace a menu block that was edited by hand
    #[arg(long)]
    pub force: bool,
    /// Write every file anew, even where the old tree has the same bytes
    #[arg(long)]
    pub no_reuse: bool,
    /// Where the whole image is kept beside the tree: make it a hard link to the image's own file
    /// instead of a copy (both on one filesystem)
    #[arg(long)]
    pub link_iso: bool,
    /// What must be true of the images' bytes
    #[command(flatten)]
    pub sums: Sums,
    /// Whether it is the settings' `[[media]]` that asks for it.
    #[arg(skip)]
    pub media: bool,
}

/// Checksums of the images.
#[derive(Debug, Clone, Default, Args)]
pub struct Sums {
    /// The SHA-256 of an image; repeatable, one an image in their order
    #[arg(long, value_name = "SUM")]
    pub sha256: Vec<String>,
    /// A SHA256SUMS or CHECKSUM file that lists the images
    #[arg(long, value_name = "FILE")]
    pub checksums: Option<PathBuf>,
    /// Do not check the MD5 that a vendor has implanted into an image, nor the lists of sums on it
    #[arg(long)]
    pub no_media_check: bool,
}

/// How images are read and merged.
#[derive(Debug, Clone, Args)]
pub struct Merge {
    /// Read this hierarchy of the disc instead of the best one
    #[arg(long, value_enum, value_name = "HIERARCHY")]
    pub hierarchy: Option<Hierarchy>,
    /// Which disc's file stays where two differ and no rule of the product decides
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = OnConflict::Later)]
    pub on_conflict: OnConflict,
    /// Create links that lead outside the tree as they are: a web server that follows links hands out
    /// what they lead to
    #[arg(long)]
    pub keep_unsafe_links: bool,
    /// Take a disc whose files hold many times the size of its image (files that share bytes, holes,
    /// compressed files)
    #[arg(long)]
    pub no_size_check: bool,
}

/// `pxe-import inspect ISO...`
#[derive(Debug, Args)]
pub struct Inspect {
    /// The images
    #[arg(required = true, value_name = "ISO")]
    pub images: Vec<PathBuf>,
    /// List every path
    #[arg(long)]
    pub files: bool,
    /// Say why each image is what it is
    #[arg(long)]
    pub explain: bool,
    /// Read this hierarchy of the disc instead of the best one
    #[arg(long, value_enum, value_name = "HIERARCHY")]
    pub hierarchy: Option<Hierarchy>,
}

/// `pxe-import extract ISO... --to DIR`
#[derive(Debug, Args)]
pub struct Extract {
    /// The images, in order
    #[arg(required = true, value_name = "ISO")]
    pub images: Vec<PathBuf>,
    /// Where to: a new or an empty directory
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// Reading and merging
    #[command(flatten)]
    pub merge: Merge,
}

/// `pxe-import check [NAME...]`
#[derive(Debug, Args)]
pub struct Check {
    /// The imports [default: all, and the boot loaders]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Compare sizes and times instead of reading every file
    #[arg(long)]
    pub quick: bool,
}

/// `pxe-import refresh [NAME...]`
#[derive(Debug, Args)]
pub struct Refresh {
    /// The imports [default: all that the settings name]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Remove imports whose entry is gone from the settings, or whose images are gone
    #[arg(long)]
    pub prune: bool,
    /// Leave an image alone that was written to less than this long ago
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = duration)]
    pub settle: Duration,
}

/// `pxe-import remove NAME`
#[derive(Debug, Args)]
pub struct Remove {
    /// The import
    pub name: String,
    /// Remove files of yours in its tree as well, and a menu block that was edited by hand
    #[arg(long)]
    pub force: bool,
    /// Where the settings name it: keep refresh from bringing it back
    #[arg(long)]
    pub hold: bool,
    /// Whether `refresh --prune` asks for it: its entry in the settings is no obstacle then.
    #[arg(skip)]
    pub prune: bool,
}

/// `pxe-import adopt NAME ISO...`
#[derive(Debug, Args)]
pub struct Adopt {
    /// The import that it is to be
    #[command(flatten)]
    pub import: Import,
    /// Mend from the images what differs from them
    #[arg(long)]
    pub repair: bool,
}

/// `pxe-import profiles [NAME]`
#[derive(Debug, Args)]
pub struct Profiles {
    /// Print this profile as a file that ROOT/profiles/NAME.toml can begin with
    pub name: Option<String>,
    /// Print what is supported as a table in Markdown
    #[arg(long, conflicts_with = "name")]
    pub table: bool,
}

/// `pxe-import generate man|completions|systemd|cron`
#[derive(Debug, Args)]
pub struct Generate {
    /// What to print
    #[command(subcommand)]
    pub what: Generated,
}

/// What `generate` prints.
#[derive(Debug, Subcommand)]
pub enum Generated {
    /// The manual page, for man(1)
    Man,
    /// Completions for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// A systemd service and timer that refresh the imports every night
    Systemd,
    /// A crontab line that refreshes the imports every night
    Cron,
    /// The commands that let SELinux's web and TFTP servers read the root
    Selinux,
    /// The script for those who compile iPXE with one embedded
    #[command(name = "embed.ipxe")]
    Embed,
}

/// A number with a unit: `90`, `90s`, `15m`, `2h`, `1d`; seconds without one.
fn duration(text: &str) -> std::result::Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).unwrap_or_default() {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err("the units are s, m, h and d, as in 90s or 2h".into()),
    };
    let number: u64 = digits.parse().map_err(|_| "give a number, as in 90s or 2h".to_owned())?;
    number.checked_mul(unit).map(Duration::from_secs).ok_or_else(|| "that is too long".into())
}

fn octal(text: &str) -> std::result::Result<u16, String> {
    match u16::from_str_radix(text, 8) {
        Ok(mode) if mode & !0o666 != 0 => {
            Err("only read and write bits can be set, as in 0644 or 0640".into())
        }
        Ok(mode) if mode & 0o400 == 0 => Err("the owner must be able to read it".into()),
        Ok(mode) => Ok(mode),
        Err(_) => Err("give the mode in octal, as in 0644 or 0640".into()),
    }
}

#[cfg(test)]
mod tests;
