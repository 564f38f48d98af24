//! Files that an entry brings along: made for it, published with it, and made again for another server.
//!
//! Windows PE looks for what to do in files of its own, and wimboot puts whatever else it is given beside
//! them. Their texts are the profile's, so that they can be changed without a new program.

use serde::Deserialize;

use super::answer::AnswerKind;
use super::context::Context;
use super::entry::{Boot, NAMES, needs_server, value};
use super::product::{self, Product};
use super::profile::Profile;
use super::template;
use crate::error::{Error, Result};

/// Where these files lie, from the top of the tree: in a directory for each label.
pub const DIR: &str = "pxe-import";

/// `[[entry.file]]`: a file that is made from a text of the profile's.
///
/// The text may hold all placeholders of an entry, and `{unc}` (the share that Windows is installed from, as
/// `\\192.168.4.6\public`), `{share-dir}` (the tree on it, with backslashes), `{answer-name}` (the answer
/// file's name at the top of the tree; nothing where there is none) and `{smb-user}` (the account that the
/// share asks for; nothing where it lets guests in).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Companion {
    /// Its name.
    pub name: String,
    /// How it is written.
    #[serde(default)]
    pub form: Form,
    /// What is in it.
    pub text: String,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// As it stands in the profile.
    #[default]
    Text,
    /// With the line ends of Windows.
    Crlf,
    /// A batch file: those line ends, and nothing but ASCII, as the code page is not known. A value is to
    /// stand between quotation marks, where only the per cent sign means something: it is doubled.
    Batch,
}

/// A file as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// From the top of the tree.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What the files of an entry are made from, besides what an entry is.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    /// Where the entry's files and URLs are.
    pub context: &'a Context<'a>,
    /// The server as UNC paths name it.
    pub host: Option<&'a str>,
    /// What the share is called.
    pub share: &'a str,
    /// What it shares, below the web root.
    pub shared: &'a str,
    /// The account that it asks for.
    pub user: Option<&'a str>,
    /// The answer file's name at the top of the tree.
    pub answer: Option<&'a str>,
}

/// Placeholders that only these files know.
const OWN: [&str; 4] = ["unc", "share-dir", "answer-name", "smb-user"];

/// Why a file cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The placeholder of this name has no value.
    Unknown(String),
    /// What has to be done, in words.
    Unfit(String),
}

impl Fault {
    pub(super) fn error(self, unknown: impl Fn(&str) -> Error) -> Error {
        match self {
            Self::Unknown(name) => unknown(&name),
            Self::Unfit(what) => Error::Usage(what),
        }
    }
}

impl Companion {
    pub(super) fn check(&self) -> Result<(), (String, String)> {
        let near = |what: String| Err((self.name.clone(), what));
        if product::word(&self.name).as_deref() != Some(&self.name) || self.name.contains('/') {
            return near(format!("{:?} is no file name", self.name));
        }
        let known = |name: &&str| OWN.contains(name) || NAMES.contains(name);
        if let Some(name) = template::names(&self.text).into_iter().find(|name| !known(name)) {
            let what = format!(
                "file {:?}: unknown placeholder {{{name}}}; there are {{{}}} and those of an entry",
                self.name,
                OWN.join("}, {")
            );
            return near(what);
        }
        match self.form == Form::Batch && !self.text.is_ascii() {
            true => near(format!("file {:?}: a batch file is to be ASCII", self.name)),
            false => Ok(()),
        }
    }

    /// Whether it hands an answer file on.
    pub(super) fn takes_answers(&self) -> bool {
        let names = template::names(&self.text);
        names.iter().any(|name| matches!(*name, "answer" | "answer-name"))
    }

    /// Where it is published, from the top of the tree.
    pub(super) fn path(&self, label: &str) -> String {
        format!("{DIR}/{label}/{}", self.name)
    }

