//! `pxe-import NAME ISO...`: from install discs to a web root that boots.

use std::time::Instant;

use super::answer::AnswerFile;
use super::companions;
use super::extras::{self, Made};
use super::image::{keep_image, whole_image};
use super::making::Making;
use super::merge::merged;
use super::publication::{Publication, Published};
use super::{netboot, origin, secrets};
use crate::answer::{Account, Source};
use crate::cli::{Common, Import, RESERVED};
use crate::error::{Error, Result};
use crate::identify::join::{Known, reference};
use crate::identify::profile::Patch;
use crate::identify::{self, Product, Profile, Profiles, Target};
use crate::media::Disc;
use crate::menu::{Block, Entry, esxi, pxelinux};
use crate::monitor::{Monitor, Warning};
use crate::patch;
use crate::plan::Rules;
use crate::plan::rule::{Pattern, PatternError};
use crate::report::{Done, Report};
use crate::site::asked::{Asked, AskedAnswer};
use crate::site::{self, Record, Root, Server, Settings, next};
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
    let before = Record::read(&root, &args.name)?.and_then(|old| old.main()?.account().cloned());
    let account = secrets::of(&args.answering, before.as_ref(), monitor)?;
    let answer = match &args.answering.answer {
        Some(Source::File(path)) => Some(AnswerFile::read(path)?),
        _ => None,
    };
    let discs = super::open_set(&args.images, args.merge.hierarchy, monitor)?;
    let profiles = site::profiles::load(&root)?;
    let (profile, product) = identify(args, &discs, &profiles, monitor)?;
    let target = target(args, profile, &product)?;
    let netboot = netboot::read(args, profile, &product, monitor)?;
    let server = origin::server(args, &settings)?;
    if let Some(server) = server.as_ref().filter(|server| server.is_loopback()) {
        let message = "is this machine alone: give the address that clients reach it by";
        monitor.warn(Warning::new("server-is-loopback", server.to_string(), message));
    }
    let answered = args.answering.answer.is_some();
    if !args.no_menu
        && server.is_none()
        && profile.needs_server(&product, args.boot.as_deref(), answered)?
    {
        return Err(Server::missing(&root, "the menu entry's URLs"));
    }
    if !common.dry_run && next::is_pending(&root)? {
        let _lock = super::locked(&root, common, monitor)?;
    }
    let old = Record::read(&root, &args.name)?;
    let mut done = Done { name: Some(args.name.clone()), ..Done::default() };

    let (mut plan, conflicts) = match target.whole_image {
        true => (whole_image(&discs, args)?, Vec::new()),
        false => {
            let merged = merged(&discs, &rules(profile)?, &args.merge, common.jobs(), monitor)?;
            (merged.plan, merged.conflicts)
        }
    };
    netboot::add(netboot.as_ref(), &mut plan, monitor)?;
    if profile.patch == Some(Patch::Debian) {
        done.patched = patch::debian(&mut plan, &conflicts, monitor)?;
    }
    done.conflicts = conflicts;
    // What boots in no way has no use for it.
    let boots = profile.boot(&product, args.boot.as_deref())?.is_some();
    match profile.keep_image.as_ref().filter(|_| boots && !target.whole_image) {
        Some(name) => {
            let inside = profile.keep_image_inside.as_deref();
            keep_image(&mut plan, &discs, (name, inside), args.link_iso, monitor)?;
        }
        None if args.link_iso => {
            let what = format!(
                "--link-iso: {product} does not boot from its whole image, and none is kept beside its \
                 tree: leave it out"
            );
            return Err(Error::Usage(what));
        }
        None => {}
    }
    let making = Making {
        root: &root,
        server,
        profile,
        product: &product,
        target: &target.path,
        exists: &|path| plan.find(path.as_bytes()).is_some(),
        find: &|path| String::from_utf8(plan.find_ignoring_case(path.as_bytes())?).ok(),
        size: &|path| plan.find(path.as_bytes()).map(|id| plan.size(id)),
        read: &|path, limit| plan.read(path.as_bytes(), limit),
        list: &|path| plan.list(path.as_bytes()),
        smb_user: settings.smb_user.clone(),
    };
    if !target.whole_image {
        for unmet in profile.unmet(&product, making.find) {
            let path = unmet.any.join(" or ");
            monitor.warn(Warning::new("incomplete-tree", path, unmet.otherwise.as_str()));
        }
    }
    let mut made = vec![own(args, &making, (answer, account), old.as_ref(), &settings, monitor)?];
    if made.iter().any(|own| own.entry.is_some()) {
        done.ram = making.ram(args.boot.as_deref())?;
    }
    if let Some(old) = &old {
        made.extend(extras::again(&making, old, &settings, monitor)?);
    }
    let prefix = making.prefix();
    if profile.patch == Some(Patch::Esxi) && !target.whole_image {
        done.patched = patch::esxi(&mut plan, &prefix, monitor)?;
    }
    if !target.whole_image {
        done.patched.extend(patch::media_urls(&mut plan, args.rewrite_media_urls, monitor)?);
    }
    made.iter().try_for_each(|made| made.add_to(&mut plan))?;
    done.answer = made.first().and_then(|own| own.url.clone()).map(|answer| answer.url);
    let entries: Vec<_> =
        made.into_iter().filter_map(|made| Some((made.entry?, made.asked))).collect();
    let block = |(entry, _): &(Entry, Asked)| pxelinux::block(entry);
    let blocks = entries.iter().map(block).collect::<Result<Vec<_>>>()?;

    let publication = Publication {
        args,
        root: &root,
        settings: &settings,
        product: &product,
        target: &target.path,
        plan: &plan,
        entries: &entries,
        blocks: &blocks,
        seen: old.as_ref(),
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
        product: Some(product.to_string()),
        entry,
        dry_run: common.dry_run,
        seconds: begun.elapsed().as_secs_f64(),
        ..done.with(plan.totals())
    })
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
    let identified = discs
        .iter()
        .map(|disc| identify::identify(disc, profiles, monitor))
        .collect::<Result<Vec<_>>>()?;
    // A second disc that has nothing but packages is told by the first.
    let certain = identified.iter().any(|one| one.by_markers);
    let products: Vec<_> = identified
        .into_iter()
        .map(|one| one.product.filter(|_| one.by_markers || !certain))
        .collect();
    let known: Vec<Known<'_>> = products
        .iter()
        .zip(discs)
        .map(|(product, disc)| (product.as_ref(), disc.identifiers.volume_id.as_str()))
        .collect();
    let at =
        reference(&known).map_err(|(index, what)| Error::conflict(path_of(discs, index), what))?;
    if let Some(disc) = discs.get(at).filter(|_| forced.is_none() && !certain)
        && identify::is_later_disc(&disc.tree)
    {
        let what = "it has packages and does not say of which release: it is a later disc of a set, \
                    so name the set's first disc as well, in one command";
        return Err(Error::conflict(path_of(discs, at), what));
    }
    let found = products.get(at).cloned().flatten();
    let product = match (forced, found) {
        (Some(profile), Some(product)) if product.profile == profile.name => product,
        (Some(profile), _) => {
            let disc = discs.get(at).ok_or_else(|| Error::Usage("no image is given".into()))?;
            identify::identify_as(disc, profile, monitor)?
        }
        (None, Some(product)) => product,
        (None, None) => match (profiles.last_resort(), discs.get(at)) {
            (Some(profile), Some(disc)) => identify::identify_as(disc, profile, monitor)?,
            _ => {
                let what = "it does not say what it is: name its kind with --profile, or copy it \
                            with 'pxe-import extract'";
                return Err(Error::conflict(path_of(discs, at), what));
            }
        },
    };
    identify::check_name(&args.name, &product, profiles)
        .map_err(|what| Error::conflict(path_of(discs, at), what))?;
    let profile = profiles
        .named(&product.profile)
        .ok_or_else(|| Error::Usage(format!("there is no profile '{}'", product.profile)))?;
    Ok((profile, product))
}

