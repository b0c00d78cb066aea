//! Deliveries in memory.

use doorstep_policy::Decision;
use doorstep_protocol::DocumentId;
use doorstep_protocol::ids::Millis;

use super::MemoryStore;
use crate::store::Kept;
use crate::store::deliveries::{Deliveries, DeliveryRow, Shown, Standing};

impl Deliveries for MemoryStore {
    async fn decided(
        &self,
        mut documents: Vec<DocumentId>,
        after: u64,
        until: u64,
    ) -> Kept<Vec<(DocumentId, Decision)>> {
        let state = self.lock();
        documents.sort_unstable();
        documents.dedup();
        let of = |id: DocumentId| {
            let rows = state.documents.get(&id).map_or(&[][..], |document| &document.decisions);
            let new = rows.iter().filter(|row| row.seq > after && row.seq <= until);
            let mut new: Vec<Decision> = new.map(|row| row.decision.clone()).collect();
            new.sort_by_key(|decision| (decision.epoch, decision.n));
            new.into_iter().map(move |decision| (id, decision))
        };
        Ok(documents.into_iter().flat_map(of).collect())
    }

    async fn add_deliveries(&self, rows: Vec<DeliveryRow>, (key, value): (String, String)) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        for mut row in rows {
            let same = |known: &DeliveryRow| {
                known.hook == row.hook && known.document == row.document && known.n == row.n
            };
            if !state.deliveries.iter().any(same) {
                row.id = state.deliveries.last().map_or(1, |last| last.id + 1);
                state.deliveries.push(row);
            }
        }
        state.settings.insert(key, value);
        Ok(())
    }

    async fn put_delivery(&self, row: DeliveryRow, was: Standing) -> Kept<bool> {
        let mut state = self.lock();
        state.faults.pass()?;
        let mut known = state.deliveries.iter_mut();
        let Some(known) = known.find(|known| known.id == row.id && known.standing == was) else {
            return Ok(false);
        };
        let DeliveryRow { standing, tries, due, said, .. } = row;
        *known = DeliveryRow { standing, tries, due, said, ..known.clone() };
        Ok(true)
    }

    async fn open_deliveries(&self, hook: Option<&str>, now: Millis, limit: usize) -> Kept<Vec<DeliveryRow>> {
        let state = self.lock();
        let of = state.deliveries.iter().filter(|row| hook.is_none_or(|hook| row.hook == hook));
        let mut rows: Vec<DeliveryRow> =
            of.filter(|row| row.standing.is_open() && row.due <= now).cloned().collect();
        rows.sort_by_key(|row| (row.due, row.id));
        rows.truncate(limit);
        Ok(rows)
    }

    async fn delivery(&self, id: i64) -> Kept<Option<DeliveryRow>> {
        Ok(self.lock().deliveries.iter().find(|row| row.id == id).cloned())
    }

    async fn deliveries(
        &self,
        (district, shown): (&str, Shown),
        before: Option<i64>,
        limit: usize,
    ) -> Kept<Vec<DeliveryRow>> {
        let state = self.lock();
        let of = state.deliveries.iter().rev().filter(|row| row.district == district);
        let of = of.filter(|row| shown.holds(row.standing) && before.is_none_or(|before| row.id < before));
        Ok(of.take(limit).cloned().collect())
    }

    async fn delivery_counts(&self, district: &str) -> Kept<(u64, u64)> {
        let state = self.lock();
        let count = |shown: Shown| {
            let of = state.deliveries.iter().filter(|row| row.district == district);
            of.filter(|row| shown.holds(row.standing)).count() as u64
        };
        Ok((count(Shown::Open), count(Shown::Undelivered)))
    }

    async fn forget_delivered(&self, before: Millis, limit: usize) -> Kept<usize> {
        let mut state = self.lock();
        state.faults.pass()?;
        let old = |row: &&DeliveryRow| row.standing == Standing::Delivered && row.at < before;
        let mut gone: Vec<(Millis, i64)> =
            state.deliveries.iter().filter(old).map(|row| (row.at, row.id)).collect();
        gone.sort_unstable();
        gone.truncate(limit);
        state.deliveries.retain(|row| !gone.contains(&(row.at, row.id)));
        Ok(gone.len())
    }
}
