//! What one device may cost the centre: refusals, new documents and bytes in an hour, and bytes in quarantine
//! altogether. Kept over restarts of the server.
//!
//! Nothing is lost by it: what is over a budget stays on the device, which is told until when, and is sent again.
//! People at the desk have none. Never judges a change.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, Hash};
use serde::{Deserialize, Serialize};

use super::Centre;
use super::admit::Ingested;
use super::hold;
use super::judge::No;
use super::page::Session;
use crate::clock::rfc3339;
use crate::gate;
use crate::limits;
use crate::store::{Aside, Kept, Store, StoreError};

/// What a device has spent: of an hour, save for the last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// When the hour began.
    pub since: Millis,
    /// Changes refused.
    pub refused: u32,
    /// Documents begun.
    pub documents: u32,
    /// Bytes of changes taken in.
    pub bytes: u64,
    /// Bytes put into quarantine, ever, or since an operator has looked.
    pub quarantined: u64,
}

/// Which budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Hour(&'static str),
    Quarantine,
}

/// By device, as far as this process has met it: what it has spent, and what of that is written down.
#[derive(Default)]
pub(super) struct Budgets(Mutex<BTreeMap<DeviceId, (Spent, Spent)>>);

impl Spent {
    /// The name of the setting that keeps it.
    pub fn key(device: DeviceId) -> String {
        format!("spent/{device}")
    }

    /// As it is kept.
    pub fn setting(&self, device: DeviceId) -> Aside {
        let value = serde_json::to_string(self).expect("numbers serialise");
        Aside::Setting { key: Self::key(device), value }
    }

    /// As it was kept.
    pub async fn of<S: Store>(store: &S, device: DeviceId) -> Kept<Self> {
        let text = store.setting(&Self::key(device)).await?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
    }

    /// In the hour of now: another hour begins with what it began with.
    fn at(self, now: Millis) -> Self {
        // A clock that went back begins another hour as well: nobody is shut out for longer than one.
        let running = (self.since..self.since.saturating_add(limits::HOUR_MS)).contains(&now);
        if running { self } else { Spent { since: now, quarantined: self.quarantined, ..Spent::default() } }
    }

    pub(super) fn and(self, more: Spent) -> Self {
        Spent {
            since: self.since,
            refused: self.refused.saturating_add(more.refused),
            documents: self.documents.saturating_add(more.documents),
            bytes: self.bytes.saturating_add(more.bytes),
            quarantined: self.quarantined.saturating_add(more.quarantined),
        }
    }

    fn over(&self) -> Option<Over> {
        if self.quarantined >= limits::QUARANTINE_BYTES {
            Some(Over::Quarantine)
        } else if self.refused >= limits::REFUSED_PER_HOUR {
            Some(Over::Hour("refused changes"))
        } else if self.documents >= limits::DOCUMENTS_PER_HOUR {
            Some(Over::Hour("new documents"))
        } else if self.bytes >= limits::BYTES_PER_HOUR {
            Some(Over::Hour("bytes"))
        } else {
            None
        }
    }

    /// Whether so much has come to it that it is written down again.
    fn is_beyond(&self, written: &Spent) -> bool {
        let steps = limits::BUDGET_STEPS;
        let documents = u64::from(self.documents.saturating_sub(written.documents));
        self.refused != written.refused
            || self.over() != written.over()
            || documents >= u64::from(limits::DOCUMENTS_PER_HOUR) / steps
            || self.bytes.saturating_sub(written.bytes) >= limits::BYTES_PER_HOUR / steps
    }
}

impl<S: Store> Centre<S> {
    /// What is answered to a device that has spent its budget: everything stays there.
    pub(super) async fn over_budget(&self, session: &Session, chunks: &[Vec<u8>]) -> Kept<Option<Ingested>> {
        if session.at_desk {
            return Ok(None);
        }
        let Some((over, until)) = self.spent_all(session.device).await? else { return Ok(None) };
        let message = match over {
            Over::Hour(what) => format!(
                "this device has sent as many {what} as a device may in an hour: the rest is kept on it and taken \
                 after {}",
                rfc3339(until)
            ),
            Over::Quarantine => {
                "so much of this device was refused that somebody must look at it first: the rest is \
                 kept on it; tell your office its id"
                    .to_owned()
            }
        };
        if !hold::is_known_to(session) {
            return Err(StoreError::Failed(message));
        }
        let hash = |chunk: &Vec<u8>| Hash(gate::change_hash(chunk));
        let no = |message: &str| No { code: "held.budget", message: message.to_owned() };
        let later = chunks.iter().map(|chunk| (hash(chunk), no(&message))).collect();
        Ok(Some(hold::with(Ingested::default(), later)))
    }

    /// Which budget is spent, and until when.
    async fn spent_all(&self, device: DeviceId) -> Kept<Option<(Over, Millis)>> {
        let known = self.spent(device, Spent::default());
        let spent = match known {
            // An operator may have looked meanwhile.
            Some((spent, _)) if spent.over().is_some() => Spent::of(&*self.store, device).await?,
            Some((spent, _)) => spent,
            None => Spent::of(&*self.store, device).await?,
        };
        if known.is_none_or(|(known, _)| known != spent) {
            self.budgets.lock().insert(device, (spent, spent));
        }
        let spent = spent.at(self.now());
        Ok(spent.over().map(|over| (over, spent.since.saturating_add(limits::HOUR_MS))))
    }

    /// What a push has cost is counted; written down where it is much.
    pub(super) async fn charge(&self, device: DeviceId, cost: Spent) -> Kept<()> {
        let Some((spent, written)) = self.spent(device, cost) else { return Ok(()) };
        if !spent.is_beyond(&written.at(spent.since)) {
            return Ok(());
        }
        self.store.write(vec![spent.setting(device)]).await?;
        if let Some((_, written)) = self.budgets.lock().get_mut(&device) {
            *written = spent;
        }
        Ok(())
    }

    fn spent(&self, device: DeviceId, more: Spent) -> Option<(Spent, Spent)> {
        let now = self.now();
        let mut budgets = self.budgets.lock();
        let (spent, written) = budgets.get_mut(&device)?;
        *spent = spent.at(now).and(more);
        Some((*spent, *written))
    }
}

impl Budgets {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<DeviceId, (Spent, Spent)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
