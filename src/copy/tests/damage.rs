use std::sync::atomic::AtomicU64;

use super::*;
use crate::publish::Staging;

/// Does something when the copy begins, and stops it after so many bytes.
struct Meddler<F> {
    at_start: F,
    stop_after: u64,
    done: AtomicU64,
}

impl<F: Fn() + Sync> Meddler<F> {
    fn new(at_start: F) -> Self {
        Self { at_start, stop_after: u64::MAX, done: AtomicU64::new(0) }
    }
}

impl<F: Fn() + Sync> Monitor for Meddler<F> {
    fn start(&self, _: &str, _: u64) {
        (self.at_start)();
    }
    fn advance(&self, bytes: u64) {
        self.done.fetch_add(bytes, Ordering::SeqCst);
    }
    fn warn(&self, _: Warning) {}
    fn stop(&self) -> Option<i32> {
        (self.done.load(Ordering::SeqCst) >= self.stop_after).then_some(2)
    }
}

#[test]
fn a_signal_stops_the_copy_within_a_buffer_and_nothing_is_left() {
    let top = tempfile::tempdir().expect("a directory");
    let discs = one_file(bytes(40 << 20), &[(Some(0), 40 << 20)]);
    let plan = plan_of(&discs);
    let staging = Staging::new(top.path(), "x").expect("staging");
    let monitor = Meddler { stop_after: 5 << 20, ..Meddler::new(|| {}) };
    let error = write(&plan, &staging.tree(), HASHED, &monitor).expect_err("stopped");
    assert!(matches!(error, Error::Interrupted(2)), "{error}");
    let done = monitor.done.into_inner();
    assert!((5 << 20..=7 << 20).contains(&done), "{done} bytes");
    drop(staging);
    assert_eq!(fs::read_dir(top.path()).expect("there").count(), 0);
}

/// Fails from some byte on, and counts the reads.
struct Failing {
    from: u64,
    reads: Arc<AtomicU64>,
}

impl ReadAt for Failing {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<usize> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        if offset >= self.from {
            return Err(std::io::Error::from_raw_os_error(5));
        }
        Ok(buf.len())
    }
    fn size(&self) -> u64 {
        1 << 40
    }
}

#[test]
fn an_image_that_cannot_be_read_is_named_and_all_threads_stop() {
    let top = tempfile::tempdir().expect("a directory");
    let mut tree = Tree::new();
    for index in 0..500_u64 {
        let name = format!("{index}");
        let entry = extents(&[(Some(index * 1000), 1000)]);
        tree.add(NodeId::ROOT, name.as_bytes(), entry).expect("a name");
    }
    let reads = Arc::new(AtomicU64::new(0));
    let discs = [disc(Failing { from: 10_000, reads: Arc::clone(&reads) }, tree)];
    let error = write(&plan_of(&discs), &top.path().join("out"), HASHED, &Void).expect_err("EIO");
    let Error::Io { path, source, .. } = error else { panic!("{error}") };
    assert_eq!(path, Path::new("x.iso"));
    assert_eq!(source.raw_os_error(), Some(5));
    // One more for each thread at most.
    assert!(reads.load(Ordering::SeqCst) <= 12, "{reads:?}");
}

#[test]
fn an_image_that_shrinks_while_it_is_read_is_named() {
    for (options, piece) in [(PLAIN, PIECE), (HASHED, PIECE), (PLAIN, 1 << 20)] {
        let top = tempfile::tempdir().expect("a directory");
        let discs = one_file(file_source(top.path(), &bytes(3_000_000)), &[(Some(0), 3_000_000)]);
        let plan = plan_of(&discs);
        let image = top.path().join("source.iso");
        let monitor = Meddler::new(|| {
            let file = File::options().write(true).open(&image).expect("open");
            file.set_len(1_500_000).expect("shrink");
        });
        let out = top.path().join("out");
        let error = write_pieces(&plan, &out, options, piece, &monitor).expect_err("too short");
        let Error::Conflict { path, what } = error else { panic!("{error}") };
        assert_eq!(path, Path::new("x.iso"));
        assert!(what.contains("1500000 bytes of 3000000"), "{what}");
    }
}

#[test]
fn an_image_that_is_written_to_while_it_is_read_is_named() {
    let top = tempfile::tempdir().expect("a directory");
    let discs = one_file(file_source(top.path(), &bytes(1000)), &[(Some(0), 1000)]);
    let plan = plan_of(&discs);
    let monitor = Meddler::new(|| {
        let file = File::options().write(true).open(top.path().join("source.iso")).expect("open");
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("a time");
    });
    let error = write(&plan, &top.path().join("out"), PLAIN, &monitor).expect_err("changed");
    let Error::Conflict { path, what } = error else { panic!("{error}") };
    assert_eq!(path, Path::new("x.iso"));
    assert!(what.starts_with("was changed while it was read"), "{what}");
}

#[test]
fn a_link_planted_while_the_copy_runs_leads_nothing_out_of_the_tree() {
    let top = tempfile::tempdir().expect("a directory");
    let outside = top.path().join("outside");
    fs::create_dir(&outside).expect("create");
    let out = top.path().join("out");
    let mut tree = Tree::new();
    let dir = tree.add(NodeId::ROOT, b"dir", Entry::default()).expect("a name");
    tree.add(dir, b"f", extents(&[(Some(0), 10)])).expect("a name");
    let discs = [disc(bytes(10), tree)];

    let in_place_of_a_directory = Meddler::new(|| {
        fs::remove_dir(out.join("dir")).expect("remove");
        symlink(&outside, out.join("dir")).expect("plant");
    });
    let error = write(&plan_of(&discs), &out, PLAIN, &in_place_of_a_directory).expect_err("a link");
    assert_eq!(error.path(), Some(&*out.join("dir")), "{error}");

    fs::remove_dir_all(&out).expect("remove");
    let in_place_of_a_file =
        Meddler::new(|| symlink(outside.join("f"), out.join("dir/f")).expect("plant"));
    let error = write(&plan_of(&discs), &out, PLAIN, &in_place_of_a_file).expect_err("a link");
    assert!(matches!(error, Error::Conflict { .. }), "{error}");
    assert_eq!(fs::read_dir(&outside).expect("there").count(), 0);
}

#[test]
fn two_files_of_one_name_are_an_error_and_neither_is_written_over() {
    let top = tempfile::tempdir().expect("a directory");
    let mut tree = Tree::new();
    for _ in 0..2 {
        tree.add(NodeId::ROOT, b"f", extents(&[(Some(0), 10)])).expect("a name");
    }
    let discs = [disc(bytes(10), tree)];
    let error = write(&plan_of(&discs), &top.path().join("out"), PLAIN, &Void).expect_err("twice");
    assert!(matches!(error, Error::Conflict { .. }), "{error}");
}

#[test]
fn an_image_that_ends_before_its_files_is_corrupt_at_the_extent() {
    let top = tempfile::tempdir().expect("a directory");
    let source = file_source(top.path(), &bytes(1000));
    let discs = one_file(source, &[(Some(0), 10), (Some(500), 501)]);
    for (name, options) in [("plain", PLAIN), ("hashed", HASHED)] {
        let out = top.path().join(name);
        let error = write(&plan_of(&discs), &out, options, &Void).expect_err("too short");
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
        assert_eq!(error.path(), Some(Path::new("x.iso")));
    }
}
