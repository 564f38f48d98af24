use super::*;
use crate::monitor::Collect;

/// Systems that nobody makes.
const FILE: &str = r#"<?xml version="1.0"?>
<libosinfo version="0.0.1">
  <os id="http://example.org/heron/1.2">
    <short-id>heron1.2</short-id><short-id>grey1.2</short-id>
    <name>Heron &amp; Co 1.2</name><name xml:lang="de">Reiher 1.2</name>
    <version>1.2</version><vendor>Example</vendor><family>linux</family><distro>heron</distro>
    <media arch="x86_64">
      <variant id="server"/>
      <iso>
        <volume-id>^Heron 1\.2 (x64|all)$</volume-id><system-id>LINUX</system-id>
        <volume-size>4096</volume-size>
        <l10n-language>de</l10n-language><l10n-language regex="true">_(..)$</l10n-language>
      </iso>
      <kernel>boot/linux</kernel><initrd>boot/initrd</initrd>
    </media>
    <media arch="i686" live="true"><iso><volume-id>^Heron 1\.2 (x86|all)$</volume-id></iso></media>
    <media arch="all"><iso><volume-id>^HERON$</volume-id><volume-size>2048</volume-size></iso></media>
    <media arch="all"><iso><volume-id>(?=look)ahead</volume-id></iso></media>
    <media arch="all"><iso><publisher-id>EXAMPLE</publisher-id></iso></media>
  </os>
  <os id="http://example.org/heron/1.3">
    <short-id>heron1.3</short-id><version>1.3</version>
    <media arch="all"><iso><volume-id>^HERON$</volume-id><volume-size>8192</volume-size></iso></media>
    <media arch="all"><iso><volume-id>Egret</volume-id></iso></media>
  </os>
  <os id="http://example.org/egret/1">
    <short-id>egret1</short-id><version>1</version>
    <media arch="all"><iso><volume-id>Egret</volume-id></iso></media>
    <media arch="all"><iso><volume-id>Egret</volume-id><application-id>PRO</application-id></iso></media>
  </os>
</libosinfo>"#;

