//! The program: parse, run, print, exit.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use pxe_import::cli::{Cli, insert_import};
use pxe_import::term::{Signals, Terminal};
use pxe_import::{Error, command, report};

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    let json = args.iter().any(|arg| *arg == *"--json");
    let mut definition = Cli::command();
    let cli = match insert_import(&definition, args).map(|args| parse(&mut definition, args)) {
        Ok(Ok(cli)) => cli,
        Ok(Err(usage)) => {
            if json && usage.use_stderr() {
                let text = usage.render().to_string();
                let line = text.lines().next().unwrap_or_default();
                let _ = print(&report::misuse(line.trim_start_matches("error: ")));
            }
            let _ = usage.print();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
        Err(error) => return fail(&error, json),
    };
    match run(&cli) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => fail(&error, cli.common.json),
    }
}

/// The command line, which is made of its definition once and not each time that it is looked at.
fn parse(definition: &mut clap::Command, args: Vec<OsString>) -> Result<Cli, clap::Error> {
    let mut matches = definition.try_get_matches_from_mut(args)?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(definition))
}

/// Whether all is well.
fn run(cli: &Cli) -> pxe_import::Result<bool> {
    let signals = Signals::listen().map_err(|e| Error::io("listen to", "signals", e))?;
    let terminal = Terminal::new(cli.common.quiet, signals);
    let mut report = command::run(cli, &terminal)?;
    report.set_warnings(terminal.warnings());
    if cli.common.json {
        print(&report.json())?;
    } else if !cli.common.quiet || report.is_text() {
        print(&report.text())?;
    }
    if cli.common.quiet {
        let _ = io::stderr().write_all(report.urgent().as_bytes());
    }
    Ok(!report.failed())
}

/// A reader that has gone away is no error: `| head` is a habit.
fn print(bytes: &[u8]) -> pxe_import::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::io("write to", "standard output", e))
        }
        _ => Ok(()),
    }
}

fn fail(error: &Error, json: bool) -> ExitCode {
    if json {
        let _ = print(&report::failure(error));
    }
    // Paths may come from media: they must not reach the terminal as commands to it.
    let chain = pxe_import::media::printable(error.chain().as_bytes());
    let _ = writeln!(io::stderr(), "error: {chain}");
    if matches!(error, Error::Usage(_)) {
        let _ = writeln!(io::stderr(), "For more information, try 'pxe-import --help'.");
    }
    ExitCode::from(match error {
        Error::Usage(_) => 2,
        Error::Interrupted(signal) => u8::try_from(signal.saturating_add(128)).unwrap_or(1),
        _ => 1,
    })
}
