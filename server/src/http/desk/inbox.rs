//! `/inbox`, and `/`: what first? What is this person's turn, in the order in which it hurts; and the same as a list for the day,
//! to be printed and taken along.
//!
//! A case stands in one group only: the first that it belongs to.

mod had;

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_protocol::DocumentId;
use serde::Deserialize;

use self::had::had;
use super::deputies::Deputies;
use super::filter::{Filter, KIND, span, to_sign, to_verify, turns};
use super::frame::Frame;
use super::listed::Line;
use super::words::{When, Words};
use super::{Visitor, html};
use crate::absences::Cover;
use crate::authorize::{Wish, authorize};
use crate::finding::{Ask, Hit, Mark, Order, Tag, Total};
use crate::http::App;
use crate::http::error::Problem;
use crate::http::extract::Params;
use crate::limits;
use crate::store::{Person, Store};

#[derive(Template)]
#[template(path = "inbox.html")]
struct Page<'a> {
    frame: Frame<'a>,
    groups: Vec<Group>,
    today: String,
    passed: Option<Passed>,
}

/// A case that this person has just passed on and may see no more: its number, and the unit that has it.
struct Passed {
    number: String,
    unit: Option<String>,
}

/// What the address says.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    passed: String,
    to: String,
}

impl Asked {
    fn passed(&self, w: &Words<'_>) -> Option<Passed> {
        // An address can be anybody's: a number is shown, never a sentence.
        let fits = |text: &&str| {
            (1..=20).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
        };
        let number = Some(self.passed.as_str()).filter(fits)?.to_owned();
        let unit = Some(w.unit(&self.to)).filter(|name| *name != self.to);
        Some(Passed { number, unit })
    }
}

/// Cases that ask for the same kind of attention.
struct Group {
    id: String,
    kind: &'static str,
    title: String,
    count: String,
    tasks: Vec<Task>,
    /// Where the others of the count are: above, or not on this page.
    others: Vec<String>,
    /// Where all of them are.
    all: Option<String>,
}

/// One thing to do.
struct Task {
    verb: String,
    line: Line,
    why: String,
}

/// A group before anybody has looked: its question, and the list that shows all of it.
struct Wanted {
    id: &'static str,
    ask: Ask,
    /// Whether the question narrows that of whose turn it is.
    of_turn: bool,
    all: Option<Filter>,
}

impl Wanted {
    fn of_turn(id: &'static str, ask: Ask, all: Option<Filter>) -> Self {
        Wanted { id, ask, of_turn: true, all }
    }
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let person = &visitor.signed.person;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let mut shown: BTreeSet<DocumentId> = BTreeSet::new();
    let mut groups = Vec::new();
    let wanted = wanted(person, w);
    let had = had(&app, person, &wanted).await?;
    for (Wanted { id, all, .. }, had) in wanted.into_iter().zip(had) {
        // Behind what is due today, before the rest: a case does not go on until somebody decides.
        if id == "returned" {
            groups.extend(ruling(&app, person, w).await?);
        }
        if id == "rest" {
            groups.extend(covers(&app, person, (w, &mut shown)).await?);
        }
        let total = had.total;
        // What stands in a group above takes no room in this one.
        let elsewhere = had.all.iter().filter(|document| shown.contains(document)).count();
        let new = had.all.iter().copied().filter(|document| !shown.contains(document));
        let new = new.take(limits::INBOX_TASKS).collect();
        let hits = had.hits(&app, person, new).await?;
        shown.extend(hits.iter().map(|hit| hit.row.document));
        let tasks: Vec<Task> = hits.iter().map(|hit| Task::of(hit, person, w)).collect();
        let further = total.counted.saturating_sub(elsewhere + tasks.len());
        let others = others((elsewhere, further, total.more), w);
        let all = all.filter(|_| further > 0).map(|filter| format!("/cases?{}", filter.query()));
        if !tasks.is_empty() || further > 0 {
            let (title, count) = (w.t(&format!("inbox-{id}")), super::cases::said(total, w));
            groups.push(Group { id: id.to_owned(), kind: id, title, count, tasks, others, all });
        }
    }
    let today = w.when(w.now).plain();
    let passed = asked.passed(w);
    html(StatusCode::OK, &Page { frame, groups, today, passed })
}

/// A group counts all that belongs to it. Of these some stand in a group above, and some are more than a page has room for.
fn others((elsewhere, further, more): (usize, usize, bool), w: &Words<'_>) -> Vec<String> {
    let said = |id: &str, n: usize| (n > 0).then(|| w.with(id, &[("n", &n.to_string())]));
    let id = if more { "inbox-further-more" } else { "inbox-further" };
    [said("inbox-elsewhere", elsewhere), said(id, further)].into_iter().flatten().collect()
}

