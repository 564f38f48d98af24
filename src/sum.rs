//! Checksums as lists and command lines give them, and what computes them.

use std::fmt;
use std::str::FromStr;

use md5::Md5;
use sha2::{Digest, Sha256, Sha512};

/// What a sum is computed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RFC 1321: proof against a damaged download, not against a forged one.
    Md5,
    /// FIPS 180-4.
    Sha256,
    /// FIPS 180-4.
    Sha512,
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// A sum; shown in lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sum {
    /// See [`Algorithm::Md5`].
    Md5([u8; 16]),
    /// See [`Algorithm::Sha256`].
    Sha256([u8; 32]),
    /// See [`Algorithm::Sha512`].
    Sha512([u8; 64]),
}

/// Why a text is no [`Sum`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SumError {
    /// A known algorithm that is not computed here.
    #[error("{0} sums are not supported, only MD5, SHA-256 and SHA-512")]
    Unsupported(&'static str),
    /// Something else.
    #[error("a sum has 32 (MD5), 64 (SHA-256) or 128 (SHA-512) hexadecimal digits")]
    Malformed,
}

impl Sum {
    /// What it is computed with.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Md5(_) => Algorithm::Md5,
            Self::Sha256(_) => Algorithm::Sha256,
            Self::Sha512(_) => Algorithm::Sha512,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Md5(bytes) => bytes,
            Self::Sha256(bytes) => bytes,
            Self::Sha512(bytes) => bytes,
        }
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Sum {
    type Err = SumError;

    /// Hexadecimal digits of either case; how many there are tells the algorithm.
    fn from_str(digits: &str) -> Result<Self, SumError> {
        let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|n| u8::try_from(n).ok());
        let byte = |pair: &[u8]| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(byte).collect();
        let bytes = bytes.ok_or(SumError::Malformed)?;
        let fixed = match bytes.len() {
            16 => bytes.try_into().map(Self::Md5),
            20 => return Err(SumError::Unsupported("SHA-1")),
            28 => return Err(SumError::Unsupported("SHA-224")),
            32 => bytes.try_into().map(Self::Sha256),
            48 => return Err(SumError::Unsupported("SHA-384")),
            64 => bytes.try_into().map(Self::Sha512),
            _ => return Err(SumError::Malformed),
        };
        fixed.map_err(|_| SumError::Malformed)
    }
}

/// Computes a [`Sum`] of bytes that come in order.
#[derive(Debug, Clone)]
pub enum Hasher {
    /// See [`Algorithm::Md5`].
    Md5(Md5),
    /// See [`Algorithm::Sha256`].
    Sha256(Sha256),
    /// See [`Algorithm::Sha512`].
    Sha512(Sha512),
}

impl Hasher {
    /// Of no bytes so far.
    pub fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Md5 => Self::Md5(Md5::new()),
            Algorithm::Sha256 => Self::Sha256(Sha256::new()),
            Algorithm::Sha512 => Self::Sha512(Sha512::new()),
        }
    }

    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(hasher) => hasher.update(bytes),
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha512(hasher) => hasher.update(bytes),
        }
    }

    /// The sum of all bytes.
    pub fn finish(self) -> Sum {
        match self {
            Self::Md5(hasher) => Sum::Md5(hasher.finalize().into()),
            Self::Sha256(hasher) => Sum::Sha256(hasher.finalize().into()),
            Self::Sha512(hasher) => Sum::Sha512(hasher.finalize().into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_of_digits_tells_the_algorithm() {
        for (len, algorithm) in
            [(32, Algorithm::Md5), (64, Algorithm::Sha256), (128, Algorithm::Sha512)]
        {
            let sum: Sum = "Ab".repeat(len / 2).parse().expect("a sum");
            assert_eq!(sum.algorithm(), algorithm);
            assert_eq!(sum.to_string(), "ab".repeat(len / 2));
        }
    }

    #[test]
    fn sha1_is_told_from_what_is_no_sum_at_all() {
        assert_eq!("0".repeat(40).parse::<Sum>(), Err(SumError::Unsupported("SHA-1")));
        for text in ["", "0", "xyz", &"0".repeat(63), &"g".repeat(64), &format!("+{:063}", 0), "é"]
        {
            assert_eq!(text.parse::<Sum>(), Err(SumError::Malformed), "{text}");
        }
    }

    #[test]
    fn sums_of_abc_are_those_of_the_standards() {
        for (algorithm, start) in [
            (Algorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Algorithm::Sha256, "ba7816bf8f01cfea"),
            (Algorithm::Sha512, "ddaf35a193617aba"),
        ] {
            let mut hasher = Hasher::new(algorithm);
            hasher.update(b"ab");
            hasher.update(b"c");
            let sum = hasher.finish();
            assert!(sum.to_string().starts_with(start), "{sum}");
            assert_eq!(sum.to_string().parse(), Ok(sum));
        }
    }
}
