//! One repository in a plan: what its `repomd.xml` names, read and mended.

use std::collections::{BTreeSet, HashSet};

use super::repomd::{self, Renewed};
use super::rewrite::{Rewritten, Stream, rewrite, says_media_in};
use super::{is_media, unmendable, whole};
use crate::content::Content;
use crate::error::Result;
use crate::media::printable;
use crate::metadata::checksum::Kind;
use crate::metadata::href::{Href, resolve};
use crate::metadata::packed::Budget;
use crate::metadata::repomd::{Data, parse};
use crate::monitor::{Monitor, Warning};
use crate::patch::PatchReport;
use crate::plan::{Item, Plan, PlanId};

/// Other forms of `primary.xml`, which cannot be mended here.
const FORMS: [&str; 2] = ["primary_db", "primary_zck"];

/// A directory with `repodata/repomd.xml`.
pub(super) struct Repository {
    repomd: PlanId,
    path: String,
    dir: String,
    text: Vec<u8>,
    all: Vec<Data>,
}

impl Repository {
    /// Reads the `repomd.xml` at a node.
    pub(super) fn read(plan: &Plan<'_>, repomd: PlanId) -> Result<Self> {
        let path = printable(&plan.path(repomd));
        let dir = plan.path(plan.parent(plan.parent(repomd)));
        let (Ok(dir), Ok(exact)) = (String::from_utf8(dir), String::from_utf8(plan.path(repomd)))
        else {
            return Err(unmendable(&path, "its path is not UTF-8"));
        };
        let text = whole(plan, repomd)?.ok_or_else(|| unmendable(&path, "it is too long"))?;
        let all = parse(&*text).map_err(|what| unmendable(&path, what))?;
        Ok(Self { repomd, path: exact, dir, text, all })
    }

    /// Of its `repomd.xml`, from the top of the tree.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Whether packages belong to modules (EL 8 on).
    pub(super) fn is_modular(&self) -> bool {
        self.all.iter().any(|data| data.kind.starts_with("modules"))
    }

    fn primary(&self) -> Option<&Data> {
        self.all.iter().find(|data| data.kind == "primary")
    }

    /// The file that `data` names, and its path.
    fn file(&self, plan: &Plan<'_>, data: &Data) -> Option<(PlanId, String)> {
        let Href::Inside(path) = resolve(&self.dir, &data.href) else { return None };
        let id = plan.find(path.as_bytes())?;
        matches!(plan.item(id), Item::File(_)).then_some((id, path))
    }

    /// Whether places are given as `media://`, as far as that can be read.
    ///
    /// # Errors
    /// [`Error::Interrupted`].
    pub(super) fn says_media(
        &self,
        plan: &Plan<'_>,
        budget: &Budget,
        monitor: &dyn Monitor,
    ) -> Result<bool> {
        if self.all.iter().any(says_media) {
            return Ok(true);
        }
        let primary = self.primary().and_then(|data| self.file(plan, data));
        let Some((id, _)) = primary else { return Ok(false) };
        let Item::File(content) = plan.item(id) else { return Ok(false) };
        let found =
            Stream::open(content, plan).and_then(|stream| says_media_in(stream, budget, monitor));
        monitor.check()?;
        Ok(found.unwrap_or(false))
    }

    /// Mends what says `media://`, and tells what has changed; the new `repomd.xml`, or `None`
    /// where nothing had to be mended.
    pub(super) fn mend(
        &self,
        plan: &mut Plan<'_>,
        budget: &Budget,
        monitor: &dyn Monitor,
        reports: &mut Vec<PatchReport>,
    ) -> Result<Option<Vec<u8>>> {
        let renewed = self.mend_primary(plan, budget, monitor, reports)?;
        if renewed.is_none() && !self.all.iter().any(says_media) {
            return Ok(None);
        }
        let gone: &[&str] = if renewed.is_some() { &FORMS } else { &[] };
        let new = repomd::mend(&self.text, renewed.as_ref(), gone)
            .map_err(|what| unmendable(&self.path, what))?;
        for data in self.all.iter().filter(|data| gone.contains(&&*data.kind)) {
            let Some((id, path)) = self.file(plan, data) else { continue };
            let note = "left out, as it says media:// and yum would take it before primary.xml";
            reports.push(PatchReport::told(&printable(path.as_bytes()), note));
            plan.remove(id);
        }
        self.drop_signature(plan, monitor);
        reports.push(PatchReport::new(&printable(self.path.as_bytes()), &self.text, &new));
        plan.set_content(self.repomd, Content::Bytes(new.as_slice().into()));
        Ok(Some(new))
    }

    fn drop_signature(&self, plan: &mut Plan<'_>, monitor: &dyn Monitor) {
        let path = format!("{}.asc", self.path);
        if let Some(id) = plan.find(path.as_bytes()) {
            plan.remove(id);
            let what = "left out: it does not sign the repomd.xml that says media:// no more; \
                        clients with repo_gpgcheck must do without that check";
            monitor.warn(Warning::new("signature-dropped", printable(path.as_bytes()), what));
        }
    }

