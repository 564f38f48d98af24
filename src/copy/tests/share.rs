//! Filesystems that let files share blocks.

use std::path::PathBuf;
use std::process::Command;

use super::*;

/// A new XFS in a file, mounted for as long as this is held.
struct Volume {
    mount: PathBuf,
    /// Removed after the unmounting.
    _top: tempfile::TempDir,
}

impl Volume {
    /// With blocks of so many bytes. `None`, with a word about it, where such a thing cannot be had.
    fn new(block: u64) -> Option<Self> {
        let top = tempfile::tempdir().expect("a directory");
        let (file, mount) = (top.path().join("volume"), top.path().join("mount"));
        fs::create_dir(&mount).expect("made");
        // The least that mkfs.xfs takes.
        File::create(&file).and_then(|file| file.set_len(300 << 20)).expect("a sparse file");
        let run = |program: &str, args: &[&str]| {
            let mut command = Command::new(program);
            command.args(args).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
            command.output().is_ok_and(|output| output.status.success())
        };
        let [at, on] = [&file, &mount].map(|path| path.to_str().expect("UTF-8"));
        let block = format!("size={block}");
        let made = run("mkfs.xfs", &["-q", "-m", "reflink=1", "-b", &block, at]);
        if made && run("mount", &["-o", "loop", at, on]) {
            return Some(Self { mount, _top: top });
        }
        eprintln!("skipped: needs xfsprogs, root and loop devices");
        None
    }

    fn free(&self) -> u64 {
        let synced = File::open(&self.mount).map(rustix::fs::syncfs);
        synced.expect("open").expect("synced");
        let stat = rustix::fs::statvfs(&self.mount).expect("there");
        stat.f_bfree * stat.f_frsize
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.mount).status();
    }
}

#[test]
fn blocks_are_shared_with_the_image_and_hashed_all_the_same() {
    let Some(volume) = Volume::new(4096) else { return };
    let all = bytes(32_000_001);
    // At the border of a block, and not; a hole; what is too little to be worth while.
    let parts = [(Some(4096 * 3), 20_000_000), (None, 70_000), (Some(2048), 5_000_000)];
    let synced = Options { synced: true, ..HASHED };
    for (options, direct) in [(HASHED, false), (synced, true), (PLAIN, false)] {
        for piece in [PIECE, 1 << 20] {
            let discs = one_file(file_source(&volume.mount, &all), &parts);
            let plan = plan_of(&discs);
            let out = volume.mount.join("out");
            let before = volume.free();
            let how = (piece, direct);
            let copied =
                super::super::write_pieces(&plan, &out, options, how, &Void).expect("written");
            let used = before - volume.free();
            let content = fs::read(out.join("f")).expect("there");
            assert_eq!(content.len(), 25_070_000);
            assert!(content[..20_000_000] == all[4096 * 3..][..20_000_000]);
            assert!(content[20_000_000..20_070_000].iter().all(|&byte| byte == 0));
            assert!(content[20_070_000..] == all[2048..][..5_000_000]);
            assert!(used < 8_000_000, "{used} bytes are taken, {options:?}, pieces of {piece}");
            if options.hash {
                assert_eq!(
                    copied.hashes.into_iter().flatten().last(),
                    Some(blake3::hash(&content))
                );
            }
            fs::remove_dir_all(&out).expect("removed");
        }
    }
}

#[test]
fn blocks_as_large_as_a_sector_are_shared_wherever_a_file_begins() {
    let Some(volume) = Volume::new(2048) else { return };
    let all = bytes(16_000_001);
    let discs = one_file(file_source(&volume.mount, &all), &[(Some(2048 * 3), 15_000_000)]);
    let plan = plan_of(&discs);
    let out = volume.mount.join("out");
    let before = volume.free();
    super::super::write(&plan, &out, HASHED, &Void).expect("written");
    let used = before - volume.free();
    assert!(fs::read(out.join("f")).expect("there") == all[2048 * 3..][..15_000_000]);
    assert!(used < 1_000_000, "{used} bytes are taken");
}
