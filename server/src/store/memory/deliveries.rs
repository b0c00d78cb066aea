//! Deliveries in memory.

use doorstep_protocol::ids::Millis;

use super::MemoryStore;
use crate::store::Kept;
use crate::store::deliveries::{Deliveries, DeliveryRow};

impl Deliveries for MemoryStore {
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

    async fn put_delivery(&self, row: DeliveryRow) -> Kept<()> {
        let mut state = self.lock();
        state.faults.pass()?;
        if let Some(known) = state.deliveries.iter_mut().find(|known| known.id == row.id) {
            *known = DeliveryRow {
                standing: row.standing,
                tries: row.tries,
                due: row.due,
                said: row.said,
                ..known.clone()
            };
        }
        Ok(())
    }

    async fn open_deliveries(&self, now: Millis, limit: usize) -> Kept<Vec<DeliveryRow>> {
        let state = self.lock();
        let open = state.deliveries.iter().filter(|row| row.standing.is_open() && row.due <= now);
        let mut rows: Vec<DeliveryRow> = open.cloned().collect();
        rows.sort_by_key(|row| (row.due, row.id));
        rows.truncate(limit);
        Ok(rows)
    }

    async fn deliveries(&self, district: &str, before: Option<i64>, limit: usize) -> Kept<Vec<DeliveryRow>> {
        let state = self.lock();
        let of = state.deliveries.iter().rev().filter(|row| row.district == district);
        Ok(of.filter(|row| before.is_none_or(|before| row.id < before)).take(limit).cloned().collect())
    }
}
