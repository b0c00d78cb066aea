//! The board: four numbers, the units behind them, the kinds of matter, and where draws, accounts and lists stand.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_policy::supervision::AccountState;
use doorstep_protocol::ids::Millis;

use super::chart::{CLASSES, Chart};
use super::ledger::NO_CATEGORY;
use super::{Frame, Tab, Visitor, Words, html, query, tabs};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::Params;
use crate::store::Store;
use crate::store::oversight::Stuck;
use crate::supervision::{Board, Month};

/// Units in the table before the rest is folded.
const SHOWN: usize = 12;

#[derive(Template)]
#[template(path = "supervision/board.html")]
struct Page<'a> {
    frame: Frame<'a>,
    tabs: Vec<Tab>,
    heads: Vec<Head>,
    names: [String; 4],
    units: Vec<Line>,
    folded: usize,
    /// Units with open cases of which none is stuck, and how many these are.
    calm: Option<String>,
    categories: Vec<Line>,
    chart: Chart,
    open: u64,
    whole: bool,
    at: super::super::words::When,
    cards: Vec<Card>,
}

/// One of the four numbers.
struct Head {
    href: String,
    class: &'static str,
    shape: &'static str,
    name: String,
    count: u64,
    oldest: Option<String>,
}

/// A row of a table of counts.
pub(super) struct Line {
    pub(super) name: String,
    pub(super) href: String,
    pub(super) cells: Vec<Cell>,
    pub(super) open: u64,
}

/// One count, as a link to what it counts.
pub(super) struct Cell {
    pub(super) count: u64,
    pub(super) href: String,
    pub(super) label: String,
}

impl Line {
    pub(super) fn total(&self) -> u64 {
        self.cells.iter().map(|cell| cell.count).sum()
    }
}

/// Where something beside the numbers stands.
struct Card {
    title: String,
    href: &'static str,
    big: String,
    lines: Vec<String>,
}

#[derive(Default, serde::Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    all: Option<u8>,
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(wanted): Params<Wanted>,
) -> Result<Response, Problem> {
    let board = app.centre.board(&visitor.signed.person).await?;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let names = Stuck::ALL.map(|stuck| w.t(&format!("stuck-{}", stuck.code())));
    let by_unit = sums(&board, |row| Some(row.unit.clone()));
    let mut units: Vec<Line> = by_unit
        .into_iter()
        .map(|(unit, counts)| line(w.unit(&unit.unwrap_or_default()), "unit", counts, &names))
        .collect();
    units.sort_by(|a, b| order(b).cmp(&order(a)).then_with(|| a.name.cmp(&b.name)));
    let calm: Vec<u64> = units.iter().filter(|line| line.total() == 0).map(|line| line.open).collect();
    units.retain(|line| line.total() > 0);
    let chart = Chart::of(&units, &names);
    let folded = if wanted.all.is_some() { 0 } else { units.len().saturating_sub(SHOWN) };
    units.truncate(units.len() - folded);
    let categories = sums(&board, |row| row.category.clone());
    let mut categories: Vec<Line> = categories
        .into_iter()
        .map(|(category, counts)| {
            let name = match &category {
                Some(code) => w.named("category", code),
                None => w.t("category-none"),
            };
            line(
                name,
                "category",
                (category.unwrap_or_else(|| NO_CATEGORY.into()), counts.1, counts.2),
                &names,
            )
        })
        .collect();
    categories.sort_by(|a, b| order(b).cmp(&order(a)).then_with(|| a.name.cmp(&b.name)));
    let page = Page {
        tabs: tabs(&app, &visitor, w)?,
        heads: heads(&board, w),
        open: board.rows.iter().map(|row| row.open).sum(),
        cards: cards(&app, &visitor, w).await?,
        whole: board.whole,
        at: w.when(board.at),
        names,
        units,
        folded,
        calm: (!calm.is_empty()).then(|| {
            let (n, cases) = (calm.len().to_string(), calm.iter().sum::<u64>().to_string());
            w.with("board-calm", &[("n", &n), ("cases", &cases)])
        }),
        categories,
        chart,
        frame,
    };
    html(StatusCode::OK, &page)
}

/// Most overdue first, then most nearly due, and so on.
fn order(line: &Line) -> Vec<u64> {
    line.cells.iter().map(|cell| cell.count).chain([line.open]).collect()
}

/// Counts by a key: its code for the links, the four reasons, and all that is open.
type Counts = (String, [u64; 4], u64);

fn sums(
    board: &Board,
    key: impl Fn(&crate::store::oversight::BoardRow) -> Option<String>,
) -> BTreeMap<Option<String>, Counts> {
    let mut sums: BTreeMap<Option<String>, Counts> = BTreeMap::new();
    for row in &board.rows {
        let of = key(row);
        let sum = sums.entry(of.clone()).or_insert_with(|| (of.unwrap_or_default(), [0; 4], 0));
        for (total, count) in sum.1.iter_mut().zip(row.stuck) {
            *total += count;
        }
        sum.2 += row.open;
    }
    sums
}

