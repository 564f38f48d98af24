//! A pair of discs that debian-cd itself has made.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::apt::{self, Apt, file_uri, said};
use super::pair::{has, run};

/// The packages in a tree, by their files.
fn pool(dir: &Path, names: &mut Vec<String>) {
    for entry in fs::read_dir(dir).expect("readable") {
        let path = entry.expect("readable").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("UTF-8");
        if path.is_dir() {
            pool(&path, names);
        } else if let Some((package, _)) = name.split_once('_').filter(|_| name.ends_with(".deb")) {
            names.push(package.to_owned());
        }
    }
    names.sort();
}

#[test]
fn apt_sees_every_package_of_a_pair_that_debian_cd_has_made() {
    if !has(&apt::TOOLS) {
        return;
    }
    let top = tempfile::tempdir().expect("a directory");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/debian-cd.sh");
    let made = Command::new(script).arg(top.path().join("cd")).output().expect("it runs");
    if made.status.code() == Some(3) {
        println!("{}", said(&made).trim());
        return;
    }
    assert!(made.status.success(), "{}", said(&made));
    let image = |number| top.path().join(format!("cd/out/debian-12.9.0-amd64-CUSTOM-{number}.iso"));
    let program = |command: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_pxe-import"));
        program.arg("--root").arg(top.path().join("root")).arg(command);
        program
    };
    let import = |names: [usize; 2]| {
        run(program("import").args(["--no-menu", "debian12"]).args(names.map(image)));
        let tree = top.path().join("root/wwwroot/apt/debian12");
        let mut all = Vec::new();
        pool(&tree.join("pool"), &mut all);
        assert!(all.len() > 12, "{all:?}");
        let apt = Apt::new(&file_uri(&tree), "[trusted=yes]", "main");
        let out = apt.update();
        assert!(out.status.success(), "{}", said(&out));
        assert_eq!(apt.names(), all);
        for name in &all {
            apt.download(name);
        }
        run(program("check").arg("debian12"));
        all
    };
    assert_eq!(import([1, 2]), import([2, 1]), "in whichever order they are given");
}
