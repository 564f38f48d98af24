//! The `key = value` files of install trees, read as leniently as Python's configparser.

/// Sections with their keys, in order.
#[derive(Debug, Default)]
pub(crate) struct Ini {
    sections: Vec<(String, Vec<(String, String)>)>,
}

impl Ini {
    /// Parses `[section]` headers and `key = value` or `key: value` lines. Keys are case-blind,
    /// the last of two equal keys wins; comments begin with `#` or `;`; an indented line
    /// continues the value above it. Anything else is passed over.
    pub(crate) fn parse(text: &str) -> Self {
        let mut ini = Self::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for raw in text.lines() {
            let line = raw.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
                ini.sections.push((header.0.trim().to_owned(), Vec::new()));
                continue;
            }
            let Some((_, keys)) = ini.sections.last_mut() else { continue };
            if raw.starts_with([' ', '\t'])
                && let Some((_, value)) = keys.last_mut()
            {
                value.push('\n');
                value.push_str(line);
            } else if let Some((key, value)) = line.split_once(['=', ':']) {
                keys.push((key.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        ini
    }

    /// Every section's name, key and value, in order; keys are in lower case.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.sections.iter().flat_map(|(section, keys)| {
            keys.iter().map(|(key, value)| (section.as_str(), key.as_str(), value.as_str()))
        })
    }

    /// The value of `key` in `[section]`; an empty one counts as absent.
    pub(crate) fn get(&self, section: &str, key: &str) -> Option<&str> {
        self.sections
            .iter()
            .rev()
            .filter(|(name, _)| name == section)
            .find_map(|(_, keys)| keys.iter().rev().find(|(name, _)| name == key))
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenient_where_configparser_is() {
        let ini = Ini::parse(
            "\u{feff}stray = 1\r\n[general]\r\n; note = no\r\n# more\r\nArch: i386\r\nversion = 5\r\n\
             version = 6.8\r\nvariant = \r\nname = two\r\n  lines\r\nnonsense\r\n[ tree ]\r\narch=x\r\n",
        );
        assert_eq!(ini.get("general", "arch"), Some("i386"));
        assert_eq!(ini.get("general", "version"), Some("6.8"));
        assert_eq!(ini.get("general", "variant"), None);
        assert_eq!(ini.get("general", "name"), Some("two\nlines"));
        assert_eq!(ini.get("general", "note"), None);
        assert_eq!(ini.get("tree", "arch"), Some("x"));
        assert_eq!(ini.get("", "stray"), None);
        assert_eq!(ini.entries().next(), Some(("general", "arch", "i386")));
        assert_eq!(ini.entries().last(), Some(("tree", "arch", "x")));
    }
}
