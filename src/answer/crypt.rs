//! Passwords as crypt(3) hashes them.

use rustix::rand::{GetRandomFlags, getrandom};
use sha_crypt::{CustomizedPasswordHasher, Params, PasswordVerifier, ShaCrypt};

use crate::error::{Error, Result};
use crate::identify::{Product, product};

/// Random bytes of a salt: 16 characters, the most that SHA-crypt takes.
const SALT: usize = 12;

/// A way to hash: what its hashes begin with, its name, and how long the hash itself is.
struct Scheme {
    id: &'static str,
    name: &'static str,
    len: usize,
    /// Whether every installer knows it: the later ones came with libxcrypt.
    old: bool,
}

const SCHEMES: [Scheme; 7] = [
    Scheme { id: "6", name: "SHA-512", len: 86, old: true },
    Scheme { id: "5", name: "SHA-256", len: 43, old: true },
    Scheme { id: "1", name: "MD5", len: 22, old: true },
    Scheme { id: "y", name: "yescrypt", len: 43, old: false },
    Scheme { id: "gy", name: "gost-yescrypt", len: 43, old: false },
    Scheme { id: "2b", name: "bcrypt", len: 53, old: false },
    Scheme { id: "2y", name: "bcrypt", len: 53, old: false },
];

/// Hashes a password by SHA-512 crypt with a random salt, as `openssl passwd -6` does.
///
/// # Errors
/// [`Error::Io`] where the system has no random bytes.
pub fn hash(password: &[u8]) -> Result<String> {
    let mut salt = [0; SALT];
    let len = getrandom(&mut salt[..], GetRandomFlags::empty())
        .map_err(|errno| Error::io("read", "the system's random bytes", errno.into()))?;
    if len != SALT {
        return Err(Error::io(
            "read",
            "the system's random bytes",
            std::io::Error::other("too few"),
        ));
    }
    salted(password, &salt)
}

fn salted(password: &[u8], salt: &[u8]) -> Result<String> {
    let hashed = ShaCrypt::SHA512.hash_password_with_params(password, salt, Params::RECOMMENDED);
    let hashed =
        hashed.map_err(|error| Error::Usage(format!("cannot hash the password: {error}")))?;
    // 5000 rounds are what is meant where none are given, and every crypt(3) reads that.
    Ok(hashed.as_str().replacen("$rounds=5000$", "$", 1))
}

/// Whether the hash is that of the password; never for a scheme other than SHA-crypt.
pub fn is_of(hash: &str, password: &[u8]) -> bool {
    ShaCrypt::default().verify_password(password, hash).is_ok()
}

/// Checks that it is a hash as crypt(3) writes it (crypt(5)): nothing that could be a password in
/// clear, and nothing that could become a further word.
///
/// # Errors
/// What is wrong with it.
pub fn check(text: &str) -> Result<(), String> {
    scheme(text).map(|_| ()).ok_or_else(|| {
        "this is no password hash: it is one line as 'openssl passwd -6' prints it, beginning with \
         $6$ (quoted, so that the shell leaves its dollar signs)"
            .into()
    })
}

fn scheme(text: &str) -> Option<&'static Scheme> {
    let mut fields = text.strip_prefix('$')?.split('$');
    let id = fields.next()?;
    let scheme = SCHEMES.iter().find(|scheme| scheme.id == id)?;
    let fields: Vec<_> = fields.collect();
    let word = |word: &str, more: &str| {
        !word.is_empty()
            && word.bytes().all(|b| b.is_ascii_alphanumeric() || more.contains(char::from(b)))
    };
    let is_rounds = |field: &str| {
        let digits = field.strip_prefix("rounds=").unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    let (hash, before) = fields.split_last()?;
    let form = match before {
        // bcrypt: the salt's 22 characters are one word with the hash's 31.
        [cost] if id.starts_with('2') => word(cost, ""),
        [salt] => salt.len() <= 16 && word(salt, "./"),
        [rounds, salt] if matches!(id, "5" | "6") => {
            is_rounds(rounds) && salt.len() <= 16 && word(salt, "./")
        }
        [params, salt] if matches!(id, "y" | "gy") => word(params, "./") && word(salt, "./"),
        _ => false,
    };
    (form && hash.len() == scheme.len && word(hash, "./")).then_some(scheme)
}

/// Checks that the product's login knows the hash's scheme.
///
/// # Errors
/// [`Error::Usage`] with the way out.
pub fn check_for(product: &Product, like: u64, hash: &str) -> Result<()> {
    check(hash).map_err(Error::Usage)?;
    let Some(scheme) = scheme(hash).filter(|scheme| !scheme.old) else { return Ok(()) };
    let version = product.version.as_deref().map(product::numbers).unwrap_or_default();
    let known = match product.profile.as_str() {
        "el" => like >= 8,
        "debian" => version.is_empty() || version >= vec![11],
        "ubuntu-di" => version.is_empty() || version >= vec![20, 4],
        _ => false,
    };
    if known {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{} does not know the password hash's scheme, {} (${}$): make it with 'openssl passwd -6', or \
         give --root-password-file",
        product.name, scheme.name, scheme.id
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_openssl() {
        let ours = salted(b"Pass wort\xc3\xa9", b"twelve bytes").expect("hashed");
        let salt = ours.split('$').nth(2).expect("a salt");
        assert_eq!(salt.len(), 16);
        let openssl = std::process::Command::new("openssl")
            .args(["passwd", "-6", "-salt", salt, "Pass wort\u{e9}"])
            .output();
        let Ok(openssl) = openssl else {
            println!("skipped: needs openssl");
            return;
        };
        assert_eq!(String::from_utf8_lossy(&openssl.stdout).trim_end(), ours);
    }

    #[test]
    fn two_hashes_of_one_password_differ_and_are_both_its() {
        let (a, b) = (hash(b"secret").expect("hashed"), hash(b"secret").expect("hashed"));
        assert_ne!(a, b);
        assert!(a.starts_with("$6$") && !a.contains("rounds"), "{a}");
        for hash in [&a, &b] {
            assert_eq!(check(hash), Ok(()));
            assert!(is_of(hash, b"secret") && !is_of(hash, b"Secret"));
        }
    }

    #[test]
    fn only_a_whole_hash_of_a_known_scheme_is_one() {
        let sha = format!("$6$salt${}", "a".repeat(86));
        let yescrypt = format!("$y$j9T$F5Jx5fExrKuPp53xLKQ..1${}", "a".repeat(43));
        let bcrypt = format!("$2b$12${}", "a".repeat(53));
        let rounds = format!("$5$rounds=10000$salt${}", "./".repeat(21) + "z");
        for good in [&sha, &yescrypt, &bcrypt, &rounds] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "secret",
            "",
            "!",
            "$6$salt$short",
            "$6$$",
            &format!("{sha}a"),
            &format!("{sha}\nreboot"),
            &format!("$6$sa lt${}", "a".repeat(86)),
            &format!("$6$sa'lt${}", "a".repeat(86)),
            &format!("$9$salt${}", "a".repeat(86)),
            &format!("$6$x=1$salt${}", "a".repeat(86)),
            "rqXexS6ZhobKA",
        ] {
            let error = check(bad).expect_err(bad);
            assert!(bad.is_empty() || bad.len() < 4 || !error.contains(bad), "no secret in errors");
        }
    }
}
