//! Standings, counted from the decisions themselves: the reference of what the columns say.

use std::collections::BTreeMap;

use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;

use super::MemoryStore;
use crate::store::Kept;
use crate::store::standings::{Slice, Standing, Standings, Tally};

impl Standings for MemoryStore {
    async fn tally(&self, slice: Slice) -> Kept<Vec<Tally>> {
        let state = self.lock();
        let mut counted: BTreeMap<Tally, u64> = BTreeMap::new();
        for document in state.documents.values() {
            let Some(row) =
                document.row.as_ref().filter(|row| row.kind == Kind::Case && row.erased.is_none())
            else {
                continue;
            };
            let decisions = document.decisions.iter().map(|row| &row.decision);
            let standing =
                Standing::at(row, decisions, slice.cutoff).filter(|standing| standing.is_in(&slice));
            if let Some(Standing { policy, marks, how, satisfaction, due, .. }) = standing {
                let late = due < slice.cutoff.min(Millis::MAX - 1);
                *counted.entry(Tally { policy, marks, how, satisfaction, late, cases: 0 }).or_default() += 1;
            }
        }
        Ok(counted.into_iter().map(|(tally, cases)| Tally { cases, ..tally }).collect())
    }
}
