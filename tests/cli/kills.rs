//! SIGKILL at random moments: what is served is whole at every one of them, and the next run of any
//! command that writes mends the rest.
//!
//! `PXE_IMPORT_KILLS` sets how many of each kind, `PXE_IMPORT_SEED` repeats a run.

use std::hash::{BuildHasher, RandomState};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use pxe_import_fixtures::Tree;
use pxe_import_fixtures::family::esxi;
use serde_json::Value;

use crate::listing::{State, state};
use crate::site::{MENU, Site};

const TREE: &str = "wwwroot/esxi/5.5";
const OWN: &str = "# mine\nlabel mine\n  kernel mine.c32\n";

/// A site with two versions of a disc of some hundred files, and another import beside it.
struct Trial {
    site: Site,
    random: u64,
    /// How long the command took that is killed, when nobody killed it.
    usual: Duration,
}

/// How many runs were killed, how many ended before, and what the killed ones had left.
#[derive(Debug, Default)]
struct Tally {
    killed: usize,
    ended: usize,
    old: usize,
    new: usize,
}

fn kills() -> usize {
    std::env::var("PXE_IMPORT_KILLS").map_or(8, |text| text.parse().expect("a number"))
}

impl Trial {
    fn new() -> Self {
        let site = Site::new();
        site.changed("old.iso", esxi::esxi55, |tree, _| fill(tree, 0));
        site.changed("new.iso", esxi::esxi55, |tree, _| fill(tree, 1));
        let other = site.disc(esxi::esxi70);
        site.done(&["esxi7.0", other]);
        let menu = format!("{}{OWN}", site.read(MENU));
        site.write(&format!("root/{MENU}"), menu);
        let seed = std::env::var("PXE_IMPORT_SEED").ok().and_then(|text| text.parse().ok());
        let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
        println!("PXE_IMPORT_SEED={seed}");
        Self { site, random: seed, usual: Duration::ZERO }
    }

    /// A number below `end`, from a linear congruential generator (Knuth's constants).
    fn random(&mut self, end: u64) -> u64 {
        self.random =
            self.random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.random >> 33) % end.max(1)
    }

    /// Runs a command to its end.
    fn run(&mut self, line: &[&str]) {
        let begun = Instant::now();
        self.site.done(line);
        self.usual = begun.elapsed();
    }

    /// Runs a command and kills it at a random moment; whether it was still alive then.
    fn kill(&mut self, line: &[&str]) -> bool {
        let end = u64::try_from(self.usual.as_micros()).expect("short");
        let moment = Duration::from_micros(self.random(end));
        let mut process = self.site.process(line);
        let mut child =
            process.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it runs");
        std::thread::sleep(moment);
        child.kill().expect("sent");
        child.wait().expect("it ends").signal() == Some(9)
    }

    fn tree(&self) -> Option<State> {
        self.site.root(TREE).exists().then(|| state(&self.site.root(TREE)))
    }

    /// Another import, which has nothing to do with what was killed, and then a check of all.
    #[track_caller]
    fn next_run_mends(&self) {
        self.site.done(&["esxi7.0", "VMware-VMvisor-Installer-7.0U3d-19482537.x86_64.iso"]);
        self.site.assert_nothing_staged();
        let left = self.site.names("root/.pxe-import");
        assert!(left.iter().all(|name| !name.ends_with(".next")), "{left:?}");
        let report = self.site.json(&["check"]);
        for finding in report["findings"].as_array().expect("a list") {
            let loaders = finding["code"] == "loader-missing";
            assert!(finding["severity"] == "note" || loaders, "{finding}");
        }
    }

    /// Every label that the menu has of ours is that of a tree that is there.
    #[track_caller]
    fn menu_is_consistent(&self) {
        let menu = self.site.read(MENU);
        assert!(menu.ends_with(OWN), "{menu}");
        assert_eq!(menu.matches("\nlabel local\n").count(), 1, "{menu}");
        assert_eq!(menu.matches("\nlabel esxi7.0\n").count(), 1, "{menu}");
        let labels = menu.matches("\nlabel esxi5.5\n").count();
        let blocks = menu.matches("# pxe-import end esxi5.5\n").count();
        assert!(labels <= 1 && labels == blocks, "{menu}");
        assert!(labels == 0 || self.site.root(TREE).join("mboot.c32").exists(), "{menu}");
    }

    /// Which imports there are.
    fn names(&self) -> Vec<String> {
        let list = self.site.json(&["list"]);
        let imports = list["imports"].as_array().expect("a list");
        let name = |import: &Value| import["name"].as_str().expect("a name").to_owned();
        imports.iter().map(name).collect()
    }

    /// Kills `line` until it has died often enough: after each death the tree is one of `old` and
    /// `new`, before and after the next run; then `after` brings the site back to where it was.
    fn often(
        &mut self,
        line: impl Fn(usize) -> Vec<&'static str>,
        outcome: impl Fn(usize) -> [Option<State>; 2],
        recorded: impl Fn(&Option<State>) -> bool,
        after: impl Fn(&mut Self, usize),
    ) -> Tally {
        let mut tally = Tally::default();
        let mut round = 0;
        while tally.killed < kills() {
            assert!(tally.ended < 20 * kills() + 100, "it ends before it is killed: {tally:?}");
            let [old, new] = outcome(round);
            let killed = self.kill(&line(round));
            if killed {
                tally.killed += 1;
            } else {
                tally.ended += 1;
                // The first runs take longest.
                self.usual = self.usual.mul_f64(0.9);
            }
            let tree = self.tree();
            assert!(tree == old || tree == new, "round {round}: neither the old tree nor the new");
            self.menu_is_consistent();
            self.next_run_mends();
            // What was not done may have been finished now, and nothing else.
            let mended = self.tree();
            assert!(mended == tree || mended == new, "round {round}: changed by the next run");
            assert_eq!(recorded(&mended), self.names().contains(&"esxi5.5".to_owned()));
            let has_label = self.site.read(MENU).contains("\nlabel esxi5.5\n");
            assert_eq!(recorded(&mended), has_label, "round {round}: menu and tree");
            tally.new += usize::from(killed && mended == new);
            tally.old += usize::from(killed && mended != new);
            after(self, round);
            round += 1;
        }
        tally
    }
}

