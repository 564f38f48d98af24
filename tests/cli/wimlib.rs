//! Images that wimlib has written, which is no code of ours.

use std::fs;
use std::path::Path;
use std::process::Command;

use pxe_import_fixtures::Content;
use pxe_import_fixtures::Node;
use pxe_import_fixtures::family::windows;
use serde_json::Value;

use crate::site::Site;

const PROGRAM: &str = "wimlib-imagex";

/// An image with two editions of one build; `None` where there is no wimlib.
fn real(site: &Site, names: [&str; 2], version: [&str; 3]) -> Option<std::path::PathBuf> {
    if Command::new(PROGRAM).arg("--version").output().is_err() {
        println!("skipped: needs {PROGRAM}");
        return None;
    }
    site.write("system/Windows/System32/ntoskrnl.exe", "MZ");
    let wim = site.path("real.wim");
    let properties = [
        ("WINDOWS/ARCH", "9"),
        ("WINDOWS/EDITIONID", if names[0].contains("Server") { "ServerStandard" } else { "Core" }),
        ("WINDOWS/VERSION/MAJOR", version[0]),
        ("WINDOWS/VERSION/MINOR", version[1]),
        ("WINDOWS/VERSION/BUILD", version[2]),
    ];
    for (command, name) in ["capture", "append"].into_iter().zip(names) {
        let properties: Vec<_> = properties
            .iter()
            .map(|(key, value)| format!("--image-property={key}={value}"))
            .collect();
        run(
            command,
            &[&site.path("system"), &wim],
            &[&[name.to_owned()], &properties[..]].concat(),
        );
    }
    Some(wim)
}

#[track_caller]
fn run(command: &str, files: &[&Path], more: &[String]) {
    let output =
        Command::new(PROGRAM).arg(command).args(files).args(more).output().expect("it runs");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
}

/// The product of the disc that has this file in the place of its install.wim.
fn product(site: &Site, name: &str, file: &Path) -> Value {
    let bytes = fs::read(file).expect("written");
    site.changed("real.iso", windows::windows_11, |tree, _| {
        tree.remove("sources/install.wim");
        tree.put(format!("sources/{name}"), Node::file(Content::bytes(bytes)));
    });
    let mut report = site.json(&["inspect", "real.iso"]);
    assert_eq!(report["warnings"], serde_json::json!([]), "{report:#}");
    report["images"][0]["product"].take()
}

#[test]
fn an_image_of_wimlibs_names_its_product_whole_packed_or_split() {
    let site = Site::new();
    let names = ["Windows 11 Home", "Windows 11 Pro"];
    let Some(wim) = real(&site, names, ["10", "0", "26100"]) else { return };
    let expected = |product: &Value| {
        let text = |key: &str| product[key].as_str().unwrap_or_default().to_owned();
        [text("name"), text("version"), text("arch")]
    };
    let windows_11 = ["Windows 11", "10.0.26100", "x86_64"];
    assert_eq!(expected(&product(&site, "install.wim", &wim)), windows_11);
    let esd = site.path("real.esd");
    run("export", &[&wim], &["all".into(), esd.display().to_string(), "--solid".into()]);
    assert_eq!(expected(&product(&site, "install.esd", &esd)), windows_11);
    let part = site.path("real.swm");
    run("split", &[&wim, &part], &["1".into()]);
    assert_eq!(expected(&product(&site, "install.swm", &part)), windows_11);
}

#[test]
fn a_server_image_of_wimlibs_is_named_by_its_build_where_its_names_say_too_little() {
    let site = Site::new();
    let names = ["Windows Server Standard", "Windows Server Datacenter"];
    let Some(wim) = real(&site, names, ["10", "0", "20348"]) else { return };
    assert_eq!(product(&site, "install.wim", &wim)["name"], "Windows Server 2022");
}
