//! One machine from start to verdict.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use regex::Regex;

use super::directory::{BOOTFILE, Directory, first_script};
use super::fetch::{Fetch, State};
use super::loader::without_menu;
use super::need::Need;
use super::verdict::{Seen, Verdict};
use crate::error::{Error, Result};
use crate::http::{Access, Overlay, Serving};
use crate::monitor::Monitor;
use crate::qemu::find::Firmware;
use crate::qemu::{Console, Machine, Network, Setup, keys, screen};
use crate::site::{Root, Server};

/// Between two looks at a machine.
const STEP: Duration = Duration::from_millis(50);
/// Between two looks at the text screen.
const SCREEN_STEP: Duration = Duration::from_secs(1);
/// After the first sign of life: a panic comes soon, or the console falls silent for [`QUIET`].
const WATCH: Duration = Duration::from_secs(20);
const QUIET: Duration = Duration::from_secs(5);
/// After the first fault: what else is missing.
const LINGER: Duration = Duration::from_secs(3);
/// A menu stands so long after its program was fetched. It counts its seconds down on the console, so that
/// cannot tell.
const STANDS: Duration = Duration::from_millis(2500);
/// Between two keys: emulated firmware polls the keyboard slowly.
const KEYS: Duration = Duration::from_millis(200);
/// How long chosen entries take to be asked for; then the keys are pressed again.
const CHOSEN: Duration = Duration::from_secs(8);

/// What all runs of a command have in common.
#[derive(Debug)]
pub struct Means<'m> {
    /// The tree.
    pub root: &'m Root,
    /// The address that its clients use.
    pub server: &'m Server,
    /// A network in which it has that address.
    pub network: &'m Network,
    /// QEMU.
    pub qemu: &'m Path,
    /// This program, which QEMU starts for every connection.
    pub program: &'m Path,
    /// QEMU's accelerator.
    pub accel: &'m str,
    /// Memory in MiB.
    pub memory: u32,
    /// When to give up.
    pub timeout: Duration,
    /// What is to be heard.
    pub until: Option<&'m Regex>,
}

/// What is to be tried.
#[derive(Debug)]
pub struct Plan {
    /// UEFI firmware; `None` for BIOS.
    pub firmware: Option<Firmware>,
    /// What the entry needs.
    pub needs: Vec<Need>,
    /// Files that stand in the place of the tree's: path below the web root, and content.
    pub overlay: Vec<(&'static str, Vec<u8>)>,
    /// The menu's source: what it shows is not heard.
    pub menu: String,
    /// Where the entry stands, in the main menu first, if it is to be chosen by keys.
    pub choose: Option<Vec<usize>>,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// Never open.
    pub verdict: Verdict,
    /// How it stood with each need.
    pub fetches: Vec<Fetch>,
    /// Everything that was asked for.
    pub requests: Vec<Access>,
    /// How long it took.
    pub took: Duration,
    /// Why there is no screenshot, where one could not be made.
    pub no_screen: Option<String>,
}

/// The name of the screenshot in the run's directory.
pub const SCREEN: &str = "screen.png";

/// Runs the machine in `dir`.
///
/// # Errors
/// What keeps it from running; [`Error::Interrupted`]. A machine that does not boot is none.
pub fn run(
    means: &Means<'_>,
    plan: &Plan,
    dir: &Directory,
    monitor: &dyn Monitor,
) -> Result<Outcome> {
    let serving = serve(means, plan, dir)?;
    let setup = setup(means, plan, dir, serving.address().port())?;
    let mut machine = Machine::start(means.qemu, &setup, &dir.file("qemu.txt"))?;
    let mut watch = Watch::new(means, plan, &setup.serial);
    let verdict = loop {
        monitor.check()?;
        if let Some(verdict) = watch.look(&serving.log().requests(), &mut machine) {
            break verdict;
        }
        if let Some(keys) = watch.keys() {
            machine.press(&keys, KEYS)?;
            // What the menu has drawn meanwhile came before the entry.
            watch.console.poll();
        }
        std::thread::sleep(STEP);
    };
    let no_screen = machine.screen(&dir.file(SCREEN)).err().map(|error| error.chain());
    let verdict = match (verdict, machine.said()) {
        (Verdict::Failed(why), said) if !said.is_empty() => {
            Verdict::Failed(format!("{why} (QEMU: {said})"))
        }
        (verdict, _) => verdict,
    };
    drop(machine);
    let requests = serving.log().requests();
    let lines: String = requests.iter().map(Access::line).collect();
    dir.write("access.log", lines.as_bytes())?;
    let fetches = plan.needs.iter().map(|need| Fetch::of(need, &requests)).collect();
    Ok(Outcome { verdict, fetches, requests, took: watch.begun.elapsed(), no_screen })
}

fn serve(means: &Means<'_>, plan: &Plan, dir: &Directory) -> Result<Serving> {
    let mut overlay = Overlay::new();
    for (number, (path, content)) in plan.overlay.iter().enumerate() {
        let file = dir.write(&format!("overlay{number}"), content)?;
        overlay.insert((*path).to_owned(), file);
    }
    let first = means.root.path().join("pxeboot").join(BOOTFILE);
    match fs::read(&first) {
        Ok(script) => dir.write(&format!("tftp/{BOOTFILE}"), &script)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            dir.write(&format!("tftp/{BOOTFILE}"), first_script(means.server).as_bytes())?
        }
        Err(error) => return Err(Error::io("read", first, error)),
    };
    Serving::start(&means.root.wwwroot(), means.server.path(), overlay)
}