    /// The file of the entry `label`; `value` knows the placeholders of an entry.
    pub(super) fn make(
        &self,
        label: &str,
        around: &Around<'_>,
        value: impl Fn(&str) -> Option<String>,
    ) -> Result<Made, Fault> {
        let mut unfit = None;
        let text = template::fill(&self.text, |name| {
            let value = match name {
                "unc" => around.host.map(|host| format!(r"\\{host}\{}", around.share)),
                "share-dir" => Some(around.share_dir().unwrap_or_else(|what| {
                    unfit.get_or_insert(what);
                    String::new()
                })),
                "answer-name" => Some(around.answer.unwrap_or_default().to_owned()),
                "smb-user" => Some(around.user.unwrap_or_default().to_owned()),
                name => value(name),
            }?;
            if self.form != Form::Batch {
                return Some(value);
            }
            if name == "answer-name" && !value.is_empty() && !is_windows_name(&value) {
                unfit.get_or_insert(format!(
                    "Windows cannot open the answer file {value:?} on the share: give it a name of ASCII \
                     letters, digits, dots, underscores and hyphens"
                ));
            }
            // What people read has no need of what a batch file could take for a command.
            Some(match OWN.contains(&name) {
                true => value.replace('%', "%%"),
                false => value.chars().map(plain).collect(),
            })
        });
        match (unfit, text) {
            (Some(what), _) => Err(Fault::Unfit(what)),
            (None, Err(name)) => Err(Fault::Unknown(name.to_owned())),
            (None, Ok(text)) => {
                let text = match self.form {
                    Form::Text => text,
                    Form::Crlf | Form::Batch => text.replace("\r\n", "\n").replace('\n', "\r\n"),
                };
                Ok(Made { path: self.path(label), bytes: text.into_bytes() })
            }
        }
    }
}

