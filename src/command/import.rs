//! `pxe-import NAME ISO...`: from install discs to a web root that boots.

use std::time::Instant;

use super::answer::AnswerFile;
use super::merge::merged;
use super::publication::{Publication, Published};
use super::{origin, secrets};
use crate::answer::{Account, Request, Source};
use crate::cli::answering::Answering;
use crate::cli::{Common, Import, RESERVED};
use crate::content::Content;
use crate::error::{Error, Result};
use crate::identify::join::{Known, reference};
use crate::identify::profile::Patch;
use crate::identify::{self, Answer, Context, Product, Profile, Profiles, Target};
use crate::media::Disc;
use crate::menu::pxelinux;
use crate::menu::{Block, Entry};
use crate::monitor::{Monitor, Warning};
use crate::patch;
use crate::plan::rule::{Pattern, PatternError};
use crate::plan::{Merged, Plan, PlanId, Rules, add_top_file};
use crate::report::{Done, Report};
use crate::site::{self, Record, Root, Server, Settings};
use crate::verify::Wanted;

/// Identifies, merges, copies, patches, links, adds the menu entry.
///
/// # Errors
/// Whatever fails on the way; then the old tree and the old menu are as they were.
pub fn run(args: &Import, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let done = prepared(args, common, monitor, |publication| match common.dry_run {
        true => publication.try_out(),
        false => publication.run(common, monitor),
    })?;
    Ok(Report::Done(Box::new(done)))
}

