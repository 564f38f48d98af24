//! root's account from the command line: a password's hash, public keys; never a default.

use std::fs::File;
use std::io::{IsTerminal, Read};
use std::path::Path;

use crate::answer::{self, Account, Request, Source, crypt, keys};
use crate::cli::answering::{Answering, Secrets};
use crate::error::{Error, Result};
use crate::monitor::{Monitor, Warning};

/// Largest file of a password or of keys that is read, in bytes.
const BYTES_MAX: u64 = 64 << 10;

/// The account that the options describe. A password that `before` is a hash of keeps that hash, so
/// that an answer file which is made again stays as it is.
///
/// # Errors
/// [`Error::Usage`] for what is no hash, and a prompt without a terminal; [`Error::Io`];
/// [`Error::Invalid`] for an empty password file, and a file that holds no public key or a private one.
pub(super) fn account(
    secrets: &Secrets,
    before: Option<&Account>,
    monitor: &dyn Monitor,
) -> Result<Account> {
    let mut ssh_keys = Vec::new();
    for path in &secrets.ssh_key {
        let bytes = read(path, "read the public key")?;
        let text = String::from_utf8(bytes)
            .map_err(|_| Error::invalid(path, "is no public key: it is not text"))?;
        for key in keys::parse(&text).map_err(|what| Error::invalid(path, what))? {
            if !ssh_keys.contains(&key) {
                ssh_keys.push(key);
            }
        }
    }
    let before = before.and_then(|account| account.password_hash.as_deref());
    let hashed = |password: &[u8]| match before {
        Some(hash) if crypt::is_of(hash, password) => Ok(hash.to_owned()),
        _ => crypt::hash(password),
    };
    let password_hash = match secrets {
        Secrets { root_password_hash: Some(hash), .. } => {
            crypt::check(hash)
                .map_err(|what| Error::Usage(format!("--root-password-hash: {what}")))?;
            Some(hash.clone())
        }
        Secrets { root_password_file: Some(path), .. } => {
            Some(hashed(&first_line(path, monitor)?)?)
        }
        Secrets { root_password: true, .. } => Some(hashed(prompt()?.as_bytes())?),
        _ => None,
    };
    Ok(Account { password_hash, ssh_keys, wipe: secrets.wipe })
}

/// The account for an answer file from `answering`: none but for a template.
///
/// # Errors
/// As [`account`]; [`Error::Usage`] for options that a template alone has a use for.
pub(super) fn of(
    answering: &Answering,
    before: Option<&Account>,
    monitor: &dyn Monitor,
) -> Result<Account> {
    match &answering.answer {
        Some(Source::Template(_)) => account(&answering.secrets, before, monitor),
        _ => refuse(&answering.secrets).map(|()| Account::default()),
    }
}

/// Refuses what a template alone has a use for.
///
/// # Errors
/// [`Error::Usage`] naming the option.
fn refuse(secrets: &Secrets) -> Result<()> {
    let Secrets { root_password_file, root_password_hash, root_password, ssh_key, wipe } = secrets;
    let given = [
        (root_password_file.is_some(), "--root-password-file"),
        (root_password_hash.is_some(), "--root-password-hash"),
        (*root_password, "--root-password"),
        (!ssh_key.is_empty(), "--ssh-key"),
        (*wipe, "--wipe"),
    ];
    match given.iter().find(|(given, _)| *given) {
        Some((_, option)) => Err(Error::Usage(format!(
            "{option} is for answer files that are made from a template: give --answer template \
             with it; a file of your own is published as it is"
        ))),
        None => Ok(()),
    }
}

/// Says so where nobody could log in to the installed machine.
pub(super) fn warn_of_locked(request: &Request<'_>, file: &str, monitor: &dyn Monitor) {
    if answer::is_locked(request) {
        let message = "root's account is locked, and nobody can log in to what this installs: give \
                       --root-password-file, --root-password-hash, --root-password or --ssh-key";
        monitor.warn(Warning::new("account-locked", file, message));
    }
}

/// The password: the file's first line without its end.
fn first_line(path: &Path, monitor: &dyn Monitor) -> Result<Vec<u8>> {
    let bytes = read(path, "read the password")?;
    let mut lines = bytes.split(|&b| b == b'\n');
    let line = lines.next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.is_empty() {
        return Err(Error::invalid(path, "has an empty first line, and an empty password is none"));
    }
    if lines.any(|more| !more.trim_ascii().is_empty()) {
        let message = "has more than one line: the first one is the password";
        monitor.warn(Warning::new("password-lines", path.to_string_lossy(), message));
    }
    Ok(line.to_owned())
}

fn read(path: &Path, action: &'static str) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let fail = |e| Error::io(action, path, e);
    File::open(path)
        .and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(fail)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > BYTES_MAX) {
        return Err(Error::invalid(path, format!("is above {} KiB", BYTES_MAX >> 10)));
    }
    Ok(bytes)
}

/// Asks twice, on the terminal alone.
fn prompt() -> Result<String> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::Usage(
            "--root-password asks on a terminal, and there is none: give --root-password-file or \
             --root-password-hash"
                .into(),
        ));
    }
    let ask = |text: &str| {
        rpassword::prompt_password(text).map_err(|e| Error::io("read from", "the terminal", e))
    };
    let password = ask("root's password: ")?;
    if password.is_empty() {
        return Err(Error::Usage("an empty password is none".into()));
    }
    if ask("once more: ")? != password {
        return Err(Error::Usage("the two passwords differ: nothing was done".into()));
    }
    Ok(password)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::Collect;

    #[test]
    fn the_password_is_the_first_line_whatever_ends_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("secret");
        let secrets = Secrets { root_password_file: Some(path.clone()), ..Secrets::default() };
        for (content, warnings) in
            [("s3cret\n", 0), ("s3cret\r\n", 0), ("s3cret", 0), ("s3cret\nmore\n", 1)]
        {
            std::fs::write(&path, content).expect("written");
            let monitor = Collect::default();
            let account = account(&secrets, None, &monitor).expect("hashed");
            let hash = account.password_hash.expect("a hash");
            assert!(crypt::is_of(&hash, b"s3cret"), "{content:?}");
            assert_eq!(monitor.warnings().len(), warnings, "{content:?}");
        }
        for content in ["", "\nsecret\n", "\r\n"] {
            std::fs::write(&path, content).expect("written");
            let error = account(&secrets, None, &Collect::default()).expect_err("empty");
            assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
        }
    }

    #[test]
    fn the_same_password_keeps_its_hash_and_another_gets_one() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("secret");
        std::fs::write(&path, "one\n").expect("written");
        let secrets = Secrets { root_password_file: Some(path.clone()), ..Secrets::default() };
        let monitor = Collect::default();
        let first = account(&secrets, None, &monitor).expect("hashed");
        assert_ne!(account(&secrets, None, &monitor).expect("hashed"), first, "another salt");
        assert_eq!(account(&secrets, Some(&first), &monitor).expect("hashed"), first);
        std::fs::write(&path, "two\n").expect("written");
        assert_ne!(account(&secrets, Some(&first), &monitor).expect("hashed"), first);
    }

    #[test]
    fn what_a_template_alone_uses_is_refused_by_its_option() {
        assert!(refuse(&Secrets::default()).is_ok());
        let error = refuse(&Secrets { wipe: true, ..Secrets::default() }).expect_err("of no use");
        assert!(error.to_string().starts_with("--wipe is for"), "{error}");
    }
}
