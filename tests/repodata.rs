//! Repositories on a pair of discs, as createrepo_c splits them, imported, and read by dnf.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sha2::{Digest, Sha256};

const MEDIA: &str = "media://1463897099.73";
const TREEINFO: &str = "[general]\nfamily = CentOS\nversion = 6.8\narch = x86_64\ntimestamp = 1463897099.73\n\
    discnum = 1\ntotaldiscs = 1\n[stage2]\nmainimage = images/install.img\n\
    [checksums]\nrepodata/repomd.xml = sha256:00\n";
const DISCINFO: &str = "1463897099.73\n6.8\nx86_64\nALL\n";
/// The packages, the first half of them on the first disc.
const NAMES: [&str; 6] = ["alpha", "beta", "gamma++", "delta", "epsilon", "zeta"];
const IMPORT: &str = env!("CARGO_BIN_EXE_pxe-import");

/// Runs a program to its end; whether it was well, and what it said.
fn ran(command: &mut Command) -> (bool, String) {
    let out = command.output().expect("it runs");
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[track_caller]
fn run(command: &mut Command) -> String {
    let (well, said) = ran(command);
    assert!(well, "{command:?}: {said}");
    said
}

/// Whether these programs are there; says which is not.
fn has(programs: &[&str]) -> bool {
    let missing = programs.iter().find(|program| {
        let found = Command::new(program).arg("--version").output();
        found.is_err_and(|e| e.kind() == std::io::ErrorKind::NotFound)
    });
    if let Some(program) = missing {
        println!("skipped: needs {program}");
    }
    missing.is_none()
}

/// Makes packages in a directory.
fn packages(dir: &Path, names: &[&str]) {
    for name in names {
        let spec = format!(
            "Name: {name}\nVersion: 1\nRelease: 1\nSummary: a < b & c\nLicense: MIT\n\
             BuildArch: noarch\n%description\nSaid to be at {MEDIA}#1.\n%files\n"
        );
        let (spec_file, top) = (dir.with_extension("spec"), dir.with_extension("build"));
        fs::write(&spec_file, spec).expect("written");
        let define = |key: &str, value: String| ["--define".to_owned(), format!("{key} {value}")];
        run(Command::new("rpmbuild")
            .args(["-bb", "--quiet"])
            .args(define("_topdir", top.display().to_string()))
            .args(define("_rpmdir", dir.display().to_string()))
            .args(define("_build_name_fmt", "%%{NAME}-%%{VERSION}.rpm".into()))
            .arg(&spec_file));
    }
}

fn disc(dir: &Path, image: &Path) {
    let args = ["-as", "mkisofs", "-quiet", "-r", "-J", "-V", "CentOS_6.8_Final", "-o"];
    run(Command::new("xorriso").args(args).arg(image).arg(dir));
}

/// Two discs as CentOS 6 has them: the first has the metadata of both. `None` without the tools.
fn pair(top: &Path, packing: &str) -> Option<[PathBuf; 2]> {
    if !has(&["rpmbuild", "createrepo_c", "xorriso"]) {
        return None;
    }
    let dirs = ["one", "two"].map(|name| top.join(name));
    for (dir, names) in dirs.iter().zip([&NAMES[..3], &NAMES[3..]]) {
        fs::create_dir_all(dir.join("Packages")).expect("made");
        packages(&dir.join("Packages"), names);
        for left in ["spec", "build"] {
            let path = dir.join("Packages").with_extension(left);
            let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        }
    }
    let compress = format!("--general-compress-type={packing}");
    let args = ["--quiet", "--database", "--split", "--baseurl", MEDIA, &compress];
    run(Command::new("createrepo_c").args(args).args(&dirs));
    fs::write(dirs[0].join("repodata/repomd.xml.asc"), "signature\n").expect("written");
    fs::create_dir_all(dirs[0].join("images/pxeboot")).expect("made");
    for name in ["images/pxeboot/vmlinuz", "images/pxeboot/initrd.img", "images/install.img"] {
        fs::write(dirs[0].join(name), name).expect("written");
    }
    fs::write(dirs[0].join(".treeinfo"), TREEINFO).expect("written");
    fs::write(dirs[0].join(".discinfo"), DISCINFO).expect("written");
    let images = ["DVD1.iso", "DVD2.iso"].map(|name| top.join(name));
    dirs.iter().zip(&images).for_each(|(dir, image)| disc(dir, image));
    Some(images)
}

/// Imports into `root`; what was said.
#[track_caller]
fn import(root: &Path, images: &[PathBuf], options: &[&str]) -> String {
    let mut command = Command::new(IMPORT);
    command.arg("--root").arg(root).args(["--server", "192.168.4.6"]).args(options);
    run(command.arg("centos6.8").args(images))
}

/// Every file below a directory with its bytes.
fn files(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(at) = open.pop() {
        for entry in fs::read_dir(at).expect("there") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(dir).expect("below").to_owned();
                found.insert(name, fs::read(path).expect("readable"));
            }
        }
    }
    found
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is between `from` and `to`, each time.
fn between<'t>(text: &'t str, from: &str, to: &str) -> Vec<&'t str> {
    text.split(from).skip(1).filter_map(|rest| Some(rest.split_once(to)?.0)).collect()
}

