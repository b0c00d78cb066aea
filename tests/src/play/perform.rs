//! One step after the other. An error is an expectation that failed, in words.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::expect;
use super::load::days;
use super::process::{poll, run};
use super::stage::Stage;
use super::story::{Expect, Step};
use super::timeline::Entry;
use super::watch;

const PATIENCE: Duration = Duration::from_secs(20);

/// Plays one step.
pub(super) fn step(stage: &mut Stage<'_>, step: &Step) -> Result<(), String> {
    if let Some(at) = &step.at {
        stage.now = at.to_string();
    }
    if let Some(told) = &step.say {
        let text = stage.place.strings.pick(told).to_owned();
        stage.say(Entry::new("told", stage.now.clone(), text));
    }
    if let Some(name) = &step.new {
        return make(stage, step, name);
    }
    if let Some(name) = &step.edit {
        let id = stage.documents[name].clone();
        return write(stage, step, &["edit", &id]).map(drop);
    }
    if let Some(name) = &step.act {
        return act(stage, step, name);
    }
    if let Some(names) = &step.checkout {
        return checkout(stage, step, names);
    }
    if let Some(names) = &step.sync {
        return names.iter().try_for_each(|name| sync(stage, step, name));
    }
    if let Some(name) = &step.settled {
        return settled(stage, step, name);
    }
    if let Some(name) = &step.resolve {
        return resolve(stage, step, name);
    }
    if let Some(name) = &step.later {
        return later(stage, step, name);
    }
    let that = step.that.clone().unwrap_or_default();
    if let Some(name) = &step.until {
        return until(stage, step, (name, &that));
    }
    let name = step.expect.as_ref().expect("checked: a step has one verb");
    expected(stage, step, (name, &that))
}

fn make(stage: &mut Stage<'_>, step: &Step, name: &str) -> Result<(), String> {
    let kind = step.kind.as_deref().unwrap_or("case");
    let answer = write(stage, step, &["new", kind])?;
    if let Some(id) = answer["id"].as_str() {
        stage.documents.insert(name.to_owned(), id.to_owned());
        return Ok(());
    }
    if step.exit.is_some() { Ok(()) } else { Err(format!("new gave no id: {answer}")) }
}

/// The edits of a step on the command line, and in words.
fn edits(stage: &Stage<'_>, step: &Step) -> (Vec<String>, Vec<String>) {
    let (mut words, mut told) = (Vec::new(), Vec::new());
    let mut add = |option: &str, value: String, text: String| {
        words.extend([format!("--{option}"), value]);
        told.push(text);
    };
    for (field, value) in &step.set {
        add("set", format!("{field}={value}"), format!("{field} = {}", stage.place.pack.value(field, value)));
    }
    for field in &step.unset {
        add("unset", field.clone(), format!("{field} = ∅"));
    }
    for (field, items) in &step.append {
        for item in items {
            add("append", format!("{field}={item}"), format!("{field} + {item}"));
        }
    }
    for (field, splice) in &step.splice {
        add("splice", format!("{field}={splice}"), format!("{field} ~ {splice}"));
    }
    (words, told)
}

fn write(stage: &mut Stage<'_>, step: &Step, verb: &[&str]) -> Result<Json, String> {
    let device = step.device.clone().unwrap_or_default();
    let (words, told) = edits(stage, step);
    let words: Vec<&str> = verb.iter().copied().chain(words.iter().map(String::as_str)).collect();
    let answer = stage.device_ends(&device, &words, step.exit.unwrap_or(0))?;
    let person = stage.owner(&device);
    let unit = stage.place.pack.unit(&person.unit);
    let args = [("who", person.name.as_str()), ("unit", unit.as_str()), ("device", device.as_str())];
    let id = match (step.exit.unwrap_or(0), verb[0]) {
        (0, "new") => "wrote-new",
        (0, _) => "wrote-edit",
        _ => "wrote-refused",
    };
    let entry = Entry::new("wrote", stage.now.clone(), stage.text(id, &args)).with(told);
    stage.say(entry);
    Ok(answer)
}

