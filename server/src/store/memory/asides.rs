//! What is written beside cases: what devices hold, copies of their stores, people, settings.

use super::State;
use crate::store::{Aside, HeldRow};

impl State {
    /// Whether a write is of a session that is over.
    pub(super) fn superseded(&self, aside: &Aside) -> bool {
        let Aside::Only { prefix, counter } = aside else { return false };
        self.copies.get(prefix).is_none_or(|row| row.counter != *counter)
    }

    pub(super) fn aside(&mut self, aside: Aside) {
        match aside {
            Aside::Grant { device, document, granted } => {
                self.held.insert((device, document), HeldRow { granted, until: None, purged: false });
            }
            Aside::Revoke { device, document, until } => {
                if let Some(held) = self.held.get_mut(&(device, document)) {
                    held.until = held.until.or(Some(until));
                }
            }
            Aside::Anew { device } => {
                let of = self.held.iter_mut().filter(|((of, _), _)| *of == device);
                of.for_each(|(_, held)| (held.granted, held.purged) = (HeldRow::ANEW, false));
            }
            Aside::Copied { from, to } => {
                let of = self.held.iter().filter(|((of, _), _)| *of == from);
                let anew = |held: &HeldRow| HeldRow { granted: HeldRow::ANEW, purged: false, ..*held };
                let rows: Vec<_> = of.map(|((_, id), held)| ((to, *id), anew(held))).collect();
                self.held.extend(rows);
            }
            Aside::Purged { device, document } => {
                if let Some(held) = self.held.get_mut(&(device, document)).filter(|held| held.until.is_some())
                {
                    held.purged = true;
                }
            }
            Aside::Granted { device, documents, granted } => {
                for document in documents {
                    let unsure = |held: &&mut HeldRow| held.granted == HeldRow::ANEW && held.until.is_none();
                    if let Some(held) = self.held.get_mut(&(device, document)).filter(unsure) {
                        held.granted = granted;
                    }
                }
            }
            // Judged before anything is written.
            Aside::Only { .. } => {}
            Aside::Copy(row) => drop(self.copies.insert(row.prefix, row)),
            Aside::Seen { device, at } => {
                if let Some(row) = self.devices.get_mut(&device) {
                    row.seen = Some(at);
                }
            }
            Aside::Prefix { device, prefix } => {
                if let Some(row) = self.devices.get_mut(&device) {
                    row.prefixes.push(prefix);
                }
            }
            Aside::Person(person) => drop(self.people.entry(person.worker).or_insert(person)),
            Aside::RevokeDevice { device, at } => {
                if let Some(row) = self.devices.get_mut(&device) {
                    row.revoked = row.revoked.or(Some(at));
                }
            }
            Aside::Enrolment(row) => drop(self.enrolments.insert(row.code, row)),
            Aside::Quarantine(row) => self.quarantine(row),
            Aside::Answered { device, document, hash } => {
                self.announced.remove(&(device, document, hash));
            }
            Aside::Command(row) => drop(self.commands.entry(row.id).or_insert(row)),
            Aside::Setting { key, value } => drop(self.settings.insert(key, value)),
        }
    }
}
