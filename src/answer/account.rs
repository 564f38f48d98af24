//! Who may log in to a machine that has been installed.

use serde::{Deserialize, Serialize};

/// root's account, and what else an installer may do that it would not do by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// root's password as crypt(3) hashes it; the account is locked without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// Public keys that root may log in with, one line each, as in `authorized_keys`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ssh_keys: Vec<String>,
    /// Whether the installer may overwrite what it would keep otherwise (ESXi: VMFS datastores).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wipe: bool,
}
