//! `pxe-import host`: what a machine boots without a menu.

use crate::cli::Common;
use crate::cli::boot::{Host, HostCommand};
use crate::error::{Error, Result};
use crate::lock::Lock;
use crate::monitor::{Monitor, Warning};
use crate::report::Report;
use crate::report::hosts::{Action, HostLine, Hosts};
use crate::site::catalog::Catalog;
use crate::site::{Mac, Root, Settings, host};

/// Sets, removes or lists.
///
/// # Errors
/// [`Error::Usage`] for what is no hardware address and for a label that no entry has; as
/// [`host::set`] and [`host::unset`].
pub fn run(args: &Host, common: &Common, monitor: &dyn Monitor) -> Result<Report> {
    let root = Root::new(&common.root);
    let settings = Settings::load(&root)?;
    let site = Site { root: &root, settings: &settings, common, monitor };
    let hosts = match (&args.what, &args.mac, &args.label) {
        (Some(HostCommand::List), ..) => site.list()?,
        (Some(HostCommand::Remove { mac }), ..) => site.remove(mac.parse()?)?,
        (None, Some(mac), Some(label)) => site.set(mac.parse()?, label)?,
        _ => return Err(Error::Usage("give a hardware address and the label of an entry".into())),
    };
    Ok(Report::Other(Box::new(hosts)))
}

struct Site<'a> {
    root: &'a Root,
    settings: &'a Settings,
    common: &'a Common,
    monitor: &'a dyn Monitor,
}

impl Site<'_> {
    /// Takes the root's lock and mends what a killed run has left.
    fn lock(&self) -> Result<Lock> {
        let lock = super::locked(self.root, self.common, self.monitor)?;
        Ok(lock)
    }

    fn set(&self, mac: Mac, label: &str) -> Result<Hosts> {
        let dry_run = self.common.dry_run;
        let catalog = || Catalog::read(self.root, self.settings);
        // What cannot be is told before anything is made.
        host::checked(self.root, &catalog()?, mac, label)?;
        if !dry_run {
            self.root.create()?;
            let _lock = self.lock()?;
            // Another run may have changed them while this one waited.
            let settings = Settings::load(self.root)?;
            host::set(self.root, &Catalog::read(self.root, &settings)?, mac, label)?;
        }
        let line = HostLine { mac: mac.to_string(), label: Some(label.to_owned()), known: true };
        Ok(Hosts::new(Action::Set, dry_run, vec![line]))
    }

    fn remove(&self, mac: Mac) -> Result<Hosts> {
        let dry_run = self.common.dry_run;
        let there = || -> Result<Option<host::Host>> {
            Ok(host::list(self.root)?.into_iter().find(|host| host.mac == mac))
        };
        let mut found = there()?;
        host::check_unset(self.root, mac)?;
        if !dry_run && self.root.state().exists() {
            let _lock = self.lock()?;
            found = there()?;
            if !host::unset(self.root, mac)? {
                found = None;
            }
        }
        let lines: Vec<_> = found
            .into_iter()
            .map(|host| HostLine { mac: mac.to_string(), label: host.label, known: true })
            .collect();
        if lines.is_empty() {
            let message = "boots by the menu as it is: 'pxe-import host list' tells which do not";
            self.monitor.warn(Warning::new("no-such-host", mac.to_string(), message));
        }
        Ok(Hosts::new(Action::Remove, dry_run, lines))
    }

    fn list(&self) -> Result<Hosts> {
        let catalog = Catalog::read(self.root, self.settings)?;
        let line = |host: host::Host| {
            let known = host.label.as_deref().is_none_or(|label| catalog.find(label).is_some());
            HostLine { mac: host.mac.to_string(), label: host.label, known }
        };
        let lines = host::list(self.root)?.into_iter().map(line).collect();
        Ok(Hosts::new(Action::List, false, lines))
    }
}
