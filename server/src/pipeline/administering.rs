//! Changing who works here. Numbers and districts stay; whoever ends can do nothing from that moment, and their
//! devices give up what they hold. And having somebody outside told again.

use std::collections::BTreeSet;

use super::desk::DeskError;
use super::{Centre, Leaving, timestamp};
use crate::authorize::{Wish, authorize};
use crate::limits;
use crate::store::deliveries::{DeliveryRow, Shown, Standing};
use crate::store::{Kept, Person, Store};

impl<S: Store> Centre<S> {
    /// A person with another name, unit or role, from now on.
    pub async fn change_person(&self, me: &Person, to: Person) -> Result<(), DeskError> {
        if !authorize(me, Wish::Administer, None) || to.district != me.district {
            return Err(DeskError::NotFound);
        }
        if self.pack(&me.district)?.unit(&to.unit, timestamp(self.now())).is_none() {
            let message = "there is no such unit now".to_owned();
            return Err(DeskError::Refused { code: "unit.unknown".into(), message });
        }
        let about = to.worker.to_string();
        let before = self.store.person(to.worker).await?.map(|before| before.name);
        let now = to.name.clone();
        self.store.change_person(to).await?;
        // Also by what they were called long ago: that is about their unit of today, too.
        let former = self.store.former_names(&me.district).await?.into_iter();
        let former = former.filter(|(worker, _)| worker.to_string() == about).map(|(_, name)| name);
        let names: BTreeSet<String> = former.chain(before).chain([now]).collect();
        for name in names {
            self.look_who(&me.district, &name).await?;
        }
        self.note(me, ("person.change", None, &about, "")).await?;
        self.moved.send_modify(|n| *n += 1);
        Ok(())
    }

    /// A person leaves: no sign-in, no token and no device of theirs is good any more.
    pub async fn end_person(&self, me: &Person, person: Person, reason: &str) -> Result<(), DeskError> {
        if !authorize(me, Wish::Administer, None) || person.district != me.district {
            return Err(DeskError::NotFound);
        }
        let (worker, now) = (person.worker, self.now());
        for device in self.store.devices(&me.district).await? {
            if device.worker == worker && device.revoked.is_none() {
                self.let_leave(me, (device.device, Leaving::GivesUp), reason).await?;
            }
        }
        let ended = person.ended.or(Some(now));
        self.store.change_person(Person { ended, ..person }).await?;
        self.note(me, ("person.end", None, &worker.to_string(), reason)).await?;
        self.moved.send_modify(|n| *n += 1);
        Ok(())
    }

    /// Forgets what reached its address long ago: the journal is for those who ask what came of it. How many these were.
    pub async fn forget_told(&self) -> Kept<usize> {
        let before = self.now() - limits::HOOK_KEPT_MS;
        let mut forgotten = 0;
        loop {
            let gone = self.store.forget_delivered(before, limits::HOOK_FORGOTTEN_AT_ONCE).await?;
            forgotten += gone;
            if gone < limits::HOOK_FORGOTTEN_AT_ONCE {
                return Ok(forgotten);
            }
        }
    }

    /// What did not reach an address outside, or may not have, is told it once more, under the same id.
    pub async fn tell_again(&self, me: &Person, id: i64) -> Result<(), DeskError> {
        let found = self.store.delivery(id).await?.filter(|row| row.district == me.district);
        let row = found.filter(|_| authorize(me, Wish::Administer, None)).ok_or(DeskError::NotFound)?;
        let was = row.standing;
        let (document, about) = (row.document, format!("{} {}", row.hook, row.event));
        let again = DeliveryRow { standing: Standing::Waiting, tries: 0, due: self.now(), ..row };
        if !Shown::Undelivered.holds(was) || !self.store.put_delivery(again, was).await? {
            let message = "it has arrived, or is being sent".to_owned();
            return Err(DeskError::Refused { code: "delivery.open".into(), message });
        }
        Ok(self.note(me, ("hook.again", Some(document), &about, "")).await?)
    }
}
