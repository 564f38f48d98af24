//! The command line's options of answer files.

use std::path::PathBuf;

use clap::Args;

use crate::answer::Source;

/// An answer file, from a file or from a template.
#[derive(Debug, Clone, Default, Args)]
pub struct Answering {
    /// An answer file (kickstart, preseed, autoinstall) to publish in the tree and to name in the entry;
    /// 'template' or 'template:NAME' makes one from a template
    #[arg(long, value_name = "FILE|template[:NAME]")]
    pub answer: Option<Source>,
    /// The published answer file's mode, in octal
    #[arg(long, value_name = "MODE", default_value = "0644", value_parser = super::octal, requires = "answer")]
    pub answer_mode: u16,
    /// What a template answers
    #[command(flatten)]
    pub secrets: Secrets,
}

/// What a template must be told and must not be kept in the settings in clear.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Secrets {
    /// Take root's password from this file (its first line)
    #[arg(long, value_name = "FILE", group = "root_secret")]
    pub root_password_file: Option<PathBuf>,
    /// root's password, hashed already (as `openssl passwd -6` prints
    /// it); other users of this machine may see it while the command runs
    #[arg(long, value_name = "HASH", group = "root_secret")]
    pub root_password_hash: Option<String>,
    /// Ask for root's password
    #[arg(long, group = "root_secret")]
    pub root_password: bool,
    /// Let this public key log in as root; repeatable
    #[arg(long, value_name = "FILE")]
    pub ssh_key: Vec<PathBuf>,
    /// Let the installer overwrite what it would keep otherwise (ESXi: VMFS datastores)
    #[arg(long)]
    pub wipe: bool,
}
