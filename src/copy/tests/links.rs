//! A whole image beside its tree: cloned, copied, or the image's own file under another name.

use super::*;

const LINKED: Options = Options { link_images: true, ..HASHED };

/// A disc whose image is the file `x.iso` of these bytes in `dir`.
fn image(dir: &Path, all: &[u8]) -> [Disc; 1] {
    let path = dir.join("x.iso");
    fs::write(&path, all).expect("written");
    let image = Image::open(&path).expect("an image");
    [Disc { image, ..disc(Vec::new(), Tree::new()) }]
}

/// The image as `install.iso` beside a file of our own; with the image's mtime, as an import has it.
fn beside(discs: &[Disc], mode: u16) -> Plan<'_> {
    let mut plan = Plan::new(discs);
    let own = Content::Bytes((*b"x").into());
    crate::plan::add_file(&mut plan, b"f", own, 0o644).expect("free");
    let content = Content::Image { disc: 0 };
    let id = crate::plan::add_file(&mut plan, b"install.iso", content, mode).expect("free");
    let meta = discs[0].image.file().expect("a file").metadata().expect("there");
    let nanoseconds = u32::try_from(meta.mtime_nsec()).expect("below a second");
    plan.set_mtime(id, Some(Timestamp::new(meta.mtime(), nanoseconds)));
    plan
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).expect("there").ino()
}

#[test]
fn a_linked_image_is_the_same_file_as_it_was() {
    let all = bytes(3_000_000);
    for piece in [PIECE, 1 << 20] {
        let top = tempfile::tempdir().expect("a directory");
        let discs = image(top.path(), &all);
        let iso = top.path().join("x.iso");
        fs::set_permissions(&iso, fs::Permissions::from_mode(0o440)).expect("set");
        let before = fs::metadata(&iso).expect("there");
        let plan = beside(&discs, 0o440);
        let out = top.path().join("out");
        let copied = write_pieces(&plan, &out, LINKED, piece, &Void).expect("written");
        let after = fs::metadata(&iso).expect("there");
        assert_eq!(inode(&out.join("install.iso")), before.ino());
        assert_eq!(
            (after.mode(), after.mtime(), after.len()),
            (before.mode(), before.mtime(), before.len())
        );
        assert_eq!((copied.linked, copied.bytes, copied.read), (3_000_000, 3_000_001, 3_000_001));
        let id = plan.find(b"install.iso").expect("planned");
        assert_eq!(copied.hashes[id.index()], Some(blake3::hash(&all)));
    }
}

#[test]
fn an_image_on_another_filesystem_cannot_be_linked_and_is_copied_without_the_option() {
    let Ok(elsewhere) = tempfile::tempdir_in("/dev/shm") else { return };
    let top = tempfile::tempdir().expect("a directory");
    let same = fs::metadata(elsewhere.path()).expect("there").dev();
    if same == fs::metadata(top.path()).expect("there").dev() {
        println!("skipped: needs another filesystem at /dev/shm");
        return;
    }
    let discs = image(elsewhere.path(), &bytes(100_000));
    let plan = beside(&discs, 0o644);
    let error = write(&plan, &top.path().join("linked"), LINKED, &Void).expect_err("elsewhere");
    let error = error.to_string();
    assert!(
        error.contains("another filesystem") && error.contains("leave out --link-iso"),
        "{error}"
    );
    write(&plan, &top.path().join("copied"), HASHED, &Void).expect("copied");
    assert!(fs::read(top.path().join("copied/install.iso")).expect("there") == bytes(100_000));
}

#[test]
fn an_image_that_has_been_replaced_is_not_linked() {
    let top = tempfile::tempdir().expect("a directory");
    let discs = image(top.path(), &bytes(1000));
    let plan = beside(&discs, 0o644);
    let iso = top.path().join("x.iso");
    fs::rename(&iso, top.path().join("old.iso")).expect("renamed");
    fs::write(&iso, "another").expect("written");
    let out = top.path().join("out");
    let error = write(&plan, &out, LINKED, &Void).expect_err("replaced").to_string();
    assert!(error.contains("has been replaced") && !out.join("install.iso").exists(), "{error}");
}

#[test]
fn an_image_in_memory_is_no_file_to_link_to() {
    let top = tempfile::tempdir().expect("a directory");
    let discs = [disc(bytes(1000), Tree::new())];
    let mut plan = Plan::new(&discs);
    crate::plan::add_file(&mut plan, b"i", Content::Image { disc: 0 }, 0o644).expect("free");
    let error = write(&plan, &top.path().join("out"), LINKED, &Void).expect_err("no file");
    assert!(error.to_string().contains("no regular file"), "{error}");
}

#[test]
fn an_image_that_was_linked_is_copied_when_the_option_is_gone_and_linked_again_with_it() {
    let all = bytes(200_000);
    let top = tempfile::tempdir().expect("a directory");
    let discs = image(top.path(), &all);
    let iso = top.path().join("x.iso");
    fs::set_permissions(&iso, fs::Permissions::from_mode(0o644)).expect("set");
    let plan = beside(&discs, 0o644);
    let first = top.path().join("first");
    write(&plan, &first, LINKED, &Void).expect("written");
    let mtime = fs::metadata(&iso).expect("there").mtime();
    let file = OldFile { hash: blake3::hash(&all), size: 200_000, mtime };
    let old = Old::new(&first, [("install.iso", file)].into_iter().collect());
    let again = |name: &str, options: Options<'_>| {
        let reuse = examine(&plan, &old, options, &Void).expect("examined");
        let options = Options { reuse: Some(&reuse), ..options };
        let out = top.path().join(name);
        let copied = write(&plan, &out, options, &Void).expect("written");
        (inode(&out.join("install.iso")) == inode(&iso), copied)
    };
    let (linked, copied) = again("linked", LINKED);
    assert!(linked && copied.linked == 200_000 && copied.reused == 0, "{copied:?}");
    let (linked, copied) = again("copied", HASHED);
    assert!(!linked && copied.linked == 0, "{copied:?}");
    assert!(fs::read(top.path().join("copied/install.iso")).expect("there") == all);
    assert!(fs::read(&iso).expect("there") == all);
}
