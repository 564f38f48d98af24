//! A template and what is known become an answer file.

use std::path::Path;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};

use super::facts::{self, Facts};
use super::{Account, Choice, Settings, seed};
use crate::error::{Error, Result};
use crate::identify::{AnswerKind, Product};
use crate::site::Server;
use crate::site::name::check_name;

/// What an answer file is made of.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The template; the product's default where none is named.
    pub template: Option<&'a str>,
    /// What is installed.
    pub product: &'a Product,
    /// The menu entry.
    pub label: &'a str,
    /// Where the tree is served.
    pub server: &'a Server,
    /// The tree, relative to the web root.
    pub dir: &'a str,
    /// The site's answers.
    pub settings: &'a Settings,
    /// root's account.
    pub account: &'a Account,
    /// Whether a path is in the tree.
    pub exists: &'a dyn Fn(&str) -> bool,
}

/// Makes the answer file: from the site's own template (its path and text) or a built-in one.
///
/// # Errors
/// [`Error::Usage`] where there is no such template, and as [`Facts::new`]; [`Error::Invalid`] with the
/// template's name and line for what is wrong in it.
pub fn render(request: &Request<'_>, own: Option<(&Path, &str)>) -> Result<String> {
    let Request { template, product, .. } = *request;
    let (path, text) = match own {
        Some((path, text)) => (path.to_owned(), text),
        None => {
            let builtin = Choice::new(&product.profile, template).text(product, template)?;
            (Path::new("templates").join(builtin.name), builtin.text)
        }
    };
    let facts = Facts::new(request)?;
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // A line that holds a tag alone leaves no line behind.
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    let rendered = syntax
        .and_then(|syntax| {
            environment.set_syntax(syntax);
            environment.template_from_str(text)?.render(Serde(&facts))
        })
        .map_err(|error| {
            let line = error.line().map(|line| format!("line {line}: ")).unwrap_or_default();
            let detail = error.detail().map(|detail| format!(": {detail}")).unwrap_or_default();
            Error::invalid(&path, format!("{line}{}{detail}", error.kind()))
        })?;
    if rendered.trim().is_empty() {
        return Err(Error::invalid(path, "gives nothing: an answer file has at least one line"));
    }
    Ok(rendered)
}

/// Whether nobody could log in to the installed machine as root: neither by password nor by key.
pub fn is_locked(request: &Request<'_>) -> bool {
    let account = facts::account(request, &request.settings.of(&request.product.profile));
    account.password_hash.is_none() && account.ssh_keys.is_empty()
}

/// What the answer file of the entry `label` is called, from the top of the tree: `ks-LABEL.cfg`,
/// `preseed-LABEL.cfg`, `answers/LABEL/user-data`.
///
/// # Errors
/// [`Error::Usage`] for a label that is no file name.
pub fn file_name(label: &str, kind: AnswerKind) -> Result<String> {
    check_name(label)?;
    Ok(match kind {
        AnswerKind::Kickstart => format!("ks-{label}.cfg"),
        AnswerKind::Preseed => format!("preseed-{label}.cfg"),
        AnswerKind::Autoinstall => seed::path(label),
        AnswerKind::Autoyast => format!("autoyast-{label}.xml"),
        AnswerKind::Agama => format!("agama-{label}.json"),
        AnswerKind::Xenserver => format!("answers-{label}.xml"),
        AnswerKind::Unattend => format!("unattend-{label}.xml"),
    })
}

#[cfg(test)]
mod tests;