/// Does all that comes before the publication, which is `publish`'s, and tells what has been done.
///
/// # Errors
/// As [`run`] and `publish`.
pub(super) fn prepared(
    args: &Import,
    common: &Common,
    monitor: &dyn Monitor,
    publish: impl FnOnce(&Publication<'_>) -> Result<Published>,
) -> Result<Done> {
    let begun = Instant::now();
    check_name(&args.name)?;
    let wanted = Wanted::new(&args.images, &args.sums.sha256, args.sums.checksums.as_deref())?;
    let root = Root::new(&common.root);
    let settings = Settings::load(&root)?;
    let given = Given::new(&args.answering, monitor)?;
    let discs = super::open_set(&args.images, args.merge.hierarchy, monitor)?;
    let profiles = Profiles::builtin()?;
    let (profile, product) = identify(args, &discs, &profiles, monitor)?;
    let target = target(args, profile, &product)?;
    let site = Site { server: origin::server(args, &settings)?, root: &root };
    if let Some(server) = site.server.as_ref().filter(|server| server.is_loopback()) {
        let message = "is this machine alone: give the address that clients reach it by";
        monitor.warn(Warning::new("server-is-loopback", server.to_string(), message));
    }
    if !args.no_menu && profile.needs_server(given.is_some()) {
        site.server("the menu entry's URLs")?;
    }
    let mut done = Done { name: Some(args.name.clone()), ..Done::default() };

    let mut answer = None;
    let plan = match target.whole_image {
        true => whole_image(&discs, given.is_some())?,
        false => {
            let rules = rules(profile)?;
            let Merged { mut plan, conflicts } =
                merged(&discs, &rules, args.merge.on_conflict, common.jobs(), monitor)?;
            done.conflicts = conflicts;
            if profile.patch == Some(Patch::Esxi) {
                done.patched = patch::esxi(&mut plan, &site.prefix(&target), monitor)?;
            }
            answer = match given {
                Given::None => None,
                Given::File(file) => Some(file),
                Given::Template(source, account) => {
                    let request = Request {
                        template: None,
                        product: &product,
                        label: &args.name,
                        server: site.server("the answer file's URLs")?,
                        dir: &target.path,
                        settings: &settings.answer,
                        account: &account,
                        exists: &|path| plan.find(path.as_bytes()).is_some(),
                    };
                    let file = AnswerFile::make(&root, source, &request)?;
                    secrets::warn_of_locked(&request, &file.name, monitor);
                    Some(file)
                }
            };
            if let Some(answer) = &answer {
                let content = Content::Bytes(answer.content.clone());
                add_top_file(
                    &mut plan,
                    answer.name.as_bytes(),
                    content,
                    args.answering.answer_mode,
                )?;
                warn_of_public(args, answer, monitor);
            }
            plan
        }
    };
    let answer = match answer {
        Some(file) => Some(site.answer(&target, &file)?),
        None => None,
    };
    let mut entries =
        site.entries(args, profile, &product, &target, &plan, answer.as_ref(), monitor)?;
    if let Some(old) = Record::read(&root, &args.name)? {
        entries.iter_mut().for_each(|entry| keep_own(entry, &old, args));
    }
    let blocks = entries.iter().map(pxelinux::block).collect::<Result<Vec<_>>>()?;

    let publication = Publication {
        args,
        root: &root,
        settings: &settings,
        product: &product,
        target: &target.path,
        plan: &plan,
        entries: &entries,
        blocks: &blocks,
        wanted: &wanted,
        adoption: None,
    };
    let Published { menu, verified, read, reused, written } = publish(&publication)?;
    // A block that its owner has edited was not written.
    let kept = |block: &&Block| menu.iter().any(|m| m.label == block.label() && m.diff.is_some());
    let entry = blocks.iter().filter(|block| !kept(block)).map(Block::text).collect();
    Ok(Done {
        target: format!("wwwroot/{}", target.path),
        menu,
        read,
        reused,
        written,
        verified,
        answer: answer.map(|answer| answer.url),
        product: Some(product.to_string()),
        entry,
        dry_run: common.dry_run,
        seconds: begun.elapsed().as_secs_f64(),
        ..done.with(plan.totals())
    })
}

/// The answer file as the command line gives it.
enum Given<'a> {
    None,
    File(AnswerFile),
    /// Made once the discs are known.
    Template(&'a Source, Account),
}

impl<'a> Given<'a> {
    /// Reads what can be read before the discs are.
    fn new(args: &'a Answering, monitor: &dyn Monitor) -> Result<Self> {
        let account = secrets::of(args, None, monitor)?;
        Ok(match &args.answer {
            None => Self::None,
            Some(Source::File(path)) => Self::File(AnswerFile::read(path)?),
            Some(source @ Source::Template(_)) => Self::Template(source, account),
        })
    }

    fn is_some(&self) -> bool {
        !matches!(self, Self::None)
    }
}

fn check_name(name: &str) -> Result<()> {
    if RESERVED.contains(&name) {
        return Err(Error::Usage(format!("'{name}' is a reserved word: choose another NAME")));
    }
    site::name::check_name(name)
}

/// What the discs are together, checked against the NAME.
fn identify<'p>(
    args: &Import,
    discs: &[Disc],
    profiles: &'p Profiles,
    monitor: &dyn Monitor,
) -> Result<(&'p Profile, Product)> {
    let forced = match &args.profile {
        Some(name) => Some(profiles.get(name).ok_or_else(|| {
            let names: Vec<_> = profiles.iter().map(|profile| profile.name.as_str()).collect();
            Error::Usage(format!("there is no profile '{name}'; there are {}", names.join(", ")))
        })?),
        None => None,
    };
    let products = discs
        .iter()
        .map(|disc| identify::identify(disc, profiles, monitor))
        .collect::<Result<Vec<_>>>()?;
    let known: Vec<Known<'_>> = products
        .iter()
        .zip(discs)
        .map(|(product, disc)| (product.as_ref(), disc.identifiers.volume_id.as_str()))
        .collect();
    let at =
        reference(&known).map_err(|(index, what)| Error::conflict(path_of(discs, index), what))?;
    let found = products.get(at).cloned().flatten();
    let product = match (forced, found) {
        (Some(profile), Some(product)) if product.profile == profile.name => product,
        (Some(profile), _) => {
            let disc = discs.get(at).ok_or_else(|| Error::Usage("no image is given".into()))?;
            identify::identify_as(disc, profile, monitor)?
        }
        (None, Some(product)) => product,
        (None, None) => {
            let what = "it does not say what it is: name its kind with --profile, or copy it with \
                        'pxe-import extract'";
            return Err(Error::conflict(path_of(discs, at), what));
        }
    };
    identify::check_name(&args.name, &product, profiles)
        .map_err(|what| Error::conflict(path_of(discs, at), what))?;
    let profile = profiles
        .get(&product.profile)
        .ok_or_else(|| Error::Usage(format!("there is no profile '{}'", product.profile)))?;
    Ok((profile, product))
}

fn path_of(discs: &[Disc], index: usize) -> std::path::PathBuf {
    discs.get(index).map(|disc| disc.image.path().to_owned()).unwrap_or_default()
}

