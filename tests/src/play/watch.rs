//! What the centre did, as its desk sees it: conflicts found, waits, decisions with their rules.
//!
//! Each thing is told once.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::expect;
use super::stage::Stage;
use super::timeline::{Entry, clock};

/// What was told already.
#[derive(Debug, Default)]
pub(super) struct Seen(BTreeSet<String>);

/// Looks at every document of the story.
pub(super) fn all(stage: &mut Stage<'_>) -> Result<(), String> {
    let documents: Vec<(String, String)> = stage.documents.clone().into_iter().collect();
    for (name, id) in documents {
        if let Some(case) = stage.desk.case(&id)? {
            conflicts(stage, &name, &case);
            waits(stage, &name, &case);
            for decision in expect::decisions(&case) {
                if stage.seen.0.insert(format!("decision {name} {}", decision["n"])) {
                    settled(stage, decision);
                    decided(stage, decision);
                }
            }
        }
    }
    Ok(())
}

fn now() -> String {
    jiff::Timestamp::now().to_string()
}

fn conflicts(stage: &mut Stage<'_>, name: &str, case: &Json) {
    for conflict in case["conflicts"].as_array().into_iter().flatten() {
        let field = conflict["field"].as_str().unwrap_or_default();
        let sides: Vec<&Json> = conflict["sides"].as_array().into_iter().flatten().collect();
        let values: Vec<String> =
            sides.iter().map(|side| format!("{} {}", side["worker"], side["value"])).collect();
        if !stage.seen.0.insert(format!("conflict {name} {field} {}", values.join(","))) {
            continue;
        }
        let mut details: Vec<String> =
            sides.iter().map(|side| self::side(stage, field, "side", side)).collect();
        let base: Vec<&Json> = conflict["base"].as_array().into_iter().flatten().collect();
        details.extend(base.iter().map(|side| self::side(stage, field, "base", side)));
        if base.is_empty() {
            details.push(stage.text("base-none", &[]));
        }
        let entry = Entry::new("conflict", now(), stage.text("conflict", &[("field", field)])).with(details);
        stage.say(entry);
    }
}

fn side(stage: &Stage<'_>, field: &str, id: &str, side: &Json) -> String {
    let text = |name: &str| side[name].as_str().unwrap_or_default();
    let value = side["value"].as_str().map_or("∅".into(), |value| stage.place.pack.value(field, value));
    let at = clock(text("at"));
    let device = stage.device_names.get(text("device")).map_or(text("device"), String::as_str);
    stage.text(id, &[("who", text("worker")), ("value", &value), ("device", device), ("at", &at)])
}

/// What a case waits for, each kind once.
pub(super) fn waits(stage: &mut Stage<'_>, name: &str, case: &Json) {
    for wait in case["settled"]["waits"].as_array().into_iter().flatten() {
        let kind = wait["kind"].as_str().unwrap_or_default();
        let who = wait["who"].as_str().unwrap_or_default();
        if stage.seen.0.insert(format!("wait {name} {kind} {who}")) {
            let until = wait["until"].as_str().map(clock).unwrap_or_default();
            let text = stage.text(&format!("waits-{kind}"), &[("who", who), ("until", &until)]);
            stage.say(Entry::new("waits", now(), text));
        }
    }
}

fn settled(stage: &mut Stage<'_>, decision: &Json) {
    if matches!(expect::cause(decision), "Settled" | "Review") {
        let at = decision["at"].as_str().unwrap_or_default().to_owned();
        let entry = Entry::new("settled", at, stage.text("settled", &[]));
        stage.say(entry);
    }
}

/// Tells a decision with its reasons.
pub(super) fn decided(stage: &mut Stage<'_>, decision: &Json) {
    let text = |name: &str| decision[name].as_str().unwrap_or_default();
    let pack = stage.place.pack;
    let (n, cause) = (decision["n"].to_string(), expect::cause(decision));
    let cause = stage.text(&format!("cause-{cause}"), &[]);
    let directive = pack.label("directive", text("directive"));
    let (unit, step, due) = (pack.unit(text("unit")), pack.label("step", text("step")), clock(text("due")));
    let args = [
        ("n", n.as_str()),
        ("cause", cause.as_str()),
        ("directive", directive.as_str()),
        ("unit", unit.as_str()),
        ("step", step.as_str()),
        ("due", due.as_str()),
    ];
    let mut details = Vec::new();
    let with: Vec<String> = decision["co_units"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
        .map(|code| pack.unit(code))
        .collect();
    if !with.is_empty() {
        details.push(stage.text("decided-with", &[("units", &with.join(", "))]));
    }
    for reason in decision["reasons"].as_array().into_iter().flatten() {
        let rule = reason["rule"].as_str().unwrap_or_default();
        let inputs = reason["inputs"].as_object().into_iter().flatten();
        let inputs: Vec<String> =
            inputs.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
        let args = [
            ("rule", &*format!("{} ({rule})", pack.label("rule", rule))),
            ("basis", reason["basis"].as_str().unwrap_or_default()),
            ("inputs", &*inputs.join(" ")),
        ];
        details.push(stage.text("reason", &args));
    }
    let entry = Entry::new("decided", text("at"), stage.text("decided", &args)).with(details);
    stage.say(entry);
}
