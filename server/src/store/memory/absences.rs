//! Absences in memory.

use doorstep_protocol::ids::Millis;

use super::MemoryStore;
use crate::store::Kept;
use crate::store::absences::{AbsenceRow, Absences};

impl Absences for MemoryStore {
    async fn add_absence(&self, mut row: AbsenceRow) -> Kept<Option<i64>> {
        let mut state = self.lock();
        state.faults.pass()?;
        let away = |other: &AbsenceRow| {
            other.district == row.district && (other.worker == row.worker || other.worker == row.deputy)
        };
        if state.absences.iter().any(|other| away(other) && row.overlaps(other)) {
            return Ok(None);
        }
        row.id = state.absences.len() as i64 + 1;
        let id = row.id;
        state.absences.push(row);
        Ok(Some(id))
    }

    async fn end_absence(&self, id: i64, at: Millis) -> Kept<bool> {
        let mut state = self.lock();
        state.faults.pass()?;
        let lasts = |row: &&mut AbsenceRow| row.id == id && row.ended.is_none() && at < row.until;
        let found = state.absences.iter_mut().find(lasts);
        Ok(found.map(|row| row.ended = Some(at)).is_some())
    }

    async fn absences(&self, district: &str, at: Millis) -> Kept<Vec<AbsenceRow>> {
        let state = self.lock();
        let lasts = |row: &&AbsenceRow| {
            row.district == district && at < row.until && row.ended.is_none_or(|ended| at < ended)
        };
        let mut rows: Vec<AbsenceRow> = state.absences.iter().filter(lasts).cloned().collect();
        rows.sort_by_key(|row| (row.from, row.id));
        Ok(rows)
    }
}
