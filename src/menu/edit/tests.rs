use proptest::prelude::*;

use super::*;
use crate::menu::entry::Entry;
use crate::menu::pxelinux;

const MENU: &str =
    "default vesamenu.c32\ntimeout 300\n\n# the disk\nlabel local\n    localboot 0\n";

fn path() -> &'static Path {
    Path::new("/data/default")
}

fn block_of(label: &str, arg: &str) -> Block {
    pxelinux::block(&Entry {
        label: label.into(),
        title: label.to_uppercase(),
        kernel: "/k".into(),
        initrd: None,
        args: vec![arg.into()],
        bootif: false,
        efi: Default::default(),
    })
    .expect("a valid entry")
}

fn put(text: impl AsRef<[u8]>, block: &Block, recorded: &[&str]) -> Edit {
    upsert(path(), text.as_ref(), block, recorded, false).expect("no conflict")
}

fn text(edit: &Edit) -> &str {
    str::from_utf8(&edit.text).expect("UTF-8")
}

#[test]
fn a_new_block_goes_before_label_local() {
    let edit = put(MENU, &block_of("a", "one"), &[]);
    assert_eq!(edit.change, Change::Added);
    let expected = "default vesamenu.c32\ntimeout 300\n\n# the disk\n# pxe-import begin a\n\
                    label a\n    menu label A\n    kernel /k\n    append one\n# pxe-import end a\n\n\
                    label local\n    localboot 0\n";
    assert_eq!(text(&edit), expected);
    let second = put(&edit.text, &block_of("b", "two"), &[]);
    let order: Vec<_> = super::super::config::labels(path(), &second.text)
        .expect("whole")
        .into_iter()
        .map(|l| printable(&l.label))
        .collect();
    assert_eq!(order, ["a", "b", "local"]);
}

#[test]
fn a_new_block_goes_to_the_end_where_there_is_no_label_local() {
    let block = block_of("a", "one");
    let edit = put("default x\nmenu begin\nlabel local\nmenu end\n", &block, &[]);
    let expected = format!("default x\nmenu begin\nlabel local\nmenu end\n\n{}", block.text());
    assert_eq!(text(&edit), expected);
    assert_eq!(text(&put("", &block, &[])), block.text());
}

#[test]
fn a_file_without_a_final_line_end_gets_none() {
    let block = block_of("a", "one");
    let edit = put("prompt 0", &block, &[]);
    assert_eq!(text(&edit), format!("prompt 0\n\n{}", block.text().trim_end()));
    let again = put(&edit.text, &block_of("a", "two"), &[&block.hash()]);
    assert_eq!(again.change, Change::Replaced);
    assert!(text(&again).ends_with("append two\n# pxe-import end a"));
    assert_eq!(remove(path(), &again.text, "a").expect("whole").text, b"prompt 0");
}

#[test]
fn a_file_with_crlf_keeps_it_and_the_block_has_it_too() {
    let menu = MENU.replace('\n', "\r\n");
    let block = block_of("a", "one");
    let edit = put(&menu, &block, &[]);
    assert_eq!(text(&edit).matches('\n').count(), text(&edit).matches("\r\n").count());
    assert_eq!(put(&edit.text, &block, &[]).change, Change::Unchanged);
    let replaced = put(&edit.text, &block_of("a", "two"), &[&block.hash()]);
    assert_eq!(replaced.change, Change::Replaced);
    assert_eq!(text(&replaced), text(&edit).replace("append one", "append two"));
    assert_eq!(remove(path(), &edit.text, "a").expect("whole").text, menu.as_bytes());
}

#[test]
fn only_the_block_changes_when_it_is_put_again() {
    let block = block_of("a", "one");
    let mut menu = b"label x\n# caf\xe9 \xff\0\n".to_vec();
    menu.extend_from_slice(block.text().as_bytes());
    menu.extend_from_slice(b"label local\n\tLOCALBOOT -1\n\xfe");
    let edit = put(&menu, &block_of("a", "two"), &[&block.hash()]);
    let old = menu.windows(3).position(|w| w == b"one").expect("there");
    menu[old..old + 3].copy_from_slice(b"two");
    assert_eq!(edit.change, Change::Replaced);
    assert_eq!(edit.text, menu);
}

