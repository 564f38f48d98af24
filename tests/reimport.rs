//! Importing again: what a kill, or another choice of options, has left in the menu is still ours.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use pxe_import_fixtures::family;

struct Site {
    dir: tempfile::TempDir,
    image: PathBuf,
}

impl Site {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let disc = family::esxi::esxi55(family::Size::Small);
        let image = dir.path().join(disc.file_name);
        disc.image().create(&image, true).expect("written");
        Self { dir, image }
    }

    /// What is said on standard error.
    fn import(&self, options: &[&str]) -> String {
        self.run(options).1
    }

    /// Standard output and error.
    fn run(&self, options: &[&str]) -> (String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pxe-import"));
        command.arg("--root").arg(self.dir.path().join("root")).args(options);
        let out = command.arg("esxi5.5").arg(&self.image).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (said, errors) = (text(&out.stdout), text(&out.stderr));
        assert!(out.status.success(), "{errors}");
        (said, errors)
    }

    fn menu(&self) -> PathBuf {
        self.dir.path().join("root/wwwroot/pxefiles/pxelinux.cfg/default")
    }

    fn menu_has(&self, what: &str) -> bool {
        fs::read_to_string(self.menu()).expect("there").contains(what)
    }
}

#[test]
fn a_block_that_a_kill_has_left_behind_is_no_edit() {
    let site = Site::new();
    site.import(&["--arg", "one=1"]);
    let left = fs::read(site.menu()).expect("there");
    site.import(&["--arg", "two=2"]);
    // As a kill between the exchange and the menu leaves it: the new record, the old menu.
    fs::write(site.menu(), left).expect("written");
    assert_eq!(site.import(&["--arg", "three=3"]), "");
    assert!(site.menu_has("three=3") && !site.menu_has("one=1"));
}

#[test]
fn a_block_is_still_ours_after_an_import_without_menu() {
    let site = Site::new();
    site.import(&["--arg", "one=1"]);
    site.import(&["--no-menu"]);
    assert!(site.menu_has("one=1"));
    assert_eq!(site.import(&["--arg", "two=2"]), "");
    assert!(site.menu_has("two=2") && !site.menu_has("one=1"));
}

#[test]
fn an_edited_block_is_kept_and_the_report_does_not_claim_another() {
    let site = Site::new();
    site.import(&[]);
    let edited = fs::read_to_string(site.menu()).expect("there").replace("boot.cfg", "mine.cfg");
    fs::write(site.menu(), &edited).expect("written");
    let (said, warned) = site.run(&["--arg", "two=2"]);
    assert!(warned.contains("has been edited"), "{warned}");
    assert!(said.contains("+    append"), "{said}");
    assert!(!said.contains("\n    # pxe-import begin esxi5.5"), "{said}");
    assert_eq!(fs::read_to_string(site.menu()).expect("there"), edited);
    assert!(site.import(&["--arg", "two=2"]).contains("has been edited"), "and the next time");
}

#[test]
fn a_file_that_its_owner_has_edited_is_kept_beside_the_new_version() {
    let site = Site::new();
    let answer = site.dir.path().join("ks.cfg");
    fs::write(&answer, "accepteula\n").expect("written");
    let answer = answer.to_str().expect("UTF-8");
    let options = ["--server", "192.168.4.6", "--answer", answer];
    site.import(&options);
    let tree = site.dir.path().join("root/wwwroot/esxi/5.5");
    let (cfg, ks) = (tree.join("boot.cfg"), tree.join("ks.cfg"));
    let patched = fs::read_to_string(&cfg).expect("there");
    fs::write(&cfg, patched.replace("runweasel", "runweasel debug")).expect("written");
    // Of the same length, so that only its bytes tell.
    fs::write(&ks, "accepteulb\n").expect("written");
    let said = site.import(&options);
    assert!(said.contains("boot.cfg: has been edited"), "{said}");
    assert!(said.contains("ks.cfg: has been edited"), "{said}");
    assert_eq!(fs::read_to_string(&cfg).expect("there"), patched);
    let saved = fs::read_to_string(tree.join("boot.cfg.pxe-save")).expect("saved");
    assert!(saved.contains("runweasel debug"));
    assert_eq!(fs::read_to_string(tree.join("ks.cfg.pxe-save")).expect("saved"), "accepteulb\n");
    // What was saved is its owner's from now on; nothing else counts as edited.
    let again = site.import(&options);
    assert!(!again.contains("has been edited"), "{again}");
    assert!(tree.join("boot.cfg.pxe-save").exists());
}

#[test]
fn one_image_twice_is_a_slip() {
    let site = Site::new();
    let out = Command::new(env!("CARGO_BIN_EXE_pxe-import"))
        .arg("--root")
        .arg(site.dir.path().join("root"))
        .arg("esxi5.5")
        .args([&site.image, &site.image])
        .output()
        .expect("it runs");
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("is given twice"));
}

#[test]
fn a_first_import_that_was_killed_after_its_tree_became_visible_is_finished() {
    use std::os::unix::fs::MetadataExt;
    let site = Site::new();
    site.import(&[]);
    let root = site.dir.path().join("root");
    // As the kill leaves it: the tree is live, its record still waits with the tree's identity.
    let state = root.join(".pxe-import");
    let next = state.join("esxi5.5.next");
    fs::create_dir(&next).expect("made");
    for (from, to) in
        [("esxi5.5.json", "record.json"), ("esxi5.5.b3", "manifest.b3"), ("esxi5.5.meta", "meta")]
    {
        fs::rename(state.join(from), next.join(to)).expect("renamed");
    }
    let tree = fs::metadata(root.join("wwwroot/esxi/5.5")).expect("there");
    let born = tree.created().ok().map(|born| {
        let since = born.duration_since(std::time::UNIX_EPOCH).expect("after 1970");
        (since.as_secs(), since.subsec_nanos())
    });
    let device = (rustix::fs::major(tree.dev()), rustix::fs::minor(tree.dev()));
    let identity =
        serde_json::json!({ "device": device, "inode": tree.ino(), "birth": born }).to_string();
    fs::write(next.join("tree.json"), identity).expect("written");
    assert_eq!(site.import(&["--arg", "again=1"]), "");
    assert!(site.menu_has("again=1"));
    assert!(!next.exists() && state.join("esxi5.5.json").exists());
}