fn setup(means: &Means<'_>, plan: &Plan, dir: &Directory, port: u16) -> Result<Setup> {
    // A name of our own: that of the program may be anything, and QEMU takes text.
    let relay = dir.file("relay");
    std::os::unix::fs::symlink(means.program, &relay)
        .map_err(|error| Error::io("link", &relay, error))?;
    let firmware = match &plan.firmware {
        Some(Firmware { code, variables }) => {
            Some((code.clone(), dir.copy(variables, "variables.fd")?))
        }
        None => None,
    };
    Ok(Setup {
        accel: means.accel.to_owned(),
        memory: means.memory,
        firmware,
        serial: dir.file("serial.txt"),
        tftp: dir.tftp(),
        bootfile: BOOTFILE.to_owned(),
        network: means.network.clone(),
        relay: vec![
            relay.to_string_lossy().into_owned(),
            crate::cli::boot::RELAY.to_owned(),
            port.to_string(),
        ],
    })
}

/// What has been seen of a machine, and since when.
struct Watch<'m> {
    means: &'m Means<'m>,
    plan: &'m Plan,
    begun: Instant,
    console: Console,
    /// When something was last written to the console.
    spoke: Instant,
    /// When everything had been fetched: by the log's clock, and the console's end then.
    fetched: Option<(Duration, usize)>,
    /// How many requests there were for needs, and the console's end before the last of them: what was
    /// said earlier has not kept it from being made.
    begun_fetch: (usize, usize),
    /// Since when the verdict is a boot, or a fault.
    alive: Option<Instant>,
    failed: Option<Instant>,
    pressed: Option<Instant>,
    /// The text screen when everything had been fetched, what has come onto it since, and when it was
    /// last looked at.
    screen: Option<(String, String, Instant)>,
    /// Where the text screen is written to.
    memory: PathBuf,
    asked: bool,
    /// Since when the menu is fetched.
    menu: Option<Instant>,
}

impl<'m> Watch<'m> {
    fn new(means: &'m Means<'m>, plan: &'m Plan, serial: &Path) -> Self {
        let begun = Instant::now();
        Self {
            means,
            plan,
            begun,
            console: Console::new(serial),
            spoke: begun,
            fetched: None,
            begun_fetch: (0, 0),
            alive: None,
            failed: None,
            pressed: None,
            screen: None,
            memory: serial.with_file_name("screen.bin"),
            asked: false,
            menu: None,
        }
    }

