//! The command line of the boot server itself: `init`, `entry`, `host`, `render`, `try`, `answer`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::answering::Answering;

/// `pxe-import init --server ADDRESS`
#[derive(Debug, Args)]
pub struct Init {
    /// The address that clients use: an IP, a host name, or http://HOST:PORT/PATH [default: as in
    /// ROOT/pxe-import.toml]
    #[arg(long, value_name = "ADDRESS")]
    pub server: Option<String>,
    /// The first and the last address to hand out: dnsmasq becomes this network's DHCP server
    #[arg(long, value_name = "START,END", conflicts_with = "proxy_dhcp")]
    pub dhcp_range: Option<String>,
    /// The network (192.168.4.0/24) whose DHCP server is another one: dnsmasq only adds what booting needs
    #[arg(long, value_name = "SUBNET")]
    pub proxy_dhcp: Option<String>,
    /// The prefix length or mask of --dhcp-range's network [default: 24]
    #[arg(long, value_name = "MASK")]
    pub netmask: Option<String>,
    /// The router that clients are told of
    #[arg(long, value_name = "ADDRESS")]
    pub gateway: Option<String>,
    /// A name server that clients are told of; repeatable
    #[arg(long, value_name = "ADDRESS")]
    pub dns: Vec<String>,
    /// dnsmasq takes over clients that hold a lease of another server
    #[arg(long)]
    pub dhcp_authoritative: bool,
    /// The network interface that dnsmasq serves [default: the one that has the server's address]
    #[arg(long, value_name = "NAME")]
    pub interface: Option<String>,
    /// The root's path on the machine that will serve it: what configs name
    #[arg(long, value_name = "PATH")]
    pub deploy_root: Option<PathBuf>,
    /// Take boot loaders from here before the system's packages
    #[arg(long, value_name = "DIR")]
    pub loaders: Option<PathBuf>,
    /// The account that the Windows share asks for [default: guests are let in]
    #[arg(long, value_name = "NAME")]
    pub smb_user: Option<String>,
    /// The text above the menu
    #[arg(long, value_name = "TEXT")]
    pub menu_title: Option<String>,
    /// Seconds until the menu boots its default; 0 to wait for ever
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u32>,
    /// A menu entry that chains to a public boot service
    #[arg(long, value_name = "URL")]
    pub public_netboot: Option<String>,
    /// Show what would change and write nothing
    #[arg(long)]
    pub diff: bool,
    /// Replace this file although it has been edited; repeatable, relative to the root
    #[arg(long, value_name = "FILE")]
    pub force: Vec<PathBuf>,
}

/// `pxe-import entry add|rename|remove|list`
#[derive(Debug, Args)]
pub struct Entry {
    /// What to do
    #[command(subcommand)]
    pub what: EntryCommand,
}

/// What `entry` does.
#[derive(Debug, Subcommand)]
pub enum EntryCommand {
    /// Add an entry that boots an import's tree in another way
    Add(Box<EntryAdd>),
    /// Give an entry another label
    Rename {
        /// The entry's label
        label: String,
        /// Its new one
        new: String,
    },
    /// Take an entry away, and its answer file
    Remove {
        /// The entry's label
        label: String,
        /// Remove it although its menu block or its answer file was edited by hand
        #[arg(long)]
        force: bool,
    },
    /// Say which entries there are
    List,
}

/// `pxe-import entry add TREE LABEL`
#[derive(Debug, Args)]
pub struct EntryAdd {
    /// The import whose tree it boots
    #[arg(value_name = "TREE")]
    pub tree: String,
    /// Its label in the menu
    #[arg(value_name = "LABEL")]
    pub name: String,
    /// The menu entry's text (ASCII)
    #[arg(long, value_name = "TEXT")]
    pub label: Option<String>,
    /// The way to boot, where there are several ('pxe-import profiles NAME' tells)
    #[arg(long, value_name = "WAY")]
    pub boot: Option<String>,
    /// A further kernel argument; repeatable
    #[arg(long = "arg", value_name = "ARG", allow_hyphen_values = true)]
    pub args: Vec<String>,
    /// The answer file
    #[command(flatten)]
    pub answering: Answering,
}

/// `pxe-import host MAC LABEL`
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "There is no form that boots a host once and then no more: that needs a daemon that sees the \
                  machine boot, and pxe-import is none. Let the installation's last step set the boot order, or \
                  run 'pxe-import host remove MAC' when it is done."
)]
pub struct Host {
    /// What to do
    #[command(subcommand)]
    pub what: Option<HostCommand>,
    /// The machine's hardware address, as 52:54:00:12:34:56
    #[arg(required = true)]
    pub mac: Option<String>,
    /// The entry that it boots without a menu
    #[arg(required = true)]
    pub label: Option<String>,
}

/// What `host` does besides.
#[derive(Debug, Subcommand)]
pub enum HostCommand {
    /// Let the machine have the menu again
    Remove {
        /// The machine's hardware address
        mac: String,
    },
    /// Say which machines boot without a menu
    List,
}

/// `pxe-import render`
#[derive(Debug, Args)]
pub struct Render {
    /// Show what would change and write nothing
    #[arg(long)]
    pub diff: bool,
    /// Replace this file although it has been edited; repeatable, relative to the root
    #[arg(long, value_name = "FILE")]
    pub force: Vec<PathBuf>,
}

/// `pxe-import try LABEL`
#[derive(Debug, Args)]
pub struct Try {
    /// The entry to boot
    #[arg(required_unless_present = "all")]
    pub label: Option<String>,
    /// Every entry, one after the other, by BIOS where that boots it here, else by UEFI
    #[arg(long, conflicts_with = "label")]
    pub all: bool,
    /// By UEFI instead of BIOS (with --all: by both, where the entry has both)
    #[arg(long)]
    pub uefi: bool,
    /// Go through the menu, pressing its keys, instead of straight to the entry
    #[arg(long)]
    pub menu: bool,
    /// Give up after this long
    #[arg(long, value_name = "TIME", default_value = "180s", value_parser = super::duration)]
    pub timeout: Duration,
    /// Keep the run's directory: console, access log, screenshots
    #[arg(long)]
    pub keep: bool,
    /// Save the screen as it was at the end (PNG)
    #[arg(long, value_name = "FILE")]
    pub screenshot: Option<PathBuf>,
    /// QEMU's accelerator
    #[arg(long, value_name = "NAME", default_value = "tcg")]
    pub accel: String,
    /// The machine's memory, in MiB
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    pub memory: u32,
    /// Call it booted once this regular expression matches the serial console
    #[arg(long, value_name = "REGEX")]
    pub until: Option<String>,
}

/// What QEMU starts this program with, for every connection of a machine under `try`.
pub const RELAY: &str = "relay";

/// `pxe-import relay PORT`
#[derive(Debug, Args)]
pub struct Relay {
    /// A port of the loopback address
    pub port: u16,
}

/// `pxe-import answer NAME|FAMILY`
#[derive(Debug, Args)]
pub struct Answer {
    /// An import, or a family that there are templates for
    #[arg(value_name = "NAME|FAMILY")]
    pub of: String,
    /// Which template [default: the family's own]
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
    /// The address that clients use
    #[arg(long, value_name = "ADDRESS")]
    pub server: Option<String>,
    /// Print the template itself, to make one's own of
    #[arg(long)]
    pub source: bool,
    /// What it answers
    #[command(flatten)]
    pub secrets: super::answering::Secrets,
}
