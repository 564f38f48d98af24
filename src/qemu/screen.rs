//! The text screen of a PC, as it lies in memory.

/// Where it lies in VGA text mode.
pub const ADDRESS: u64 = 0xb8000;
/// Its size in bytes: 25 lines of 80 characters, each with its colours.
pub const BYTES: u64 = 4000;
const COLUMNS: usize = 80;

/// The lines that are not empty; `None` where the screen is no text screen: then something else lies
/// there, and hardly anything of it reads as text.
pub fn text(memory: &[u8]) -> Option<String> {
    let letters: Vec<u8> = memory.iter().copied().step_by(2).collect();
    let fit = |letter: &&u8| matches!(letter, 0 | b' '..=b'~' | 0xb0..=0xdf);
    let odd = letters.len().saturating_sub(letters.iter().filter(fit).count());
    if letters.is_empty() || odd > letters.len() / 50 {
        return None;
    }
    let lines = letters.chunks(COLUMNS).map(|line| {
        let shown = |&letter: &u8| match letter {
            b' '..=b'~' => char::from(letter),
            _ => ' ',
        };
        line.iter().map(shown).collect::<String>().trim().to_owned() + "\n"
    });
    Some(lines.filter(|line| line != "\n").collect())
}

/// The lines of `now` that `then` has not: what was written since, however the screen has scrolled.
pub fn added(then: &str, now: &str) -> String {
    let old: Vec<&str> = then.lines().collect();
    now.lines().filter(|line| !old.contains(line)).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(lines: &[&str]) -> Vec<u8> {
        let letters = lines.iter().flat_map(|line| format!("{line:<80}").into_bytes());
        letters.chain(std::iter::repeat(b' ')).take(2000).flat_map(|letter| [letter, 7]).collect()
    }

    #[test]
    fn lines_are_read_without_their_colours() {
        let memory = screen(&["Loading a... ok", "", "Linux version 6.1"]);
        assert_eq!(text(&memory).as_deref(), Some("Loading a... ok\nLinux version 6.1\n"));
    }

    #[test]
    fn a_graphical_screen_is_no_text() {
        assert_eq!(text(&[0xff; 4000]), None);
        let picture: Vec<u8> = (0..4000_u32).map(|n| ((n * 37) >> 3) as u8).collect();
        assert_eq!(text(&picture), None);
        assert_eq!(text(&[]), None);
    }

    #[test]
    fn what_has_scrolled_is_not_new() {
        assert_eq!(added("a\nb\nc\n", "b\nc\nd\n"), "d\n");
    }
}
