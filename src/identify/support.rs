//! The table of supported systems, made from the profiles alone.

use super::companion::Companion;
use super::entry::Boot;
use super::product::Product;
use super::profile::{Family, Profile};
use super::profiles::Profiles;
use super::release::Release;

/// A row: versions of one system that boot in the same way.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Row {
    /// The system, for people.
    pub system: String,
    /// Its versions, the oldest first.
    pub versions: Vec<String>,
    /// How BIOS clients boot it; `None` where they cannot.
    pub bios: Option<String>,
    /// How UEFI clients boot it; `None` where they cannot.
    pub uefi: Option<String>,
    /// The languages of answer files that its installer takes.
    pub answers: Vec<String>,
    /// What it needs besides its discs.
    pub needs: Option<String>,
    /// The test that proves it, as `TARGET MODULE::NAME`.
    pub test: String,
}

/// The rows, in the order of the profiles.
pub fn rows(profiles: &Profiles) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for profile in profiles.iter() {
        for release in &profile.releases {
            let Some(family) = profile.family(&release.family) else { continue };
            for version in &release.versions {
                let row = row(profile, family, release, version);
                let same = |last: &&mut Row| {
                    Row { versions: row.versions.clone(), ..(**last).clone() } == row
                };
                match rows.last_mut().filter(same) {
                    Some(last) => last.versions.extend(row.versions),
                    None => rows.push(row),
                }
            }
        }
    }
    rows
}

fn row(profile: &Profile, family: &Family, release: &Release, version: &str) -> Row {
    let product = Product {
        family: family.name.clone(),
        name: family.title.clone(),
        version: Some(version.to_owned()).filter(|version| version != "-"),
        arch: Some("x86_64".to_owned()),
        variant: release.variant.clone(),
        profile: profile.name.clone(),
    };
    let ways = || profile.boots.iter().filter(|boot| boot.fits(&product));
    let plain = ways().find(|boot| boot.name.is_none());
    let by = |how: fn(&Boot) -> Option<&'static str>| {
        if let Some(how) = plain.and_then(how) {
            return Some(how.to_owned());
        }
        if let Some(named) = ways().find(|boot| boot.name.is_some() && how(boot).is_some()) {
            return Some(format!("`--boot {}`", named.name.as_deref()?));
        }
        profile.guess.then(|| "guessed".to_owned())
    };
    let mut answers: Vec<String> = Vec::new();
    for boot in plain.into_iter().chain(ways().filter(|boot| boot.name.is_some())) {
        let preseed = (!boot.preseed.is_empty()).then(|| "preseed".to_owned());
        let takes =
            !boot.answered.is_empty() || boot.companions.iter().any(Companion::takes_answers);
        let answered = boot.answers.iter().filter(|_| takes);
        for kind in answered.map(ToString::to_string).chain(preseed) {
            if !answers.contains(&kind) {
                answers.push(kind);
            }
        }
    }
    let variant = release.variant.as_ref().map(|variant| format!(" {variant}")).unwrap_or_default();
    Row {
        system: format!("{}{variant}", family.title),
        versions: vec![version.to_owned()],
        bios: by(bios),
        uefi: by(uefi).filter(|_| release.uefi),
        answers,
        needs: release.needs.clone(),
        test: release.test.clone(),
    }
}

fn bios(boot: &Boot) -> Option<&'static str> {
    match boot.kernel.as_str() {
        _ if !boot.wimboot.is_empty() => Some("wimboot"),
        "memdisk" => Some("memdisk"),
        kernel if kernel.ends_with("mboot.c32") => Some("mboot.c32"),
        _ => Some("kernel"),
    }
}

fn uefi(boot: &Boot) -> Option<&'static str> {
    match &boot.efi_programs {
        _ if !boot.wimboot.is_empty() => Some("wimboot"),
        None => Some("kernel"),
        Some(programs) if programs.is_empty() => None,
        Some(_) => Some("its own loader"),
    }
}

/// Versions in a few words: whole numbers one after the other are a range.
fn versions(all: &[String]) -> String {
    let numbers: Option<Vec<u32>> = all.iter().map(|version| version.parse().ok()).collect();
    if let (Some(numbers), [first, _, .., last]) = (numbers, all)
        && numbers.is_sorted_by(|a, b| a.checked_add(1) == Some(*b))
    {
        return format!("{first}-{last}");
    }
    all.join(", ")
}

/// The rows as a table in Markdown.
pub fn markdown(rows: &[Row]) -> String {
    let mut out = String::from(
        "| system | versions | BIOS | UEFI | answered by | needs | test |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in rows {
        let or_no = |text: &Option<String>| text.clone().unwrap_or_else(|| "no".to_owned());
        let answers = match row.answers.is_empty() {
            true => "-".to_owned(),
            false => row.answers.join(", "),
        };
        let needs = row.needs.as_deref().unwrap_or("-");
        let cells = [
            row.system.clone(),
            versions(&row.versions),
            or_no(&row.bios),
            or_no(&row.uefi),
            answers,
            needs.to_owned(),
            format!("`{}`", row.test),
        ];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_in_a_row_are_a_range() {
        let shown = |all: &[&str]| versions(&all.iter().map(|&v| v.to_owned()).collect::<Vec<_>>());
        assert_eq!(shown(&["20", "21", "22"]), "20-22");
        assert_eq!(shown(&["8", "10"]), "8, 10");
        assert_eq!(shown(&["5.0", "5.5"]), "5.0, 5.5");
        assert_eq!(shown(&["-"]), "-");
    }

    const PROFILE: &str = r#"
name = "x"
title = "X"
target = "x/{version}"
[markers]
all = ["x"]
[[family]]
name = "x"
title = "Xenix"
aliases = ["x"]
[[entry]]
below = "2"
title = "T"
kernel = "/{dir}/k"
efi-programs = []
plain = []
[[entry]]
from = "2"
title = "T"
kernel = "/{dir}/k"
plain = []
answered = ["a={answer}"]
answers = ["autoyast"]
[[entry]]
from = "2"
title = "never the first that fits"
kernel = "/{dir}/k"
plain = []
answered = ["a={answer}"]
[[entry]]
name = "wim"
variants = [""]
title = "T"
kernel = "linux.c32"
plain = []
wimboot = [{ name = "a", path = "a" }]
[[release]]
family = "x"
versions = ["1.0", "1.1", "2.0"]
test = "cli x::works"
[[release]]
family = "x"
versions = ["3"]
variant = "net"
uefi = false
needs = "a | b"
test = "cli x::works"
"#;

    #[test]
    fn versions_that_boot_in_the_same_way_share_a_row() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("x.toml"), PROFILE).expect("written");
        let profiles = Profiles::load(&[dir.path().to_owned()]).expect("sound");
        let rows: Vec<_> =
            rows(&profiles).into_iter().filter(|row| row.system.starts_with("Xenix")).collect();
        let table = markdown(&rows);
        let lines: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(
            lines,
            [
                "| Xenix | 1.0, 1.1 | kernel | `--boot wim` | - | - | `cli x::works` |",
                "| Xenix | 2.0 | kernel | kernel | AutoYaST | - | `cli x::works` |",
                "| Xenix net | 3 | kernel | no | AutoYaST | a \\| b | `cli x::works` |",
            ]
        );
    }
}
