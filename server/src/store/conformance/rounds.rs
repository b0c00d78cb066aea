//! Rounds of visits, and which documents name which.

use doorstep_protocol::documents::Kind;

use super::data::{EAST, WEST, at, case, commit, document, new, win};
use crate::store::{CaseRow, Round, RoundQuery, Store};

fn visit(n: u64, when: i64, named: &[u64]) -> CaseRow {
    let cases = named.iter().map(|n| document(*n)).collect();
    let round = Round { at: when, mode: "home".into(), people: n as u32, cases, ..Round::default() };
    CaseRow { kind: Kind::Visit, round: Some(Box::new(round)), ..case(n) }
}

async fn listed(store: &impl Store, kind: Kind, (from, to): (i64, i64)) -> Vec<(u64, i64)> {
    let query = RoundQuery { district: EAST.into(), kind, from, to };
    let number = |row: &crate::store::RoundRow| (1..9).find(|n| document(*n) == row.document).unwrap_or(0);
    let rows = store.rounds(query).await.expect("reads");
    rows.iter().map(|row| (number(row), row.round.at)).collect()
}

pub(super) async fn rounds_are_listed_by_their_time_and_change_with_their_document(store: &impl Store) {
    let rows = [
        visit(1, 30, &[]),
        visit(2, 10, &[7, 8]),
        CaseRow { district: WEST.into(), ..visit(3, 20, &[]) },
        CaseRow { kind: Kind::Meeting, ..visit(4, 20, &[7]) },
        case(5),
    ];
    commit(store, rows.into_iter().map(|row| new(row, vec![])).collect()).await;
    assert_eq!(listed(store, Kind::Visit, (0, 100)).await, [(2, 10), (1, 30)]);
    assert_eq!(listed(store, Kind::Visit, (10, 30)).await, [(2, 10)]);
    assert_eq!(listed(store, Kind::Meeting, (0, 100)).await, [(4, 20)]);
    win(store, at(1, visit(2, 40, &[8]), vec![])).await;
    assert_eq!(listed(store, Kind::Visit, (0, 100)).await, [(1, 30), (2, 40)]);
    let naming = |n| store.naming(document(n));
    assert_eq!(naming(7).await.expect("reads"), [document(2), document(4)], "what was named once is found");
    assert_eq!(naming(8).await.expect("reads"), [document(2)]);
    assert_eq!(naming(6).await.expect("reads"), []);
}