fn path_of(discs: &[Disc], index: usize) -> std::path::PathBuf {
    discs.get(index).map(|disc| disc.image.path().to_owned()).unwrap_or_default()
}

/// Where the tree goes: `--dir`, or as the profile has it.
fn target(args: &Import, profile: &Profile, product: &Product) -> Result<Target> {
    let choice = args.boot.as_deref();
    let wanted = match &args.dir {
        Some(dir) => {
            let boot = profile.boot(product, choice)?;
            let whole_image = boot.and_then(|boot| boot.whole_image).unwrap_or(profile.whole_image);
            Target { path: dir.clone(), whole_image }
        }
        None => profile.target(product, &args.name, choice)?,
    };
    Ok(Target { path: site::name::target(&wanted.path)?, ..wanted })
}

fn rules(profile: &Profile) -> Result<Rules> {
    let texts = |list: &[String]| -> Result<Vec<Pattern>, PatternError> {
        list.iter().map(|text| text.parse()).collect()
    };
    let read = || {
        let (drop, first) = (texts(&profile.drop)?, texts(&profile.first)?);
        Ok(Rules { drop, first, join: texts(&profile.join)? })
    };
    read().map_err(|e: PatternError| {
        Error::invalid(format!("profiles/{}.toml", profile.name), e.to_string())
    })
}

