//! Any bytes as a boot.cfg: patching twice is patching once, whatever files there are.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pxe_import::patch::boot_cfg::patch;

fuzz_target!(|data: &[u8]| {
    for exists in [|_: &[u8]| true, |_: &[u8]| false, |name: &[u8]| name.len().is_multiple_of(2)] {
        let once = patch(data, "/esxi/5.5/", exists).text;
        let twice = patch(&once, "/esxi/5.5/", exists).text;
        assert_eq!(once, twice);
    }
});
