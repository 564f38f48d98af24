//! The way through pxelinux's menus to an entry: which item to choose in each.

use crate::menu::config::{after, trim};

/// A menu, or one within another.
#[derive(Debug, Default)]
struct Level {
    /// Items that the keys stop at, so far.
    items: usize,
    /// Whether a label's lines are being read, and whether the keys stop at it.
    label: Option<bool>,
    /// Where it stands in the menu above it.
    at: usize,
}

impl Level {
    /// Ends the label that is being read.
    fn end_label(&mut self) {
        self.items += usize::from(self.label.take() == Some(true));
    }
}

/// How many items stand before the one to choose, in the main menu first; `None` if the label is not there,
/// or is hidden. An entry of a menu within (`menu begin`) is reached through it.
pub fn route(text: &[u8], label: &str) -> Option<Vec<usize>> {
    let mut levels = vec![Level::default()];
    let mut found: Option<Vec<usize>> = None;
    let mut in_text = false;
    for line in text.split(|&b| b == b'\n').map(trim) {
        if in_text {
            in_text = after(line, "endtext").is_none();
            continue;
        }
        in_text = after(line, "text").is_some();
        let depth = levels.len();
        let Some(level) = levels.last_mut() else { break };
        let menu = after(line, "menu");
        let says = |word: &str| menu.and_then(|rest| after(rest, word)).is_some();
        if let Some(name) = after(line, "label") {
            if found.is_some() {
                break;
            }
            level.end_label();
            level.label = Some(true);
            if name == label.as_bytes() {
                found = Some(levels.iter().skip(1).map(|l| l.at).chain(last(&levels)).collect());
            }
        } else if says("begin") {
            level.end_label();
            let at = level.items;
            level.items += 1;
            levels.push(Level { at, ..Level::default() });
        } else if says("end") && depth > 1 {
            levels.pop();
        } else if (says("hide") || says("disable")) && level.label.is_some() {
            level.label = Some(false);
            if found.is_some() {
                return None;
            }
        }
    }
    found
}

fn last(levels: &[Level]) -> Option<usize> {
    levels.last().map(|level| level.items)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MENU: &[u8] = b"default vesamenu.c32\nmenu title T\n\
        label a\n  menu label A\n  kernel /a\n\
        label hidden\n  menu hide\n  kernel /h\n\
        MENU BEGIN more\n  menu title More\n  label b\n    kernel /b\n\
        menu begin old\n    label c\n    text help\nlabel none\n    endtext\n    kernel /c\n\
        label d\n    kernel /d\n  menu end\n  label e\n    kernel /e\nmenu end\n\
        menu separator\nlabel f\n  kernel /f\nlabel g\n";

    #[test]
    fn an_entry_of_a_menu_within_is_reached_through_it() {
        let ways: [(&str, &[usize]); 7] = [
            ("a", &[0]),
            ("b", &[1, 0]),
            ("c", &[1, 1, 0]),
            ("d", &[1, 1, 1]),
            ("e", &[1, 2]),
            ("f", &[2]),
            ("g", &[3]),
        ];
        for (label, way) in ways {
            assert_eq!(route(MENU, label).as_deref(), Some(way), "{label}");
        }
    }

    #[test]
    fn what_is_hidden_cannot_be_chosen() {
        assert_eq!(route(MENU, "hidden"), None);
        assert_eq!(route(MENU, "none"), None);
    }
}
