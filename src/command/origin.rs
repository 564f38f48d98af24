//! What an import was made of, as its record keeps it: images and options.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::ValueEnum;

use crate::answer::Source;
use crate::cli::Import;
use crate::cli::answering::Answering;
use crate::error::{Error, Result};
use crate::media::Disc;
use crate::plan::OnConflict;
use crate::site::record::Image;
use crate::site::{Server, Settings};

/// The image as the record keeps it.
pub(super) fn image(disc: &Disc) -> Result<Image> {
    let path = disc.image.path();
    let absolute = std::path::absolute(path).map_err(|e| Error::io("find", path, e))?;
    let mtime = super::mtime(&disc.image)?.unwrap_or_default();
    let descriptors = disc.image.descriptors()?;
    let volume_id = &disc.identifiers.volume_id;
    Ok(Image::new(&absolute, disc.image.size(), mtime, volume_id, Some(descriptors)))
}

/// The address that clients use, as far as it is known.
pub(super) fn server(args: &Import, settings: &Settings) -> Result<Option<Server>> {
    match &args.server {
        Some(address) => address.parse().map(Some),
        None => Ok(settings.server.clone()),
    }
}

/// The options that made the import what it is.
pub(super) fn options(args: &Import) -> BTreeMap<String, Vec<String>> {
    let one = |value: Option<String>| value.into_iter().collect::<Vec<_>>();
    let path = |path: &PathBuf| path.to_string_lossy().into_owned();
    let Answering { answer, answer_mode, secrets } = &args.answering;
    // What the hash was is told, not what it is: records are not for keeping secrets.
    let hashed = |hash: &String| blake3::hash(hash.as_bytes()).to_hex().to_string();
    let all = [
        ("arg", args.args.clone()),
        ("answer", one(answer.as_ref().map(Source::to_string))),
        ("answer-mode", one(answer.as_ref().map(|_| format!("{answer_mode:04o}")))),
        ("boot", one(args.boot.clone())),
        ("dir", one(args.dir.clone())),
        ("hierarchy", one(args.merge.hierarchy.map(|hierarchy| hierarchy.to_string()))),
        ("label", one(args.label.clone())),
        ("netboot", one(args.netboot.as_ref().map(path))),
        ("link-iso", one(args.link_iso.then(|| "true".to_owned()))),
        ("keep-unsafe-links", one(args.merge.keep_unsafe_links.then(|| "true".to_owned()))),
        ("no-media-check", one(args.sums.no_media_check.then(|| "true".to_owned()))),
        ("no-size-check", one(args.merge.no_size_check.then(|| "true".to_owned()))),
        ("no-menu", one(args.no_menu.then(|| "true".to_owned()))),
        ("on-conflict", one(on_conflict(args.merge.on_conflict))),
        ("profile", one(args.profile.clone())),
        ("checksums", one(args.sums.checksums.as_ref().map(path))),
        ("root-password-file", one(secrets.root_password_file.as_ref().map(path))),
        ("root-password-hash", one(secrets.root_password_hash.as_ref().map(hashed))),
        ("rewrite-media-urls", one(args.rewrite_media_urls.then(|| "true".to_owned()))),
        ("server", one(args.server.clone())),
        ("sha256", args.sums.sha256.clone()),
        ("ssh-key", secrets.ssh_key.iter().map(path).collect()),
        ("wipe", one(secrets.wipe.then(|| "true".to_owned()))),
    ];
    all.into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(k, v)| (k.to_owned(), v))
        .collect()
}

fn on_conflict(policy: OnConflict) -> Option<String> {
    let name = policy.to_possible_value()?.get_name().to_owned();
    (policy != OnConflict::default()).then_some(name)
}
