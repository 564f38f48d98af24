//! Texts of people and discs as words of an iPXE script.
//!
//! iPXE splits a line at blanks, takes the words `||`, `&&` and `;` for separators of commands and one
//! that begins with `#` for a comment, joins a line that ends in a backslash with the next, and only then
//! expands `${..}`, in each word by itself. An expansion to nothing therefore hides a word's meaning
//! without changing it; an expansion that is not ours cannot be hidden, because what it expands to is
//! expanded again.

use super::Unfit;

/// Expands to nothing: no such setting is ever made.
const EMPTY: &str = "${pxe-import}";

/// A word of a kernel's command line that stays one word and no command.
///
/// # Errors
/// [`Unfit`] for what holds `${`, or is not printable ASCII.
pub(super) fn word(text: &str) -> Result<String, Unfit> {
    if text.contains("${") {
        return Err(Unfit::Setting(text.to_owned()));
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Unfit::NotAscii(text.to_owned()));
    }
    Ok(guarded(text))
}

/// All words of `text`, each as [`word`].
///
/// # Errors
/// As [`word`].
pub(super) fn words(text: &str) -> Result<Vec<String>, Unfit> {
    text.split_ascii_whitespace().map(word).collect()
}

/// A text for people: what iPXE would take for something else is changed rather than refused.
pub(super) fn title(text: &str) -> String {
    let plain: String = text
        .chars()
        // pxelinux marks the hot key with it.
        .filter(|&c| c != '^')
        .map(|c| if matches!(c, ' '..='~') { c } else { '?' })
        .collect();
    // What begins with a hyphen would be an option.
    let plain = plain.replace("${", "$ {");
    let words = plain.trim_start_matches(['-', ' ']).split_ascii_whitespace();
    words.map(guarded).collect::<Vec<_>>().join(" ")
}

fn guarded(word: &str) -> String {
    let special = matches!(word, "||" | "&&" | ";") || word.starts_with('#');
    let before = if special { EMPTY } else { "" };
    let after = if word.ends_with('\\') { EMPTY } else { "" };
    format!("{before}{word}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_lose_their_meaning_and_plain_words_stay() {
        assert_eq!(words("ip=dhcp  --- a;b").expect("fit"), ["ip=dhcp", "---", "a;b"]);
        assert_eq!(words("||").expect("fit"), ["${pxe-import}||"]);
        assert_eq!(words("#x c:\\").expect("fit"), ["${pxe-import}#x", "c:\\${pxe-import}"]);
    }

    #[test]
    fn settings_and_other_alphabets_are_refused() {
        assert_eq!(word("ks=${net0/mac}"), Err(Unfit::Setting("ks=${net0/mac}".into())));
        assert_eq!(word("caf\u{e9}"), Err(Unfit::NotAscii("caf\u{e9}".into())));
        assert_eq!(word("a\nb"), Err(Unfit::NotAscii("a\nb".into())));
        assert!(word("$HOME}").is_ok());
    }

    #[test]
    fn a_title_is_changed_rather_than_refused() {
        assert_eq!(title("^CentOS 6.8"), "CentOS 6.8");
        assert_eq!(title("--delete ${x} || caf\u{e9}\n"), "delete $ {x} ${pxe-import}|| caf??");
    }
}