fn act(stage: &mut Stage<'_>, step: &Step, name: &str) -> Result<(), String> {
    let (device, command) =
        (step.device.clone().unwrap_or_default(), step.command.clone().unwrap_or_default());
    let id = stage.documents[name].clone();
    let (words, told) = edits(stage, step);
    let words: Vec<&str> =
        ["act", &id, &command].into_iter().chain(words.iter().map(String::as_str)).collect();
    stage.device_ends(&device, &words, step.exit.unwrap_or(0))?;
    let person = stage.owner(&device);
    let command = stage.place.pack.label("rule", &format!("command.{command}"));
    let args = [("who", person.name.as_str()), ("device", device.as_str()), ("command", command.as_str())];
    let entry = Entry::new("acted", stage.now.clone(), stage.text("acted", &args)).with(told);
    stage.say(entry);
    Ok(())
}

fn checkout(stage: &mut Stage<'_>, step: &Step, names: &[String]) -> Result<(), String> {
    let device = step.device.clone().unwrap_or_default();
    let ids: Vec<String> = names.iter().map(|name| stage.documents[name].clone()).collect();
    // The centre's clock counts, whatever the device's says.
    let lasts = step.lasts.as_deref().and_then(days).expect("checked: checkout lasts");
    let ends = jiff::Timestamp::now().checked_add(lasts).map_err(|error| error.to_string())?.to_string();
    let mut words = vec!["checkout"];
    words.extend(ids.iter().map(String::as_str));
    words.extend(["--until", &ends]);
    stage.device_ends(&device, &words, step.exit.unwrap_or(0))?;
    let person = stage.owner(&device);
    let until = super::timeline::clock(&ends);
    let args = [("who", person.name.as_str()), ("device", device.as_str()), ("until", until.as_str())];
    let entry = Entry::new("held", stage.now.clone(), stage.text("held", &args));
    stage.say(entry);
    Ok(())
}

fn sync(stage: &mut Stage<'_>, step: &Step, device: &str) -> Result<(), String> {
    let report = stage.device_ends(device, &["sync"], step.exit.unwrap_or(0))?;
    let number = |name: &str| report[name].as_u64().unwrap_or_default().to_string();
    let (sent, received, rejected) = (number("sent"), number("received"), number("rejected"));
    let args = [
        ("who", stage.owner(device).name.as_str()),
        ("device", device),
        ("sent", sent.as_str()),
        ("received", received.as_str()),
        ("rejected", rejected.as_str()),
    ];
    let entry = Entry::new("synced", stage.now.clone(), stage.text("synced", &args));
    stage.say(entry);
    watch::all(stage)
}

fn within(step: &Step) -> Duration {
    let asked = step.within.as_deref().and_then(days).and_then(|span| Duration::try_from(span).ok());
    asked.unwrap_or(PATIENCE)
}

fn settled(stage: &mut Stage<'_>, step: &Step, name: &str) -> Result<(), String> {
    let id = stage.documents[name].clone();
    let mut last = Json::Null;
    let found = poll(within(step), || {
        if let Ok(Some(case)) = stage.desk.case(&id) {
            watch::waits(stage, name, &case);
            last = case;
        }
        let decided = |decision: &Json| matches!(expect::cause(decision), "Settled" | "Review");
        let decisions = last["decisions"].as_array();
        (last["settled"]["ok"] == true && decisions.is_some_and(|all| all.iter().any(decided))).then_some(())
    });
    watch::all(stage)?;
    found.ok_or_else(|| {
        format!(
            "{name}: expected to settle within {:?}, found waits {}",
            within(step),
            last["settled"]["waits"]
        )
    })
}

fn until(stage: &mut Stage<'_>, step: &Step, (name, that): (&str, &Expect)) -> Result<(), String> {
    let id = stage.documents[name].clone();
    let mut found = Vec::new();
    let held = poll(within(step), || {
        let case = stage.desk.case(&id).ok().flatten().unwrap_or_default();
        watch::waits(stage, name, &case);
        found = expect::case(stage, that, &case);
        found.is_empty().then_some(())
    });
    watch::all(stage)?;
    if held.is_some() { Ok(()) } else { Err(told(name, "the desk", &found)) }
}

