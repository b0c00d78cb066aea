//! Where cases stood, counted by columns: as of any cut-off, by registration and field, without what is confined.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::{Audience, Closed, Decision, FieldView, How, Life};
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;
use jiff::Timestamp;

use super::data::{EAST, at, case, decision, new, win};
use crate::store::standings::{Column, Marks, Sight, Slice, Tally};
use crate::store::{CaseRow, Row, Store};

fn slice(cutoff: Millis) -> Slice {
    let registered = Millis::MIN..Millis::MAX;
    Slice { district: EAST.into(), cutoff, registered, columns: Vec::new(), sight: Sight::All }
}

fn of(column: Column, value: &str) -> Slice {
    Slice { columns: vec![(column, value.into())], ..slice(Millis::MAX) }
}

async fn cases(store: &impl Store, slice: Slice) -> u64 {
    store.tally(slice).await.expect("reads").iter().map(|tally| tally.cases).sum()
}

/// The marks of the one case of a slice.
async fn marks(store: &impl Store, cutoff: Millis) -> Vec<u32> {
    let tallies = store.tally(slice(cutoff)).await.expect("reads");
    tallies.iter().map(|tally| tally.marks.0).collect()
}

/// A decision with this number and time, changed in some way.
fn made(n: u32, at: Millis, change: impl FnOnce(&mut Decision)) -> Row {
    let Row::Decision(mut made) = decision(n, &n.to_string()) else { unreachable!("it is one") };
    made.at = Timestamp::from_millisecond(at).expect("in range");
    made.step = "triage".into();
    made.routed.rule = "intake".into();
    change(&mut made);
    Row::Decision(made)
}

fn closed(decision: &mut Decision) {
    let closed = Closed { at: decision.at, how: How::Signed };
    decision.life = Life { closed: Some(closed), redo: 1, ..Life::default() };
    decision.step = "archive".into();
}

pub(super) async fn a_case_stands_as_its_last_decision_by_the_cut_off_says(store: &impl Store) {
    win(store, new(case(1), vec![])).await;
    assert_eq!(cases(store, slice(999)).await, 0, "not registered yet");
    assert_eq!(marks(store, 1_000).await, [0], "registered, and nothing decided");
    let assigned = |decision: &mut Decision| decision.step = "handle".into();
    win(store, at(1, case(1), vec![made(1, 1_000, |_| {}), made(2, 2_000, assigned)])).await;
    win(store, at(2, case(1), vec![made(3, 5_000, closed)])).await;
    let handled = Marks::ASSIGNED.0;
    assert_eq!(marks(store, 1_999).await, [0]);
    assert_eq!(marks(store, 2_000).await, [handled]);
    assert_eq!(marks(store, 4_999).await, [handled]);
    let all = Marks::ASSIGNED.0 | Marks::REDONE.0;
    let tally = store.tally(slice(9_000)).await.expect("reads");
    let (policy, how) = ("test@1".to_owned(), Some(How::Signed));
    assert_eq!(tally, [Tally { policy, marks: Marks(all), how, satisfaction: None, late: true, cases: 1 }]);
}

pub(super) async fn a_decision_of_an_earlier_time_that_comes_later_stands_from_its_own_time(
    store: &impl Store,
) {
    let first = vec![made(1, 1_000, |_| {}), made(2, 5_000, closed)];
    win(store, new(case(1), first)).await;
    // A timer that fired late: the last decision, whatever its time, is what holds from then on.
    win(store, at(1, case(1), vec![made(3, 3_000, |decision| decision.step = "handle".into())])).await;
    assert_eq!(marks(store, 2_999).await, [0]);
    for cutoff in [3_000, 4_999, 5_000, 9_000] {
        assert_eq!(marks(store, cutoff).await, [Marks::ASSIGNED.0], "as of {cutoff}");
    }
}

pub(super) async fn cohorts_are_by_registration_and_by_any_value_in_question(store: &impl Store) {
    let registered = |n, registered| CaseRow { registered, ..case(n) };
    let in_category = |view: FieldView| {
        move |decision: &mut Decision| drop(decision.projection.fields.insert("category".into(), view))
    };
    let both = FieldView::Disputed(BTreeSet::from([None, Some("roads".into()), Some("water".into())]));
    win(store, new(registered(1, 10), vec![made(1, 10, in_category(FieldView::Is("water".into())))])).await;
    win(store, new(registered(2, 20), vec![made(1, 20, in_category(both))])).await;
    win(store, new(registered(3, 30), vec![made(1, 30, |_| {})])).await;
    win(store, new(CaseRow { kind: Kind::Visit, ..registered(4, 10) }, vec![])).await;
    win(store, new(CaseRow { district: "west".into(), ..registered(5, 10) }, vec![])).await;
    let span = |registered| Slice { registered, ..slice(Millis::MAX) };
    for (wanted, expected) in [(0..31, 3), (10..20, 1), (20..30, 1), (31..99, 0)] {
        assert_eq!(cases(store, span(wanted.clone())).await, expected, "{wanted:?}");
    }
    let expected = BTreeMap::from([("water", 2), ("roads", 1), ("wat", 0), ("", 2), ("%", 0)]);
    for (value, expected) in expected {
        assert_eq!(cases(store, of(Column::Category, value)).await, expected, "{value:?}");
    }
    assert_eq!(cases(store, of(Column::Unit, "street")).await, 3);
    assert_eq!(cases(store, of(Column::Step, "handle")).await, 0);
}

pub(super) async fn what_is_confined_counts_for_those_inside(store: &impl Store) {
    let confined = |decision: &mut Decision| {
        let units = BTreeSet::from(["discipline".to_owned(), "group".to_owned()]);
        decision.audience = Audience { units, compartment: Some("inside".into()), ..Audience::default() };
    };
    win(store, new(case(1), vec![made(1, 1_000, confined)])).await;
    win(store, new(case(2), vec![made(1, 1_000, |_| {})])).await;
    let seen = |sight| Slice { sight, ..slice(Millis::MAX) };
    assert_eq!(cases(store, seen(Sight::All)).await, 2);
    let person = |unit: &str, hidden| Sight::Person { unit: unit.into(), hidden };
    for (unit, expected) in [("discipline", 2), ("group", 2), ("street", 1), ("disc", 1), ("", 1)] {
        assert_eq!(cases(store, seen(person(unit, BTreeSet::new()))).await, expected, "{unit:?}");
    }
    for (n, expected) in [(1, 1), (2, 1), (3, 2)] {
        let hidden = BTreeSet::from([case(n).document]);
        assert_eq!(
            cases(store, seen(person("group", hidden))).await,
            expected,
            "{n} is about whoever counts"
        );
    }
}
