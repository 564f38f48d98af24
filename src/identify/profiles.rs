//! The set of profiles: those that come with the program, and those of the administrator.

use std::io;
use std::path::{Path, PathBuf};

use super::profile::Profile;
use crate::error::{Error, Result};

/// Built in, in the order in which they are tried.
const BUILTIN: [(&str, &str); 11] = [
    ("profiles/esxi.toml", include_str!("../../profiles/esxi.toml")),
    ("profiles/suse.toml", include_str!("../../profiles/suse.toml")),
    ("profiles/xenserver.toml", include_str!("../../profiles/xenserver.toml")),
    ("profiles/proxmox.toml", include_str!("../../profiles/proxmox.toml")),
    ("profiles/el.toml", include_str!("../../profiles/el.toml")),
    ("profiles/ubuntu-di.toml", include_str!("../../profiles/ubuntu-di.toml")),
    ("profiles/ubuntu-live.toml", include_str!("../../profiles/ubuntu-live.toml")),
    ("profiles/debian.toml", include_str!("../../profiles/debian.toml")),
    ("profiles/windows.toml", include_str!("../../profiles/windows.toml")),
    ("profiles/winpe.toml", include_str!("../../profiles/winpe.toml")),
    ("profiles/generic.toml", include_str!("../../profiles/generic.toml")),
];
/// Most bytes of a profile.
const BYTES_MAX: u64 = 1 << 20;

/// All profiles, in the order in which they are tried.
#[derive(Debug, Clone)]
pub struct Profiles {
    all: Vec<Profile>,
    osinfo: Vec<PathBuf>,
}

impl Profiles {
    /// Those that come with the program.
    ///
    /// # Errors
    /// [`Error::Invalid`]; a test makes sure that there is none.
    pub fn builtin() -> Result<Self> {
        Self::builtin_of(|_| true)
    }

    /// A file of the program's own is called as its profile, so that the others need not be read.
    fn builtin_of(wanted: impl Fn(&str) -> bool) -> Result<Self> {
        let is_wanted =
            |path: &Path| path.file_stem().and_then(|name| name.to_str()).is_none_or(&wanted);
        BUILTIN
            .iter()
            .map(|&(path, text)| (Path::new(path), text))
            .filter(|(path, _)| is_wanted(path))
            .map(|(path, text)| Profile::read(path, text))
            .collect::<Result<_>>()
            .map(|all| Self { all, osinfo: Vec::new() })
    }

    /// Those that come with the program and the `*.toml` files of `dirs`, the first of which counts
    /// most. A profile takes the place of another of its name; one of a new name is tried before those
    /// that are built in.
    ///
    /// # Errors
    /// [`Error::Invalid`] with the line for a file that is no profile, and for two of one name in one
    /// directory; [`Error::Io`] for one that cannot be read. A directory that is not there has none.
    pub fn load(dirs: &[PathBuf]) -> Result<Self> {
        Self::load_of(dirs, |_| true)
    }

    /// The same for whoever asks for `wanted` names alone: others may be left out.
    ///
    /// # Errors
    /// As [`Profiles::load`].
    pub fn load_of(dirs: &[PathBuf], wanted: impl Fn(&str) -> bool) -> Result<Self> {
        let Self { mut all, .. } = Self::builtin_of(wanted)?;
        let mut new = Vec::new();
        let mut seen: Vec<(String, &Path)> = Vec::new();
        for dir in dirs {
            for path in files(dir)? {
                let Some(profile) = read(&path)? else { continue };
                match seen.iter().find(|(name, _)| *name == profile.name) {
                    Some((name, of)) if of == dir => {
                        let what = format!("the directory has another profile named {name:?}");
                        return Err(Error::invalid(path, what));
                    }
                    Some(_) => continue,
                    None => seen.push((profile.name.clone(), dir)),
                }
                match all.iter_mut().find(|there| there.name == profile.name) {
                    Some(there) => *there = profile,
                    None => new.push(profile),
                }
            }
        }
        new.append(&mut all);
        Ok(Self { all: new, osinfo: Vec::new() })
    }

