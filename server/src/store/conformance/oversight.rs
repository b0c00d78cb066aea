//! What supervision reads, and the journal: the same of every store.

use std::collections::BTreeSet;

use doorstep_policy::{Audience, Closed, How, Life, RepeatField, Resolved, Satisfaction};
use doorstep_protocol::WorkerId;
use doorstep_protocol::documents::Media;
use doorstep_protocol::ids::Millis;

use super::data::{EAST, WEST, at as later, case, decision, device, document, hash, new, win};
use crate::pipeline::timestamp;
use crate::store::acts::{ActQuery, ActRow};
use crate::store::arrivals::ArrivalRow;
use crate::store::oversight::{LedgerQuery, Period, Repeat, RepeatQuery, Scope, Stuck};
use crate::store::rows::AnnouncedRow;
use crate::store::{CaseRow, Commit, Row, Store};

const HOUR: Millis = 3_600_000;
const DAY: Millis = 24 * HOUR;
const NOW: Millis = 100 * DAY;

/// An open case of a unit.
fn open(n: u64, unit: &str, category: &str, due: Millis) -> CaseRow {
    CaseRow {
        unit: Some(unit.into()),
        category: Some(category.into()),
        place: Some("pond".into()),
        step: Some("handle".into()),
        due: Some(due),
        registered: NOW - 10 * DAY,
        ..case(n)
    }
}

fn compartment(row: CaseRow) -> CaseRow {
    let audience = Audience { compartment: Some("closed".into()), ..Audience::default() };
    CaseRow { audience: Some(audience), ..row }
}

fn closed(row: CaseRow, at: Millis) -> CaseRow {
    let life = Life {
        closed: Some(Closed { at: timestamp(at), how: How::Signed }),
        claimed_at: Some(timestamp(at - HOUR)),
        handlers: vec![row.unit.clone().unwrap_or_default()],
        ..row.life.clone()
    };
    CaseRow { life, unit: Some("asks".into()), step: Some("callback".into()), ..row }
}

fn withdrawn(row: CaseRow) -> CaseRow {
    let closed = Closed { at: timestamp(NOW - DAY), how: How::Withdrawn };
    let life = Life { closed: Some(closed), ..Life::default() };
    CaseRow { life, step: Some("withdrawn".into()), ..row }
}

fn scope() -> Scope {
    Scope { district: EAST.into(), units: None, except: Vec::new(), now: NOW, near: NOW + 3 * DAY }
}

fn ledger() -> LedgerQuery {
    LedgerQuery {
        scope: scope(),
        stuck: None,
        unit: None,
        category: None,
        urged: false,
        after: None,
        limit: 10,
    }
}

async fn listed(store: &impl Store, query: LedgerQuery) -> Vec<u64> {
    let rows = store.ledger(query).await.expect("the store works");
    let number = |row: &CaseRow| (1..30).find(|n| document(*n) == row.document).expect("one of ours");
    rows.iter().map(number).collect()
}

async fn some_cases(store: &impl Store) {
    let concerned = BTreeSet::from(["Wang".to_owned()]);
    let conflict = BTreeSet::from(["place".to_owned()]);
    let urged = Life { urged: 2, ..Life::default() };
    for row in [
        CaseRow { life: urged, ..open(1, "town", "water", NOW - DAY) },
        open(2, "town", "water", NOW + DAY),
        CaseRow {
            conflicts: conflict,
            conflict_since: Some(NOW - 7 * DAY),
            ..open(3, "town", "roads", NOW + 30 * DAY)
        },
        CaseRow { concerned, ..open(4, "village", "roads", NOW - 2 * DAY) },
        CaseRow { step: Some("review".into()), category: None, ..open(5, "village", "", NOW + 9 * DAY) },
        CaseRow { step: Some("archived".into()), ..open(6, "town", "water", NOW - DAY) },
        compartment(open(7, "town", "water", NOW - DAY)),
        CaseRow { district: WEST.into(), ..open(8, "town", "water", NOW - DAY) },
    ] {
        win(store, new(row, Vec::new())).await;
    }
    let announced = AnnouncedRow {
        device: device(1),
        worker: WorkerId(1),
        document: document(9),
        hash: hash(1),
        at: NOW,
    };
    let waiting = open(9, "village", "roads", NOW + 20 * DAY);
    win(store, new(waiting, vec![Row::Announced(announced)])).await;
}

