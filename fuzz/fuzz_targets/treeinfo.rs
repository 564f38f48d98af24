//! Any texts as the files by which discs say what they are: what is made of them is fit for paths,
//! reports and menus.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pxe_import::answer::{Account, Request, Settings, render};
use pxe_import::identify::{Product, Profiles, identify, identify_as};
use pxe_import::menu::pxelinux;
use pxe_import::monitor::Void;
use pxe_import::site::{self, Server};
use pxe_import_fuzz::disc::{disc, with_context};
use pxe_import_fuzz::text::{assert_line, parts};

static PROFILES: LazyLock<Profiles> = LazyLock::new(|| Profiles::builtin().expect("sound"));
static SERVER: LazyLock<Server> = LazyLock::new(|| "192.0.2.1".parse().expect("an address"));

/// The first part of the input is the volume identifier; the others become these, in order.
const FILES: [&str; 9] = [
    ".treeinfo",
    ".discinfo",
    ".disk/info",
    "media.1/products",
    "boot.cfg",
    "upgrade/metadata.xml",
    "isolinux/isolinux.cfg",
    ".cd-info",
    "content",
];
/// There besides: what profiles know their discs by, and boot.
const OTHERS: [&str; 16] = [
    "images/pxeboot/vmlinuz",
    "images/pxeboot/initrd.img",
    "Packages/centos-release-6-8.el6.centos.12.3.x86_64.rpm",
    "boot/x86_64/loader/linux",
    "boot/x86_64/loader/initrd",
    "boot/xen.gz",
    "install.img",
    "install/vmlinuz",
    "install/netboot/ubuntu-installer/amd64/linux",
    "install/netboot/ubuntu-installer/amd64/initrd.gz",
    "casper/vmlinuz",
    "casper/initrd",
    "mboot.c32",
    "pve-base.squashfs",
    "k",
    "i",
];

fuzz_target!(|data: &[u8]| {
    let [volume_id, texts @ ..] = parts::<10>(data);
    let volume_id = String::from_utf8_lossy(volume_id);
    let named = FILES.into_iter().zip(texts).filter(|(_, text)| !text.is_empty());
    let files: Vec<_> = named.chain(OTHERS.map(|path| (path, &b"x"[..]))).collect();
    let disc = disc(&volume_id, &files);
    let identified = identify(&disc, &PROFILES, &Void).expect("a disc in memory is readable");
    let all = PROFILES.iter().map(|profile| {
        let product = identify_as(&disc, profile, &Void).expect("a disc in memory is readable");
        (profile, product)
    });
    let product = identified.product.and_then(|product| {
        let profile = PROFILES.named(&product.profile)?;
        Some((profile, product))
    });
    for (profile, product) in all.chain(product) {
        assert_line(&product.to_string());
        // A name is one word of one line in an answer file, whatever it is.
        let plain = Product { name: "X".into(), ..product.clone() };
        let lines = |product| answer(product).map(|text| text.lines().count());
        assert_eq!(lines(&product), lines(&plain));
        if let Ok(target) = profile.target(&product, "x", None) {
            site::name::target(&target.path).expect("a target that is fit for the web root");
        }
        let made =
            with_context(&disc, |context| profile.entries(&product, "x", None, context, &Void));
        for mut entry in made.unwrap_or_default() {
            // As an import has it.
            entry.title = entry.title.replace(|c: char| !c.is_ascii(), "?");
            let block = pxelinux::block(&entry).expect("an entry that is fit for a menu");
            assert!(
                block.text().lines().all(|line| !line.chars().any(|c| c.is_control() && c != '\t'))
            );
        }
    }
});

/// What its installer would be answered, where there is a template for it.
fn answer(product: &Product) -> Option<String> {
    let request = Request {
        template: None,
        product,
        label: "x",
        server: &SERVER,
        dir: "other/x",
        settings: &Settings::default(),
        account: &Account::default(),
        exists: &|_| true,
    };
    render(&request, None).ok()
}
