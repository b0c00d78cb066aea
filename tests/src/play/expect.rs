//! Comparing what must be so with what is. Each difference says what was expected and what was found.

use serde_json::Value as Json;

use super::load::days;
use super::stage::Stage;
use super::story::{Expect, Want};

/// The kind of a decision's cause, however it is shown.
pub(super) fn cause(decision: &Json) -> &str {
    let cause = &decision["cause"];
    cause.as_str().or_else(|| cause["kind"].as_str()).unwrap_or_default()
}

/// The decisions of a case.
pub(super) fn decisions(case: &Json) -> &[Json] {
    case["decisions"].as_array().map_or(&[], Vec::as_slice)
}

fn differs(what: &str, expected: impl std::fmt::Debug, found: impl std::fmt::Debug) -> String {
    format!("{what}: expected {expected:?}, found {found:?}")
}

/// All differences between a case and what it must be.
pub(super) fn case(stage: &Stage<'_>, that: &Expect, case: &Json) -> Vec<String> {
    let mut found = Vec::new();
    for (field, expected) in &that.fields {
        let expected = serde_json::to_value(expected).unwrap_or_default();
        let shown = &case["fields"][field];
        if !same(&expected, shown) {
            found.push(differs(field, expected.to_string(), shown.to_string()));
        }
    }
    if let Some(expected) = &that.conflicts {
        compare(&mut found, "conflicts", expected, names(&case["conflicts"], "field"));
    }
    for (field, expected) in &that.sides {
        compare(&mut found, &format!("sides of {field}"), expected, sides(stage, case, field));
    }
    if let Some(expected) = &that.state
        && case["state"].as_str() != Some(expected)
    {
        found.push(differs("state", expected, &case["state"]));
    }
    if let Some(expected) = that.settled
        && case["settled"]["ok"] != expected
    {
        found.push(differs("settled", expected, case["settled"].to_string()));
    }
    if let Some(expected) = &that.waits {
        compare(&mut found, "waits", expected, names(&case["settled"]["waits"], "kind"));
    }
    log(&mut found, that, decisions(case));
    found
}

fn log(found: &mut Vec<String>, that: &Expect, decisions: &[Json]) {
    if let Some(want) = &that.decision {
        match decisions.last() {
            None => found.push(differs("the last decision", want, "none")),
            Some(decision) => found.extend(lacks(want, decision)),
        }
    }
    if let Some(expected) = &that.causes {
        let causes: Vec<&str> = decisions.iter().map(cause).collect();
        if *expected != causes {
            found.push(differs("causes", expected, causes));
        }
    }
    let mut rest = decisions.iter();
    for want in &that.log {
        if !rest.any(|decision| lacks(want, decision).is_empty()) {
            let all: Vec<String> = decisions.iter().map(brief).collect();
            found.push(differs("a decision", want, all));
            break;
        }
    }
}

fn brief(decision: &Json) -> String {
    format!("{} {} {} {}", decision["n"], cause(decision), decision["directive"], decision["unit"])
}

/// Equal values; `""` is a field that is not set, a list a disputed one.
fn same(expected: &Json, shown: &Json) -> bool {
    match (expected, shown) {
        (Json::String(text), Json::Null) => text.is_empty(),
        (Json::Array(values), Json::Object(disputed)) => {
            let shown = disputed.get("disputed").and_then(Json::as_array);
            let sorted = |values: &[Json]| {
                let mut texts: Vec<String> = values.iter().map(ToString::to_string).collect();
                texts.sort();
                texts
            };
            shown.is_some_and(|shown| sorted(shown) == sorted(values))
        }
        (expected, shown) => expected == shown,
    }
}

fn compare(found: &mut Vec<String>, what: &str, expected: &[String], mut shown: Vec<String>) {
    let mut wanted = expected.to_vec();
    wanted.sort();
    shown.sort();
    if wanted != shown {
        found.push(differs(what, wanted, shown));
    }
}

fn names(list: &Json, name: &str) -> Vec<String> {
    let mut names: Vec<String> = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item[name].as_str().map(str::to_owned))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// `person: value` of each side, people by the names that the story uses.