/// Some hundred files; those of version 1 differ in some of them.
fn fill(tree: &mut Tree, version: usize) {
    for number in 0..400 {
        let differs = if number % 10 == 0 { version } else { 0 };
        let path = format!("upgrade/{:02}/{number:03}.txt", number / 20);
        tree.text(path, format!("file {number} of version {differs}\n").repeat(50));
    }
    tree.text(format!("upgrade/only-in-{version}.txt"), "here\n");
}

const OLD: [&str; 2] = ["esxi5.5", "old.iso"];
const NEW: [&str; 2] = ["esxi5.5", "new.iso"];

/// The states that both versions lead to, with a file of the administrator's in them.
fn versions(trial: &mut Trial) -> [Option<State>; 2] {
    trial.site.done(&OLD);
    trial.site.write(&format!("root/{TREE}/ks.cfg"), "by hand\n");
    let old = trial.tree();
    trial.run(&NEW);
    let new = trial.tree();
    assert!(old != new);
    [old, new]
}

#[test]
fn a_first_import_that_is_killed_leaves_nothing_or_all() {
    let mut trial = Trial::new();
    trial.run(&OLD);
    let whole = trial.tree();
    trial.site.done(&["remove", "esxi5.5"]);
    let tally = trial.often(
        |_| OLD.into(),
        |_| [None, whole.clone()],
        Option::is_some,
        |trial, _| drop(trial.site.done(&["remove", "esxi5.5"])),
    );
    println!("import: {tally:?}");
}

#[test]
fn an_import_again_that_is_killed_leaves_the_old_tree_or_the_new() {
    let mut trial = Trial::new();
    let versions = versions(&mut trial);
    let tally = trial.often(
        |round| if round % 2 == 0 { OLD.into() } else { NEW.into() },
        |round| {
            let [old, new] = versions.clone();
            if round % 2 == 0 { [new, old] } else { [old, new] }
        },
        Option::is_some,
        |trial, round| {
            trial.run(if round % 2 == 0 { &OLD } else { &NEW });
            assert_eq!(trial.tree(), versions[round % 2]);
        },
    );
    println!("import again: {tally:?}");
}

#[test]
fn a_removal_that_is_killed_leaves_all_or_nothing() {
    let mut trial = Trial::new();
    trial.site.done(&OLD);
    let whole = trial.tree();
    trial.run(&["remove", "esxi5.5"]);
    trial.site.done(&OLD);
    let tally = trial.often(
        |_| vec!["remove", "esxi5.5"],
        |_| [whole.clone(), None],
        Option::is_some,
        |trial, _| drop(trial.site.done(&OLD)),
    );
    println!("remove: {tally:?}");
}

/// A tree as the tutorial makes it, with a label for it in the menu.
fn by_hand(site: &Site) {
    site.done(&["extract", "old.iso", "--to", &format!("root/{TREE}")]);
    let label = "label by-hand\n  menu label ESXi\n  kernel /esxi/5.5/mboot.c32\n  \
                 append -c /esxi/5.5/boot.cfg ks=http://a/ks.cfg\n\n";
    let menu = site.read(MENU).replacen(OWN, &format!("{label}{OWN}"), 1);
    site.write(&format!("root/{MENU}"), menu);
}

#[test]
fn an_adoption_that_is_killed_leaves_the_tree_by_hand_or_an_import() {
    const ADOPT: [&str; 4] = ["adopt", "esxi5.5", "old.iso", "--repair"];
    let mut trial = Trial::new();
    by_hand(&trial.site);
    let (old, menu) = (trial.tree(), trial.site.read(MENU));
    trial.run(&ADOPT);
    let new = trial.tree();
    assert!(old != new, "there is something to repair");
    let again = |trial: &mut Trial, _| {
        trial.site.done(&["remove", "esxi5.5", "--force"]);
        std::fs::remove_dir_all(trial.site.root(TREE))
            .or_else(|e| match e.kind() {
                std::io::ErrorKind::NotFound => Ok(()),
                _ => Err(e),
            })
            .expect("removed");
        let rest = trial.site.read(MENU);
        let start = rest.find("label by-hand").unwrap_or(rest.len());
        let end = rest.find(OWN).expect("there");
        let rest = format!("{}{OWN}", &rest[..start.min(end)]);
        trial.site.write(&format!("root/{MENU}"), rest);
        by_hand(&trial.site);
        assert_eq!(trial.site.read(MENU), menu);
    };
    again(&mut trial, 0);
    let tally =
        trial.often(|_| ADOPT.into(), |_| [old.clone(), new.clone()], |tree| *tree == new, again);
    println!("adopt: {tally:?}");
}