impl Around<'_> {
    /// The tree on the share, with backslashes.
    fn share_dir(&self) -> Result<String, String> {
        let dir = self.context.dir;
        let below = dir.strip_prefix(self.shared).and_then(|rest| rest.strip_prefix('/'));
        let Some(below) = below else {
            return Err(format!(
                "the share {} has what lies below wwwroot/{} only, and {dir} does not: choose another \
                 place with --dir {}/NAME",
                self.share, self.shared, self.shared
            ));
        };
        match below.split('/').find(|name| !is_windows_name(name)) {
            Some(name) => Err(format!(
                "Windows cannot open {name:?} on the share: choose another place with --dir {}/NAME",
                self.shared
            )),
            None => Ok(below.replace('/', r"\")),
        }
    }
}

impl Profile {
    /// The way to boot of a product's that hands an answer file of this language on.
    pub(super) fn answered_way(&self, product: &Product, kind: AnswerKind) -> Option<&str> {
        let takes = |boot: &&Boot| {
            boot.fits(product)
                && boot.answers.contains(&kind)
                && boot.companions.iter().any(Companion::takes_answers)
        };
        self.boots.iter().find(takes)?.name.as_deref()
    }

    /// The files that the entry of a product under `label` brings along, as [`Profile::boot`] chooses it.
    ///
    /// # Errors
    /// [`Error::Usage`] for a value that is not known, or cannot stand where the file has it; as
    /// [`Profile::boot`].
    pub fn companions(
        &self,
        product: &Product,
        label: &str,
        choice: Option<&str>,
        around: &Around<'_>,
    ) -> Result<Vec<Made>> {
        let Some(boot) = self.boot(product, choice)? else { return Ok(Vec::new()) };
        let context = around.context;
        let ram = boot.ram.as_ref().map(|ram| ram.bytes(context.image, context.size));
        let kind = context.answer.map(|answer| answer.kind);
        let takes = kind.is_some_and(|kind| boot.answers.contains(&kind));
        let answer = around.answer.filter(|_| takes);
        let around = &Around { answer, ..*around };
        let value = |name: &str| value(name, self, product, label, ram, context);
        let make = |one: &Companion| {
            one.make(label, around, value)
                .map_err(|fault| fault.error(|name| needs_server(product, name)))
        };
        boot.companions.iter().map(make).collect()
    }
}

/// Whether Windows opens a file of this name, and a batch file can name it (Naming Files, Paths, and
/// Namespaces: no `<>:"/\|?*`, and neither blank nor dot at the end).
fn is_windows_name(name: &str) -> bool {
    let fit = |c: char| matches!(c, ' '..='~') && !r#"<>:"/\|?*"#.contains(c);
    !name.is_empty() && name.chars().all(fit) && !name.ends_with([' ', '.'])
}

/// A character that a batch file takes for itself wherever it stands.
fn plain(c: char) -> char {
    if c.is_ascii_alphanumeric() || " ._-+~:/".contains(c) { c } else { '_' }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn companion(form: Form, text: &str) -> Companion {
        Companion { name: "startnet.cmd".into(), form, text: text.into() }
    }

    fn make(one: &Companion, dir: &str, answer: Option<&str>) -> Result<String, Fault> {
        let context = Context {
            dir,
            url: None,
            host: None,
            path_prefix: "",
            answer: None,
            exists: &|_| true,
            read: &|_, _| None,
            list: &|_| Vec::new(),
            find: &|_| None,
            loader: &|_| true,
            image: None,
            size: &|_| None,
        };
        let around = Around {
            context: &context,
            host: Some("192.168.4.6"),
            share: "public",
            shared: "windows",
            user: None,
            answer,
        };
        let value = |name: &str| (name == "name").then(|| "A & \"B\" %x%".to_owned());
        let made = one.make("w", &around, value)?;
        assert_eq!(made.path, "pxe-import/w/startnet.cmd");
        Ok(String::from_utf8(made.bytes).expect("text"))
    }

    #[test]
    fn a_batch_file_has_the_line_ends_of_windows_and_no_value_is_a_command() {
        let text = "rem {name}\nset \"t={unc}\\{share-dir}\"\r\nset \"a={answer-name}\"\n";
        let one = companion(Form::Batch, text);
        let made = make(&one, "windows/a/b~1", Some("my %PATH% & answers^!.xml")).expect("made");
        let lines = [
            "rem A _ _B_ _x_\r\n",
            "set \"t=\\\\192.168.4.6\\public\\a\\b~1\"\r\n",
            "set \"a=my %%PATH%% & answers^!.xml\"\r\n",
        ];
        assert_eq!(made, lines.concat());
        assert!(make(&one, "windows/w", None).expect("made").ends_with("set \"a=\"\r\n"));
    }

    #[test]
    fn what_windows_cannot_open_is_refused_with_what_to_do() {
        let one = companion(Form::Batch, "{share-dir}{answer-name}");
        for (dir, answer, said) in [
            ("apt/w", None, "--dir windows/NAME"),
            ("windows", None, "--dir windows/NAME"),
            ("windowsx/w", None, "--dir windows/NAME"),
            ("windows/w.", None, "cannot open \"w.\""),
            ("windows/w", Some("a\".xml"), "the answer file"),
            ("windows/w", Some("\u{e4}.xml"), "the answer file"),
            ("windows/w", Some("a. "), "the answer file"),
        ] {
            match make(&one, dir, answer) {
                Err(Fault::Unfit(what)) => assert!(what.contains(said), "{what}"),
                other => panic!("{dir} {answer:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_placeholder_without_a_value_is_named() {
        let one = companion(Form::Text, "{url}");
        assert_eq!(make(&one, "windows/w", None), Err(Fault::Unknown("url".into())));
    }

    #[test]
    fn a_fault_of_the_profile_is_told_when_it_is_read() {
        let said = |one: Companion| one.check().expect_err("refused").1;
        assert!(said(companion(Form::Text, "{share}")).contains("{unc}, {share-dir}"));
        assert!(said(companion(Form::Batch, "echo \u{e4}")).contains("ASCII"));
        let odd = Companion { name: "../x".into(), form: Form::Text, text: String::new() };
        assert!(said(odd).contains("no file name"));
        assert_eq!(companion(Form::Crlf, "\u{e4} {unc} {label}").check(), Ok(()));
    }
}