fn sides(stage: &Stage<'_>, case: &Json, field: &str) -> Vec<String> {
    let conflicts = case["conflicts"].as_array().into_iter().flatten();
    let rows = conflicts.filter(|conflict| conflict["field"] == field);
    let sides = rows.flat_map(|conflict| conflict["sides"].as_array().into_iter().flatten());
    let told = sides.map(|side| {
        let worker = side["worker"].as_str().unwrap_or_default();
        let person = stage.story.file.person.iter().find(|(_, person)| person.name == worker);
        let name = person.map_or(worker, |(name, _)| name);
        format!("{name}: {}", side["value"].as_str().unwrap_or_default())
    });
    told.collect()
}

/// What a decision lacks.
fn lacks(want: &Want, decision: &Json) -> Vec<String> {
    let mut found = Vec::new();
    let shown = |name: &str| decision[name].as_str().unwrap_or_default();
    let plain = [
        ("cause", &want.cause, cause(decision)),
        ("directive", &want.directive, shown("directive")),
        ("unit", &want.unit, shown("unit")),
        ("tier", &want.tier, shown("tier")),
        ("step", &want.step, shown("step")),
    ];
    for (what, expected, shown) in plain {
        if expected.as_deref().is_some_and(|expected| expected != shown) {
            found.push(differs(what, expected.as_deref().unwrap_or_default(), shown));
        }
    }
    let strings = |list: &Json| {
        list.as_array().into_iter().flatten().filter_map(|one| one.as_str().map(str::to_owned)).collect()
    };
    if let Some(expected) = &want.co_units {
        compare(&mut found, "co_units", expected, strings(&decision["co_units"]));
    }
    if let Some(expected) = &want.changed {
        compare(&mut found, "changed", expected, names(&decision["changed"], "field"));
    }
    let reasons: Vec<&Json> = decision["reasons"].as_array().into_iter().flatten().collect();
    let holds = |reason: &&Json| {
        let basis = reason["basis"].as_str().unwrap_or_default();
        want.rule.as_deref().is_none_or(|rule| reason["rule"] == rule)
            && want.basis.as_deref().is_none_or(|part| basis.contains(part))
    };
    if !reasons.iter().any(holds) && (want.rule.is_some() || want.basis.is_some()) {
        let rules: Vec<String> =
            reasons.iter().map(|reason| format!("{} [{}]", reason["rule"], reason["basis"])).collect();
        found.push(differs("rule and basis", (&want.rule, &want.basis), rules));
    }
    found.extend(due(want, decision));
    found
}

fn due(want: &Want, decision: &Json) -> Option<String> {
    let time = |name: &str| decision[name].as_str()?.parse::<jiff::Timestamp>().ok();
    let (least, most) = (want.due_after.as_deref().and_then(days), want.due_within.as_deref().and_then(days));
    if least.is_none() && most.is_none() {
        return None;
    }
    let left = time("at").zip(time("due")).map(|(at, due)| at.duration_until(due));
    let fits = left
        .is_some_and(|left| least.is_none_or(|least| left >= least) && most.is_none_or(|most| left <= most));
    let expected = format!("{:?} to {:?} after {}", want.due_after, want.due_within, decision["at"]);
    (!fits).then(|| differs("due", expected, decision["due"].to_string()))
}

/// What a device shows, against what it must show.
pub(super) fn on_device(
    stage: &Stage<'_>,
    that: &Expect,
    (device, id): (&str, &str),
) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let list = stage.device_ends(device, &["list"], 0)?;
    let listed = list["items"].as_array().into_iter().flatten().any(|item| item["id"] == id);
    let shown = stage.device(device, &["show", id])?;
    if that.absent {
        if listed || shown.exit == 0 {
            let says = format!("listed: {listed}, show: exit {}", shown.exit);
            found.push(differs("the document", "neither listed nor shown", says));
        }
    } else if !listed || shown.exit != 0 {
        found.push(differs("the document", "listed and shown", shown.told()));
    } else {
        found.extend(case(stage, that, &shown.json));
    }
    let status = stage.device_ends(device, &["status"], 0)?;
    for (name, expected) in [("pending", that.pending), ("rejected", that.rejected)] {
        if expected.is_some_and(|expected| status[name] != expected) {
            found.push(differs(name, expected, &status[name]));
        }
    }
    Ok(found)
}
