//! Rounds in memory: read off the rows.

use doorstep_protocol::DocumentId;

use super::MemoryStore;
use crate::store::rounds::Rounds;
use crate::store::rows::{RoundQuery, RoundRow};
use crate::store::{CaseRow, Kept};

impl Rounds for MemoryStore {
    async fn rounds(&self, query: RoundQuery) -> Kept<Vec<RoundRow>> {
        let state = self.lock();
        let rows = state.documents.values().filter_map(|document| document.row.as_ref());
        let of = rows.filter(|row| row.district == query.district && row.kind == query.kind);
        let round = |row: &CaseRow| {
            let round = row.round.as_deref().filter(|round| (query.from..query.to).contains(&round.at))?;
            Some(RoundRow { document: row.document, round: round.clone() })
        };
        let mut rounds: Vec<RoundRow> = of.filter_map(round).collect();
        rounds.sort_by_key(|row| (row.round.at, row.document));
        Ok(rounds)
    }

    async fn naming(&self, named: DocumentId) -> Kept<Vec<DocumentId>> {
        let state = self.lock();
        Ok(state
            .names
            .range((named, DocumentId(uuid::Uuid::nil()))..)
            .take_while(|(to, _)| *to == named)
            .map(|(_, by)| *by)
            .collect())
    }
}