fn line(name: String, field: &str, (code, stuck, open): Counts, names: &[String; 4]) -> Line {
    let href = format!("/supervision/ledger?{field}={}", query(&code));
    let cell = |((of, count), reason): ((Stuck, u64), &String)| Cell {
        count,
        href: format!("{href}&stuck={}", of.code()),
        label: format!("{name} · {reason}"),
    };
    let cells = Stuck::ALL.into_iter().zip(stuck).zip(names).map(cell).collect();
    Line { href, cells, open, name }
}

fn heads(board: &Board, w: &Words<'_>) -> Vec<Head> {
    let shapes = ["▲", "◆", "◐", "▷"];
    let head = |(n, stuck): (usize, Stuck)| {
        let count = board.rows.iter().map(|row| row.stuck[n]).sum();
        let age = |at: Millis| (board.at - at).max(0);
        let oldest = board.oldest[n].filter(|_| matches!(stuck, Stuck::Overdue | Stuck::Review));
        Head {
            href: format!("/supervision/ledger?stuck={}", stuck.code()),
            class: CLASSES[n],
            shape: shapes[n],
            name: w.t(&format!("stuck-{}", stuck.code())),
            count,
            oldest: oldest.map(|at| w.with("stuck-oldest", &[("span", &w.span(age(at)))])),
        }
    };
    Stuck::ALL.into_iter().enumerate().map(head).collect()
}

async fn cards<S: Store>(app: &App<S>, visitor: &Visitor, w: &Words<'_>) -> Result<Vec<Card>, Problem> {
    let (centre, person) = (&app.centre, &visitor.signed.person);
    let mut cards = Vec::new();
    let count = |id: &str, n: usize| w.with(id, &[("n", &n.to_string())]);
    if let Ok(view) = centre.accounts(person, None).await {
        let of = |states: &[AccountState]| view.accounts.iter().filter(|a| states.contains(&a.state)).count();
        let given = view.accounts.len() - of(&[AccountState::Awaited, AccountState::Missing]);
        let due = w.when(view.week.due.as_millisecond()).plain();
        cards.push(Card {
            title: w.t("supervision-tab-accounts"),
            href: "/supervision/accounts",
            big: format!("{given} / {}", view.accounts.len()),
            lines: vec![
                w.with("account-due-at", &[("time", &due)]),
                count("account-count-late", of(&[AccountState::Late])),
                count("account-count-returned", of(&[AccountState::Returned])),
            ],
        });
    }
    if let Some(last) = centre.draws(person).await.ok().and_then(|draws| draws.into_iter().next()) {
        let drawn = last.done.as_ref().map_or(0, |done| done.drawn.len());
        let found = |holds: bool| {
            let drawn = last.done.iter().flat_map(|done| &done.drawn);
            drawn.filter(|drawn| drawn.found.is_some_and(|(of, _)| of == holds)).count()
        };
        let (holds, wrong) = (found(true), found(false));
        cards.push(Card {
            title: w.t("supervision-tab-draws"),
            href: "/supervision/draws",
            big: format!("{} / {drawn}", holds + wrong),
            lines: vec![
                w.with("draw-number", &[("number", &last.n.to_string())]),
                count("draw-count-holds", holds),
                count("draw-count-false", wrong),
            ],
        });
    }
    let pack = centre.pack(&person.district)?;
    for (plan, covered) in crate::coverage::plans(&**centre.store(), &pack, centre.now()).await? {
        let now = crate::pipeline::timestamp(centre.now());
        if now < plan.from || plan.to <= now {
            continue;
        }
        let left: Vec<String> = covered.left.iter().take(3).map(|place| w.unit(place)).collect();
        let sep = w.t("and-separator");
        let mut lines = vec![w.named("coverage", &plan.id)];
        if !left.is_empty() {
            lines.push(w.with(
                "coverage-left",
                &[("places", &left.join(&sep)), ("n", &covered.left.len().to_string())],
            ));
        }
        cards.push(Card {
            title: w.t("coverage-title"),
            href: "/supervision/coverage",
            big: format!("{} / {}", covered.reached.len(), plan.places.len()),
            lines,
        });
    }
    let month = Month::of(centre.now()).before();
    let view = centre.rates(person, month).await?;
    let held = view.called.iter().filter(|(_, held)| held.is_some()).count();
    let interviews = match view.called.len() {
        0 => w.t("interviews-none"),
        n => w.with("interviews-held", &[("held", &held.to_string()), ("due", &n.to_string())]),
    };
    let list = match &view.published {
        Some(published) => w.when(published.by.1).plain(),
        None => w.t("list-unpublished"),
    };
    cards.push(Card {
        title: w.t("supervision-tab-rates"),
        href: "/supervision/rates",
        big: w.month(&month.to_string()),
        lines: vec![w.with("list-published-at", &[("time", &list)]), interviews],
    });
    Ok(cards)
}
