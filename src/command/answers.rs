//! `pxe-import answer`: an answer file, printed.

use super::{answer, secrets};
use crate::answer::{Account, Choice, Request, Source, seed};
use crate::cli::Common;
use crate::cli::answering::Secrets;
use crate::cli::boot::Answer;
use crate::error::{Error, Result};
use crate::identify::profile::Family;
use crate::identify::{Product, Profile, product};
use crate::media::path::check_name;
use crate::monitor::Monitor;
use crate::report::Report;
use crate::report::answered::Answered;
use crate::site::record::Record;
use crate::site::{Root, Server, Settings};

/// Prints the answer file of an import's entry as it is published, one that a template would make, or
/// the template itself.
///
/// # Errors
/// [`Error::Usage`] for what is neither an import nor a family, a family without a template, and an
/// address that is not known; what reading secrets gives, and as [`crate::answer::render()`].
pub fn run(args: &Answer, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let root = Root::new(&common.root);
    let template = args.template.as_deref();
    let found = of_import(&root, &args.of)?;
    let subject = match found {
        Some((record, label)) => {
            let as_it_is = !args.source && template.is_none() && args.secrets == Secrets::default();
            if as_it_is && let Some((name, text)) = published(&root, &record, &label)? {
                return Ok(report(common, &label, "published", name, text));
            }
            Subject::of(record, label)?
        }
        None => Subject::family(&root, &args.of, template)?,
    };
    if args.source {
        let (name, text) = source(&root, &subject.product, template)?;
        return Ok(report(common, &subject.label, "template", name, text));
    }
    let settings = Settings::load(&root)?;
    let server = match (&args.server, &settings.server, &subject.record) {
        (Some(address), ..) => address.parse()?,
        (None, Some(server), _) => server.clone(),
        (None, None, Some(Record { server: Some(server), .. })) => server.parse::<Server>()?,
        _ => return Err(Server::missing(&root, "the answer file's URLs")),
    };
    let account: Account = secrets::account(&args.secrets, None, monitor)?;
    let tree = subject.record.as_ref().map(|record| root.target(&record.target));
    let exists = |path: &str| match &tree {
        Some(tree) => tree.join(path).exists(),
        None => usual(&subject.product, path),
    };
    let request = Request {
        template,
        product: &subject.product,
        label: &subject.label,
        server: &server,
        dir: &subject.dir,
        settings: &settings.answer,
        account: &account,
        exists: &exists,
    };
    let source = Source::Template(template.map(str::to_owned));
    let file = answer::AnswerFile::make(&root, &source, &request)?;
    secrets::warn_of_locked(&request, &file.name, monitor);
    Ok(report(common, &subject.label, "rendered", file.name, file.content.to_vec()))
}

/// The text itself, even under `--quiet`: it is what was asked for.
fn report(common: &Common, label: &str, kind: &'static str, file: String, text: Vec<u8>) -> Report {
    match common.json {
        true => Report::Other(Box::new(Answered::new(label, kind, file, &text))),
        false => Report::Text(text),
    }
}

/// What the answer file is for.
struct Subject {
    product: Product,
    label: String,
    /// The tree, relative to the web root.
    dir: String,
    /// The import, if it is one.
    record: Option<Record>,
}

impl Subject {
    fn of(record: Record, label: String) -> Result<Self> {
        let Some(product) = record.product.clone() else {
            return Err(Error::Usage(format!(
                "the record of {} does not say what it is: import it again, or name a family",
                record.name
            )));
        };
        Ok(Self { product, label, dir: record.target.clone(), record: Some(record) })
    }

    /// A family with the version that may follow it: `centos6.8`, `el7`, `ubuntu-16.04`, `esxi`.
    fn family(root: &Root, text: &str, template: Option<&str>) -> Result<Self> {
        let profiles = crate::site::profiles::load(root)?;
        let lower = text.to_ascii_lowercase();
        let families = || {
            let pairs = |profile| family_pairs(profile);
            profiles.iter().flat_map(pairs)
        };
        let version_of = |alias: &str| {
            let rest = lower.strip_prefix(alias)?;
            let rest = rest.strip_prefix(['-', '_']).unwrap_or(rest);
            let good = rest.chars().all(|c| c.is_ascii_digit() || c == '.')
                && (rest.is_empty() || !product::numbers(rest).is_empty());
            good.then(|| rest.to_owned())
        };
        let called = families().filter_map(|(profile, family)| {
            let alias = |alias: &String| Some((alias.len(), version_of(alias)?));
            let (len, version) = family.aliases.iter().filter_map(alias).max()?;
            let product = Product { version: Some(version.clone()), ..named(profile, family) };
            let listed = profile.releases.iter().any(|release| release.covers(&product));
            let has = Choice::new(&profile.name, template).builtin.is_some();
            Some(((len, has, listed), profile, family, version))
        });
        // Of two that an alias fits alike, the one that has the template, then the one that is known to
        // boot that version, then the first one that is listed.
        let best = called.reduce(|best, next| if next.0 > best.0 { next } else { best });
        let Some((_, profile, family, version)) = best else {
            let mut names: Vec<_> = families()
                .filter(|(profile, _)| Choice::new(&profile.name, None).builtin.is_some())
                .map(|(_, family)| family.name.as_str())
                .collect();
            names.sort_unstable();
            names.dedup();
            return Err(Error::Usage(format!(
                "'{text}' is neither an import nor a family that there are templates for: {} (with \
                 a version: centos6.8)",
                names.join(", ")
            )));
        };
        let version = Some(version).filter(|version| !version.is_empty());
        let name = format!("{} {}", family.title, version.as_deref().unwrap_or_default());
        let name = name.trim_end().to_owned();
        let product = Product { name, version, ..named(profile, family) };
        let dir = match profile.target(&product, &lower, None) {
            Ok(target) => target.path,
            // Without a version there is no telling where it would go.
            Err(_) => {
                profile.target.split('/').next().unwrap_or_default().to_owned() + "/" + &lower
            }
        };
        Ok(Self { product, label: lower, dir, record: None })
    }
}

