//! Documents are found by tags and words, in each order, page by page, and as they are now.

use doorstep_protocol::DocumentId;

use super::data::{EAST, WEST, at, case, commit, document, new, win};
use crate::finding::{After, Ask, Expr, Gist, Mark, Order, Tag};
use crate::store::{CaseRow, Commit, Store};

fn unit(name: &str) -> Tag {
    Tag::of(EAST, Mark::Unit, name)
}

fn ask(all: &[&[Tag]]) -> Ask {
    let all = all.iter().map(|group| group.to_vec()).collect();
    Ask { district: EAST.into(), all, limit: 100, ..Ask::default() }
}

async fn found(store: &impl Store, ask: Ask) -> Vec<DocumentId> {
    store.find(ask).await.expect("finds").hits.into_iter().map(|hit| hit.row.document).collect()
}

async fn gathered(store: &impl Store, ask: Ask) -> Vec<DocumentId> {
    let gathered = store.gather(ask, 100).await.expect("finds").expect("not so many");
    gathered.into_iter().map(|filed| filed.document).collect()
}

/// The same, page by page.
async fn paged(store: &impl Store, ask: Ask, limit: usize) -> Vec<DocumentId> {
    let (mut all, mut after): (Vec<DocumentId>, Option<After>) = (Vec::new(), None);
    loop {
        let page = store.find(Ask { limit, after, ..ask.clone() }).await.expect("finds");
        assert_eq!(page.more, !page.hits.is_empty() && page.hits.len() == limit && page.more);
        after = page.hits.last().map(|hit| hit.here);
        all.extend(page.hits.into_iter().map(|hit| hit.row.document));
        if !page.more {
            return all;
        }
    }
}

fn documents<const N: usize>(numbers: [u64; N]) -> [DocumentId; N] {
    numbers.map(document)
}

fn of(n: u64, unit: &str, due: i64, updated: i64) -> CaseRow {
    let step = Some("handle".into());
    CaseRow { unit: Some(unit.into()), step, due: Some(due), updated, ..case(n) }
}

/// A commit with words.
fn worded(commit: Commit, description: &str) -> Commit {
    let gist = Gist { description: description.into(), ..Gist::default() };
    Commit { gist: Some(gist), ..commit }
}

pub(super) async fn rows_are_found_by_tags_in_each_order_page_by_page(store: &impl Store) {
    let rows = [
        of(3, "street", 30, 4),
        of(1, "street", 20, 9),
        of(2, "water", 10, 7),
        CaseRow { step: Some("archived".into()), ..of(4, "street", 5, 2) },
        CaseRow { concerned: ["王敏".into()].into(), ..of(5, "street", 20, 4) },
        CaseRow { district: WEST.into(), ..of(6, "street", 1, 8) },
    ];
    commit(store, rows.into_iter().map(|row| new(row, vec![])).collect()).await;
    let street = ask(&[&[unit("street")]]);
    let orders = [
        (Order::Registered, documents([5, 4, 1, 3]).to_vec()),
        (Order::Updated, documents([1, 5, 3, 4]).to_vec()),
        // What has ended is not due.
        (Order::Due, documents([1, 5, 3]).to_vec()),
    ];
    for (order, expected) in orders {
        let ask = Ask { order, ..street.clone() };
        assert_eq!(found(store, ask.clone()).await, expected, "{order:?}");
        assert_eq!(gathered(store, ask.clone()).await, expected, "{order:?}");
        for limit in 1..4 {
            assert_eq!(paged(store, ask.clone(), limit).await, expected, "{order:?} by {limit}");
        }
    }
    assert_eq!(found(store, ask(&[&[unit("street"), unit("water")]])).await.len(), 5);
    let concerned = Tag::of(EAST, Mark::Concerns, "王敏");
    let unseen = Ask { none: vec![concerned], ..street.clone() };
    assert_eq!(found(store, unseen).await, documents([4, 1, 3]));
    let open = Tag::of(EAST, Mark::Stage, "open");
    assert_eq!(found(store, ask(&[&[unit("street")], &[open]])).await, documents([5, 1, 3]));
    // What is filed is what is decided now.
    win(store, at(1, of(3, "water", 40, 11), vec![])).await;
    assert_eq!(found(store, street).await, documents([5, 4, 1]));
    let water = Ask { order: Order::Due, ..ask(&[&[unit("water")]]) };
    assert_eq!(found(store, water).await, documents([2, 3]));
}

