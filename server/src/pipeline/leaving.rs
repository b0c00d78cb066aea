//! Devices that leave: they are told to give up all that they hold, and may be held back meanwhile.
//!
//! A device that is wiped drains first, then purges and confirms; the last confirmation is the receipt, and shuts it
//! out. One that leaves for cause is not believed any more: what it still sends waits in quarantine for a person.

use doorstep_protocol::{DeviceId, WorkerId};

use super::Centre;
use super::desk::DeskError;
use super::page::Session;
use crate::authorize::{Wish, authorize};
use crate::limits;
use crate::store::office::LeavingRow;
use crate::store::{Aside, DeviceRow, HeldRow, Kept, Person, Store};

/// How a device leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// It drains, gives up what it holds, and is shut out.
    GivesUp,
    /// The same, but what it sends waits for a person.
    HeldBack,
}

/// What a device holds, as far as somebody may know.
#[derive(Clone, Debug, Default)]
pub struct Holding {
    /// Documents that it holds and the person sees, with their titles.
    pub documents: Vec<(doorstep_protocol::DocumentId, Option<String>)>,
    /// Whether it has given up everything that it ever held.
    pub empty: bool,
}

impl<S: Store> Centre<S> {
    /// How a device is to leave, if it is.
    pub async fn leaves(&self, device: DeviceId) -> Kept<Option<Leaving>> {
        let row = self.store.leaving(device).await?;
        Ok(row.map(|row| if row.holds_back { Leaving::HeldBack } else { Leaving::GivesUp }))
    }

    /// A device of the district is to give up what it holds, for a reason.
    pub async fn let_leave(
        &self,
        person: &Person,
        (device, how): (DeviceId, Leaving),
        reason: &str,
    ) -> Result<(), DeskError> {
        self.own_device(person, device).await?;
        let holds_back = how == Leaving::HeldBack;
        let (reason, since) = (reason.trim().to_owned(), self.now());
        let leaving = LeavingRow { device, since, worker: person.worker, holds_back, reason: reason.clone() };
        self.store.leave(leaving).await?;
        let act = if holds_back { "device.hold_back" } else { "device.wipe" };
        self.note(person, (act, None, &device.to_string(), &reason)).await?;
        self.moved.send_modify(|n| *n += 1);
        Ok(())
    }

    /// A device of the district is shut out at once, with what it holds.
    pub async fn shut(&self, person: &Person, device: DeviceId, reason: &str) -> Result<(), DeskError> {
        self.own_device(person, device).await?;
        self.store.write(vec![Aside::RevokeDevice { device, at: self.now() }]).await?;
        self.note(person, ("device.revoke", None, &device.to_string(), reason)).await?;
        self.moved.send_modify(|n| *n += 1);
        Ok(())
    }

    /// A device of the person's district, for somebody who administers it.
    pub async fn own_device(&self, person: &Person, device: DeviceId) -> Result<DeviceRow, DeskError> {
        let row = self.store.device(device).await?.filter(|row| row.district == person.district);
        row.filter(|_| authorize(person, Wish::Administer, None)).ok_or(DeskError::NotFound)
    }

    /// What a device holds now. Of what the person does not see nothing is said, not even how much it is.
    pub async fn holding(&self, person: &Person, row: &DeviceRow) -> Kept<Holding> {
        let mut holding = Holding { empty: true, ..Holding::default() };
        let pack = self.pack(&row.district)?;
        for copy in row.copies() {
            for (document, held) in self.store.held(copy, Vec::new()).await? {
                if held.purged {
                    continue;
                }
                holding.empty = false;
                if holding.documents.len() >= limits::LIST_ROWS {
                    continue;
                }
                let about = self.store.row(document).await?;
                let about = about.filter(|about| authorize(person, Wish::Read, Some((about, &pack))));
                holding.documents.extend(about.map(|about| (document, about.title)));
            }
        }
        holding.documents.sort_unstable();
        holding.documents.dedup();
        Ok(holding)
    }

    /// A leaving device has drained, or confirmed a purge. When nothing of it is still to come and it holds nothing any
    /// more, it is shut out, and that is written down.
    pub(super) async fn gone(&self, session: &Session) -> Kept<()> {
        if session.leaving.is_none() {
            return Ok(());
        }
        // Every copy of its store: one that is empty says nothing of the others.
        let copies = self.store.device(session.device).await?.map(|row| row.copies().collect());
        let mut held: Vec<HeldRow> = Vec::new();
        for copy in copies.unwrap_or_else(|| vec![session.prefix]) {
            held.extend(self.store.held(copy, Vec::new()).await?.into_values());
        }
        if held.iter().any(|held| !held.purged) {
            return Ok(());
        }
        if !self.store.waiting(session.device).await?.announced.is_empty() {
            return Ok(());
        }
        let Some(row) = self.store.leaving(session.device).await? else { return Ok(()) };
        let ordered = self.store.person(row.worker).await?;
        let by = ordered.unwrap_or_else(|| Person { worker: WorkerId::default(), ..session.person.clone() });
        let (device, about) = (session.device, session.device.to_string());
        self.note(&by, ("device.emptied", None, &about, &held.len().to_string())).await?;
        self.store.write(vec![Aside::RevokeDevice { device, at: self.now() }]).await
    }
}