#[test]
fn a_label_of_the_administrators_own_is_refused_with_its_line() {
    for menu in ["default x\n  LABEL a\nlabel local\n", "\n\nlabel local\nlabel a"] {
        let line = if menu.starts_with('\n') { "line 4:" } else { "line 2:" };
        let error = upsert(path(), menu.as_bytes(), &block_of("a", "one"), &[], true);
        let error = error.expect_err("in the way");
        assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
        assert!(error.to_string().starts_with("/data/default: line "), "{error}");
        assert!(error.to_string().contains(line), "{error}");
    }
    let own = block_of("b", "x").text().replace("label b", "label a");
    assert!(upsert(path(), own.as_bytes(), &block_of("a", "one"), &[], true).is_err());
}

#[test]
fn labels_that_differ_by_case_are_two_labels() {
    assert_eq!(put("label A\n", &block_of("a", "one"), &[]).change, Change::Added);
    assert_eq!(put("label a b\n", &block_of("a", "one"), &[]).change, Change::Added);
}

#[test]
fn an_edited_block_is_kept_and_reported_unless_forced() {
    let block = block_of("a", "one");
    let edited = text(&put(MENU, &block, &[])).replace("append one", "append one quiet");
    let new = block_of("a", "two");
    for recorded in [&[][..], &[block.hash().as_str()][..]] {
        let edit = put(&edited, &new, recorded);
        assert_eq!(text(&edit), edited);
        assert_eq!(edit.warnings.len(), 1);
        assert!(edit.warnings[0].message.starts_with("line 5: the block a has been edited"));
        let Change::Kept { diff } = edit.change else { panic!("{:?}", edit.change) };
        assert!(
            diff.starts_with("--- /data/default\n+++ /data/default (pxe-import)\n@@"),
            "{diff}"
        );
        assert!(diff.contains("\n-    append one quiet\n+    append two\n"), "{diff}");
    }
    let forced = upsert(path(), edited.as_bytes(), &new, &[], true).expect("forced");
    assert_eq!(forced.change, Change::Replaced);
    assert_eq!(text(&forced), text(&put(MENU, &new, &[])));
}

#[test]
fn any_of_the_recorded_hashes_will_do() {
    let (one, two, three) = (block_of("a", "1"), block_of("a", "2"), block_of("a", "3"));
    let menu = put(MENU, &one, &[]);
    let recorded = [two.hash(), one.hash()];
    let edit = put(&menu.text, &three, &[&recorded[0], &recorded[1]]);
    assert_eq!(edit.change, Change::Replaced);
}

#[test]
fn a_diff_holds_no_control_characters_of_an_edited_block() {
    let edited = block_of("a", "one").text().replace("one", "one\u{1b}[2J");
    let Change::Kept { diff } = put(edited, &block_of("a", "two"), &[]).change else {
        panic!("not kept")
    };
    assert!(!diff.contains('\u{1b}') && diff.contains("one\\x1b[2J"), "{diff}");
}

#[test]
fn damaged_markers_are_an_error_for_upsert_and_remove() {
    let block = block_of("a", "one");
    let menu = block.text().replace("# pxe-import end a", "");
    let error = upsert(path(), menu.as_bytes(), &block, &[], true).expect_err("no end");
    assert!(error.to_string().contains("line 1: the block a has no end"), "{error}");
    assert!(remove(path(), menu.as_bytes(), "a").is_err());
}

#[test]
fn a_byte_order_mark_is_warned_of_and_left_alone() {
    let edit = put("\u{feff}default x\nlabel local\n", &block_of("a", "one"), &[]);
    assert!(text(&edit).starts_with('\u{feff}'));
    assert_eq!(edit.warnings[0].code, "byte-order-mark");
    assert!(upsert(path(), b"\xff\xfed\0", &block_of("a", "one"), &[], true).is_err());
}

