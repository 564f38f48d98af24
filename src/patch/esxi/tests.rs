use super::*;
use crate::media::Timestamp;
use crate::monitor::Collect;

const BOOT_CFG: &str = "bootstate=0\nkernel=/b.b00\nmodules=/k.b00 --- /s.v00\n";
const STAMP: Option<Timestamp> = Some(Timestamp::new(9, 0));

/// A plan with these files, directories made as needed.
fn plan(files: &[(&str, &str)]) -> Plan<'static> {
    let mut plan = Plan::new(&[]);
    for (path, text) in files {
        add(&mut plan, path, Item::File(Content::Bytes(text.as_bytes().into())));
    }
    plan
}

fn add(plan: &mut Plan<'_>, path: &str, item: Item) {
    let (dirs, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut dir = PlanId::ROOT;
    for name in dirs.split('/').filter(|name| !name.is_empty()) {
        let there = plan.names(dir).get(name.as_bytes()).copied();
        dir = there.unwrap_or_else(|| {
            plan.add(dir, name.as_bytes(), Item::Dir, 0o755, None).expect("a name")
        });
    }
    plan.add(dir, name.as_bytes(), item, 0o755, STAMP).expect("a name");
}

fn text(plan: &Plan<'_>, path: &str) -> Option<String> {
    match plan.item(plan.find(path.as_bytes())?) {
        Item::File(content) => Some(String::from_utf8(read(plan, content).ok()??).expect("utf-8")),
        _ => None,
    }
}

#[test]
fn both_files_are_patched_and_their_originals_kept_beside_them() {
    let mut plan = plan(&[
        ("boot.cfg", BOOT_CFG),
        ("efi/boot/boot.cfg", BOOT_CFG),
        ("other/boot.cfg", BOOT_CFG),
        ("b.b00", "b"),
        ("k.b00", "k"),
        ("s.v00", "s"),
    ]);
    let heard = Collect::default();
    let reports = esxi(&mut plan, "/esxi/7.0/", &heard).expect("patched");
    let new = "bootstate=0\nprefix=/esxi/7.0/\nkernel=b.b00\nmodules=k.b00 --- s.v00\n";
    for path in ["boot.cfg", "efi/boot/boot.cfg"] {
        assert_eq!(text(&plan, path).as_deref(), Some(new));
        let original = format!("{path}.orig");
        assert_eq!(text(&plan, &original).as_deref(), Some(BOOT_CFG));
        for path in [path, &original] {
            let id = plan.find(path.as_bytes()).expect("there");
            assert_eq!((plan.mode(id), plan.mtime(id)), (0o755, STAMP));
        }
    }
    assert_eq!(text(&plan, "other/boot.cfg").as_deref(), Some(BOOT_CFG));
    assert_eq!(heard.warnings(), []);
    let paths: Vec<_> = reports.iter().map(|report| &*report.path).collect();
    assert_eq!(paths, ["boot.cfg", "efi/boot/boot.cfg"]);
    let expected = [
        "--- efi/boot/boot.cfg.orig",
        "+++ efi/boot/boot.cfg",
        "@@ -1,3 +1,4 @@",
        " bootstate=0",
        "-kernel=/b.b00",
        "-modules=/k.b00 --- /s.v00",
        "+prefix=/esxi/7.0/",
        "+kernel=b.b00",
        "+modules=k.b00 --- s.v00",
    ];
    assert_eq!(reports[1].diff.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn letter_case_of_the_paths_does_not_matter() {
    let mut plan =
        plan(&[("EFI/Boot/BOOT.CFG", BOOT_CFG), ("b.b00", "b"), ("k.b00", "k"), ("s.v00", "s")]);
    let reports = esxi(&mut plan, "/p/", &Collect::default()).expect("patched");
    assert_eq!(reports.len(), 1);
    assert_eq!(text(&plan, "EFI/Boot/BOOT.CFG.orig").as_deref(), Some(BOOT_CFG));
}

#[test]
fn what_is_right_already_is_left_alone() {
    let text = "bootstate=0\nprefix=/p/\nkernel=b.b00\n";
    let mut plan = plan(&[("boot.cfg", text), ("b.b00", "b")]);
    let before = plan.totals();
    assert_eq!(esxi(&mut plan, "/p/", &Collect::default()).expect("patched"), []);
    assert_eq!(plan.totals(), before);
}

#[test]
fn each_file_that_is_missing_or_empty_is_warned_about() {
    let mut plan = plan(&[("boot.cfg", BOOT_CFG), ("b.b00", "b"), ("k.b00", "")]);
    let heard = Collect::default();
    esxi(&mut plan, "/p/", &heard).expect("patched");
    let said: Vec<_> = heard.warnings().into_iter().map(|w| (w.code, w.path)).collect();
    assert_eq!(said, [("missing-module", "k.b00".to_owned()), ("missing-module", "s.v00".into())]);
    assert!(heard.warnings()[0].message.starts_with("boot.cfg names it"));
}

#[test]
fn a_boot_cfg_without_a_kernel_is_warned_about() {
    let mut plan = plan(&[("boot.cfg", "bootstate=0\n")]);
    let heard = Collect::default();
    esxi(&mut plan, "/p/", &heard).expect("patched");
    assert_eq!(heard.warnings().len(), 1);
    assert_eq!(heard.warnings()[0].path, "boot.cfg");
}

#[test]
fn an_original_of_the_discs_own_stays() {
    let files = [
        ("boot.cfg", BOOT_CFG),
        ("boot.cfg.orig", "theirs"),
        ("b.b00", "b"),
        ("k.b00", "k"),
        ("s.v00", "s"),
    ];
    let mut plan = plan(&files);
    let heard = Collect::default();
    assert_eq!(esxi(&mut plan, "/p/", &heard).expect("patched").len(), 1);
    assert_eq!(text(&plan, "boot.cfg.orig").as_deref(), Some("theirs"));
    let said: Vec<_> = heard.warnings().into_iter().map(|w| (w.code, w.path)).collect();
    assert_eq!(said, [("original-not-kept", "boot.cfg.orig".to_owned())]);
}

#[test]
fn what_is_too_large_for_a_boot_cfg_is_not_read() {
    let large = "#".repeat((64 << 10) + 1);
    let mut plan = plan(&[("boot.cfg", &large)]);
    let heard = Collect::default();
    assert_eq!(esxi(&mut plan, "/p/", &heard).expect("left"), []);
    assert_eq!(heard.warnings()[0].code, "not-patched");
    assert_eq!(plan.files(), 1);
}

#[test]
fn links_are_followed_to_boot_cfg_and_to_modules() {
    let mut plan = plan(&[("efi/boot/boot.cfg", BOOT_CFG), ("b.b00", "b"), ("k.b00", "k")]);
    add(&mut plan, "boot.cfg", Item::Link((*b"efi/boot/boot.cfg").into()));
    add(&mut plan, "s.v00", Item::Link((*b"k.b00").into()));
    let heard = Collect::default();
    let reports = esxi(&mut plan, "/p/", &heard).expect("patched");
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].path, "efi/boot/boot.cfg");
    assert_eq!(heard.warnings(), []);
}

#[test]
fn a_directory_named_boot_cfg_is_none() {
    let mut plan = plan(&[("boot.cfg/x", "x")]);
    assert_eq!(esxi(&mut plan, "/p/", &Collect::default()).expect("nothing"), []);
}