pub(super) async fn words_are_found_and_what_was_there_before_is_not(store: &impl Store) {
    let word = |text: &str| Some(Expr::Word(text.into()));
    let titled = CaseRow { title: Some("市场街无公厕".into()), ..of(1, "street", 20, 9) };
    commit(store, vec![worded(new(titled.clone(), vec![]), "在 market 旁，\"quoted\" 4号")]).await;
    commit(store, vec![worded(new(of(2, "street", 30, 4), vec![]), "水沟结冰")]).await;
    let street = ask(&[&[unit("street")]]);
    let words = |words| Ask { words, ..street.clone() };
    for text in ["公厕", "市", "wmarket", "wquoted", "pscjw"] {
        assert_eq!(found(store, words(word(text))).await, documents([1]), "{text}");
    }
    assert_eq!(found(store, words(Some(Expr::Prefix("wmar".into())))).await, documents([1]));
    assert_eq!(found(store, words(Some(Expr::Prefix("pwg".into())))).await, documents([1]));
    let either = Expr::Any(vec![Expr::Word("水沟".into()), Expr::Word("公厕".into())]);
    assert_eq!(found(store, words(Some(either.clone()))).await, documents([2, 1]));
    let due = Ask { order: Order::Due, ..words(Some(either)) };
    assert_eq!(found(store, due).await, documents([1, 2]));
    // Another decision leaves the words as they are; another text replaces them.
    win(store, at(1, CaseRow { step: Some("verify".into()), ..titled.clone() }, vec![])).await;
    assert_eq!(found(store, words(word("wmarket"))).await, documents([1]));
    win(store, worded(at(2, titled, vec![]), "改在桥头")).await;
    assert_eq!(found(store, words(word("wmarket"))).await, []);
    assert_eq!(found(store, words(word("桥头"))).await, documents([1]));
    assert_eq!(found(store, words(word("公厕"))).await, documents([1]), "a title stays");
}

pub(super) async fn what_is_due_within_a_span_is_found_and_counted(store: &impl Store) {
    let rows = (1..=9).map(|n| new(of(n, "street", n as i64 * 10, 0), vec![])).collect();
    commit(store, rows).await;
    for order in [Order::Registered, Order::Due, Order::Updated] {
        let ask = Ask { order, due_from: Some(30), due_before: Some(60), ..ask(&[&[unit("street")]]) };
        let mut numbers = documents([3, 4, 5]);
        if order != Order::Due {
            numbers.reverse();
        }
        assert_eq!(found(store, ask.clone()).await, numbers, "{order:?}");
        assert_eq!(paged(store, ask.clone(), 2).await, numbers, "{order:?}");
        assert_eq!(gathered(store, ask.clone()).await, numbers, "{order:?}");
        let total = store.count(ask.clone(), 100).await.expect("counts");
        assert_eq!((total.counted, total.more), (3, false));
        let total = store.count(ask, 2).await.expect("counts");
        assert_eq!((total.counted, total.more), (2, true));
    }
    let total = store.count(ask(&[&[unit("street")]]), 100).await.expect("counts");
    assert_eq!((total.counted, total.more), (9, false));
}

pub(super) async fn what_nobody_has_filed_is_filed_once(store: &impl Store) {
    commit(store, (1..=3).map(|n| new(of(n, "street", 1, 1), vec![])).collect()).await;
    let unfiled = |after| async move { store.unfiled(after, 2).await.expect("reads") };
    assert_eq!(unfiled(None).await, documents([1, 2]));
    assert_eq!(unfiled(Some(document(2))).await, documents([3]));
    let gist = Gist { description: "水沟".into(), keys: vec![Tag([7; 8])], ..Gist::default() };
    store.file(document(2), gist.clone()).await.expect("files");
    assert_eq!(unfiled(None).await, documents([1, 3]));
    let ask = Ask { words: Some(Expr::Word("水沟".into())), ..ask(&[&[unit("street")]]) };
    let hits = store.find(ask).await.expect("finds").hits;
    assert_eq!((hits.len(), &hits[0].gist), (1, &gist));
}

pub(super) async fn what_answers_is_gathered_once_and_tells_narrower_answers(store: &impl Store) {
    let rows = (1..=6).map(|n| {
        let step = if n % 2 == 0 { "verify" } else { "handle" };
        new(CaseRow { step: Some(step.into()), ..of(n, "street", 70 - n as i64 * 10, 0) }, vec![])
    });
    commit(store, rows.collect()).await;
    let street = Ask { order: Order::Due, ..ask(&[&[unit("street")]]) };
    assert_eq!(store.gather(street.clone(), 5).await.expect("finds"), None, "more than was asked for");
    let filed = store.gather(street.clone(), 6).await.expect("finds").expect("no more than that");
    let narrow = Ask {
        due_from: Some(20),
        all: [street.all.clone(), vec![vec![Tag::of(EAST, Mark::Step, "verify")]]].concat(),
        ..street
    };
    let told: Vec<DocumentId> =
        filed.iter().filter(|of| narrow.holds(&of.tags, of.due)).map(|of| of.document).collect();
    assert_eq!(told, documents([4, 2]));
    assert_eq!(found(store, narrow).await, told, "what the index says to the narrower question");
    let hits = store.hits(documents([2, 99, 4]).to_vec()).await.expect("reads");
    let hits: Vec<DocumentId> = hits.into_iter().map(|hit| hit.row.document).collect();
    assert_eq!(hits, documents([2, 4]), "in the order asked for, and what there is");
}