pub(super) async fn the_board_counts_open_cases_outside_compartments(store: &impl Store) {
    some_cases(store).await;
    let board = store.board(scope()).await.expect("the store works");
    let oldest: Vec<_> = board.iter().map(|row| row.oldest).collect();
    assert_eq!(
        oldest,
        [
            [None, None, Some(NOW - 7 * DAY), None],
            [Some(NOW - DAY), Some(NOW + DAY), None, None],
            [None, None, Some(NOW + 9 * DAY), None],
            [Some(NOW - 2 * DAY), None, None, Some(NOW + 20 * DAY)],
        ]
    );
    let rows: Vec<_> = board
        .iter()
        .map(|row| (row.unit.as_str(), row.category.as_deref(), row.open, row.stuck, row.urged))
        .collect();
    assert_eq!(
        rows,
        [
            ("town", Some("roads"), 1, [0, 0, 1, 0], 0),
            ("town", Some("water"), 2, [1, 1, 0, 0], 1),
            ("village", None, 1, [0, 0, 1, 0], 0),
            ("village", Some("roads"), 2, [1, 0, 0, 1], 0),
        ]
    );
    let wang = Scope { except: vec!["Wang".into()], units: Some(vec!["village".into()]), ..scope() };
    let board = store.board(wang).await.expect("the store works");
    assert_eq!(board.iter().map(|row| row.open).sum::<u64>(), 2, "not the one about himself");
}

pub(super) async fn a_ledger_lists_what_the_board_counts_the_longest_due_first(store: &impl Store) {
    some_cases(store).await;
    assert_eq!(listed(store, ledger()).await, [4, 1, 2, 5, 9, 3]);
    let stuck = |stuck| LedgerQuery { stuck: Some(stuck), ..ledger() };
    assert_eq!(listed(store, stuck(Stuck::Overdue)).await, [4, 1]);
    assert_eq!(listed(store, stuck(Stuck::Near)).await, [2]);
    assert_eq!(listed(store, stuck(Stuck::Review)).await, [5, 3]);
    assert_eq!(listed(store, stuck(Stuck::Devices)).await, [9]);
    let town = LedgerQuery { unit: Some("town".into()), category: Some(Some("water".into())), ..ledger() };
    assert_eq!(listed(store, town).await, [1, 2]);
    assert_eq!(listed(store, LedgerQuery { category: Some(None), ..ledger() }).await, [5], "of no category");
    assert_eq!(listed(store, LedgerQuery { urged: true, ..ledger() }).await, [1]);
    let next = LedgerQuery { after: Some((NOW - DAY, document(1))), limit: 2, ..ledger() };
    assert_eq!(listed(store, next).await, [2, 5]);
    let scope = Scope { except: vec!["Wang".into()], ..scope() };
    assert_eq!(listed(store, LedgerQuery { scope, ..stuck(Stuck::Overdue) }).await, [1]);
}

/// A row with the decision that made it so.
fn stood(row: CaseRow, (n, at): (u32, Millis)) -> Commit {
    let Row::Decision(mut made) = decision(n, &n.to_string()) else { unreachable!("it is one") };
    made.at = timestamp(at);
    made.life = row.life.clone();
    made.step = row.step.clone().unwrap_or_default();
    made.audience = row.audience.clone().unwrap_or_default();
    match n {
        1 => new(row, vec![Row::Decision(made)]),
        _ => later(u64::from(n) - 1, row, vec![Row::Decision(made)]),
    }
}

pub(super) async fn a_population_is_what_was_closed_in_a_period(store: &impl Store) {
    let case = |n| open(n, "town", "water", NOW);
    for (row, at) in [
        (closed(case(3), NOW - 2 * DAY), NOW - 2 * DAY),
        (closed(case(1), NOW - 3 * DAY), NOW - 3 * DAY),
        (closed(case(2), NOW), NOW),
        (compartment(closed(case(4), NOW - DAY)), NOW - DAY),
        (case(5), NOW - DAY),
        (withdrawn(case(6)), NOW - DAY),
        (closed(case(7), NOW - 4 * DAY), NOW - 4 * DAY),
        (closed(case(8), NOW - DAY), NOW - DAY),
    ] {
        win(store, stood(row, (1, at))).await;
    }
    let period = Period { from: NOW - 3 * DAY, to: NOW };
    let of = async |compartment| store.closed_in(EAST, period, compartment).await.expect("the store works");
    let expected = [document(1), document(3), document(8)];
    assert_eq!(of(None).await, expected);
    assert_eq!(of(Some("closed")).await, [document(4)]);
    assert_eq!(of(Some("other")).await, []);
    // Whoever waits with drawing changes nothing any more: neither by opening one again, nor by closing another.
    win(store, stood(case(1), (2, NOW))).await;
    win(store, stood(compartment(case(8)), (2, NOW + HOUR))).await;
    win(store, stood(closed(case(5), NOW - DAY), (2, NOW + HOUR))).await;
    assert_eq!(
        of(None).await,
        [document(1), document(3)],
        "what has turned out a complaint since is not told"
    );
    assert_eq!(of(Some("closed")).await, [document(4)]);
}