    /// The verdict, once there is one.
    fn look(&mut self, requests: &[Access], machine: &mut Machine) -> Option<Verdict> {
        let ended = machine.ended();
        let before = self.console.end();
        self.console.poll();
        if self.console.end() != before {
            self.spoke = Instant::now();
        }
        let needs = &self.plan.needs;
        let needed = |one: &&Access| needs.iter().any(|need| need.path == one.path);
        let asked = requests.iter().filter(needed).count();
        if asked > self.begun_fetch.0 {
            self.begun_fetch = (asked, before);
        }
        self.asked = asked > 0;
        let menu = |one: &Access| {
            one.over && ["menu.c32", "uefi.ipxe"].iter().any(|name| one.path.ends_with(name))
        };
        if requests.iter().any(menu) {
            self.menu.get_or_insert_with(Instant::now);
        }
        // A machine that has ended may have written its last words since.
        if ended.is_some() {
            self.console.poll();
        }
        if self.fetched.is_none()
            && needs.iter().all(|need| Fetch::of(need, requests).state == State::Whole)
        {
            let last = |need: &Need| {
                let of = requests.iter().filter(move |one| one.path == need.path);
                of.map(|one| one.at + one.took).max()
            };
            self.fetched = needs.iter().filter_map(last).max().map(|at| (at, before));
        }
        if self.fetched.is_some() && self.plan.firmware.is_none() {
            self.look_at_screen(machine);
        }
        let screen = self.screen.as_ref().map_or("", |(_, new, _)| new);
        let screen = &*without_menu(screen, &self.plan.menu);
        let console = self.console.from(self.fetched.map_or(self.begun_fetch.1, |(_, end)| end));
        let console = &*without_menu(console, &self.plan.menu);
        let until = self.means.until.map(|until| self.fetched.is_some() && until.is_match(console));
        let fetched = self.fetched.map(|(at, _)| at);
        let seen = Seen { needs, requests, fetched, console, screen, until, ended };
        let over = ended.is_some()
            || self.begun.elapsed() >= self.means.timeout
            || self.console.is_flooded();
        if over {
            return Some(seen.last());
        }
        match seen.verdict() {
            Verdict::Alive(how) => {
                let since = self.alive.get_or_insert_with(Instant::now).elapsed();
                let quiet = since >= QUIET && self.spoke.elapsed() >= QUIET;
                (quiet || since >= WATCH).then_some(Verdict::Booted(how))
            }
            Verdict::Failed(_) => {
                let since = self.failed.get_or_insert_with(Instant::now).elapsed();
                (since >= LINGER).then(|| seen.last_fault())
            }
            Verdict::Open | Verdict::Silent(_) => None,
            decided => Some(decided),
        }
    }

    /// Reads the text screen, once a second: what was on it first came before the kernel. Where it
    /// cannot be read, there is none.
    fn look_at_screen(&mut self, machine: &mut Machine) {
        if self.screen.as_ref().is_some_and(|(_, _, at)| at.elapsed() < SCREEN_STEP) {
            return;
        }
        let saved = machine.memory(screen::ADDRESS, screen::BYTES, &self.memory);
        let memory = saved.ok().and_then(|()| fs::read(&self.memory).ok());
        let text = memory.and_then(|memory| screen::text(&memory)).unwrap_or_default();
        let (first, new) = match self.screen.take() {
            None => (text, String::new()),
            Some((first, ..)) => {
                let new = screen::added(&first, &text);
                (first, new)
            }
        };
        self.screen = Some((first, new, Instant::now()));
    }

    /// The keys to press now.
    fn keys(&mut self) -> Option<Vec<&'static str>> {
        let route = self.plan.choose.as_deref().filter(|_| !self.asked)?;
        self.menu.filter(|menu| menu.elapsed() >= STANDS)?;
        if self.pressed.is_some_and(|pressed| pressed.elapsed() < CHOSEN) {
            return None;
        }
        self.pressed = Some(Instant::now());
        Some(keys::choose(route))
    }
}

impl Seen<'_> {
    /// The verdict on what is wrong already.
    fn last_fault(&self) -> Verdict {
        match self.verdict() {
            Verdict::Failed(why) => Verdict::Failed(why),
            _ => self.last(),
        }
    }
}

/// The sizes of the needs as they were imported, put in.
pub fn sizes(needs: &mut [Need], www: &Path, size: impl Fn(&Path) -> Option<u64>) {
    let Ok(www) = www.canonicalize() else { return };
    for need in needs {
        let file: Option<PathBuf> = www.join(&need.path).canonicalize().ok();
        need.size = file.and_then(|file| size(file.strip_prefix(&www).ok()?));
    }
}