fn told(name: &str, place: &str, found: &[String]) -> String {
    format!("{name}, at {place}: {}", found.join("; "))
}

fn expected(stage: &mut Stage<'_>, step: &Step, (name, that): (&str, &Expect)) -> Result<(), String> {
    let id = stage.documents[name].clone();
    let Some(device) = &step.device else {
        let case = stage.desk.case(&id)?;
        let found = match (case, that.absent) {
            (None, true) => Vec::new(),
            (None, false) => vec!["expected a case that the desk may see, found none".to_owned()],
            (Some(_), true) => vec!["expected no case, found it".to_owned()],
            (Some(case), false) => expect::case(stage, that, &case),
        };
        return if found.is_empty() { Ok(()) } else { Err(told(name, "the desk", &found)) };
    };
    let found = expect::on_device(stage, that, (device, &id))?;
    if found.is_empty() { Ok(()) } else { Err(told(name, device, &found)) }
}

fn resolve(stage: &mut Stage<'_>, step: &Step, name: &str) -> Result<(), String> {
    let person = step.by.as_ref().unwrap_or(stage.story.file.desk.get_ref());
    let token = stage.place.server.token(&stage.workers[person])?;
    let api = super::api::Api::new(&stage.place.server.url, &token);
    let id = stage.documents[name].clone();
    let heads = api.case(&id)?.map(|case| case["heads"].clone());
    let (field, reason) =
        (step.field.as_deref().unwrap_or_default(), step.reason.as_deref().unwrap_or_default());
    let answer = api.resolve(&format!("{id}.{field}"), step.value.as_deref(), reason, heads.as_ref())?;
    answer.good().map_err(|error| format!("{name}: the resolution of {field} was refused: {error}"))?;
    let value = step.value.as_deref().map_or("∅".into(), |value| stage.place.pack.value(field, value));
    let who = stage.story.file.person[person].name.as_str();
    let args = [("who", who), ("field", field), ("value", value.as_str()), ("reason", reason)];
    let entry = Entry::new("resolved", jiff::Timestamp::now().to_string(), stage.text("resolved", &args));
    stage.say(entry);
    watch::all(stage)
}

/// The centre's decision log of the case and the pack, asked for a later time by `doorstep policy decide`.
fn later(stage: &mut Stage<'_>, step: &Step, name: &str) -> Result<(), String> {
    let device = step.device.clone().unwrap_or_default();
    let case = stage.device_ends(&device, &["show", &stage.documents[name].clone()], 0)?;
    let id = stage.documents[name].as_str();
    let history = stage.place.server.beside(&["policy", "history", id])?.good()?;
    let history: Vec<String> = expect::decisions(&history).iter().map(ToString::to_string).collect();
    let file = |ending: &str| stage.place.folder.join(format!("{}-{name}.{ending}", stage.story.id));
    let (case_file, history_file) = (file("json"), file("jsonl"));
    let put =
        |path: &std::path::Path, text: String| std::fs::write(path, text).map_err(|error| error.to_string());
    put(&case_file, json!({ "fields": case["fields"] }).to_string())?;
    put(&history_file, history.join("\n"))?;
    let after = step.after.as_deref().and_then(days).expect("checked: later has a duration");
    let at = jiff::Timestamp::now().checked_add(after).map_err(|error| error.to_string())?.to_string();
    let mut command = std::process::Command::new(&stage.place.binaries.server);
    command.args(["policy", "decide"]).arg(&stage.place.pack.folder).arg("--case").arg(&case_file);
    command.arg("--history").arg(&history_file).args(["--at", &at, "--explain", "--json"]);
    let answer = run(&mut command)?.good()?;
    let after = step.after.clone().unwrap_or_default();
    let entry = Entry::new("later", at, stage.text("later", &[("after", &after)]));
    stage.say(entry);
    for decision in answer["decisions"].as_array().into_iter().flatten() {
        watch::decided(stage, decision);
    }
    let that = step.that.clone().unwrap_or_default();
    let found = expect::case(stage, &that, &answer);
    if found.is_empty() { Ok(()) } else { Err(told(name, &after, &found)) }
}