pub(super) async fn tallies_are_by_who_handled_it(store: &impl Store) {
    let answered = Life { satisfaction: Some(Satisfaction::Satisfied), redo: 1, ..Life::default() };
    let mut happy = closed(open(1, "town", "water", NOW - DAY), NOW - 2 * DAY);
    happy.life = Life { satisfaction: answered.satisfaction, redo: 1, ..happy.life };
    for row in [
        happy,
        open(2, "town", "water", NOW - DAY),
        open(3, "town", "water", NOW + DAY),
        withdrawn(open(4, "town", "water", NOW - DAY)),
        compartment(open(5, "town", "water", NOW - DAY)),
        CaseRow { registered: NOW - 90 * DAY, ..open(6, "town", "water", NOW - DAY) },
    ] {
        win(store, new(row, Vec::new())).await;
    }
    let period = Period { from: NOW - 30 * DAY, to: NOW };
    let by = store.tallies(EAST, period, (Resolved::Closed, NOW)).await.expect("the store works");
    let town = by.get("town").expect("the town");
    assert_eq!((by.len(), town.collected, town.resolved, town.overdue), (1, 4, 1, 1));
    assert_eq!((town.handled, town.redone, town.answered, town.satisfied), (1, 1, 1, 1));
    let claimed = store.tallies(EAST, period, (Resolved::Claimed, NOW)).await.expect("the store works");
    assert_eq!(claimed.get("town").map(|town| town.resolved), Some(1));
}

pub(super) async fn repeats_clusters_and_claims_are_found(store: &impl Store) {
    let later = |n, at| CaseRow { registered: at, ..open(n, "town", "water", NOW + DAY) };
    for row in [
        closed(CaseRow { household: Some("h1".into()), ..open(1, "town", "roads", NOW) }, NOW - 60 * DAY),
        CaseRow { household: Some("h1".into()), ..later(2, NOW - 5 * DAY) },
        closed(CaseRow { place: Some("hill".into()), ..open(3, "town", "water", NOW) }, NOW - 200 * DAY),
        CaseRow { place: Some("hill".into()), ..later(4, NOW - 4 * DAY) },
        later(5, NOW - 3 * DAY),
        compartment(later(6, NOW - 2 * DAY)),
        CaseRow { life: Life { lead: Some("x".into()), ..Life::default() }, ..later(7, NOW - DAY) },
    ] {
        win(store, new(row, Vec::new())).await;
    }
    let query = |by: Vec<RepeatField>, within| RepeatQuery {
        district: EAST.into(),
        by,
        since: NOW - 30 * DAY,
        within,
        limit: 10,
    };
    let found = async |query| store.repeats(query).await.expect("the store works");
    let household = Repeat { closed: document(1), again: document(2) };
    assert_eq!(found(query(vec![RepeatField::Household], 90 * DAY)).await, [household]);
    assert_eq!(found(query(vec![RepeatField::Household], 30 * DAY)).await, []);
    let same = vec![RepeatField::Place, RepeatField::Category];
    assert_eq!(found(query(same.clone(), 90 * DAY)).await, [], "196 days apart");
    let hill = Repeat { closed: document(3), again: document(4) };
    assert_eq!(found(query(same, 300 * DAY)).await, [hill]);
    let subject = vec![RepeatField::Subject, RepeatField::Category];
    assert_eq!(found(query(subject.clone(), 90 * DAY)).await, [], "nobody was concerned twice");
    let about = |row: CaseRow| CaseRow { concerned: BTreeSet::from(["Wang".to_owned()]), ..row };
    win(store, new(about(closed(open(8, "town", "dispute", NOW), NOW - 9 * DAY)), Vec::new())).await;
    win(
        store,
        new(about(CaseRow { category: Some("dispute".into()), ..later(9, NOW - 8 * DAY) }), Vec::new()),
    )
    .await;
    let wang = Repeat { closed: document(8), again: document(9) };
    for by in [subject, vec![RepeatField::Subject], vec![RepeatField::Category]] {
        let found = found(query(by.clone(), 90 * DAY)).await;
        assert_eq!(found, [wang], "{by:?}");
    }
    let both = vec![RepeatField::Household, RepeatField::Subject, RepeatField::Place];
    assert_eq!(found(query(both, 90 * DAY)).await, [], "each of the fields is the same, and none empty");

    let clusters = store.clusters(EAST, NOW - 30 * DAY, 2).await.expect("the store works");
    let shown: Vec<_> = clusters.iter().map(|c| (c.place.as_str(), c.cases.clone())).collect();
    assert_eq!(shown, [("pond", vec![document(2), document(5)])], "neither grouped nor in a compartment");

    let day = Period { from: NOW - DAY, to: NOW };
    let claimed = |n, at| {
        let life = Life { claimed_at: Some(timestamp(at)), ..Life::default() };
        CaseRow { life, step: Some("verify".into()), ..open(n, "bulk", "water", NOW) }
    };
    for (n, at) in [(11, NOW - HOUR), (12, NOW - 2 * HOUR), (13, NOW - 3 * DAY), (14, NOW - 9 * DAY)] {
        win(store, new(claimed(n, at), Vec::new())).await;
    }
    let week = Period { from: NOW - 7 * DAY, to: NOW };
    let claims = store.claims(EAST, week, day).await.expect("the store works");
    let shown: Vec<_> = claims.iter().map(|c| (c.unit.as_str(), c.day, c.week)).collect();
    assert_eq!(shown, [("bulk", 2, 3)]);
    let cases = store.claimed_by(EAST, &["bulk".to_owned()], week).await.expect("the store works");
    assert_eq!(cases, [document(11), document(12), document(13)]);
}

