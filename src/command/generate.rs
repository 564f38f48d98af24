//! `pxe-import generate`: the manual page, shell completions, and the means to refresh by the clock.

use clap::CommandFactory;

use super::init;
use crate::cli::{Cli, Common, Generated};
use crate::config::{ipxe, selinux};
use crate::error::{Error, Result};
use crate::report::Report;
use crate::site::schedule::{self, Program};
use crate::site::{Root, Server, Settings};

/// Prints what is asked for.
///
/// # Errors
/// As [`schedule::systemd`], [`schedule::cron`] and [`Settings::load`]; [`Error::Usage`] where the server's
/// address is needed and not set; none for the others but what writing into memory
/// may give.
pub fn run(what: &Generated, common: &Common) -> Result<Report> {
    let mut command = Cli::command();
    let mut out = Vec::new();
    match what {
        Generated::Completions { shell } => {
            clap_complete::generate(*shell, &mut command, "pxe-import", &mut out);
        }
        Generated::Systemd => out = schedule::systemd(&program(common)?)?.into_bytes(),
        Generated::Cron => out = schedule::cron(&program(common)?)?.into_bytes(),
        Generated::Selinux => {
            let (root, settings) = site(common)?;
            let port = settings.server.as_ref().map_or(80, Server::port);
            let lines = selinux::commands(&init::place(&root, &settings)?, port);
            out = (lines.join("\n") + "\n").into_bytes();
        }
        Generated::Embed => {
            let (root, settings) = site(common)?;
            let server = settings.server(&root, "a script to embed")?;
            out = ipxe::embed(server).into_bytes();
        }
        Generated::Man => {
            manual(command, &mut out).map_err(|e| Error::io("write", "the manual page", e))?
        }
    }
    Ok(Report::Text(out))
}

/// The root, and what its owner has set.
fn site(common: &Common) -> Result<(Root, Settings)> {
    let root = Root::new(&common.root);
    let settings = Settings::load(&root)?;
    Ok((root, settings))
}

/// This program and its root, as a clock is to start it.
fn program(common: &Common) -> Result<Program> {
    let root = std::path::absolute(&common.root).map_err(|e| Error::io("find", &common.root, e))?;
    let path = std::env::current_exe().unwrap_or_else(|_| "pxe-import".into());
    Ok(Program { path, root })
}

/// One page: the program's own sections, then each command's options.
fn manual(mut command: clap::Command, out: &mut Vec<u8>) -> std::io::Result<()> {
    command.build();
    let page = clap_mangen::Man::new(command.clone());
    page.render_title(out)?;
    page.render_name_section(out)?;
    page.render_synopsis_section(out)?;
    page.render_description_section(out)?;
    page.render_options_section(out)?;
    for sub in command.get_subcommands() {
        let heading = format!(".SH \"{}\"\n", sub.get_name().to_uppercase());
        out.extend_from_slice(heading.as_bytes());
        if let Some(about) = sub.get_about() {
            out.extend_from_slice(format!("{about}\n").as_bytes());
        }
        let mut options = Vec::new();
        let own = sub.clone().mut_args(|arg| {
            let global = arg.is_global_set();
            arg.hide(global)
        });
        clap_mangen::Man::new(own).render_options_section(&mut options)?;
        let options = String::from_utf8_lossy(&options).replace(".SH OPTIONS", "");
        out.extend_from_slice(options.as_bytes());
    }
    out.extend_from_slice(FILES.as_bytes());
    page.render_version_section(out)
}

const FILES: &str = ".SH ENVIRONMENT\n\
.TP\nPXE_IMPORT_ROOT\nThe root directory, where \\-\\-root is not given.\n\
.TP\nNO_COLOR\nIf set, nothing is coloured.\n\
.SH FILES\n\
.TP\nROOT/pxe\\-import.toml\nThe site's settings, by the long options of init: server, menu\\-title, timeout, dhcp\\-range and so on, and jobs; and the images that refresh imports, one [[media]] table an import: name, images (patterns), and the options of import by their long names.\n\
.TP\nROOT/wwwroot\nThe web root: the imported trees.\n\
.TP\nROOT/etc\nConfigs of dnsmasq, nginx and Samba, and systemd units that start them.\n\
.TP\nROOT/pxeboot\nThe TFTP root: the first stages, and menu.ipxe.\n\
.TP\nROOT/wwwroot/pxefiles/pxelinux.cfg/default\nThe menu.\n\
.TP\nROOT/.pxe\\-import\nRecords and manifests of the imports.\n\
.SH \"EXIT STATUS\"\n0 done, perhaps with warnings; 1 failed, nothing published; 2 usage; 129, 130, 143 stopped by SIGHUP, SIGINT, SIGTERM.\n";
