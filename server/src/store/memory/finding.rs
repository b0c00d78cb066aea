//! Finding in memory: every document is looked at. The reference of what an index answers.

use doorstep_protocol::DocumentId;

use super::{MemoryStore, State};
use crate::finding::{After, Ask, Filed, Found, Gist, Hit, Order, Total, tags, words};
use crate::store::finding::Finding;
use crate::store::{CaseRow, Kept};

impl State {
    /// Everything that answers, in order, with the place of each.
    fn answers(&self, ask: &Ask) -> Vec<((i64, u64), Hit)> {
        let mut found = Vec::new();
        for document in self.documents.values() {
            let Some(row) = document.row.as_ref().filter(|row| row.district == ask.district) else {
                continue;
            };
            let (n, gist) = (document.filed.0, document.filed.1.clone().unwrap_or_default());
            let tags = tags(row);
            let all = words(row, &tags, &gist);
            let all: Vec<&str> = all.split(' ').collect();
            let answers = ask.holds(&tags, crate::finding::due(row))
                && ask.words.as_ref().is_none_or(|expr| expr.holds(&all));
            if answers {
                let at = at(ask.order, row);
                let here = After { at, document: row.document };
                found.push(((at, n), Hit { row: row.clone(), gist, here }));
            }
        }
        found.sort_by_key(|(place, _)| *place);
        if ask.order != Order::Due {
            found.reverse();
        }
        found
    }
}

/// What orders a row, beside its number.
fn at(order: Order, row: &CaseRow) -> i64 {
    match order {
        Order::Registered => 0,
        Order::Due => crate::finding::due(row).unwrap_or_default(),
        Order::Updated => row.updated,
    }
}

impl Finding for MemoryStore {
    async fn find(&self, ask: Ask) -> Kept<Found> {
        let state = self.lock();
        let mut hits = state.answers(&ask);
        if let Some(after) = ask.after {
            let n = state.documents.get(&after.document).map_or(0, |document| document.filed.0);
            let place = (after.at, n);
            hits.retain(|(of, _)| if ask.order == Order::Due { *of > place } else { *of < place });
        }
        let more = hits.len() > ask.limit;
        hits.truncate(ask.limit);
        Ok(Found { hits: hits.into_iter().map(|(_, hit)| hit).collect(), more, cut: false })
    }

    async fn count(&self, ask: Ask, limit: usize) -> Kept<Total> {
        let counted = self.lock().answers(&ask).len();
        Ok(Total { counted: counted.min(limit), more: counted > limit })
    }

    async fn gather(&self, ask: Ask, limit: usize) -> Kept<Option<Vec<Filed>>> {
        let answers = self.lock().answers(&ask);
        let filed = |(_, hit): ((i64, u64), Hit)| Filed {
            document: hit.row.document,
            due: crate::finding::due(&hit.row),
            tags: tags(&hit.row),
        };
        Ok((answers.len() <= limit).then(|| answers.into_iter().map(filed).collect()))
    }

    async fn hits(&self, documents: Vec<DocumentId>) -> Kept<Vec<Hit>> {
        let state = self.lock();
        let hit = |document: &DocumentId| {
            let held = state.documents.get(document)?;
            let row = held.row.clone()?;
            let here = After { at: crate::finding::due(&row).unwrap_or_default(), document: *document };
            Some(Hit { row, gist: held.filed.1.clone().unwrap_or_default(), here })
        };
        Ok(documents.iter().filter_map(hit).collect())
    }

    async fn unfiled(&self, after: Option<DocumentId>, limit: usize) -> Kept<Vec<DocumentId>> {
        let state = self.lock();
        let bare = state.documents.iter().filter(|(_, document)| document.filed.1.is_none());
        let ids = bare.map(|(id, _)| *id).filter(|id| after.is_none_or(|after| *id > after));
        Ok(ids.take(limit).collect())
    }

    async fn file(&self, document: DocumentId, gist: Gist) -> Kept<()> {
        if let Some(document) = self.lock().documents.get_mut(&document) {
            document.filed.1 = Some(gist);
        }
        Ok(())
    }
}
