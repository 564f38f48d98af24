//! A network card's hardware address.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Result};

/// The address of one machine's network card, written as iPXE's `${netX/mac:hexhyp}`:
/// `52-54-00-12-34-56`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mac([u8; 6]);

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}-{b:02x}-{c:02x}-{d:02x}-{e:02x}-{g:02x}")
    }
}

impl FromStr for Mac {
    type Err = Error;

    /// Takes `52:54:00:12:34:56`, the same with hyphens, `5254.0012.3456` and twelve bare digits.
    fn from_str(text: &str) -> Result<Self> {
        let refused = |why: &str| {
            Error::Usage(format!(
                "{text:?} is no hardware address: {why}; give it as 52:54:00:12:34:56"
            ))
        };
        let whole = [(':', 2), ('-', 2), ('.', 4)].into_iter().any(|(separator, digits)| {
            let parts: Vec<&str> = text.split(separator).collect();
            parts.len() == 12 / digits && parts.iter().all(|part| part.len() == digits)
        });
        let digits: String = text.chars().filter(|c| !":-.".contains(*c)).collect();
        let bare = digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        if !bare || !(whole || text.len() == 12) {
            return Err(refused("it has six pairs of hexadecimal digits"));
        }
        let number = u64::from_str_radix(&digits, 16).unwrap_or_default();
        let [_, _, octets @ ..] = number.to_be_bytes();
        if octets == [0; 6] || octets[0] & 1 != 0 {
            return Err(refused("it is no single machine's"));
        }
        Ok(Self(octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_form_is_the_same_address() {
        for text in ["52:54:00:AB:cd:56", "52-54-00-ab-cd-56", "5254.00ab.cd56", "525400ABCD56"] {
            let mac: Mac = text.parse().expect(text);
            assert_eq!(mac.to_string(), "52-54-00-ab-cd-56");
        }
    }

    #[test]
    fn what_is_no_machines_address_is_refused() {
        for text in [
            "",
            "52:54:00:12:34",
            "52:54:00:12:34:5g",
            "52:54-00:12:34:56",
            "5:254:00:12:34:56",
            "01-52-54-00-12-34-56",
            "ff:ff:ff:ff:ff:ff",
            "00:00:00:00:00:00",
            "01:00:5e:00:00:01",
            "../../etc/pas",
            "52:54:00:12:34:\u{e9}",
        ] {
            assert!(matches!(text.parse::<Mac>(), Err(Error::Usage(_))), "{text:?}");
        }
    }
}