    /// In the order in which they are tried.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.all.iter()
    }

    /// The one for discs that no other one knows.
    pub fn last_resort(&self) -> Option<&Profile> {
        self.iter().find(|profile| profile.is_last_resort())
    }

    /// With the directories where osinfo-db may be installed, which is asked last of all.
    #[must_use]
    pub fn with_osinfo(self, dirs: Vec<PathBuf>) -> Self {
        Self { osinfo: dirs, ..self }
    }

    /// The directories where osinfo-db may be installed.
    pub fn osinfo(&self) -> &[PathBuf] {
        &self.osinfo
    }

    /// The profile of exactly that name, as products and records have it.
    pub fn named(&self, name: &str) -> Option<&Profile> {
        self.iter().find(|profile| profile.name == name)
    }

    /// The profile by its name, or else the first with a family by that name or alias: what people call
    /// it.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        let alias = |profile: &&Profile| {
            profile.families.iter().any(|f| f.name == name || f.aliases.iter().any(|a| a == name))
        };
        self.named(name).or_else(|| self.iter().find(alias))
    }
}

/// The profiles of a directory, in the order of their names.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let read = |e| Error::io("read", dir, e);
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(read(e)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(read)?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A profile; `None` for a file that holds nothing, as one that the shell has just made for
/// `pxe-import profiles el > ROOT/profiles/el.toml`.
fn read(path: &Path) -> Result<Option<Profile>> {
    let failed = |e| Error::io("read the profile", path, e);
    let meta = path.metadata().map_err(failed)?;
    if !meta.is_file() || meta.len() > BYTES_MAX {
        return Err(Error::invalid(path, "is no profile: it is no file, or above 1 MiB"));
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::invalid(path, "is not UTF-8, as a profile must be"))?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    let profile = Profile::parse(path, &text)?;
    Ok(Some(Profile { file: Some(path.to_owned()), text: text.into(), ..profile }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_profiles_are_sound_and_have_names_of_their_own() {
        let profiles = Profiles::builtin().expect("sound");
        let mut names: Vec<_> = profiles.iter().map(|profile| &profile.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), BUILTIN.len());
        for (path, text) in BUILTIN {
            Profile::parse(path, text).expect("sound to the last pattern");
        }
        assert_eq!(profiles.get("rhel").map(|p| p.name.as_str()), Some("el"));
        assert_eq!(profiles.get("vmware-esxi").map(|p| p.name.as_str()), Some("esxi"));
        assert!(profiles.get("plan9").is_none());
    }

    #[test]
    fn a_built_in_profile_is_found_by_its_name_alone_and_no_other_one_is_read() {
        for profile in Profiles::builtin().expect("sound").iter() {
            let only = Profiles::load_of(&[], |name| name == profile.name).expect("sound");
            let names: Vec<_> = only.iter().map(|one| &one.name).collect();
            assert_eq!(names, [&profile.name]);
        }
    }

    fn small(name: &str, title: &str) -> String {
        format!(
            "name = '{name}'\ntitle = '{title}'\ntarget = 'x/{{label}}'\n[markers]\nall = ['x']\n\
             [[family]]\nname = 'x'\ntitle = 'X'\naliases = ['x']\n"
        )
    }

    #[test]
    fn a_profile_of_the_administrators_takes_the_place_of_one_of_its_name() {
        let root = tempfile::tempdir().expect("a directory");
        let user = tempfile::tempdir().expect("a directory");
        let put = |dir: &tempfile::TempDir, file: &str, text: &str| {
            std::fs::write(dir.path().join(file), text).expect("written");
        };
        put(&root, "new.toml", &small("plan9", "of the root"));
        put(&root, "README", "no profile");
        put(&user, "new.toml", &small("plan9", "of the user"));
        put(&user, "el.toml", &small("el", "of the user"));
        let dirs = [root.path().to_owned(), user.path().to_owned(), "/nonexistent".into()];
        let profiles = Profiles::load(&dirs).expect("sound");
        assert_eq!(profiles.iter().next().map(|p| p.title.as_str()), Some("of the root"));
        assert_eq!(profiles.get("el").map(|p| p.title.as_str()), Some("of the user"));
        assert_eq!(profiles.iter().count(), BUILTIN.len() + 1);

        put(&root, "two.toml", &small("plan9", "again"));
        let error = Profiles::load(&dirs).expect_err("two of one name").to_string();
        assert!(error.contains("two.toml") && error.contains("\"plan9\""), "{error}");
    }

    #[test]
    fn a_file_that_holds_nothing_is_no_profile_and_no_fault() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join("el.toml"), "").expect("written");
        let profiles = Profiles::load(&[dir.path().to_owned()]).expect("loaded");
        assert_eq!(profiles.get("el").and_then(|el| el.file.clone()), None);
    }
}
