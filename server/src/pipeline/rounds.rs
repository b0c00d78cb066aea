//! What a visit or a meeting comes to: codes, ids and counts, read off the document when a change has entered.
//!
//! Never decides. A list that grows on several devices at once adds up; who was met keeps their name to the document.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::Audience;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;
use serde_json::{Map, Value as Json};

use super::case::Case;
use crate::limits;
use crate::store::Round;

/// What a document of one of these kinds comes to; `None` for cases and registers.
pub(super) fn of(case: &Case) -> Option<Box<Round>> {
    let fields = match case.row.kind {
        Kind::Visit | Kind::Meeting => case.fields(),
        Kind::Case | Kind::Register => return None,
    };
    let round = match case.row.kind {
        Kind::Visit => visit(&fields),
        _ => meeting(&fields),
    };
    Some(Box::new(Round { at: at(&fields, case.row.registered), ..round }))
}

fn visit(fields: &Map<String, Json>) -> Round {
    let place = text(fields, "place");
    let villages = entries(fields, "villages").filter_map(|item| item["place"].as_str());
    let villages: BTreeSet<String> =
        villages.chain([place.as_str()]).filter(|code| code.len() == 12).map(str::to_owned).collect();
    let named: BTreeSet<&str> =
        entries(fields, "households").filter_map(|item| item["household"].as_str()).collect();
    let visited = named.len() as u32;
    let people = [("households", "people"), ("villages", "people"), ("firms", "people"), ("met", "count")];
    let firms: BTreeSet<&str> = entries(fields, "firms").filter_map(|item| item["name"].as_str()).collect();
    let tasks = tasks(fields);
    Round {
        mode: text(fields, "mode"),
        format: text(fields, "format"),
        plan: text(fields, "plan"),
        team: text(fields, "team"),
        leader: text(fields, "leader"),
        place: Some(place).filter(|place| !place.is_empty()),
        villages: villages.into_iter().take(limits::ROUND_PLACES).collect(),
        households: visited.saturating_add(sum(fields, "villages", "households")),
        people: people.iter().fold(0, |all: u32, (list, count)| all.saturating_add(sum(fields, list, count))),
        firms: firms.len() as u32,
        given: entries(fields, "outcomes")
            .fold(0, |all: u32, item| all.saturating_add(count(item, "count", 1))),
        cases: cases(fields, &["cases", "rectification", "progress"]),
        tasks: tasks.len() as u32,
        done: tasks.values().filter(|task| task.done).count() as u32,
        ..Round::default()
    }
}

fn meeting(fields: &Map<String, Json>) -> Round {
    let actions: Vec<&Json> = entries(fields, "actions").collect();
    let what = |item: &Json| item["what"].as_str().unwrap_or_default().to_owned();
    let answered = |item: &&&Json| item["case"].is_string() || item["decision"].is_string();
    let all: BTreeSet<String> = actions.iter().map(|item| what(item)).collect();
    let done: BTreeSet<String> = actions.iter().filter(answered).map(|item| what(item)).collect();
    let place = text(fields, "place");
    Round {
        mode: text(fields, "format"),
        leader: text(fields, "chair"),
        place: Some(place).filter(|place| !place.is_empty()),
        people: entries(fields, "attendance").count() as u32,
        cases: cases(fields, &["agenda", "actions", "links"]),
        tasks: all.len() as u32,
        done: done.len() as u32,
        ..Round::default()
    }
}

/// Units that were at a meeting see it, beside its author's and those above. `None` where there are none.
pub(super) fn guests(case: &Case) -> Option<Audience> {
    if case.row.kind != Kind::Meeting {
        return None;
    }
    let fields = case.fields();
    let units = entries(&fields, "attendance").filter_map(|item| item["unit"].as_str().map(str::to_owned));
    let units: BTreeSet<String> = units.take(limits::ROUND_PLACES).collect();
    (!units.is_empty()).then(|| Audience { units, author: true, ..Audience::default() })
}

/// One item of a rectification list (整改清单), with what was last said of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) what: String,
    pub(crate) unit: Option<String>,
    pub(crate) due: Option<String>,
    pub(crate) case: Option<DocumentId>,
    pub(crate) done: bool,
}

/// The rectification list by the number of its items. What is said of an item that is not there counts for nothing.
pub(crate) fn tasks(fields: &Map<String, Json>) -> BTreeMap<String, Task> {
    let line = |item: &Json, name: &str| item[name].as_str().map(str::to_owned);
    let case = |item: &Json| item["case"].as_str().and_then(|id| id.parse().ok());
    let mut tasks: BTreeMap<String, Task> = BTreeMap::new();
    for item in entries(fields, "rectification") {
        let Some(number) = line(item, "item") else { continue };
        let task = tasks.entry(number).or_default();
        task.what = line(item, "what").unwrap_or_default();
        (task.unit, task.due) = (line(item, "unit"), line(item, "due"));
        task.case = task.case.or_else(|| case(item));
    }
    for item in entries(fields, "progress") {
        let Some(task) = item["item"].as_str().and_then(|number| tasks.get_mut(number)) else { continue };
        task.done = item["state"] == "done";
        task.case = case(item).or(task.case);
    }
    tasks
}

fn cases(fields: &Map<String, Json>, lists: &[&str]) -> BTreeSet<DocumentId> {
    let ids = lists.iter().flat_map(|list| entries(fields, list)).filter_map(|item| {
        let id = item.as_str().or_else(|| item["case"].as_str()).or_else(|| item["to"].as_str())?;
        id.parse().ok()
    });
    ids.take(limits::ROUND_CASES).collect()
}

fn entries<'a>(fields: &'a Map<String, Json>, list: &str) -> impl Iterator<Item = &'a Json> {
    fields.get(list).and_then(Json::as_array).into_iter().flatten()
}

fn text(fields: &Map<String, Json>, name: &str) -> String {
    fields.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
}

fn count(item: &Json, member: &str, otherwise: u32) -> u32 {
    item[member].as_u64().map_or(otherwise, |n| u32::try_from(n).unwrap_or(u32::MAX))
}

fn sum(fields: &Map<String, Json>, list: &str, member: &str) -> u32 {
    entries(fields, list).fold(0, |all, item| all.saturating_add(count(item, member, 0)))
}

/// When it took place: a time, or a day in Beijing.
fn at(fields: &Map<String, Json>, registered: Millis) -> Millis {
    let said = [text(fields, "visited_at"), text(fields, "held_at")];
    let read = |text: &String| {
        let time = text.parse::<jiff::Timestamp>().ok();
        let day = || {
            let day = text.parse::<jiff::civil::Date>().ok()?;
            jiff::tz::offset(8).to_timestamp(day.at(12, 0, 0, 0)).ok()
        };
        time.or_else(day)
    };
    said.iter().find_map(read).map_or(registered, jiff::Timestamp::as_millisecond)
}
