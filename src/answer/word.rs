//! Words that may stand in an answer file: what is in them cannot become another line, another
//! option or a shell's command.

/// Longest word.
const LEN_MAX: usize = 128;

/// A check of a word: what is wrong with it.
pub type Check = fn(&str) -> Result<(), String>;

fn fits(text: &str, what: &str, like: &str, first: &str, rest: &str) -> Result<(), String> {
    let in_set = |set: &str, c: char| c.is_ascii_alphanumeric() || set.contains(c);
    let mut chars = text.chars();
    let good = text.len() <= LEN_MAX
        && chars.next().is_some_and(|c| in_set(first, c))
        && chars.all(|c| in_set(rest, c))
        && !text.contains("..");
    if good { Ok(()) } else { Err(format!("{text:?} is no {what}, as in {like}")) }
}

/// A locale: `en_US.UTF-8`.
///
/// # Errors
/// What is wrong with it.
pub fn language(text: &str) -> Result<(), String> {
    fits(text, "language", "en_US.UTF-8", "", "_.@-")
}

/// A keyboard: `us`, `de-latin1`.
///
/// # Errors
/// What is wrong with it.
pub fn keyboard(text: &str) -> Result<(), String> {
    fits(text, "keyboard", "us", "", "_-")
}

/// A time zone: `Etc/UTC`, `Europe/Berlin`.
///
/// # Errors
/// What is wrong with it.
pub fn timezone(text: &str) -> Result<(), String> {
    fits(text, "time zone", "Europe/Berlin", "", "_+-/")
}

/// A disk: `sda`, `/dev/disk/by-id/...`, ESXi's `mpx.vmhba1:C0:T0:L0`.
///
/// # Errors
/// What is wrong with it.
pub fn disk(text: &str) -> Result<(), String> {
    fits(text, "disk", "sda", "/", "._:+/-")
}

/// A network interface: `eth0`, `vmnic0`, a MAC address.
///
/// # Errors
/// What is wrong with it.
pub fn nic(text: &str) -> Result<(), String> {
    fits(text, "network interface", "eth0", "", "._:-")
}

/// A package, or one of kickstart's other words: `@group`, `@^environment`, `-package`.
///
/// # Errors
/// What is wrong with it.
pub fn package(text: &str) -> Result<(), String> {
    let name = text.strip_prefix("@^").or_else(|| text.strip_prefix(['@', '-'])).unwrap_or(text);
    fits(name, "package", "vim", "", "._+-")
}

/// Whether it is a package's name and nothing that kickstart alone knows.
pub fn is_plain_package(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// What a disc or a menu calls itself, with all that is not plain left out: such names are for
/// comments and titles, and discs come from anywhere.
pub fn plain(text: &str) -> String {
    text.chars().filter(|&c| c.is_ascii_alphanumeric() || " ._+()-".contains(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_installers_fit() {
        for (check, words) in [
            (language as Check, &["en_US.UTF-8", "en_US", "de_DE@euro", "C"][..]),
            (keyboard, &["us", "de-latin1-nodeadkeys"]),
            (timezone, &["Etc/UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+1"]),
            (disk, &["sda", "nvme0n1", "/dev/disk/by-id/wwn-0x5", "mpx.vmhba1:C0:T0:L0"]),
            (nic, &["eth0", "enp0s3", "vmnic0", "52:54:00:12:34:56"]),
            (package, &["vim", "gcc-c++", "@core", "@^minimal-environment", "-firewalld"]),
        ] {
            words.iter().for_each(|word| assert_eq!(check(word), Ok(()), "{word}"));
        }
    }

    #[test]
    fn nothing_that_could_become_a_command_fits() {
        let checks: [Check; 6] = [language, keyboard, timezone, disk, nic, package];
        for check in checks {
            for bad in [
                "",
                "a\nreboot",
                "a b",
                "a;b",
                "a'b",
                "a\"b",
                "$(a)",
                "`a`",
                "a\\",
                "a#b",
                "--x",
                "a..b",
                "a\rb",
                "é",
                "a|b",
                "a&b",
                "a%b",
                "a{b",
                "a,b",
                "a=b",
            ] {
                assert!(check(bad).is_err(), "{bad:?}");
            }
            assert!(check(&"a".repeat(129)).is_err());
        }
    }

    #[test]
    fn a_discs_name_is_left_with_what_is_plain() {
        assert_eq!(plain("CentOS 6.8 (Final)"), "CentOS 6.8 (Final)");
        assert_eq!(plain("a\nrootpw x\r`id`$(id)'\"\\"), "arootpw xid(id)");
    }
}