/// Where the tree goes: `--dir`, or as the profile has it.
fn target(args: &Import, profile: &Profile, product: &Product) -> Result<Target> {
    let wanted = match &args.dir {
        Some(dir) => Target { path: dir.clone(), whole_image: profile.whole_image },
        None => profile.target(product, &args.name)?,
    };
    Ok(Target { path: site::name::target(&wanted.path)?, ..wanted })
}

fn rules(profile: &Profile) -> Result<Rules> {
    let texts = |list: &[String]| -> Result<Vec<Pattern>, PatternError> {
        list.iter().map(|text| text.parse()).collect()
    };
    let read = || Ok(Rules { drop: texts(&profile.drop)?, first: texts(&profile.first)? });
    read().map_err(|e: PatternError| {
        Error::invalid(format!("profiles/{}.toml", profile.name), e.to_string())
    })
}

fn whole_image(discs: &[Disc], answered: bool) -> Result<Plan<'_>> {
    if answered {
        let what =
            "an answer file has no place beside an image that is booted whole: leave out --answer";
        return Err(Error::Usage(what.into()));
    }
    match discs {
        [disc] => {
            let mut plan = Plan::single(discs, Content::Image { disc: 0 });
            plan.set_mtime(PlanId::ROOT, super::mtime(&disc.image)?);
            Ok(plan)
        }
        _ => Err(Error::Usage("an image that is booted whole is imported by itself".into())),
    }
}

/// An entry that was taken over from the administrator stays theirs, as far as the command line
/// does not say otherwise and it still boots the same kernel.
fn keep_own(entry: &mut Entry, old: &Record, args: &Import) {
    let Some(own) = old.own(&entry.label).filter(|own| own.kernel == entry.kernel) else { return };
    if args.label.is_none() {
        entry.title.clone_from(&own.title);
    }
    if args.args.is_empty() && args.answering.answer.is_none() {
        let title = std::mem::take(&mut entry.title);
        *entry = Entry { title, ..own.clone() };
    }
}

fn warn_of_public(args: &Import, answer: &AnswerFile, monitor: &dyn Monitor) {
    if args.answering.answer_mode & 0o004 != 0 {
        let message = "is published for the whole network to read, passwords in it too; \
                       --answer-mode 0640 leaves it to the web server's group";
        monitor.warn(Warning::new("answer-is-public", &answer.name, message));
    }
}

/// The server, and where things are on it.
struct Site<'a> {
    root: &'a Root,
    server: Option<Server>,
}

impl Site<'_> {
    fn server(&self, purpose: &str) -> Result<&Server> {
        self.server.as_ref().ok_or_else(|| Server::missing(self.root, purpose))
    }

    /// The prefix of boot.cfg.
    fn prefix(&self, target: &Target) -> String {
        match &self.server {
            Some(server) => server.esxi_prefix(&target.path),
            None => format!("/{}/", target.path),
        }
    }

    fn answer(&self, target: &Target, file: &AnswerFile) -> Result<Answer> {
        let server = self.server("the answer file's URL")?;
        Ok(Answer { url: server.url(file.path(&target.path)), kind: file.kind })
    }

    #[expect(clippy::too_many_arguments, reason = "an entry is made of all that is known")]
    fn entries(
        &self,
        args: &Import,
        profile: &Profile,
        product: &Product,
        target: &Target,
        plan: &Plan<'_>,
        answer: Option<&Answer>,
        monitor: &dyn Monitor,
    ) -> Result<Vec<Entry>> {
        if args.no_menu {
            return Ok(Vec::new());
        }
        let url = self.server.as_ref().map(|server| server.url(&target.path));
        let host = self.server.as_ref().map(Server::authority);
        let context = Context {
            dir: &target.path,
            url: url.as_deref(),
            host: host.as_deref(),
            path_prefix: self.server.as_ref().map(Server::path).unwrap_or_default(),
            answer,
            exists: &|path| plan.find(path.as_bytes()).is_some(),
        };
        let mut entries = profile.entries(product, &args.name, &context, monitor)?;
        for entry in &mut entries {
            match &args.label {
                Some(title) => entry.title.clone_from(title),
                // A disc may call itself what no boot menu can show.
                None => entry.title = entry.title.replace(|c: char| !c.is_ascii(), "?"),
            }
            entry.args.extend(args.args.iter().cloned());
        }
        Ok(entries)
    }
}