pub(super) async fn a_picture_under_two_cases_is_found(store: &impl Store) {
    win(store, new(open(1, "town", "water", NOW), Vec::new())).await;
    win(store, new(open(2, "town", "water", NOW), Vec::new())).await;
    win(store, new(compartment(open(3, "town", "water", NOW)), Vec::new())).await;
    let row = |n, h, media| ArrivalRow {
        document: document(n),
        hash: hash(h),
        size: 9,
        media,
        device: device(1),
        at: NOW,
    };
    for (n, h) in [(1, 1), (2, 1), (1, 2), (3, 2), (1, 3)] {
        store.arrive(row(n, h, Media::Jpeg)).await.expect("the store works");
    }
    let found = store.reused(EAST, NOW - DAY, 10).await.expect("the store works");
    assert_eq!(found, [(hash(1), vec![document(1), document(2)])]);
    assert_eq!(store.reused(EAST, NOW + DAY, 10).await.expect("the store works"), []);
}

pub(super) async fn acts_are_numbered_and_read_by_kind_and_topic(store: &impl Store) {
    let act = |n, kind: &str, topic: &str| ActRow {
        district: EAST.into(),
        n,
        kind: kind.into(),
        topic: topic.into(),
        worker: WorkerId(1),
        unit: "town".into(),
        at: NOW,
        body: "{}".into(),
    };
    for (row, kept) in [
        (act(1, "draw", "1"), true),
        (act(1, "draw", "2"), false),
        (act(3, "draw", "2"), false),
        (act(2, "account", "week"), true),
        (act(3, "draw", "1"), true),
        (ActRow { district: WEST.into(), ..act(1, "draw", "9") }, true),
    ] {
        assert_eq!(store.record(row.clone()).await.expect("the store works"), kept, "{row:?}");
    }
    assert_eq!(store.last_act(EAST).await.expect("reads"), 3);
    assert_eq!(store.last_act("north").await.expect("reads"), 0);
    let query = ActQuery { district: EAST.into(), kind: "draw".into(), limit: 10, ..ActQuery::default() };
    let numbers = async |query: ActQuery| -> Vec<u64> {
        store.acts(query).await.expect("reads").iter().map(|act| act.n).collect()
    };
    assert_eq!(numbers(query.clone()).await, [3, 1]);
    assert_eq!(numbers(ActQuery { before: Some(3), ..query.clone() }).await, [1]);
    assert_eq!(numbers(ActQuery { topic: Some("2".into()), ..query.clone() }).await, [0; 0]);
    assert_eq!(numbers(ActQuery { limit: 1, ..query }).await, [3]);
}