#[test]
fn removing_what_is_not_there_changes_nothing() {
    let edit = remove(path(), MENU.as_bytes(), "local").expect("whole");
    assert_eq!((text(&edit), &edit.change), (MENU, &Change::Absent));
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    let words: [&[u8]; 14] = [
        b"",
        b" ",
        b"label local",
        b"  LABEL LOCAL ",
        b"label x",
        b"# pxe-import begin b",
        b"# pxe-import end b",
        b"text help",
        b"endtext",
        b"menu begin",
        b"menu end",
        b"\xff\xfe caf\xe9",
        b"\r",
        b"append a b c",
    ];
    proptest::sample::select(words.to_vec()).prop_map(<[u8]>::to_vec)
}

fn menu() -> impl Strategy<Value = Vec<u8>> {
    let ends = proptest::sample::select(vec![&b"\n"[..], b"\n", b"\n", b"\r\n"]);
    (proptest::collection::vec((line(), ends), 0..12), any::<bool>()).prop_map(|(lines, last)| {
        let mut text: Vec<u8> = lines.iter().flat_map(|(l, end)| [l, *end].concat()).collect();
        if !last {
            text.pop();
        }
        text
    })
}

proptest! {
    #[test]
    fn putting_a_block_twice_is_putting_it_once(menu in menu()) {
        let block = block_of("a", "one");
        if let Ok(once) = upsert(path(), &menu, &block, &[], false) {
            let twice = put(&once.text, &block, &[]);
            prop_assert_eq!(twice.change, Change::Unchanged);
            prop_assert_eq!(twice.text, once.text);
        }
    }

    #[test]
    fn removing_a_new_block_gives_the_original_bytes_back(menu in menu()) {
        let block = block_of("a", "one");
        if let Ok(edit) = upsert(path(), &menu, &block, &[], false) {
            prop_assert_eq!(&edit.change, &Change::Added);
            let back = remove(path(), &edit.text, "a").expect("whole");
            prop_assert_eq!(back.text, menu);
        }
    }

    #[test]
    fn replacing_changes_the_block_and_nothing_else(menu in menu()) {
        let (old, new) = (block_of("a", "one"), block_of("a", "two"));
        if let Ok(edit) = upsert(path(), &menu, &old, &[], false) {
            let replaced = put(&edit.text, &new, &[&old.hash()]);
            prop_assert_eq!(replaced.change, Change::Replaced);
            prop_assert_eq!(remove(path(), &replaced.text, "a").expect("whole").text, menu);
        }
    }

    #[test]
    fn any_bytes_are_edited_or_refused(menu in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = upsert(path(), &menu, &block_of("a", "one"), &[], true);
        let _ = remove(path(), &menu, "a");
    }
}

#[test]
fn a_block_is_withdrawn_only_as_it_was_written() {
    let block = block_of("a", "one");
    let menu = format!("default x\n\n{}\n# mine\n  menu default\nlabel b\n", block.text());
    let kept = withdraw(path(), menu.as_bytes(), "a", &["another"], false).expect("readable");
    assert_eq!((kept.text.as_slice(), kept.warnings.len()), (menu.as_bytes(), 1));
    assert!(matches!(kept.change, Change::Kept { .. }));
    let gone = withdraw(path(), menu.as_bytes(), "a", &[&block.hash()], false).expect("readable");
    assert_eq!(gone.change, Change::Removed);
    assert_eq!(gone.text, b"default x\n\n# mine\n  menu default\nlabel b\n");
    // What is left behind it would be another entry's from now on.
    assert_eq!(gone.warnings[0].code, "menu-lines-left");
    assert!(gone.warnings[0].message.starts_with("line 4: "), "{:?}", gone.warnings);
    let forced = withdraw(path(), menu.as_bytes(), "a", &[], true).expect("readable");
    assert_eq!(forced.text, gone.text);
    let absent = withdraw(path(), menu.as_bytes(), "c", &[], true).expect("readable");
    assert_eq!((absent.change, absent.text), (Change::Absent, menu.into_bytes()));
}
