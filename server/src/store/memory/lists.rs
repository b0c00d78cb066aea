//! Lists over the rows in memory.

use super::State;
use crate::store::{CaseRow, Place, Query};

impl State {
    pub(super) fn listed(&self, query: &Query) -> Vec<CaseRow> {
        let wanted = |row: &&CaseRow| {
            row.district == query.district
                && row.erased.is_none()
                && query.kind.is_none_or(|kind| row.kind == kind)
                && (!query.in_conflict || !row.conflicts.is_empty())
                && query.due_before.is_none_or(|before| row.due.is_some_and(|due| due < before))
                && query.unit.as_ref().is_none_or(|unit| row.unit.as_ref() == Some(unit))
        };
        let rows = self.documents.values().filter_map(|document| document.row.as_ref());
        let mut rows: Vec<CaseRow> = rows.filter(wanted).cloned().collect();
        if query.in_conflict {
            rows.sort_by_key(|row| (!row.urgent, row.conflict_since, row.document));
        } else {
            rows.sort_by_key(|row| std::cmp::Reverse(row.document));
        }
        let start = query.after.and_then(|after| rows.iter().position(|row| row.document == after));
        rows.into_iter().skip(start.map_or(0, |at| at + 1)).take(query.limit).collect()
    }

    pub(super) fn first(&self, district: &str, after: Option<Place>, limit: usize) -> Vec<CaseRow> {
        let rows = self.documents.values().filter_map(|document| document.row.as_ref());
        let mut rows: Vec<&CaseRow> = rows.filter(|row| row.district == district).collect();
        rows.retain(|row| after.is_none_or(|after| row.place() > after));
        rows.sort_by_key(|row| row.place());
        rows.into_iter().take(limit).cloned().collect()
    }
}
