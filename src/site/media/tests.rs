use super::*;
use crate::answer::Source;
use crate::plan::OnConflict;

fn parse(text: &str) -> Result<Vec<Media>> {
    read(Path::new("/data/pxe-import.toml"), text)
}

#[test]
fn an_entry_becomes_the_import_that_the_command_line_would_make() {
    let media = parse(
        "[[media]]\nname = \"a\"\nimages = [\"x.iso\"]\nanswer = \"ks.cfg\"\nanswer-mode = \"0640\"\n\
         arg = [\"-x\", \"y=1\"]\nlabel = \"A b\"\nno-menu = true\nforce = false\n\
         on-conflict = \"first\"\nchecksums = \"/srv/SUMS\"\nhierarchy = \"joliet\"\n\
         sha256 = \"00\"\n",
    )
    .expect("valid");
    let import = media[0].import(Path::new("/data"), &["/i.iso".into()]).expect("good");
    assert_eq!((import.name.as_str(), import.images), ("a", vec![PathBuf::from("/i.iso")]));
    assert_eq!(import.answering.answer, Some(Source::File("/data/ks.cfg".into())));
    assert_eq!(import.answering.answer_mode, 0o640);
    assert_eq!(import.args, ["-x", "y=1"]);
    assert_eq!(import.label.as_deref(), Some("A b"));
    assert!(import.no_menu && !import.force && import.media);
    assert_eq!(import.merge.on_conflict, OnConflict::First);
    assert_eq!(import.sums.checksums.as_deref(), Some(Path::new("/srv/SUMS")));
    assert_eq!(import.sums.sha256, ["00"]);
}

#[test]
fn faults_are_told_with_their_line() {
    let head = "server = \"a\"\n[[media]]\nname = \"a\"\nimages = [\"*.iso\"]\n";
    for (text, line, what) in [
        (format!("{head}\nanwser = \"x\"\n"), 6, "unknown key 'anwser'"),
        (format!("{head}json = true\n"), 5, "unknown key 'json'"),
        (format!("{head}no-menu = \"yes\"\n"), 5, "'no-menu' is a flag"),
        (format!("{head}arg = [\n\"a\",\n1]\n"), 7, "'arg' is a string"),
        (format!("{head}label = [\"a\"]\n"), 5, "'label' is a string"),
        (format!("{head}root-password = true\n"), 5, "asks on a terminal"),
        (format!("{head}dir = 3\n"), 5, "of the type integer"),
        (format!("{head}no-menu = true\nhierarchy = \"x\"\n"), 6, "possible values"),
        (format!("{head}answer-mode = \"0640\"\n"), 3, "--answer <FILE|template[:NAME]>"),
        (format!("{head}answer-mode = \"0999\"\nanswer = \"a\"\n"), 5, "in octal"),
        (format!("{head}[[media]]\nimages = [\"a\"]\nname = \"a\"\n"), 7, "in line 3 already"),
        (format!("{head}[[media]]\nname = \"b\"\n"), 5, "has no 'images'"),
        (format!("{head}[[media]]\nimages = [\"a\"]\n"), 5, "has no 'name'"),
        ("[[media]]\nname = \"a/b\"\nimages = [\"a\"]\n".into(), 2, "cannot be used"),
        ("[[media]]\nname = \"list\"\nimages = [\"a\"]\n".into(), 2, "a reserved word"),
        ("[[media]]\nname = \"a\"\nimages = \"a\"\n".into(), 3, "a list of patterns"),
        ("[[media]]\nname = \"a\"\nimages = []\n".into(), 3, "a list of patterns"),
        ("[[media]]\nname = \"a\"\nimages = [\n\"a***\"]\n".into(), 4, "is none"),
        ("[[media]]\nname = \"a\"\nimages = [\"\"]\n".into(), 3, "it is empty"),
        ("media = 3\n".into(), 1, "[[media]]"),
        ("media = [3]\n".into(), 1, "[[media]]"),
    ] {
        let error = parse(&text).expect_err(&text);
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
        let error = error.to_string();
        let start = format!("/data/pxe-import.toml: line {line}: ");
        assert!(error.starts_with(&start) && error.contains(what), "{text:?}: {error}");
        assert!(!error.contains('\n'), "{error}");
    }
}

#[test]
fn a_template_is_no_path_and_its_secrets_are_paths_from_the_root() {
    let media = parse(
        "[[media]]\nname = \"a\"\nimages = [\"x.iso\"]\nanswer = \"template:min\"\n\
         root-password-file = \"secret\"\nssh-key = [\"a.pub\", \"/b.pub\"]\nwipe = true\n",
    )
    .expect("valid");
    let import = media[0].import(Path::new("/data"), &["/i.iso".into()]).expect("good");
    assert_eq!(import.answering.answer, Some(Source::Template(Some("min".into()))));
    let secrets = import.answering.secrets;
    assert_eq!(secrets.root_password_file.as_deref(), Some(Path::new("/data/secret")));
    assert_eq!(secrets.ssh_key, [PathBuf::from("/data/a.pub"), "/b.pub".into()]);
    assert!(secrets.wipe);
}

#[test]
fn every_option_of_import_is_a_key() {
    let text = "[[media]]\nname = \"a\"\nimages = [\"a\"]\nx = 1\n";
    let error = parse(text).expect_err("unknown").to_string();
    for long in ["server", "answer", "answer-mode", "dir", "label", "arg", "profile", "hierarchy"] {
        assert!(error.contains(&format!(" {long}")), "{long}: {error}");
    }
    assert!(!error.contains("media,") && !error.contains("help"), "{error}");
}

#[test]
fn images_come_in_natural_order_within_a_pattern_and_once() {
    let dir = tempfile::tempdir().expect("a directory");
    // Characters that a pattern would understand.
    let base = dir.path().join("[r]*");
    std::fs::create_dir_all(base.join("iso")).expect("made");
    for name in ["a-DVD10.iso", "a-DVD2.iso", "a-dvd1.iso", "extra.iso", ".a-DVD3.iso"] {
        std::fs::write(base.join("iso").join(name), "").expect("written");
    }
    let media = |images: &[&str]| Media {
        name: "a".into(),
        images: images.iter().map(|image| (*image).to_owned()).collect(),
        options: Vec::new(),
    };
    let names = |found: &Found| {
        let name =
            |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
        found.images.iter().map(name).collect::<Vec<_>>()
    };
    let found = media(&["iso/e*.iso", "iso/*.iso"]).find(&base).expect("found");
    assert_eq!(names(&found), ["extra.iso", "a-dvd1.iso", "a-DVD2.iso", "a-DVD10.iso"]);
    assert!(found.images.iter().all(|image| image.starts_with(&base)), "{found:?}");
    assert_eq!(found.empty, [""; 0]);
    let found = media(&["iso/b*", "iso/a-DVD2.iso", "/nowhere/*"]).find(&base).expect("found");
    assert_eq!(names(&found), ["a-DVD2.iso"]);
    assert_eq!(found.empty, ["iso/b*", "/nowhere/*"]);
}