/// The text of the primary.xml that the repository's repomd.xml names, all sums of which must be
/// right. Read with the program that packed it, and by hand.
fn primary(tree: &Path) -> String {
    let repomd = fs::read_to_string(tree.join("repodata/repomd.xml")).expect("there");
    let data = between(&repomd, "<data type=\"primary\">", "</data>")[0];
    let one = |from: &str, to: &str| between(data, from, to)[0];
    let href = one("href=\"", "\"");
    let packed = fs::read(tree.join(href)).expect("there");
    assert_eq!(one("<checksum type=\"sha256\">", "<"), sha256(&packed));
    assert_eq!(one("<size>", "<"), packed.len().to_string());
    assert!(href.contains(&sha256(&packed)), "{href}");
    let program = if href.ends_with(".xz") { "xz" } else { "gzip" };
    let out = Command::new(program).arg("-dc").arg(tree.join(href)).output().expect("it runs");
    assert!(out.status.success(), "{program}: {href}");
    assert_eq!(one("<open-checksum type=\"sha256\">", "<"), sha256(&out.stdout));
    assert_eq!(one("<open-size>", "<"), out.stdout.len().to_string());
    String::from_utf8(out.stdout).expect("UTF-8")
}

/// Every package that is listed is there, with its sum and size.
fn assert_whole(tree: &Path, listed: usize) {
    let primary = primary(tree);
    let hrefs = between(&primary, " href=\"", "\"");
    let sums = between(&primary, "pkgid=\"YES\">", "<");
    let sizes = between(&primary, "<size package=\"", "\"");
    assert_eq!((hrefs.len(), sums.len(), sizes.len()), (listed, listed, listed));
    for ((href, sum), size) in hrefs.iter().zip(sums).zip(sizes) {
        let package = fs::read(tree.join(href)).expect(href);
        assert_eq!((sha256(&package).as_str(), package.len().to_string().as_str()), (sum, size));
    }
}

/// Whether dnf is there and may be used: it installs for root alone, even into a directory.
fn has_dnf() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        println!("skipped: needs root's rights for dnf");
    }
    root && has(&["dnf", "python3"])
}

/// Has dnf fetch every package from `url`; what it fetched, and what it said.
fn dnf(top: &Path, url: &str) -> (Vec<String>, String) {
    let here = top.join("dnf");
    let _ = fs::remove_dir_all(&here);
    fs::create_dir_all(here.join("fetched")).expect("made");
    fs::create_dir_all(here.join("log")).expect("made");
    fs::write(here.join("dnf.conf"), "[main]\n").expect("written");
    let dir = |option: &str, name: &str| format!("{option}={}", here.join(name).display());
    let mut command = Command::new("dnf");
    command
        .args(["--assumeyes", "--nogpgcheck", "--noplugins", "--releasever=6"])
        .args([dir("--config", "dnf.conf"), dir("--installroot", "root")])
        .args([dir("--setopt=cachedir", "cache")])
        .args([dir("--setopt=reposdir", "none"), dir("--setopt=logdir", "log")])
        .args([&format!("--repofrompath=discs,{url}"), "--repoid=discs"])
        .args(["install", "--downloadonly", &dir("--downloaddir", "fetched")])
        .args(NAMES)
        .env("HOME", &here)
        .env_remove("http_proxy");
    let (_, said) = ran(&mut command);
    let fetched = files(&here.join("fetched")).into_keys();
    (fetched.map(|path| path.to_string_lossy().into_owned()).collect(), said)
}

