//! The [`Monitor`] of a person at a terminal, or of a log file.
//!
//! On a terminal a bar shows bytes, rate, time left and the current file; elsewhere a plain line
//! says the same every few seconds. `--quiet` silences both, never a warning. All of it goes to
//! standard error.

mod plain;
mod signals;

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::media::printable;
use crate::monitor::{Monitor, Warning};

use plain::Plain;
pub use signals::Signals;

/// Shows progress and warnings on standard error, keeps the warnings, and hears signals.
#[derive(Debug)]
pub struct Terminal {
    show: Show,
    colour: bool,
    signals: Signals,
    warnings: Mutex<Vec<Warning>>,
}

#[derive(Debug)]
enum Show {
    Nothing,
    Lines(Plain),
    Bar(ProgressBar),
}

impl Terminal {
    /// Progress for people unless `quiet`; stops when one of `signals` comes.
    pub fn new(quiet: bool, signals: Signals) -> Self {
        let stderr = std::io::stderr().is_terminal();
        let env = |name| std::env::var_os(name).unwrap_or_default();
        // A dumb terminal cannot go back to the beginning of a line.
        let show = match (quiet, stderr && env("TERM") != "dumb") {
            (true, _) => Show::Nothing,
            (false, false) => Show::Lines(Plain::default()),
            (false, true) => {
                let target = ProgressDrawTarget::stderr_with_hz(10);
                Show::Bar(ProgressBar::with_draw_target(None, target).with_style(style(false)))
            }
        };
        let colour = stderr && env("NO_COLOR").is_empty() && env("TERM") != "dumb";
        Self { show, colour, signals, warnings: Mutex::default() }
    }

    /// All warnings so far, in the order in which they came.
    pub fn warnings(&self) -> Vec<Warning> {
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Monitor for Terminal {
    fn start(&self, stage: &str, total: u64) {
        match &self.show {
            Show::Nothing => {}
            Show::Lines(plain) => {
                if let Some(line) = plain.start(stage, total) {
                    say(&line);
                }
            }
            Show::Bar(bar) => {
                // The style first: whatever is drawn from here on is drawn in it.
                bar.set_style(style(total > 0));
                bar.set_length(total);
                bar.set_prefix(printable(stage.as_bytes()));
                bar.set_message("");
                bar.reset();
                bar.tick();
            }
        }
    }

    fn advance(&self, bytes: u64) {
        match &self.show {
            Show::Nothing => {}
            Show::Lines(plain) => {
                if let Some(line) = plain.advance(bytes) {
                    say(&line);
                }
            }
            Show::Bar(bar) => bar.inc(bytes),
        }
    }

    fn current(&self, path: &str) {
        if let Show::Bar(bar) = &self.show {
            bar.set_message(printable(path.as_bytes()));
        }
    }

    fn finish(&self) {
        match &self.show {
            Show::Nothing => {}
            Show::Lines(plain) => plain.finish(),
            Show::Bar(bar) => bar.finish_and_clear(),
        }
    }

    fn warn(&self, warning: Warning) {
        let line = line(&warning, self.colour);
        match &self.show {
            Show::Bar(bar) => bar.suspend(|| say(&line)),
            Show::Nothing | Show::Lines(_) => say(&line),
        }
        self.warnings.lock().unwrap_or_else(PoisonError::into_inner).push(warning);
    }

    fn stop(&self) -> Option<i32> {
        self.signals.came()
    }
}

/// A line on standard error; there is nobody to tell if that is closed.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// `warning: path: message`. Names from media cannot reach the terminal as commands to it.
fn line(warning: &Warning, colour: bool) -> String {
    let word = if colour { "\x1b[1;33mwarning:\x1b[0m" } else { "warning:" };
    let message = printable(warning.message.as_bytes());
    if warning.path.is_empty() {
        format!("{word} {message}")
    } else {
        format!("{word} {}: {message}", printable(warning.path.as_bytes()))
    }
}

fn style(bytes: bool) -> ProgressStyle {
    let template = if bytes {
        "{prefix} {bar:24} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, \
         {eta} left  {wide_msg}"
    } else {
        "{prefix}  {wide_msg}"
    };
    // A template that is wrong would be one of ours, and the test below finds it.
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_bar())
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use indicatif::TermLike;
    use std::io;
    use std::sync::Arc;

    #[test]
    fn a_warning_is_one_line_whatever_the_names_hold() {
        let warning = Warning::new("x", "a\n\x1b[2Jb", "is bad");
        assert_eq!(line(&warning, false), "warning: a\\x0a\\x1b[2Jb: is bad");
        let warning = Warning::new("x", "", "is bad");
        assert_eq!(line(&warning, false), "warning: is bad");
        assert!(line(&warning, true).contains("\x1b["));
    }

    /// Keeps what is written to it.
    #[derive(Debug, Clone, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            160
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, line: &str) -> io::Result<()> {
            self.write_str(line)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.0.lock().expect("no panic").push_str(text);
            Ok(())
        }
        fn clear_line(&self) -> io::Result<()> {
            self.0.lock().expect("no panic").clear();
            Ok(())
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_bar_shows_bytes_rate_time_left_and_the_file() {
        let screen = Screen::default();
        let target = ProgressDrawTarget::term_like(Box::new(screen.clone()));
        let bar = ProgressBar::with_draw_target(None, target);
        let monitor = Terminal {
            show: Show::Bar(bar.clone()),
            colour: false,
            signals: Signals::ignored(),
            warnings: Mutex::default(),
        };
        monitor.start("copying", 4 << 20);
        monitor.advance(1 << 20);
        monitor.current("images/install.img");
        bar.force_draw();
        let shown = screen.0.lock().expect("no panic").clone();
        for part in ["copying", "1.00 MiB of 4.00 MiB", "/s, ", " left", "images/install.img"] {
            assert!(shown.contains(part), "{shown}");
        }
        monitor.finish();
        assert_eq!(*screen.0.lock().expect("no panic"), "");
    }

    #[test]
    fn warnings_are_kept_even_when_quiet() {
        let monitor = Terminal::new(true, Signals::ignored());
        monitor.warn(Warning::new("test", "", "this line belongs to a test"));
        assert_eq!(monitor.warnings().len(), 1);
        assert_eq!(monitor.stop(), None);
    }
}
