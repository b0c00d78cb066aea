//! Acts of supervision in memory.

use super::MemoryStore;
use crate::store::Kept;
use crate::store::acts::{ActQuery, ActRow, Acts};

impl Acts for MemoryStore {
    async fn record(&self, row: ActRow) -> Kept<bool> {
        let mut state = self.lock();
        state.faults.pass()?;
        let acts = state.acts.entry(row.district.clone()).or_default();
        let next = acts.len() as u64 + 1 == row.n;
        if next {
            acts.push(row);
        }
        Ok(next)
    }

    async fn last_act(&self, district: &str) -> Kept<u64> {
        Ok(self.lock().acts.get(district).map_or(0, |acts| acts.len() as u64))
    }

    async fn acts(&self, query: ActQuery) -> Kept<Vec<ActRow>> {
        let state = self.lock();
        let acts = state.acts.get(&query.district).into_iter().flatten().rev();
        let wanted = acts.filter(|act| {
            act.kind == query.kind
                && query.topic.as_ref().is_none_or(|topic| act.topic == *topic)
                && query.before.is_none_or(|before| act.n < before)
        });
        Ok(wanted.take(query.limit).cloned().collect())
    }
}
