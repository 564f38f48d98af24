//! Public keys for SSH, as OpenSSH writes them (sshd(8), AUTHORIZED_KEYS FILE FORMAT).

/// The kinds of keys.
const KINDS: [&str; 8] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ssh-dss",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// Shortest key in Base64: that of Ed25519.
const BASE64_MIN: usize = 68;

/// The keys in `text`, one a line; empty lines and comments are left out. Of a key's comment only
/// what is plain stays.
///
/// # Errors
/// What is wrong, and in which line; a private key in any place.
pub fn parse(text: &str) -> Result<Vec<String>, String> {
    if text.contains("PRIVATE KEY") || text.contains("PuTTY-User-Key-File") {
        return Err("holds a PRIVATE key, which must never be published: give the public one, \
                    whose name ends in .pub"
            .into());
    }
    let mut keys = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        keys.push(key(line).map_err(|what| format!("line {number}: {what}"))?);
    }
    if keys.is_empty() {
        return Err("holds no public key".into());
    }
    Ok(keys)
}

/// One key in normal form.
///
/// # Errors
/// What is wrong with it.
pub fn key(line: &str) -> Result<String, String> {
    let is = "a public key is one line as in 'ssh-ed25519 AAAA... name'";
    let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    let (kind, base64) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if !KINDS.contains(&kind) {
        return Err(format!("{is}, and this does not begin with the kind of a key"));
    }
    let body = base64.trim_end_matches('=');
    let good = base64.starts_with("AAAA")
        && base64.len() >= BASE64_MIN
        && base64.len().is_multiple_of(4)
        && base64.len().saturating_sub(body.len()) <= 2
        && body.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/');
    if !good {
        return Err(format!("{is}, and the Base64 of this one is damaged"));
    }
    let plain = |c: &char| c.is_ascii_alphanumeric() || "@._:+-".contains(*c);
    let comment: Vec<String> = words.map(|word| word.chars().filter(plain).collect()).collect();
    Ok(format!("{kind} {base64} {}", comment.join(" ")).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 \
                       AAAAC3NzaC1lZDI1NTE5AAAAIJ3kXh0yRYyxG3RZ2Jb1mW6wXcmTyqYzHnq4m1xk3mZ7";

    #[test]
    fn keys_come_one_a_line_between_comments() {
        let text = format!("# ours\n\n{KEY} root@boot\r\n  {KEY}\n");
        assert_eq!(parse(&text).expect("keys"), [format!("{KEY} root@boot"), KEY.to_owned()]);
    }

    #[test]
    fn a_private_key_is_refused_wherever_it_stands() {
        for private in ["-----BEGIN OPENSSH PRIVATE KEY-----", "PuTTY-User-Key-File-3: x"] {
            let error = parse(&format!("{KEY}\n{private}\n")).expect_err("private");
            assert!(error.contains("PRIVATE") && error.contains(".pub"), "{error}");
        }
    }

    #[test]
    fn what_is_no_key_is_told_with_its_line() {
        let cut = KEY.get(..60).expect("long enough");
        for (text, what) in [
            (format!("{KEY}\nfrom=\"a\" {KEY}"), "line 2: "),
            (cut.to_owned(), "damaged"),
            (format!("{KEY}'x"), "damaged"),
            ("ssh-ed25519".into(), "damaged"),
            ("---- BEGIN SSH2 PUBLIC KEY ----".into(), "line 1: "),
            ("# none\n".into(), "no public key"),
        ] {
            let error = parse(&text).expect_err(&text);
            assert!(error.contains(what), "{text}: {error}");
        }
    }

    #[test]
    fn a_comment_brings_no_command_with_it() {
        let keys = parse(&format!("{KEY} a'; reboot; '\"$(id)`x`")).expect("a key");
        assert_eq!(keys, [format!("{KEY} a reboot idx")]);
    }
}