    /// Says whether a package is in the tree, by its place in the repository.
    fn packages<'a>(&'a self, plan: &Plan<'_>) -> impl Fn(&str) -> bool + use<'a> {
        let files = plan.iter().filter(|&id| matches!(plan.item(id), Item::File(_)));
        let paths: HashSet<Vec<u8>> = files.map(|id| plan.path(id)).collect();
        move |href: &str| match resolve(&self.dir, href) {
            Href::Inside(path) => paths.contains(path.as_bytes()),
            Href::Elsewhere | Href::Outside => false,
        }
    }

    fn warn_missing(&self, count: (u64, u64), discs: &BTreeSet<u32>, monitor: &dyn Monitor) {
        let numbers: Vec<_> = discs.iter().map(u32::to_string).collect();
        let on = match numbers.as_slice() {
            [] => String::new(),
            [one] => format!(" (disc {one} of the set)"),
            many => format!(" (discs {} of the set)", many.join(", ")),
        };
        let message = format!(
            "{} of the {} packages that it lists are not on the images{on}: import all discs of the \
             set in one command",
            count.0, count.1
        );
        monitor.warn(Warning::new("package-other-disc", printable(self.path.as_bytes()), message));
    }

    /// Puts a mended `primary.xml` into the plan; `None` where it says no `media://`.
    fn mend_primary(
        &self,
        plan: &mut Plan<'_>,
        budget: &Budget,
        monitor: &dyn Monitor,
        reports: &mut Vec<PatchReport>,
    ) -> Result<Option<Renewed>> {
        let Some(data) = self.primary() else { return Ok(None) };
        let Some((id, path)) = self.file(plan, data) else {
            let what = "its primary.xml is not in the tree";
            return Err(unmendable(&self.path, what));
        };
        let Item::File(content) = plan.item(id).clone() else { return Ok(None) };
        let (kind, old_sum) = match &data.sum {
            Some((name, sum)) => (named(&path, name)?, sum.as_str()),
            None => (Kind::Sha256, ""),
        };
        let open_kind = match &data.open_sum {
            Some((name, _)) => named(&path, name)?,
            None => kind,
        };
        // Packing takes longer than looking whether there is anything to mend.
        let says = Stream::open(&content, plan).and_then(|s| says_media_in(s, budget, monitor));
        monitor.check()?;
        if !says.map_err(|e| unmendable(&path, e))? {
            return Ok(None);
        }
        let done = Stream::open(&content, plan)
            .and_then(|stream| rewrite(stream, open_kind, self.packages(plan), (budget, monitor)));
        monitor.check()?;
        let Rewritten { packed, open_sum, open_size, places, missing, discs } =
            done.map_err(|e| unmendable(&path, e))?;
        if missing > 0 {
            self.warn_missing((missing, places), &discs, monitor);
        }
        let sum = kind.of(&packed);
        let name = |old: &str| match old_sum {
            "" => old.to_owned(),
            old_sum => old.replacen(old_sum, &sum, 1),
        };
        let href = match data.href.rsplit_once('/') {
            Some((dir, old)) => format!("{dir}/{}", name(old)),
            None => name(&data.href),
        };
        let size = u64::try_from(packed.len()).unwrap_or(u64::MAX);
        let new_path = put(plan, id, name, packed)?;
        let note = format!("media:// taken from the places of {places} packages");
        reports.push(PatchReport::told(&printable(new_path.as_bytes()), &note));
        Ok(Some(Renewed { href, sum, open_sum, size, open_size }))
    }
}

/// Puts `bytes` in the place of the file `id`, under the name that `name` makes of its own; its new
/// path.
fn put(
    plan: &mut Plan<'_>,
    id: PlanId,
    name: impl Fn(&str) -> String,
    bytes: Vec<u8>,
) -> Result<String> {
    let (dir, mode, mtime) = (plan.parent(id), plan.mode(id), plan.mtime(id));
    let old = String::from_utf8_lossy(plan.name(id)).into_owned();
    let new = name(&old);
    let content = Content::Bytes(bytes.into());
    let id = if new == old {
        plan.set_content(id, content);
        id
    } else {
        if plan.names(dir).contains_key(new.as_bytes()) {
            let path = format!("{}/{new}", printable(&plan.path(dir)));
            return Err(unmendable(&path, "the discs have a file of that name"));
        }
        plan.remove(id);
        plan.add(dir, new.as_bytes(), Item::File(content), mode, mtime)
            .map_err(|e| unmendable(&new, e))?
    };
    Ok(String::from_utf8_lossy(&plan.path(id)).into_owned())
}

fn says_media(data: &Data) -> bool {
    data.base.as_deref().is_some_and(is_media)
}

fn named(path: &str, name: &str) -> Result<Kind> {
    Kind::named(name).ok_or_else(|| {
        unmendable(path, format!("its checksum is of the kind {name:?}, which is not known here"))
    })
}
