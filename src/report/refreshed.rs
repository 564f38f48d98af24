//! The result of `refresh`.

use std::fmt::{self, Write};

use serde::Serialize;
use serde_json::Value;

use super::listed::columns;
use super::rendered::RenderedFile;
use super::{Document, Done, count, document};
use crate::human::human;
use crate::media::printable;
use crate::monitor::Warning;

/// What has become of each entry of `[[media]]`.
#[derive(Debug, Serialize)]
pub struct Refreshed {
    /// Version of this document.
    pub schema: u32,
    /// In the order of the settings, then what was pruned.
    pub imports: Vec<Refreshment>,
    /// Menus, answers and configs that other settings have changed.
    pub rendered: Vec<RenderedFile>,
    /// What an administrator should know.
    pub warnings: Vec<Warning>,
    /// How long it took.
    pub seconds: f64,
    /// Whether nothing was written (`--dry-run`).
    #[serde(skip)]
    pub dry_run: bool,
    /// The file of the settings, for people.
    #[serde(skip)]
    pub settings: String,
}

/// What has become of one entry.
#[derive(Debug, Serialize)]
pub struct Refreshment {
    /// The NAME.
    pub name: String,
    /// What was done.
    pub action: Action,
    /// Why; empty where there is nothing to say.
    pub reason: String,
    /// What has failed, as in the document of a failure.
    pub error: Option<Value>,
    /// What `import` says of it.
    pub report: Option<Box<Done>>,
}

/// What was done about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Imported for the first time.
    Imported,
    /// Imported again.
    ReImported,
    /// Left alone: nothing has changed.
    Unchanged,
    /// Left for the next run: an image is not settled yet.
    Waits,
    /// Left alone: it is held.
    Held,
    /// It could not be imported or removed; what was there stands.
    Failed,
    /// Removed.
    Pruned,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Imported => "imported",
            Self::ReImported => "re-imported",
            Self::Unchanged => "unchanged",
            Self::Waits => "waits",
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Pruned => "pruned",
        })
    }
}

impl Refreshed {
    /// A line a file that other settings have changed.
    fn rendered(&self) -> String {
        let verb = if self.dry_run { "would write" } else { "wrote" };
        let changed = self.rendered.iter().filter(|file| !file.kept);
        changed.map(|file| format!("{verb} {}\n", printable(file.path.as_bytes()))).collect()
    }

    /// What was done, or would be.
    fn word(&self, action: Action) -> String {
        match (action, self.dry_run) {
            (Action::Imported, true) => "would import".into(),
            (Action::ReImported, true) => "would re-import".into(),
            (Action::Pruned, true) => "would prune".into(),
            _ => action.to_string(),
        }
    }
}

impl Refreshment {
    /// Why, and what has come of it.
    fn story(&self) -> String {
        let message = self.error.as_ref().and_then(|error| error["message"].as_str());
        let mut parts: Vec<String> = Vec::new();
        parts.extend((!self.reason.is_empty()).then(|| self.reason.clone()));
        parts.extend(message.map(str::to_owned));
        parts.extend(self.report.as_ref().map(|done| {
            format!("{}, {} in {}", count(done.files, "file"), human(done.bytes), done.target)
        }));
        printable(parts.join(": ").as_bytes())
    }

    /// Whether an administrator wants to hear of it even under `--quiet`.
    fn is_news(&self) -> bool {
        matches!(
            self.action,
            Action::Imported | Action::ReImported | Action::Pruned | Action::Failed
        )
    }
}

impl Document for Refreshed {
    fn json(&self) -> Vec<u8> {
        document(self)
    }

    fn text(&self) -> String {
        if self.imports.is_empty() && self.rendered.is_empty() {
            let settings = printable(self.settings.as_bytes());
            return format!("nothing to refresh: there is no [[media]] in {settings}\n");
        }
        let row = |one: &Refreshment| [one.name.clone(), self.word(one.action), one.story()];
        let mut out = columns(&self.imports.iter().map(row).collect::<Vec<_>>(), &[]).concat();
        out.push_str(&self.rendered());
        out
    }

    fn urgent(&self) -> String {
        let news = self.imports.iter().filter(|one| one.is_news());
        let news = news.fold(String::new(), |mut out, one| {
            let word = self.word(one.action);
            let _ = match one.action {
                Action::Failed => writeln!(out, "error: {}: {}", one.name, one.story()),
                _ => writeln!(out, "{word} {}: {}", one.name, one.story()),
            };
            out
        });
        news + &self.rendered()
    }

    fn failed(&self) -> bool {
        self.imports.iter().any(|one| one.action == Action::Failed)
    }

    fn set_warnings(&mut self, warnings: Vec<Warning>) {
        self.warnings = warnings;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refreshed(actions: &[Action]) -> Refreshed {
        let one = |action: &Action| Refreshment {
            name: "a".into(),
            action: *action,
            reason: "why".into(),
            error: (*action == Action::Failed).then(|| serde_json::json!({"message": "x\x1b[2J"})),
            report: None,
        };
        Refreshed {
            schema: 1,
            imports: actions.iter().map(one).collect(),
            rendered: Vec::new(),
            warnings: Vec::new(),
            seconds: 0.0,
            dry_run: false,
            settings: "/data/pxe-import.toml".into(),
        }
    }

    #[test]
    fn only_news_are_urgent() {
        assert_eq!(refreshed(&[Action::Unchanged, Action::Waits, Action::Held]).urgent(), "");
        let news = refreshed(&[Action::Imported, Action::Failed, Action::Pruned]);
        assert_eq!(news.urgent(), "imported a: why\nerror: a: why: x\\x1b[2J\npruned a: why\n");
        assert!(news.failed() && !refreshed(&[Action::Waits]).failed());
    }

    #[test]
    fn the_text_is_a_line_an_import() {
        let text = refreshed(&[Action::ReImported, Action::Held]).text();
        assert_eq!(text, "a  re-imported  why\na  held         why\n");
        let text = refreshed(&[]).text();
        assert!(text.contains("no [[media]] in /data/pxe-import.toml"), "{text}");
    }

    #[test]
    fn a_dry_run_does_not_claim_to_have_done_it() {
        let run = Refreshed { dry_run: true, ..refreshed(&[Action::Imported, Action::Pruned]) };
        assert_eq!(run.text(), "a  would import  why\na  would prune   why\n");
    }
}