/// The import's own entry; `answer` is its answer file where that is one of the administrator's.
fn own(
    args: &Import,
    making: &Making<'_>,
    (answer, account): (Option<AnswerFile>, Account),
    old: Option<&Record>,
    settings: &Settings,
    monitor: &dyn Monitor,
) -> Result<Made> {
    // It may have been given another label since.
    let before = old.and_then(Record::main);
    let label = before.map_or(args.name.as_str(), |entry| entry.entry.label.as_str());
    let file = match (answer, &args.answering.answer) {
        (None, Some(source)) => {
            let way = (label, args.boot.as_deref());
            Some(extras::fresh(making, way, source, &account, settings, monitor)?)
        }
        (Some(answer), _) => Some(answer.placed(label, making.language(args.boot.as_deref())?)?),
        (None, None) => None,
    };
    if let Some(file) = &file {
        warn_of_public(args, file, monitor);
    }
    let url = file.as_ref().map(|file| making.answer(&file.name, file.kind)).transpose()?;
    let wanted = |file: &AnswerFile| {
        let source = args.answering.answer.clone()?;
        let (file, mode) = (file.name.clone(), args.answering.answer_mode);
        Some(AskedAnswer { source, file, mode, account: account.clone() })
    };
    let asked = Asked {
        main: true,
        title: args.label.clone(),
        boot: args.boot.clone(),
        args: args.args.clone(),
        answer: file.as_ref().and_then(wanted),
    };
    let entry = match args.no_menu || old.is_some_and(|old| old.no_main) {
        true => None,
        false => making.entry(label, &asked, url.as_ref(), monitor)?,
    };
    let entry = entry.map(|entry| making.adapted(keep_own(entry, old, args)));
    let companions = match &entry {
        Some(_) => {
            let made = making.companions(label, &asked, url.as_ref(), monitor)?;
            companions::kept(making.root, making.target, old, made, monitor)?
        }
        None => Vec::new(),
    };
    Ok(Made { entry, asked, file, url, companions })
}

/// An entry that was taken over from the administrator stays theirs, as far as the command line
/// does not say otherwise and it still boots the same kernel.
fn keep_own(entry: Entry, old: Option<&Record>, args: &Import) -> Entry {
    let own = old.and_then(|old| old.own(&entry.label)).map(esxi::plain);
    let ours = esxi::plain(&entry);
    let Some(own) = own.filter(|own| own.kernel == ours.kernel) else { return entry };
    let title = if args.label.is_none() { own.title.clone() } else { entry.title.clone() };
    if args.args.is_empty() && args.answering.answer.is_none() {
        return Entry { title, efi: ours.efi, ..own };
    }
    Entry { title, ..entry }
}

fn warn_of_public(args: &Import, answer: &AnswerFile, monitor: &dyn Monitor) {
    if args.answering.answer_mode & 0o004 != 0 {
        monitor.warn(Warning::new("answer-is-public", &answer.name, super::PUBLIC));
    }
}
