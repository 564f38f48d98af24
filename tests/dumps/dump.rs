//! `isoinfo -d` of a disc, as a text file.

use std::path::Path;

use pxe_import::media::Identifiers;

/// What a disc says of itself, and where that is filed.
#[derive(Debug)]
pub(crate) struct Dump {
    /// The first directory: `centos`.
    pub(crate) distro: String,
    /// The second: `centos6.8`; the first one where there is none.
    pub(crate) short_id: String,
    /// The image's file name: `CentOS-6.8-x86_64-bin-DVD1.iso`.
    pub(crate) file: String,
    /// The whole path below the top.
    pub(crate) path: String,
    pub(crate) identifiers: Identifiers,
}

/// All dumps below a directory, by path; none where it is not there.
pub(crate) fn read(top: &Path) -> Vec<Dump> {
    let mut found = Vec::new();
    walk(top, &mut Vec::new(), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn walk(dir: &Path, names: &mut Vec<String>, found: &mut Vec<Dump>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        if path.is_dir() {
            names.push(name);
            walk(&path, names, found);
            names.pop();
        } else if let (Some(file), Some(distro)) = (name.strip_suffix(".txt"), names.first()) {
            let text = std::fs::read(&path).expect("readable");
            found.push(Dump {
                distro: distro.clone(),
                short_id: names.last().unwrap_or(distro).clone(),
                file: file.to_owned(),
                path: format!("{}/{name}", names.join("/")),
                identifiers: parse(&String::from_utf8_lossy(&text)),
            });
        }
    }
}

fn parse(text: &str) -> Identifiers {
    let field = |name: &str| {
        let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.unwrap_or_default().trim().to_owned()
    };
    let number = |name: &str| field(name).parse::<u64>().ok();
    let size = number("Volume size is").zip(number("Logical block size is"));
    Identifiers {
        volume_id: field("Volume id"),
        system_id: field("System id"),
        publisher_id: field("Publisher id"),
        application_id: field("Application id"),
        volume_bytes: size.map(|(blocks, block)| blocks * block),
    }
}

#[test]
fn the_fields_of_a_dump_are_those_of_the_descriptor() {
    let text = "CD-ROM is in ISO 9660 format\nSystem id: LINUX\nVolume id: CentOS_6.8_Final\n\
        Publisher id: CentOS Project\nApplication id: CentOS_6.8_Final\n\
        Logical block size is: 2048\nVolume size is: 10\n";
    let expected = Identifiers {
        volume_id: "CentOS_6.8_Final".into(),
        system_id: "LINUX".into(),
        publisher_id: "CentOS Project".into(),
        application_id: "CentOS_6.8_Final".into(),
        volume_bytes: Some(20480),
    };
    assert_eq!(parse(text), expected);
}