fn database(files: &[(&str, &str)]) -> (Database, Vec<Warning>) {
    let root = tempfile::tempdir().expect("a directory");
    for (path, text) in files {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("one")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    let monitor = Collect::default();
    let dirs = ["a", "b"].map(|dir| root.path().join(dir));
    (Database::open(&dirs, &monitor), monitor.warnings())
}

fn disc(volume_id: &str, volume_bytes: u64) -> Identifiers {
    Identifiers {
        volume_id: volume_id.into(),
        system_id: "LINUX".into(),
        volume_bytes: Some(volume_bytes),
        ..Identifiers::default()
    }
}

fn short_id(volume_id: &str, volume_bytes: u64) -> Option<String> {
    let (database, warnings) = database(&[("a/os/example.org/heron.xml", FILE)]);
    assert_eq!(warnings, []);
    database.find(&disc(volume_id, volume_bytes)).map(|found| found.short_id)
}

#[test]
fn without_a_database_nothing_is_known_and_nothing_is_said() {
    let monitor = Collect::default();
    let database = Database::open(&["/nowhere/osinfo".into()], &monitor);
    assert!(database.is_empty());
    assert_eq!(database.find(&disc("Heron 1.2 x64", 4096)), None);
    assert_eq!(monitor.warnings(), []);
}

#[test]
fn a_medium_tells_all_that_the_database_has() {
    let (database, _) = database(&[("a/os/example.org/heron.xml", FILE)]);
    assert_eq!(database.len(), 3);
    let found = database.find(&disc("Heron 1.2 x64", 4096)).expect("known");
    assert_eq!(found.name, "Heron & Co 1.2");
    assert_eq!(found.short_id, "heron1.2");
    assert_eq!(found.version.as_deref(), Some("1.2"));
    assert_eq!((found.family.as_str(), found.distro.as_str()), ("linux", "heron"));
    assert_eq!(found.arch.as_deref(), Some("x86_64"));
    assert_eq!(found.variant.as_deref(), Some("server"));
    assert_eq!(found.kernel.as_deref(), Some("boot/linux"));
    assert_eq!(found.initrd.as_deref(), Some("boot/initrd"));
    assert_eq!(found.languages, ["de"]);
    assert!(!found.live);
    assert!(found.why.ends_with("and its size is the one that is known"), "{}", found.why);
    let live = database.find(&disc("Heron 1.2 x86", 1)).expect("known");
    assert!(live.live);
}

#[test]
fn a_remaster_of_another_size_is_known_where_its_volume_identifier_names_the_release() {
    assert_eq!(short_id("Heron 1.2 x64", 6144).as_deref(), Some("heron1.2"));
    assert_eq!(short_id("HERON", 2048).as_deref(), Some("heron1.2"));
    assert_eq!(short_id("HERON", 8192).as_deref(), Some("heron1.3"));
    assert_eq!(short_id("HERON", 6144), None);
}

#[test]
fn all_patterns_of_a_medium_must_fit() {
    let (database, _) = database(&[("a/os/example.org/heron.xml", FILE)]);
    let windows = Identifiers { system_id: "WIN32".into(), ..disc("Heron 1.2 x64", 4096) };
    assert_eq!(database.find(&windows), None);
    // A publisher alone is not enough, an empty volume identifier neither.
    let publisher = Identifiers { publisher_id: "EXAMPLE".into(), ..disc("", 1) };
    assert_eq!(database.find(&publisher), None);
    assert_eq!(short_id("lookahead", 1), None);
}

#[test]
fn media_of_one_system_answer_what_they_agree_on() {
    let (database, _) = database(&[(
        "a/os/example.org/heron.xml",
        &FILE
            .replace("<volume-size>4096</volume-size>", "")
            .replace("<system-id>LINUX</system-id>", ""),
    )]);
    let found = database.find(&disc("Heron 1.2 all", 1)).expect("known");
    assert_eq!((found.arch, found.kernel, found.live), (None, None, false));
}

#[test]
fn a_release_by_name_goes_before_what_stands_for_all() {
    let all = FILE.replace("<version>1.3</version>", "<version>unknown</version>");
    let (database, _) = database(&[("a/os/example.org/heron.xml", &all)]);
    assert_eq!(database.find(&disc("HERON", 8192)).map(|one| one.version), Some(None));
    let found = database.find(&disc("Egret", 1)).expect("one");
    assert_eq!(found.short_id, "egret1");
}

#[test]
fn two_systems_that_fit_equally_well_are_no_answer() {
    let (database, _) = database(&[("a/os/example.org/heron.xml", FILE)]);
    let egret = disc("Egret", 1);
    assert_eq!(database.find(&egret), None);
    let both: Vec<_> = database.candidates(&egret).into_iter().map(|one| one.short_id).collect();
    assert_eq!(both, ["heron1.3", "egret1"]);
    let found = database.candidates(&egret);
    let why = "osinfo-db knows its volume identifier of several systems: heron1.3, egret1";
    assert_eq!(undecided(&found).as_deref(), Some(why));
    assert_eq!(undecided(&found[..1]), None);
    let many: Vec<_> = found.iter().cycle().take(6).cloned().collect();
    assert!(undecided(&many).is_some_and(|why| why.ends_with(", heron1.3, 1 more")));
    let sharper = Identifiers { application_id: "PRO".into(), ..egret };
    assert_eq!(database.find(&sharper).map(|one| one.short_id).as_deref(), Some("egret1"));
}

#[test]
fn the_users_file_overrides_by_name_and_by_identifier() {
    let other = FILE.replace("heron1.2", "mine1.2");
    let by_name = [("a/os/example.org/h.xml", FILE), ("b/os/example.org/h.xml", &other)];
    let by_id = [("a/os/example.org/h.xml", FILE), ("b/os/me/z.xml", &other)];
    for files in [by_name, by_id] {
        let (database, _) = database(&files);
        assert_eq!(database.len(), 3);
        let found = database.find(&disc("Heron 1.2 x64", 4096)).expect("known");
        assert_eq!(found.short_id, "mine1.2");
    }
    let (gone, warnings) =
        database(&[("a/os/example.org/h.xml", FILE), ("b/os/example.org/h.xml", "")]);
    assert!(gone.is_empty() && warnings.is_empty());
}

#[test]
fn a_damaged_file_is_passed_over_with_a_warning_that_says_where() {
    let cut = &FILE[..FILE.len() / 2];
    let deep = "<media>".repeat(1000);
    let large = " ".repeat(5 << 20) + FILE;
    let (database, warnings) = database(&[
        ("a/os/example.org/cut.xml", cut),
        ("a/os/example.org/deep.xml", &deep),
        ("a/os/example.org/heron.xml", FILE),
        ("a/os/example.org/large.xml", &large),
    ]);
    assert_eq!(database.len(), 3);
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings.iter().all(|warning| warning.code == "osinfo-unreadable"));
    assert!(warnings[0].path.ends_with("cut.xml") && warnings[0].message.starts_with("byte "));
    assert!(warnings[1].message.contains("deeper") && warnings[2].message.contains("larger"));
}

#[test]
fn the_installed_database_is_read_without_a_warning() {
    let dirs = ["/usr/share/osinfo".into()];
    if !dirs.iter().any(|dir: &PathBuf| dir.join("os").is_dir()) {
        return println!("skipped: needs osinfo-db");
    }
    let monitor = Collect::default();
    let database = Database::open(&dirs, &monitor);
    assert_eq!(monitor.warnings(), []);
    assert!(database.len() > 300, "{}", database.len());
}