/// Conflicts that this person looks after, and those that nobody does yet, by the harm they do: as many as are shown, and how
/// many there are.
async fn rulings<S: Store>(
    app: &App<S>,
    person: &Person,
    (shown, w): (usize, &Words<'_>),
) -> Result<(Vec<Task>, usize), Problem> {
    if !authorize(person, Wish::Review, None) {
        return Ok((Vec::new(), 0));
    }
    let away = Deputies::of(app, &person.district).await?;
    let mut found = Vec::new();
    let mut count = 0;
    for open in app.centre.queue(person).await? {
        let why = match open.review.owner {
            None => "why-mine-nobody",
            Some(owner) if away.looks_after(person.worker, owner) => "why-mine-conflict",
            Some(_) => continue,
        };
        count += 1;
        if count > shown {
            continue;
        }
        let due = open.due.as_ref().map(|due| w.due(due.due.as_millisecond()));
        let href = format!("/conflicts/{}.{}", open.row.document, open.field);
        let line = Line { href, due, disputed: false, ..Line::of_row(&open.row, w) };
        let why = w.with(why, &[("what", &w.question(&open.field))]);
        found.push(Task { verb: w.t("verb-rule"), line, why });
    }
    Ok((found, count))
}

/// These as a group.
async fn ruling<S: Store>(app: &App<S>, person: &Person, w: &Words<'_>) -> Result<Option<Group>, Problem> {
    let (tasks, counted) = rulings(app, person, (limits::INBOX_TASKS, w)).await?;
    if tasks.is_empty() {
        return Ok(None);
    }
    let (total, shown) = (Total { counted, more: false }, tasks.len());
    Ok(Some(Group {
        id: "rule".into(),
        kind: "disputed",
        title: w.t("inbox-rule"),
        count: super::cases::said(total, w),
        others: others((0, counted - tasks.len(), false), w),
        tasks,
        all: (counted > shown).then(|| "/conflicts".into()),
    }))
}

/// What was entrusted to those whom this person stands in for, each a group.
async fn covers<S: Store>(
    app: &App<S>,
    person: &Person,
    (w, shown): (&Words<'_>, &mut BTreeSet<DocumentId>),
) -> Result<Vec<Group>, Problem> {
    let mut groups = Vec::new();
    for cover in app.centre.covering(person).await? {
        // There is no list of what somebody else was entrusted with: all that a deputy has to see is here.
        let (found, total) = app.centre.covered(person, &cover, limits::COVERED_TASKS).await?;
        let new = found.hits.iter().filter(|hit| shown.insert(hit.row.document));
        let tasks: Vec<Task> = new.map(|hit| Task::covered(hit, &cover, w)).collect();
        let (elsewhere, further) =
            (found.hits.len() - tasks.len(), total.counted.saturating_sub(found.hits.len()));
        let until = w.when(cover.until).plain();
        groups.push(Group {
            id: format!("cover-{}", cover.of.worker),
            kind: "cover",
            title: w.with("inbox-cover", &[("who", &cover.of.name), ("until", &until)]),
            count: super::cases::said(total, w),
            others: others((elsewhere, further, total.more), w),
            tasks,
            all: None,
        });
    }
    Ok(groups)
}

/// The groups of a person, the most pressing first.
fn wanted(person: &Person, w: &Words<'_>) -> Vec<Wanted> {
    let of = |mark, value: &str| Tag::of(&person.district, mark, value);
    let turn = turns(person, w);
    let mine =
        |more: Vec<Vec<Tag>>| Ask { all: turn.all.iter().cloned().chain(more).collect(), ..turn.clone() };
    let due = |name: &str| {
        let (due_from, due_before) = span(name, w.now);
        Ask { due_from, due_before, order: Order::Due, ..mine(Vec::new()) }
    };
    let listed = |filter: Filter| Some(Filter { mine: "1".into(), ..filter });
    // There is no list of what came back or came lately; what changed last comes first in this one.
    let lately = || listed(Filter { order: "updated".into(), ..Filter::default() });
    let spanned = |name: &str| listed(Filter { due: name.into(), ..Filter::default() });
    let days: Vec<Tag> = (0..limits::NEW_DAYS)
        .map(|back| of(Mark::Turned, &crate::finding::day(w.now - back * limits::DAY_MS)))
        .collect();
    let returned = ["return", "redo", "reopen"].map(|directive| of(Mark::Directive, directive)).to_vec();
    let by_due = |ask: Ask| Ask { order: Order::Due, ..ask };
    let mut groups = vec![
        Wanted::of_turn("overdue", due("overdue"), spanned("overdue")),
        Wanted::of_turn("today", due("today"), spanned("today")),
        Wanted::of_turn("returned", by_due(mine(vec![returned])), lately()),
    ];
    groups.extend(asked("sign", to_sign(person, w)));
    groups.extend(asked("verify", to_verify(person, w)));
    groups.extend([
        Wanted::of_turn(
            "disputed",
            by_due(mine(vec![vec![of(Mark::Disputed, "")]])),
            listed(Filter { disputed: "1".into(), ..Filter::default() }),
        ),
        Wanted::of_turn("new", by_due(mine(vec![days])), lately()),
        Wanted::of_turn("soon", due("soon"), spanned("soon")),
        Wanted::of_turn(
            "rest",
            by_due(mine(Vec::new())),
            listed(Filter { order: "due".into(), ..Filter::default() }),
        ),
    ]);
    groups
}

/// What comes to this person by the rules and is no turn of their unit's.
fn asked(id: &'static str, ask: Option<Ask>) -> Option<Wanted> {
    let filter = Filter { step: id.into(), mine: "1".into(), order: "due".into(), ..Filter::default() };
    Some(Wanted { id, ask: ask?, of_turn: false, all: Some(filter) })
}

impl Task {
    fn of(hit: &Hit, person: &Person, w: &Words<'_>) -> Self {
        let row = &hit.row;
        let me = person.worker.to_string();
        let why = if row.life.worker.as_deref() == Some(me.as_str()) {
            w.t("why-mine-worker")
        } else if row.unit.as_deref() == Some(person.unit.as_str()) && row.life.worker.is_none() {
            w.t("why-mine-unit")
        } else {
            w.t("why-mine-asked")
        };
        let step = row.step.as_deref().unwrap_or("triage");
        Task { verb: w.t(&format!("verb-{step}")), line: Line::of(hit, w), why }
    }
}

impl Task {
    /// A task of somebody who is away; its page is opened in their place.
    fn covered(hit: &Hit, cover: &Cover, w: &Words<'_>) -> Self {
        let step = hit.row.step.as_deref().unwrap_or("triage");
        let mut line = Line::of(hit, w);
        line.href = format!("{}?for={}", line.href, cover.of.worker);
        let why = w.with("why-mine-cover", &[("who", &cover.of.name)]);
        Task { verb: w.t(&format!("verb-{step}")), line, why }
    }
}

#[derive(Template)]
#[template(path = "day-list.html")]
struct DayList<'a> {
    frame: Frame<'a>,
    tasks: Vec<Planned>,
    printed: When,
    count: String,
    more: bool,
}

/// A line of the day's list.
struct Planned {
    task: Task,
    contact: String,
    matter: String,
}

impl Planned {
    fn of(task: Task, hit: &Hit) -> Self {
        let matter = hit.gist.description.chars().take(limits::DAY_LIST_CHARS).collect();
        Planned { task, contact: hit.gist.contact.clone(), matter }
    }
}

/// What is overdue or due within a week, for print.
pub(super) async fn day_list<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let (centre, person) = (&app.centre, &visitor.signed.person);
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let (_, due_before) = span("week", w.now);
    let ask = Ask { due_before, order: Order::Due, limit: limits::DAY_LIST, ..turns(person, w) };
    let found = centre.find(person, KIND, ask, None).await?;
    let cases = found.hits.iter().map(|hit| Planned::of(Task::of(hit, person, w), hit));
    let mut planned: Vec<Planned> = cases.collect();
    for cover in centre.covering(person).await? {
        let (covered, _) = centre.covered(person, &cover, limits::DAY_LIST).await?;
        let due = |hit: &&Hit| due_before.is_none_or(|before| hit.here.at < before);
        let covered = covered.hits.iter().filter(due);
        planned.extend(covered.map(|hit| Planned::of(Task::covered(hit, &cover, w), hit)));
    }
    let (rulings, _) = rulings(&app, person, (limits::DAY_LIST, w)).await?;
    let rulings =
        rulings.into_iter().map(|task| Planned { task, contact: String::new(), matter: String::new() });
    let tasks: Vec<Planned> = rulings.chain(planned).collect();
    let count = super::cases::said(Total { counted: tasks.len(), more: found.more }, w);
    let printed = w.when(w.now);
    html(StatusCode::OK, &DayList { tasks, printed, count, more: found.more, frame })
}
