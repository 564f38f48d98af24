//! Which entry of a disc is the one to put into a menu.

use super::candidate::{Candidate, Loader};

/// Parts of titles and kernels that are not for installing or starting a system.
const OTHER: [&str; 20] = [
    "memtest",
    "mt86plus",
    "memory test",
    "memory diag",
    "rescue",
    "check",
    "verify",
    "defect",
    "test this",
    "hdt",
    "hardware detection",
    "hardware info",
    "local drive",
    "local disk",
    "hard disk",
    "hard drive",
    "firmware set",
    "uefi shell",
    "boot shell",
    "first disk",
];

/// Arguments of the same kind.
const OTHER_ARGS: [&str; 8] = [
    "rescue",
    "inst.rescue",
    "rescue/enable=true",
    "MENU=/bin/cdrom-checker-menu",
    "rd.live.check",
    "inst.mediacheck",
    "mediacheck",
    "mediacheck=1",
];

/// The default entry where it looks like an installer; else the first that does; else the default
/// one; else the first. Only those whose files are there.
pub(super) fn choose(candidates: &[Candidate]) -> Option<&Candidate> {
    let fit: Vec<&Candidate> = candidates.iter().filter(|c| c.fault().is_none()).collect();
    let first = |wanted: &dyn Fn(&Candidate) -> bool| fit.iter().copied().find(|c| wanted(c));
    first(&|c| c.default && installs(c))
        .or_else(|| first(&installs))
        .or_else(|| first(&|c| c.default && c.loader != Loader::Com32))
        .or_else(|| first(&|c| c.loader != Loader::Com32))
        .or_else(|| first(&|_| true))
}

fn installs(candidate: &Candidate) -> bool {
    let other = |text: &String| {
        let text = text.to_ascii_lowercase();
        OTHER.iter().any(|other| text.contains(other))
    };
    candidate.loader != Loader::Com32
        && !other(&candidate.title)
        && !other(&candidate.kernel)
        && !candidate.args.iter().any(|arg| OTHER_ARGS.contains(&arg.as_str()))
}
