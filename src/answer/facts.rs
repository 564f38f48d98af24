//! What a template knows: the names that may stand in it.
//!
//! | name | what |
//! | --- | --- |
//! | `label` | the menu entry's label |
//! | `tree` | URL of the tree, without a slash at its end |
//! | `tree_path` | the path in that URL |
//! | `server.url`, `server.host` | URL of the web root; host, with its port if it has one |
//! | `product.family`, `.name`, `.version`, `.arch` | what the discs are; version and arch may be empty |
//! | `product.like` | the release of Enterprise Linux, or (Fedora) the one it became; else the major version |
//! | `repositories` | of the tree: each with `name` (empty for the tree itself) and `url` |
//! | `answer.language`, `.locale`, `.keyboard`, `.timezone`, `.disk`, `.nic`, `.packages` | [`Values`] |
//! | `account.password_hash`, `.ssh_keys`, `.wipe` | [`Account`] with the settings' defaults |

use serde::Serialize;

use super::render::Request;
use super::settings::Values;
use super::word::plain;
use super::{Account, crypt, keys, word};
use crate::error::{Error, Result};
use crate::identify::{Product, product};

/// A version that is not known is taken for the newest.
const NEWEST: u64 = 10;

/// Where a tree of Enterprise Linux or Fedora may have repositories, besides its top.
const REPOSITORIES: [&str; 7] =
    ["BaseOS", "AppStream", "Minimal", "Server", "VT", "Cluster", "ClusterStorage"];

/// All that a template knows.
#[derive(Debug, Serialize)]
pub struct Facts {
    label: String,
    tree: String,
    tree_path: String,
    server: ServerFacts,
    product: ProductFacts,
    repositories: Vec<Repository>,
    answer: Values,
    account: AccountFacts,
}

/// [`Account`] with every key there: what a record leaves out a template may still ask for.
#[derive(Debug, Serialize)]
struct AccountFacts {
    password_hash: Option<String>,
    ssh_keys: Vec<String>,
    wipe: bool,
}

#[derive(Debug, Serialize)]
struct ServerFacts {
    url: String,
    host: String,
}

#[derive(Debug, Serialize)]
struct ProductFacts {
    family: String,
    name: String,
    version: String,
    arch: String,
    like: u64,
}

#[derive(Debug, Serialize)]
struct Repository {
    name: String,
    url: String,
}

impl Facts {
    /// Gathers and checks them: whatever comes from discs, settings and records is looked at once
    /// more, so that nothing in it can become a command.
    ///
    /// # Errors
    /// [`Error::Usage`] for a password hash that the product does not know, words that its installer
    /// has no use for, and discs without a repository.
    pub fn new(request: &Request<'_>) -> Result<Self> {
        let Request { product, label, server, dir, settings, .. } = *request;
        let values = settings.of(&product.profile);
        let account = account(request, &values);
        if let Some(hash) = &account.password_hash {
            crypt::check_for(product, like(product), hash)?;
        }
        if product.profile == "esxi" && account.password_hash.is_none() {
            return Err(Error::Usage(
                "ESXi is not installed without a password of root's, and there is no default: give \
                 --root-password-file, --root-password-hash or --root-password"
                    .into(),
            ));
        }
        for key in &account.ssh_keys {
            if keys::key(key).map_err(Error::Usage)? != *key {
                return Err(Error::Usage(format!("{key:?} is no public key in normal form")));
            }
        }
        check_words(product, &values)?;
        let tree = server.url(dir);
        Ok(Self {
            label: plain(label),
            tree_path: tree
                .strip_prefix(&format!("http://{}", server.authority()))
                .unwrap_or(dir)
                .to_owned(),
            repositories: repositories(request, &tree)?,
            tree,
            server: ServerFacts { url: server.to_string(), host: server.authority() },
            product: ProductFacts {
                family: plain(&product.family),
                name: plain(&product.name),
                version: plain(product.version.as_deref().unwrap_or_default()),
                arch: plain(product.arch.as_deref().unwrap_or_default()),
                like: like(product),
            },
            answer: values,
            account: AccountFacts {
                password_hash: account.password_hash,
                ssh_keys: account.ssh_keys,
                wipe: account.wipe,
            },
        })
    }
}

/// The account as the settings complete it.
pub(super) fn account(request: &Request<'_>, values: &Values) -> Account {
    let given = request.account;
    let mut ssh_keys = values.ssh_keys.clone();
    ssh_keys.extend(given.ssh_keys.iter().filter(|key| !values.ssh_keys.contains(key)).cloned());
    Account {
        password_hash: given.password_hash.clone().or_else(|| values.password_hash.clone()),
        ssh_keys,
        wipe: given.wipe,
    }
}

/// Values that were set by code instead of settings are no better than those.
fn check_words(product: &Product, values: &Values) -> Result<()> {
    let one = |check: word::Check, text: &String| check(text).map_err(Error::Usage);
    one(word::language, &values.language)?;
    one(word::keyboard, &values.keyboard)?;
    one(word::timezone, &values.timezone)?;
    values.disk.iter().try_for_each(|disk| one(word::disk, disk))?;
    values.nic.iter().try_for_each(|nic| one(word::nic, nic))?;
    for package in &values.packages {
        one(word::package, package)?;
        if matches!(&*product.profile, "ubuntu-di" | "ubuntu-live" | "debian")
            && !word::is_plain_package(package)
        {
            return Err(Error::Usage(format!(
                "[answer] has {package:?} among its packages, which Enterprise Linux alone \
                 understands: put that into [answer.el]"
            )));
        }
    }
    Ok(())
}

/// The release that the product behaves as. Fedora's turned into those of Enterprise Linux: 12 into
/// 6, 19 into 7, 28 into 8, 34 into 9, 40 into 10.
fn like(product: &Product) -> u64 {
    let numbers = product.version.as_deref().map(product::numbers).unwrap_or_default();
    match numbers.first().copied() {
        None => NEWEST,
        Some(fedora) if product.family == "fedora" => match fedora {
            ..12 => 5,
            12..19 => 6,
            19..28 => 7,
            28..34 => 8,
            34..40 => 9,
            _ => 10,
        },
        Some(major) => major,
    }
}

fn repositories(request: &Request<'_>, tree: &str) -> Result<Vec<Repository>> {
    let Request { product, exists, .. } = *request;
    if product.profile != "el" {
        return Ok(Vec::new());
    }
    if exists("repodata/repomd.xml") {
        return Ok(vec![Repository { name: String::new(), url: tree.to_owned() }]);
    }
    let has = |name: &&&str| exists(&format!("{name}/repodata/repomd.xml"));
    let found: Vec<_> = REPOSITORIES
        .iter()
        .filter(has)
        .map(|name| Repository { name: (*name).to_owned(), url: format!("{tree}/{name}") })
        .collect();
    if found.is_empty() {
        return Err(Error::Usage(format!(
            "the discs of {product} hold no repository to install from: a template cannot know where \
             the packages are; give an answer file of your own"
        )));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fedora_is_like_the_release_that_it_became() {
        let like = |family: &str, version: Option<&str>| {
            like(&Product {
                family: family.into(),
                name: String::new(),
                version: version.map(str::to_owned),
                arch: None,
                variant: None,
                profile: "el".into(),
            })
        };
        assert_eq!(like("centos", Some("6.8")), 6);
        assert_eq!(like("fedora", Some("20")), 7);
        assert_eq!(like("fedora", Some("40")), 10);
        assert_eq!(like("rhel", None), NEWEST);
    }
}
