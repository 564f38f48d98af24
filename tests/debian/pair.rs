//! A pair of discs as debian-cd makes them: the pool is split, each disc lists its own packages under
//! the same names, and its `Release` and `md5sum.txt` vouch for its own files.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use pxe_import::sum::{Algorithm, Hasher};

pub(crate) const SUITE: &str = "dists/bookworm";

/// What it takes to make them.
const TOOLS: [&str; 3] = ["dpkg-deb", "apt-ftparchive", "xorriso"];

/// A package: disc, component, name, architecture, file name's end.
type Package = (usize, &'static str, &'static str, &'static str, &'static str);

const PACKAGES: [Package; 8] = [
    (1, "main", "alpha", "amd64", "deb"),
    (1, "main", "common", "all", "deb"),
    (1, "main", "ext4-modules-6.1.0-37-amd64-di", "amd64", "udeb"),
    (2, "main", "beta", "amd64", "deb"),
    (2, "main", "delta", "all", "deb"),
    (2, "main", "common", "all", "deb"),
    (2, "main", "nic-modules-6.1.0-37-amd64-di", "amd64", "udeb"),
    (2, "contrib", "gamma", "all", "deb"),
];

/// The names of all packages that apt is to see, in order.
pub(crate) const NAMES: [&str; 5] = ["alpha", "beta", "common", "delta", "gamma"];

/// Two images in a directory of their own.
pub(crate) struct Pair {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) images: [PathBuf; 2],
}

/// Runs a program that must succeed.
pub(crate) fn run(command: &mut Command) -> Output {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    let said = [out.stdout.as_slice(), &out.stderr].concat();
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&said));
    out
}

/// Whether the programs are there; says which one is not.
pub(crate) fn has(tools: &[&str]) -> bool {
    let is_there = |tool: &&&str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|dir| dir.join(tool).is_file())
    };
    match tools.iter().find(|tool| !is_there(tool)) {
        Some(missing) => {
            println!("skipped: needs {missing}");
            false
        }
        None => true,
    }
}

impl Pair {
    /// Makes them; `None` where a program is missing.
    pub(crate) fn new() -> Option<Self> {
        if !has(&TOOLS) {
            return None;
        }
        let dir = tempfile::tempdir().expect("a directory");
        let top = dir.path();
        for package in PACKAGES {
            deb(top, package);
        }
        let images = [1, 2].map(|number| {
            let disc = top.join(format!("disc{number}"));
            texts(&disc, number);
            indexes(&disc, number);
            sums(&disc);
            image(top, &disc, number)
        });
        Some(Self { dir, images })
    }

    /// Imports them below `root` as `name`, and gives back what the program printed as JSON.
    pub(crate) fn import(&self, more: &[&str]) -> serde_json::Value {
        let out = run(self.command("import").args(more).arg("debian12").args(&self.images));
        serde_json::from_slice(&out.stdout).expect("JSON")
    }

    pub(crate) fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pxe-import"));
        command.arg("--json").arg("--root").arg(self.root()).arg(name);
        command
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.dir.path().join("root")
    }

    /// The imported tree.
    pub(crate) fn tree(&self) -> PathBuf {
        self.root().join("wwwroot/apt/debian12")
    }
}

fn pool(disc: &Path, component: &str, name: &str) -> PathBuf {
    disc.join(format!("pool/{component}/{}/{name}", &name[..1]))
}

fn deb(top: &Path, (number, component, name, arch, end): Package) {
    let source = top.join(format!("build/{name}"));
    let disc = top.join(format!("disc{number}"));
    let pool = pool(&disc, component, name);
    fs::create_dir_all(&pool).expect("made");
    let target = pool.join(format!("{name}_1.0-1_{arch}.{end}"));
    let other = top.join(target.strip_prefix(&disc).map_or_else(
        |_| unreachable!("it lies below its disc"),
        |path| Path::new("disc1").join(path),
    ));
    if number > 1 && other.exists() {
        fs::copy(other, &target).expect("copied");
        return;
    }
    fs::create_dir_all(source.join("DEBIAN")).expect("made");
    let control = format!(
        "Package: {name}\nVersion: 1.0-1\nArchitecture: {arch}\nMaintainer: A B <a@b.example>\n\
         Section: misc\nPriority: optional\nDescription: the package {name}\n With more lines.\n"
    );
    fs::write(source.join("DEBIAN/control"), control).expect("written");
    fs::create_dir_all(source.join("usr/share")).expect("made");
    fs::write(source.join(format!("usr/share/{name}")), name).expect("written");
    let build = ["--root-owner-group", "-Zgzip", "--build"];
    run(Command::new("dpkg-deb").args(build).arg(&source).arg(&target));
}

