//! The program in a process of its own, with bounds that it cannot pass.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Processor time that any image of 1 MiB may take, in seconds, all threads together; a build without optimization
/// is ten times as slow.
const SECONDS: f64 = if cfg!(debug_assertions) { 20.0 } else { 2.0 };
/// Memory that any image of 1 MiB may take, in KiB: all that the process can write to (RLIMIT_DATA), which is more
/// than what is resident.
const MEMORY: u64 = 256 << 10;
/// A process that waits for ever takes no processor time.
const WAIT: Duration = Duration::from_secs(120);

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) seconds: f64,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A directory with the images of one case.
pub(crate) struct Place {
    dir: tempfile::TempDir,
    images: Vec<String>,
}

impl Place {
    pub(crate) fn new(images: &[Vec<u8>]) -> Self {
        // In memory, where that can be: ext4 takes long for files after others were removed, and that time counts.
        let memory = Path::new("/dev/shm");
        let dir = match memory.is_dir() {
            true => tempfile::tempdir_in(memory),
            false => tempfile::tempdir(),
        };
        let dir = dir.expect("a directory");
        let mut names = Vec::new();
        for (n, image) in images.iter().enumerate() {
            let name = format!("{n}.iso");
            fs::write(dir.path().join(&name), image).expect("written");
            names.push(name);
        }
        Self { dir, images: names }
    }

    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs it with `args` and the images.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        let images = self.images.iter().map(String::as_str);
        self.limited(MEMORY, &args.iter().copied().chain(images).collect::<Vec<_>>())
    }

    fn limited(&self, memory: u64, args: &[&str]) -> Ran {
        let script = format!(
            "ulimit -d {memory} && ulimit -t {} && \"$0\" \"$@\" >out 2>err; code=$?; times; exit $code",
            SECONDS * 2.0
        );
        let none = self.path("none");
        let child = Command::new("sh")
            .args(["-c", &script])
            .arg(env!("CARGO_BIN_EXE_pxe-import"))
            .args(["--root", "root", "--jobs", "2"])
            .args(args)
            .current_dir(self.dir.path())
            .env("XDG_CONFIG_HOME", &none)
            .env("OSINFO_SYSTEM_DIR", &none)
            .stdout(Stdio::piped())
            .spawn();
        let mut child = child.expect("a shell");
        let begun = Instant::now();
        while child.try_wait().expect("our child").is_none() {
            if begun.elapsed() > WAIT {
                let _ = child.kill();
                panic!("{args:?} does not end");
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let output = child.wait_with_output().expect("our child");
        let times = String::from_utf8(output.stdout).expect("text");
        // The shell's own, then those of its children: user and system.
        let seconds =
            times.lines().nth(1).unwrap_or_default().split_whitespace().map(seconds).sum();
        let read = |name: &str| {
            let bytes = fs::read(self.path(name)).expect("written by the shell");
            String::from_utf8(bytes).expect("the program writes UTF-8")
        };
        Ran { code: output.status.code(), seconds, out: read("out"), err: read("err") }
    }
}

/// `1m2.345s`.
fn seconds(text: &str) -> f64 {
    let (minutes, seconds) = text.trim_end_matches('s').split_once('m').expect("minutes");
    let number = |text: &str| text.replace(',', ".").parse::<f64>().expect("a number");
    number(minutes) * 60.0 + number(seconds)
}

impl Ran {
    /// What is wrong with it, whatever the image.
    pub(crate) fn fault(&self) -> Option<String> {
        let told = |what: String| {
            let err: String = self.err.chars().take(400).collect();
            Some(format!("{what}: {err}"))
        };
        match self.code {
            Some(0..=2) if self.seconds <= SECONDS => None,
            Some(0..=2) => told(format!("{:.2} s of processor time", self.seconds)),
            code => told(format!("ended with {code:?}")),
        }
    }
}

#[test]
fn the_bound_of_memory_is_one() {
    let place = Place::new(&[]);
    let ran = place.limited(64, &["--help"]);
    assert!(ran.fault().is_some(), "64 KiB are enough: {ran:?}");
    let ran = place.limited(MEMORY, &["--help"]);
    assert_eq!((ran.fault(), ran.code), (None, Some(0)));
}

#[test]
fn times_are_read_as_shells_write_them() {
    assert_eq!(seconds("1m2.500s"), 62.5);
    assert_eq!(seconds("0m0.25s"), 0.25);
}