/// A product of the family, of no version.
fn named(profile: &Profile, family: &Family) -> Product {
    let arch = if profile.name == "el" || profile.name == "esxi" { "x86_64" } else { "amd64" };
    Product {
        family: family.name.clone(),
        name: family.title.clone(),
        version: None,
        arch: Some(arch.to_owned()),
        variant: None,
        profile: profile.name.clone(),
    }
}

fn family_pairs(profile: &Profile) -> impl Iterator<Item = (&Profile, &Family)> {
    profile.families.iter().map(move |family| (profile, family))
}

/// The import of that name, or the one with an entry of that label; and the label.
fn of_import(root: &Root, name: &str) -> Result<Option<(Record, String)>> {
    let mut records = root.records()?;
    let at = records.iter().position(|record| record.name == name).or_else(|| {
        let labelled = |record: &Record| record.entries.iter().any(|one| one.entry.label == name);
        records.iter().position(labelled)
    });
    Ok(at.map(|at| (records.swap_remove(at), name.to_owned())))
}

/// The answer file that the entry names, as it is in the tree, and its name; `None` where it names none.
fn published(root: &Root, record: &Record, label: &str) -> Result<Option<(String, Vec<u8>)>> {
    let Some(entry) = record.entries.iter().find(|one| one.entry.label == label) else {
        return Ok(None);
    };
    // A seed is named by its directory.
    let asked = entry.asked.as_ref().and_then(|asked| asked.answer.as_ref());
    let seed = asked.map(|answer| &answer.file).filter(|file| {
        let in_tree = |dir: &str| format!("/{}/{dir}", record.target);
        let named = |dir| entry.entry.args.iter().any(|arg| arg.ends_with(&in_tree(dir)));
        seed::dir(file).is_some_and(named)
    });
    let file = seed.cloned().or_else(|| {
        entry.entry.args.iter().find_map(|arg| {
            let (key, url) = arg.split_once('=')?;
            let (dir, name) = url.rsplit_once('/')?;
            let named = matches!(key, "ks" | "inst.ks" | "url")
                && url.starts_with("http://")
                && dir.ends_with(&format!("/{}", record.target))
                && check_name(name.as_bytes()).is_ok();
            named.then(|| name.to_owned())
        })
    });
    let Some(name) = file else { return Ok(None) };
    let path = root.target(&record.target).join(&name);
    match std::fs::read(&path) {
        Ok(text) => Ok(Some((name, text))),
        Err(e) => Err(Error::io("read the answer file", path, e)),
    }
}

/// The template, and its name.
fn source(root: &Root, product: &Product, template: Option<&str>) -> Result<(String, Vec<u8>)> {
    if let Some((path, text)) = answer::own_template(root, &product.profile, template)? {
        let name = path.strip_prefix(root.path()).unwrap_or(&path);
        return Ok((name.to_string_lossy().into_owned(), text.into_bytes()));
    }
    let builtin = Choice::new(&product.profile, template).text(product, template)?;
    Ok((builtin.name.to_owned(), builtin.text.as_bytes().to_vec()))
}

/// Whether a path is where a disc of this product usually has it: from 8 on a disc of Enterprise Linux
/// has a repository in each of two directories, all others have one.
fn usual(product: &Product, path: &str) -> bool {
    let version = product.version.as_deref().map(product::numbers).unwrap_or_default();
    let parted = product.family != "fedora" && version.first().is_none_or(|&major| major >= 8);
    match path {
        "repodata/repomd.xml" => !parted,
        "BaseOS/repodata/repomd.xml" | "AppStream/repodata/repomd.xml" => parted,
        _ => false,
    }
}