fn texts(disc: &Path, number: usize) {
    fs::create_dir_all(disc.join(".disk")).expect("made");
    let info = format!(
        "Debian GNU/Linux 12.9.0 \"Bookworm\" - Official amd64 DVD Binary-{number} 20250111-10:55"
    );
    fs::write(disc.join(".disk/info"), info).expect("written");
    fs::write(disc.join("README.txt"), format!("This is disc {number}.\n")).expect("written");
}

/// The files below `dir`, relative to `top`.
fn files(top: &Path, dir: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![top.join(dir)];
    while let Some(at) = open.pop() {
        let Ok(entries) = fs::read_dir(at) else { continue };
        for entry in entries {
            let path = entry.expect("readable").path();
            if path.is_dir() && !path.is_symlink() {
                open.push(path);
            } else if path.is_file() && !path.is_symlink() {
                let path = path.strip_prefix(top).expect("below").to_str().expect("UTF-8");
                found.push(path.to_owned());
            }
        }
    }
    found.sort();
    found
}

pub(crate) fn sum(bytes: &[u8], algorithm: Algorithm) -> String {
    let mut hasher = Hasher::new(algorithm);
    hasher.update(bytes);
    hasher.finish().to_string()
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(text.as_bytes()).expect("packed");
    encoder.finish().expect("packed")
}

/// The stanzas of the packages of a component whose names end in `end`.
fn packages(disc: &Path, component: &str, end: &str) -> String {
    let mut text = String::new();
    for path in files(disc, &format!("pool/{component}")) {
        if !path.ends_with(end) {
            continue;
        }
        let file = disc.join(&path);
        let bytes = fs::read(&file).expect("readable");
        let control = run(Command::new("dpkg-deb").arg("-f").arg(&file)).stdout;
        let control = String::from_utf8(control).expect("UTF-8");
        text += control.trim_end();
        text += &format!(
            "\nFilename: {path}\nSize: {}\nMD5sum: {}\nSHA256: {}\n\n",
            bytes.len(),
            sum(&bytes, Algorithm::Md5),
            sum(&bytes, Algorithm::Sha256)
        );
    }
    text
}

fn indexes(disc: &Path, number: usize) {
    let suite = disc.join(SUITE);
    let components: &[&str] = if number == 1 { &["main"] } else { &["main", "contrib"] };
    for component in components {
        let put = |path: &str, text: &str| {
            let path = suite.join(component).join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(&path, text).expect("written");
            fs::write(path.with_extension("gz"), gzip(text)).expect("written");
        };
        put("binary-amd64/Packages", &packages(disc, component, ".deb"));
        put("debian-installer/binary-amd64/Packages", &packages(disc, component, ".udeb"));
        let translated: String = PACKAGES
            .iter()
            .filter(|one| one.0 == number && one.1 == *component)
            .map(|one| {
                format!(
                    "Package: {0}\nDescription-md5: {1}\nDescription-de: {0}\n\n",
                    one.2,
                    sum(one.2.as_bytes(), Algorithm::Md5)
                )
            })
            .collect();
        put("i18n/Translation-de", &translated);
        let head = format!("Archive: stable\nComponent: {component}\nArchitecture: amd64\n");
        fs::write(suite.join(component).join("binary-amd64/Release"), head).expect("written");
    }
    let options = [
        "APT::FTPArchive::Release::Origin=Debian".to_owned(),
        "APT::FTPArchive::Release::Suite=stable".to_owned(),
        "APT::FTPArchive::Release::Codename=bookworm".to_owned(),
        "APT::FTPArchive::Release::Architectures=amd64".to_owned(),
        format!("APT::FTPArchive::Release::Components={}", components.join(" ")),
    ];
    let options = options.iter().flat_map(|option| ["-o", option]);
    let release = run(Command::new("apt-ftparchive").args(options).arg("release").arg(&suite));
    fs::write(suite.join("Release"), release.stdout).expect("written");
    // debian-cd lists the plain indexes and keeps the packed ones only.
    for path in files(disc, SUITE) {
        if disc.join(&path).with_extension("gz").is_file() && !path.ends_with(".gz") {
            fs::remove_file(disc.join(path)).expect("removed");
        }
    }
    std::os::unix::fs::symlink("bookworm", disc.join("dists/stable")).expect("linked");
}

fn sums(disc: &Path) {
    let line = |path: &String| {
        let bytes = fs::read(disc.join(path)).expect("readable");
        format!("{}  ./{path}\n", sum(&bytes, Algorithm::Md5))
    };
    let list: String = files(disc, "").iter().map(line).collect();
    fs::write(disc.join("md5sum.txt"), list).expect("written");
}

pub(crate) fn image(top: &Path, disc: &Path, number: usize) -> PathBuf {
    let image = top.join(format!("debian-12.9.0-amd64-DVD-{number}.iso"));
    let volume = format!("Debian 12.9.0 amd64 {number}");
    let make = ["-as", "mkisofs", "-quiet", "-r", "-J", "-joliet-long", "-V", &volume, "-o"];
    run(Command::new("xorriso").args(make).arg(&image).arg(disc));
    image
}