/// A web server on some port of this machine.
struct Web(Child, String);

impl Web {
    fn new(dir: &Path) -> Self {
        let args = ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory"];
        let mut child = Command::new("python3")
            .args(args)
            .arg(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("readable");
        let port = between(&line, " port ", " ")[0].to_owned();
        Self(child, format!("http://127.0.0.1:{port}"))
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn expected() -> Vec<String> {
    let mut names: Vec<_> = NAMES.iter().map(|name| format!("{name}-1.rpm")).collect();
    names.sort();
    names
}

#[test]
fn dnf_fetches_every_package_of_both_discs_once_media_urls_are_rewritten() {
    let top = tempfile::tempdir().expect("a directory");
    let top = top.path();
    let Some(images) = pair(top, "gz") else { return };
    let root = top.join("root");
    let tree = root.join("wwwroot/yum/CentOS6.8");

    let said = import(&root, &images, &[]);
    assert!(said.contains("warning: repodata/repomd.xml: gives the packages' places as media://"));
    assert!(said.contains("--rewrite-media-urls"), "{said}");
    assert_whole(&tree, NAMES.len());
    let with_dnf = has_dnf();
    if with_dnf {
        let (fetched, said) = dnf(top, &format!("file://{}", tree.display()));
        assert_eq!(fetched, [""; 0], "{said}");
        assert!(said.contains(MEDIA), "{said}");
    }

    let said = import(&root, &images, &["--rewrite-media-urls"]);
    assert!(!said.contains("media-urls") && !said.contains("gives the packages"), "{said}");
    assert!(said.contains("media:// taken from the places of 6 packages"), "{said}");
    assert!(said.contains("repomd.xml.asc: left out"), "{said}");
    assert_whole(&tree, NAMES.len());
    assert!(!primary(&tree).contains("xml:base"));
    let repomd = fs::read(tree.join("repodata/repomd.xml")).expect("there");
    let treeinfo = TREEINFO.replace("sha256:00", &format!("sha256:{}", sha256(&repomd)));
    assert_eq!(fs::read_to_string(tree.join(".treeinfo")).expect("there"), treeinfo);
    let left: Vec<_> = files(&tree.join("repodata")).into_keys().collect();
    assert!(!left.iter().any(|path| path.to_string_lossy().contains("primary.sqlite")));
    assert_eq!(left.len(), 6, "{left:?}");
    if with_dnf {
        let web = Web::new(&tree);
        for url in [&format!("file://{}", tree.display()), &web.1] {
            let (fetched, said) = dnf(top, url);
            assert_eq!(fetched, expected(), "{url}: {said}");
        }
    }
}

#[test]
fn the_order_of_the_discs_and_the_packing_do_not_matter() {
    let top = tempfile::tempdir().expect("a directory");
    let top = top.path();
    let Some([first, second]) = pair(top, "xz") else { return };
    let (one, other) = (top.join("root"), top.join("other"));
    import(&one, &[first.clone(), second.clone()], &["--rewrite-media-urls"]);
    import(&other, &[second, first], &["--rewrite-media-urls"]);
    let [one, other] = [one, other].map(|root| root.join("wwwroot/yum/CentOS6.8"));
    assert_whole(&other, NAMES.len());
    assert!(files(&one) == files(&other), "the trees differ");
    if has_dnf() {
        let (fetched, said) = dnf(top, &format!("file://{}", other.display()));
        assert_eq!(fetched, expected(), "{said}");
    }
}

#[test]
fn a_modular_tree_of_two_variants_is_left_byte_for_byte() {
    if !has(&["rpmbuild", "createrepo_c", "modifyrepo_c", "xorriso"]) {
        return;
    }
    let top = tempfile::tempdir().expect("a directory");
    let top = top.path();
    let dir = top.join("dvd");
    let variants = [("BaseOS", &NAMES[..3]), ("AppStream", &NAMES[3..])];
    for (variant, names) in variants {
        fs::create_dir_all(dir.join(variant).join("Packages")).expect("made");
        packages(&top.join(variant), names);
        for name in names {
            let file = format!("{name}-1.rpm");
            let to = dir.join(variant).join("Packages").join(&file);
            fs::copy(top.join(variant).join(&file), to).expect("copied");
        }
        run(Command::new("createrepo_c").arg("--quiet").arg(dir.join(variant)));
    }
    let modules = "---\ndocument: modulemd\nversion: 2\ndata:\n  name: delta\n  stream: \"1\"\n  \
        version: 1\n  context: c0ffee42\n  arch: x86_64\n  summary: A module\n  description: A module\n  \
        license:\n    module: [MIT]\n  artifacts:\n    rpms:\n    - delta-0:1-1.noarch\n...\n";
    fs::write(top.join("modules.yaml"), modules).expect("written");
    let repodata = dir.join("AppStream/repodata");
    run(Command::new("modifyrepo_c")
        .arg("--mdtype=modules")
        .arg(top.join("modules.yaml"))
        .arg(&repodata));
    let treeinfo = "[general]\narch = x86_64\nfamily = Rocky Linux\nversion = 9.3\nvariant = BaseOS\n\
        [release]\nname = Rocky Linux\nshort = Rocky\nversion = 9.3\n\
        [tree]\narch = x86_64\nvariants = AppStream,BaseOS\n\
        [variant-AppStream]\nid = AppStream\nrepository = AppStream\n\
        [variant-BaseOS]\nid = BaseOS\nrepository = BaseOS\n";
    fs::write(dir.join(".treeinfo"), treeinfo).expect("written");
    let image = top.join("Rocky.iso");
    disc(&dir, &image);
    let root = top.join("root");
    let mut command = Command::new(IMPORT);
    command.arg("--root").arg(&root).args(["--no-menu", "--rewrite-media-urls", "rocky9"]);
    let said = run(command.arg(&image));
    assert!(!said.contains("media") && !said.contains("patched"), "{said}");
    let tree = root.join("wwwroot/yum/Rocky9.3");
    assert!(files(&tree) == files(&dir), "the tree is not the disc's");
    if has_dnf() {
        for (variant, names) in variants {
            let (fetched, said) = dnf(top, &format!("file://{}", tree.join(variant).display()));
            // dnf installs nothing where a name is not known.
            assert_eq!(fetched, [""; 0], "{said}");
            let unknown = NAMES.iter().filter(|name| !names.contains(name));
            for name in unknown {
                assert!(said.contains(&format!("No match for argument: {name}")), "{said}");
            }
            for name in names {
                assert!(!said.contains(&format!("No match for argument: {name}")), "{said}");
            }
        }
    }
}

#[test]
fn a_list_that_is_packed_in_a_way_that_is_not_read_is_refused_with_the_option_alone() {
    let top = tempfile::tempdir().expect("a directory");
    let top = top.path();
    let Some(images) = pair(top, "bz2") else { return };
    let root = top.join("root");
    import(&root, &images, &[]);
    let mut command = Command::new(IMPORT);
    command.arg("--root").arg(&root).args(["--server", "192.168.4.6", "--rewrite-media-urls"]);
    let (well, said) = ran(command.arg("centos6.8").args(&images));
    assert!(!well, "{said}");
    assert!(
        said.contains("-primary.xml.bz2: cannot be rid of media://: it is compressed with bzip2")
    );
    assert!(said.contains("import without --rewrite-media-urls"), "{said}");
}
