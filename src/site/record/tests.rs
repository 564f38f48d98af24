use std::ffi::OsStr;

use super::*;

fn site() -> (tempfile::TempDir, Root) {
    let dir = tempfile::tempdir().expect("a directory");
    let root = Root::new(dir.path());
    root.create().expect("made");
    (dir, root)
}

fn record(name: &str, target: &str) -> Record {
    Record {
        schema: SCHEMA,
        name: name.into(),
        version: "0.1.0".into(),
        profile: "el".into(),
        product: Some(Product {
            family: "centos".into(),
            name: "CentOS".into(),
            profile: "el".into(),
            version: Some("6.8".into()),
            arch: None,
            variant: None,
        }),
        target: target.into(),
        images: vec![Image::new(Path::new("/srv/a.iso"), 5, Timestamp::new(0, 7), "CentOS", None)],
        options: BTreeMap::from([("arg".into(), vec!["quiet".into(), "text".into()])]),
        entries: vec![MenuEntry {
            entry: Entry {
                label: name.into(),
                title: "CentOS 6.8".into(),
                kernel: "/yum/CentOS6.8/vmlinuz".into(),
                initrd: None,
                args: Vec::new(),
                bootif: true,
                efi: Default::default(),
            },
            block: "00".into(),
            before: vec!["01".into()],
            own: true,
            asked: None,
        }],
        files: vec![Generated { path: "wwwroot/yum/CentOS6.8/ks.cfg".into(), blake3: "11".into() }],
        verified: vec![Verified {
            image: "a.iso".into(),
            image_hex: None,
            by: "md5sum.txt".into(),
            sum: None,
            files: Some(7),
        }],
        server: Some("http://a".into()),
        published: "2016-05-22T06:04:59Z".into(),
        media: false,
        no_main: false,
    }
}

#[test]
fn a_record_comes_back_as_it_was_written() {
    let (_dir, root) = site();
    assert_eq!(Record::read(&root, "a").expect("absent"), None);
    let record = record("a", "yum/CentOS6.8");
    record.write(&root).expect("written");
    assert_eq!(Record::read(&root, "a").expect("read"), Some(record.clone()));
    assert_eq!((record.blocks("a"), record.blocks("b")), (vec!["00", "01"], Vec::new()));
    let json: serde_json::Value =
        serde_json::from_slice(&fs::read(root.record("a")).expect("there")).expect("JSON");
    assert_eq!(json["schema"], 1);
    assert_eq!(json["entries"][0]["label"], "a");
    assert_eq!(json["images"][0]["mtime"], "1970-01-01T00:00:00Z");
}

#[test]
fn an_image_path_that_is_not_utf8_survives() {
    let path = Path::new(OsStr::from_bytes(b"/srv/caf\xe9.iso"));
    let image = Image::new(path, 0, Timestamp::default(), "", None);
    let json = serde_json::to_string(&image).expect("JSON");
    assert!(json.contains("\"path_hex\":\"2f7372762f636166e92e69736f\""), "{json}");
    assert_eq!(serde_json::from_str::<Image>(&json).expect("back").path(), path);
    let plain = Image::new(Path::new("/a"), 0, Timestamp::default(), "", None);
    assert!(!serde_json::to_string(&plain).expect("JSON").contains("path_hex"));
    assert_eq!(plain.path(), Path::new("/a"));
}

#[test]
fn a_newer_schema_is_refused_whatever_else_it_holds() {
    let json = br#"{"schema": 2, "version": "9.1.0", "name": ["a"]}"#;
    let error = Record::parse(Path::new("a.json"), "a", json).expect_err("newer");
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    let error = error.to_string();
    assert!(error.contains("schema 2") && error.contains("use version 9.1.0"), "{error}");
}

#[test]
fn lists_that_an_older_program_did_not_write_are_empty() {
    let json = br#"{"schema": 0, "name": "a", "version": "0.0.1", "profile": "el",
        "target": "yum/a", "published": "2016-05-22T06:04:59Z"}"#;
    let record = Record::parse(Path::new("a.json"), "a", json).expect("older");
    assert!(record.entries.is_empty() && record.product.is_none());
}

#[test]
fn a_record_that_cannot_be_trusted_is_refused() {
    let parse = |record: &Record, name| Record::parse(Path::new("x"), name, &record.to_json());
    assert!(parse(&record("a", "yum/a"), "a").is_ok());
    assert!(parse(&record("a", "yum/a"), "b").is_err(), "another name");
    for bad in ["../etc", "/etc", "", "yum//a", "yum/a/", "pxefiles/yum"] {
        assert!(parse(&record("a", bad), "a").is_err(), "{bad}");
    }
    let whole = record("a", "yum/a").to_json();
    for cut in [0, 1, whole.len() / 2, whole.len() - 3] {
        let error = Record::parse(Path::new("x"), "a", &whole[..cut]).expect_err("cut");
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    }
}

#[test]
fn all_records_are_listed_by_name_and_nothing_else_is() {
    let (_dir, root) = site();
    assert!(Root::new("/nonexistent").records().expect("none").is_empty());
    record("b", "yum/b").write(&root).expect("written");
    record("a.json", "yum/a").write(&root).expect("written");
    fs::write(root.state().join("notes.txt"), b"").expect("written");
    fs::write(root.state().join(".tmp.json"), b"").expect("written");
    let names: Vec<_> = root.records().expect("read").into_iter().map(|r| r.name).collect();
    assert_eq!(names, ["a.json", "b"]);
    fs::write(root.record("c"), b"{}").expect("written");
    assert_eq!(root.records().expect_err("damaged").path(), Some(root.record("c").as_path()));
}

#[test]
fn a_target_of_another_name_is_refused_and_so_is_one_within_it() {
    let root = Root::new("/data");
    let records = [record("a", "yum/a"), record("b", "windows/b.iso")];
    let refused = |name: &str, target: &str| {
        let error = claim(&root, &records, name, target).expect_err(target);
        assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
        error.to_string()
    };
    assert!(refused("c", "yum/a").contains("/data/wwwroot/yum/a: belongs to the import a:"));
    assert!(refused("c", "yum/a/deep").contains("one in the other"));
    assert!(refused("c", "yum").contains("one in the other"));
    for (name, target) in [("a", "yum/a"), ("a", "yum/a/deep"), ("c", "yum/ab"), ("c", "windows/b")]
    {
        claim(&root, &records, name, target).expect(target);
    }
    assert_eq!(owner_of(&records, "windows/b.iso").map(|r| r.name.as_str()), Some("b"));
    assert_eq!(owner_of(&records, "apt/x"), None);
}

#[test]
fn a_record_is_as_secret_as_the_answer_file_that_it_tells_of() {
    let mut record = record("a", "yum/a");
    let answer = |mode, hash: Option<&str>| {
        let account =
            crate::answer::Account { password_hash: hash.map(str::to_owned), ..Default::default() };
        let source = crate::answer::Source::Template(None);
        Some(AskedAnswer { source, file: "ks-a.cfg".into(), mode, account })
    };
    for (mode, hash, wanted) in
        [(0o640, Some("$6$a$b"), 0o600), (0o644, Some("$6$a$b"), 0o644), (0o640, None, 0o644)]
    {
        let asked = Asked { answer: answer(mode, hash), ..Asked::default() };
        record.entries[0].asked = Some(asked);
        assert_eq!(record.mode(), wanted);
    }
}
