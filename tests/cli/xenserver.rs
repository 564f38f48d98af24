//! XCP-ng: Xen, the kernel of its first domain and a RAM disk, by syslinux's mboot.c32.

use pxe_import_fixtures::family::xcp_ng;

use crate::site::{MENU, Site};

const ANSWER: &str = "<?xml version=\"1.0\"?>\n<installation srtype=\"ext\">\n</installation>\n";

#[test]
fn answers_and_further_arguments_are_the_kernels_of_the_first_domain() {
    let site = Site::new();
    site.write("root/pxeboot/menu.ipxe", "#!ipxe\n");
    site.write("answer.xml", ANSWER);
    let iso = site.disc(xcp_ng::xcp_ng_8_3);
    let line =
        ["--server", "192.168.4.6", "xcp-ng8.3", iso, "--answer", "answer.xml", "--arg", "nousb"];
    let report = site.json(&line);
    let codes = report["warnings"].as_array().expect("a list").iter();
    let codes: Vec<_> = codes.map(|warning| warning["code"].as_str().expect("text")).collect();
    assert_eq!(codes, ["answer-is-public", "bios-only"]);
    let menu = site.read(MENU);
    let dir = "/xen/XCP-ng8.3.0";
    let block = format!(
        "label xcp-ng8.3\n    menu label Install XCP-ng 8.3.0 x86_64\n    kernel mboot.c32\n    append \
         {dir}/boot/xen.gz dom0_max_vcpus=1-16 dom0_mem=max:8192M com1=115200,8n1 console=com1,vga --- \
         {dir}/boot/vmlinuz console=hvc0 console=tty0 answerfile=http://192.168.4.6{dir}/answer.xml install nousb \
         --- {dir}/install.img\n"
    );
    assert!(menu.contains(&block), "{menu}");
    let script = site.read("wwwroot/pxefiles/uefi.ipxe");
    assert!(script.contains("# BIOS only: xcp-ng8.3 ") && !script.contains("mboot"), "{script}");
}

#[test]
fn a_kickstart_is_no_answer_for_it() {
    let site = Site::new();
    site.write("ks.cfg", "text\n");
    let iso = site.disc(xcp_ng::xcp_ng_8_3);
    let report = site.json(&["--server", "192.168.4.6", "xcp-ng8.3", iso, "--answer", "ks.cfg"]);
    let warning = &report["warnings"][0];
    assert!(report["warnings"].to_string().contains("answer-kind"), "{warning}");
}

#[test]
fn without_one_of_its_three_files_there_is_no_entry() {
    let site = Site::new();
    site.changed("cut.iso", xcp_ng::xcp_ng_8_3, |tree, _| tree.remove("install.img"));
    let line = ["--server", "192.168.4.6", "--profile", "xenserver", "x", "cut.iso"];
    let report = site.json(&line);
    let warning = &report["warnings"][0];
    assert_eq!((&warning["code"], &warning["path"]), (&"no-entry".into(), &"install.img".into()));
}
