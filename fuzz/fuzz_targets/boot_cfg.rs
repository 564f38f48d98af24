//! Any bytes as a boot.cfg: patching twice is patching once.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pxe_import::patch::boot_cfg::patch;

fuzz_target!(|data: &[u8]| {
    let once = patch(data, "/esxi/5.5/", |_| true).text;
    let twice = patch(&once, "/esxi/5.5/", |_| true).text;
    assert_eq!(once, twice);
});
