//! The worst images of 1 MiB that we can think of, each through the program itself: whatever it says of one, it
//! ends in time, in bounded memory, and not by a panic. And the limits in docs/limits.md, each proven by a test.

mod documented;
mod iso;
mod iso_images;
mod race;
mod run;
mod text_images;
mod udf;
mod udf_images;

use run::Place;

/// A hostile disc, or a set of them.
pub(crate) struct Case {
    name: &'static str,
    /// What extracting it says; nothing where it succeeds, whatever it warns of.
    says: &'static str,
    images: fn() -> Vec<Vec<u8>>,
}

impl Case {
    pub(crate) const fn new(
        name: &'static str,
        says: &'static str,
        images: fn() -> Vec<Vec<u8>>,
    ) -> Self {
        Self { name, says, images }
    }

    /// What is wrong with how the program takes it.
    fn faults(&self) -> Vec<String> {
        let images = (self.images)();
        let sizes: Vec<_> = images.iter().map(Vec::len).collect();
        assert!(sizes.iter().all(|&size| size <= 1 << 20), "{}: {sizes:?} bytes", self.name);
        let place = Place::new(&images);
        let import = ["import", "--server", "192.0.2.1", "lab"];
        let mut faults = Vec::new();
        let mut said = String::new();
        for args in [
            &["inspect", "--files"][..],
            &["--json", "inspect", "--files", "--explain"],
            &["extract", "--to", "to"],
            &[&["--dry-run"], &import[..]].concat(),
            &import,
        ] {
            let ran = place.run(args);
            println!("{}: {args:?}: {:?}, {:.2} s", self.name, ran.code, ran.seconds);
            faults.extend(ran.fault().map(|fault| format!("{}: {args:?}: {fault}", self.name)));
            said.push_str(&ran.err);
            if args[0] == "extract" && self.says.is_empty() && ran.code != Some(0) {
                faults.push(format!("{}: is not extracted: {}", self.name, ran.err));
            }
            if args.contains(&"--json") && ran.code == Some(0) && !ran.out.starts_with('{') {
                faults.push(format!("{}: no JSON", self.name));
            }
        }
        if !said.contains(self.says) {
            faults.push(format!("{}: nobody says '{}', but: {said}", self.name, self.says));
        }
        faults
    }
}

fn check(cases: &[Case]) {
    // One after the other: what is measured is the processor's time, which others make longer.
    let faults: Vec<String> = cases.iter().flat_map(Case::faults).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn hostile_iso_9660_images_of_a_megabyte_take_neither_time_nor_memory() {
    check(iso_images::CASES);
}

#[test]
fn hostile_udf_images_of_a_megabyte_take_neither_time_nor_memory() {
    check(udf_images::CASES);
}

#[test]
fn hostile_texts_and_lists_of_a_megabyte_take_neither_time_nor_memory() {
    check(text_images::CASES);
}
