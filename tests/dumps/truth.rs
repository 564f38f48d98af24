//! What the disc of a dump is, by where the dump is filed.

use super::dump::Dump;

/// What a disc is.
#[derive(Debug)]
pub(crate) struct Truth {
    /// The line of the table that it counts in.
    pub(crate) row: &'static str,
    /// The family by its short name, where a profile has it.
    pub(crate) family: Option<&'static str>,
    /// As far as the directory tells it.
    pub(crate) version: Option<String>,
    /// The identifier in osinfo-db.
    pub(crate) short_id: String,
    /// By the image's file name.
    pub(crate) arch: Option<&'static str>,
}

/// Directory, row, family, and what the short identifier begins with before the version.
const SYSTEMS: [(&str, &str, &str, &str); 16] = [
    ("centos", "CentOS Stream", "centos-stream", "centos-stream"),
    ("centos", "CentOS", "centos", "centos"),
    ("rhel", "RHEL", "rhel", "rhel"),
    ("rocky", "Rocky", "rocky", "rocky"),
    ("almalinux", "AlmaLinux", "almalinux", "almalinux"),
    ("ol", "Oracle", "oracle", "ol"),
    ("scientificlinux", "Scientific", "scientific", "scientificlinux"),
    ("fedora", "Fedora", "fedora", "fedora"),
    // Fedora's releases by another way of installing them.
    ("fedora", "Fedora", "fedora", "silverblue"),
    ("ubuntu", "Ubuntu", "ubuntu", "ubuntu"),
    ("debian", "Debian", "debian", "debian"),
    ("opensuse", "openSUSE", "opensuse-leap", "opensuse"),
    ("sle", "SLE", "sles", "sle"),
    ("sles", "SLE", "sles", "sles"),
    ("sled", "SLE", "sled", "sled"),
    ("esxi", "ESXi", "esxi", "esxi"),
];

/// The kernels of Windows by osinfo-db's names: what a disc's volume identifier tells is no more.
const WINDOWS: [(&str, &str); 18] = [
    ("win2k", "5.0"),
    ("winxp", "5.1"),
    ("win2k3", "5.2"),
    ("win2k3r2", "5.2"),
    ("winvista", "6.0"),
    ("win2k8", "6.0"),
    ("win7", "6.1"),
    ("win2k8r2", "6.1"),
    ("win8", "6.2"),
    ("win2k12", "6.2"),
    ("win8.1", "6.3"),
    ("win2k12r2", "6.3"),
    ("win10", "10.0"),
    ("win11", "10.0"),
    ("win2k16", "10.0"),
    ("win2k19", "10.0"),
    ("win2k22", "10.0"),
    ("win2k25", "10.0"),
];

/// Dumps whose directory is not the truth.
const EXCEPTIONS: [Exception; 7] = [
    Exception {
        dir: "centos7.0",
        file: "",
        is: Is::Version("7"),
        _why: "holds 7.0 to 7.9, whose volume identifiers say 7 alone",
    },
    Exception {
        dir: "alpinelinux3.18",
        file: "-3.17.0-",
        is: Is::ShortId("alpinelinux3.17"),
        _why: "holds the release before too",
    },
    Exception {
        dir: "guix-system-1.1",
        file: "",
        is: Is::ShortId("guix-1.1"),
        _why: "the directory has another name than the system",
    },
    Exception {
        dir: "guix-system-1.3",
        file: "",
        is: Is::ShortId("guix-1.3"),
        _why: "the directory has another name than the system",
    },
    Exception {
        dir: "guix-system-latest",
        file: "",
        is: Is::ShortId("guix-latest"),
        _why: "the directory has another name than the system",
    },
    Exception {
        dir: "freenix",
        file: "14.2",
        is: Is::ShortId("freenix14.2"),
        _why: "lies above the directories of releases",
    },
    Exception {
        dir: "slem",
        file: "5.0",
        is: Is::ShortId("slem5.0"),
        _why: "lies above the directories of releases",
    },
];

struct Exception {
    dir: &'static str,
    /// Part of the file's name.
    file: &'static str,
    is: Is,
    _why: &'static str,
}

enum Is {
    Version(&'static str),
    ShortId(&'static str),
}

/// How many were right by the profiles' patterns alone, so that none gets lost: row, family, number.
pub(crate) const FLOOR: [(&str, &str, usize); 12] = [
    ("AlmaLinux", "almalinux", 104),
    ("CentOS", "centos", 139),
    ("CentOS Stream", "centos-stream", 52),
    ("Debian", "debian", 103),
    ("Fedora", "fedora", 521),
    ("Oracle", "oracle", 64),
    ("RHEL", "rhel", 265),
    ("Rocky", "rocky", 41),
    ("SLE", "sles", 84),
    ("Ubuntu", "ubuntu", 341),
    ("Windows", "windows", 208),
    ("openSUSE", "opensuse-leap", 58),
];

pub(crate) fn of(dump: &Dump) -> Truth {
    let mut exceptions = EXCEPTIONS.iter();
    let exception = exceptions.find(|e| e.dir == dump.short_id && dump.file.contains(e.file));
    let short_id = match exception.map(|exception| &exception.is) {
        Some(Is::ShortId(short_id)) => (*short_id).to_owned(),
        _ => dump.short_id.clone(),
    };
    let arch = arch(&dump.file);
    if let Some((_, version)) = WINDOWS.iter().find(|(name, _)| *name == short_id) {
        let version = Some((*version).to_owned());
        return Truth { row: "Windows", family: Some("windows"), version, short_id, arch };
    }
    let of = |(distro, _, _, begins): &&(&str, &'static str, &'static str, &str)| {
        let version = short_id.strip_prefix(begins);
        *distro == dump.distro
            && version.is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()))
    };
    let Some((_, row, family, begins)) = SYSTEMS.iter().find(of) else {
        return Truth { row: "others", family: None, version: None, short_id, arch };
    };
    let version = short_id.strip_prefix(begins).map(|version| version.replace("sp", "."));
    let version = match exception.map(|exception| &exception.is) {
        Some(Is::Version(version)) => Some((*version).to_owned()),
        _ => version,
    };
    Truth { row, family: Some(family), version, short_id, arch }
}

/// The architecture that a file name tells: the first of these that is in it.
fn arch(file: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 27] = [
        ("x86_64", "x86_64"),
        ("amd64", "x86_64"),
        ("64bit", "x86_64"),
        ("x64", "x86_64"),
        ("aarch64", "aarch64"),
        ("arm64", "aarch64"),
        ("armhfp", "armhfp"),
        ("armhf", "armhf"),
        ("ppc64le", "ppc64le"),
        ("ppc64el", "ppc64le"),
        ("ppc64", "ppc64"),
        ("powerpc", "powerpc"),
        ("ppc", "ppc"),
        ("s390x", "s390x"),
        ("riscv64", "riscv64"),
        ("sparc", "sparc"),
        ("hppa", "hppa"),
        ("ia64", "ia64"),
        ("i386", "i386"),
        ("i486", "i386"),
        ("i586", "i386"),
        ("i686", "i386"),
        ("32bit", "i386"),
        ("x86", "i386"),
        ("itanium", "ia64"),
        ("loongarch64", "loongarch64"),
        ("mips", "mips"),
    ];
    let file = file.to_ascii_lowercase();
    NAMES.iter().find(|(name, _)| file.contains(name)).map(|(_, arch)| *arch)
}
