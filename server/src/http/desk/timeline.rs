//! Decisions and edits of a case in words, as one line of time: what was written, what was decided, on which rule, from what
//! it read, on what basis.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::{Cause, Changed, Decision, Reason, STANDING_IN};
use doorstep_protocol::{DeviceId, Hash, WorkerId};

use super::words::{Shown, When, Words};
use crate::http::App;
use crate::pipeline::{CaseView, HistoryItem};
use crate::store::{Kept, Store};

/// The names of the people whose numbers stand in decisions: in reasons, in changes, who gave a command
/// and in whose place, and under signatures. A page costs who is in it, not who is in the district.
pub(super) async fn people<S: Store>(app: &App<S>, decisions: &[Decision]) -> Kept<BTreeMap<String, String>> {
    let read = |decision: &Decision| -> Vec<String> {
        let inputs = decision.reasons.iter().flat_map(|reason| reason.inputs.values());
        let changed = decision.changed.iter().flat_map(|changed| [&changed.from, &changed.to]);
        let givers = match &decision.cause {
            Cause::Command { args, by_worker, .. } => vec![Some(by_worker), args.get(STANDING_IN)],
            _ => Vec::new(),
        };
        let signers = decision.projection.proofs.signatures.iter().map(|signature| &signature.worker);
        inputs.chain(changed).chain(givers.into_iter().flatten()).chain(signers).cloned().collect()
    };
    let numbers: BTreeSet<WorkerId> =
        decisions.iter().flat_map(read).filter_map(|text| text.parse().ok()).collect();
    let people = app.centre.store().persons(numbers.into_iter().collect()).await?;
    Ok(people.into_iter().map(|person| (person.worker.to_string(), person.name)).collect())
}

/// What is known of a case's changes beside themselves: which were made at the desk, and which are rulings.
pub(super) struct Origins {
    devices: BTreeSet<DeviceId>,
    rulings: BTreeSet<Hash>,
}

impl Origins {
    pub(super) async fn of<S: Store>(app: &App<S>, view: &CaseView) -> Kept<Self> {
        let all: BTreeSet<DeviceId> = view.history.iter().map(|item| item.device).collect();
        let mut devices = BTreeSet::new();
        for device in all {
            if app.centre.store().device(device).await?.is_some() {
                devices.insert(device);
            }
        }
        let conflicts = view.conflicts.iter().chain(view.resolved.iter().map(|ruling| &ruling.conflict));
        let sides = conflicts.flat_map(|conflict| &conflict.sides).filter(|side| side.resolution);
        let rulings = sides.map(|side| side.hash).chain(view.resolved.iter().map(|ruling| ruling.hash));
        Ok(Origins { devices, rulings: rulings.collect() })
    }
}

/// Something that happened to a case.
pub(super) enum Moment {
    /// It was decided.
    Decided(Decided),
    /// Somebody wrote.
    Edited(Edited),
}

/// All that happened to a case, the newest first: what was written by when it arrived. What is decided at the moment
/// of an edit follows from it.
pub(super) fn moments(view: CaseView, origins: &Origins, w: &Words<'_>) -> Vec<Moment> {
    let edited = |item: HistoryItem| (item.received, 0, Moment::Edited(Edited::of(item, origins, w)));
    let edits = view.history.into_iter().map(edited);
    let decided = view.decisions.into_iter().map(|decision| {
        (decision.at.as_millisecond(), decision.n, Moment::Decided(Decided::of(decision, w)))
    });
    let mut all: Vec<_> = edits.chain(decided).collect();
    all.sort_by_key(|(at, n, _)| (*at, *n));
    all.into_iter().rev().map(|(_, _, moment)| moment).collect()
}

/// A decision.
pub(super) struct Decided {
    pub(super) n: u32,
    pub(super) directive: String,
    pub(super) cause: String,
    pub(super) at: When,
    pub(super) unit: String,
    pub(super) co_units: Vec<String>,
    pub(super) step: String,
    pub(super) due: When,
    pub(super) changed: Vec<(String, Shown, Shown)>,
    pub(super) reasons: Vec<Ruled>,
    pub(super) policy: String,
}

/// A rule that applied.
pub(super) struct Ruled {
    pub(super) rule: String,
    pub(super) id: String,
    pub(super) read: Vec<(String, Shown)>,
    pub(super) basis: String,
}

/// A change of the document.
pub(super) struct Edited {
    pub(super) who: String,
    pub(super) device: String,
    pub(super) made: When,
    pub(super) received: When,
    pub(super) fields: Vec<String>,
    /// Somebody decided a conflict with it.
    pub(super) ruling: bool,
}

impl Decided {
    /// A decision in words.
    pub(super) fn of(decision: Decision, w: &Words<'_>) -> Self {
        let changed = |changed: Changed| {
            let value = |text: &str| input(w, &changed.field, text);
            (w.field(&changed.field), value(&changed.from), value(&changed.to))
        };
        Decided {
            n: decision.n,
            directive: w.named("directive", decision.directive.code()),
            cause: cause(&decision.cause, w),
            at: w.when(decision.at.as_millisecond()),
            unit: decision.unit.as_deref().map(|unit| w.unit(unit)).unwrap_or_default(),
            co_units: decision.co_units.iter().map(|unit| w.unit(unit)).collect(),
            step: w.named("step", &decision.step),
            due: w.when(decision.due.as_millisecond()),
            changed: decision.changed.into_iter().map(changed).collect(),
            reasons: decision.reasons.into_iter().map(|reason| Ruled::of(reason, w)).collect(),
            policy: decision.policy,
        }
    }
}

impl Ruled {
    fn of(reason: Reason, w: &Words<'_>) -> Self {
        let read = reason.inputs.iter().map(|(name, value)| (w.named("field", name), input(w, name, value)));
        Ruled {
            rule: w.named("rule", &reason.rule),
            read: read.collect(),
            id: reason.rule,
            basis: w.basis(&reason.basis),
        }
    }
}

/// What a rule read, in words: units and times too, under whatever name they were read.
fn input(w: &Words<'_>, name: &str, text: &str) -> Shown {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return w.own(&w.when(at.as_millisecond()).plain());
    }
    if text.contains(" | ") {
        // A dispute: every value in question.
        let all: Vec<String> =
            text.split(" | ").map(|part| input(w, name, part).plain().to_owned()).collect();
        return w.own(&all.join(" | "));
    }
    if let Some(person) = w.people.get(text) {
        return w.own(person);
    }
    match name {
        "from" if matches!(text, "registration" | "decision") => w.own(&w.t(&format!("from-{text}"))),
        "span" => w.own(&span(w, text)),
        "from" | "to" | "owner" | "author_unit" | "intake" | "stands" | "route" | "fallback" | "proposed" => {
            w.value("unit", Some(text))
        }
        "result" | "answer" | "decision" => w.own(&w.named("choice", text)),
        "how" | "drawn" | "rule" => w.own(&w.named(name, text)),
        "reason" => match w.named("suspension", text) {
            own if own == text => w.value(name, Some(text)),
            said => w.own(&said),
        },
        "role" => w.own(&w.named("signature", text)),
        "signed" | "missing" => {
            let roles: Vec<String> = text.split(", ").map(|role| w.named("signature", role)).collect();
            if text.is_empty() { w.value(name, None) } else { w.own(&roles.join(", ")) }
        }
        "tier" => w.own(&w.named("tier", text)),
        "class" | "step" => w.own(&w.named(if name == "class" { "rule-class" } else { "step" }, text)),
        _ => w.value(name, Some(text)),
    }
}

/// A length of time as packs write it: `{"days":15}`, `{"same_day":"17:00:00"}`.
fn span(w: &Words<'_>, text: &str) -> String {
    let written: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    if let Some(until) = written["same_day"].as_str() {
        return w.with("time-same_day", &[("until", until.get(..5).unwrap_or(until))]);
    }
    let lengths: std::collections::BTreeMap<String, u32> = serde_json::from_str(text).unwrap_or_default();
    let known = lengths
        .iter()
        .filter(|(unit, _)| matches!(unit.as_str(), "hours" | "working_hours" | "days" | "working_days"));
    let said: Vec<String> =
        known.map(|(unit, n)| w.with(&format!("time-{unit}"), &[("n", &n.to_string())])).collect();
    if said.is_empty() { text.to_owned() } else { said.join(" ") }
}

fn cause(cause: &Cause, w: &Words<'_>) -> String {
    match cause {
        Cause::Timer { id, .. } => w.with("cause-Timer", &[("id", &w.named("ladder", id))]),
        Cause::Command { name, by_unit, args, .. } => {
            let name = w.named("rule", &format!("command.{name}"));
            let unit = w.unit(by_unit);
            let said = [("name", name.as_str()), ("unit", unit.as_str())];
            match args.get(STANDING_IN) {
                None => w.with("cause-Command", &said),
                Some(of) => w.with("cause-Command-for", &[said[0], said[1], ("of", w.worker(of))]),
            }
        }
        other => w.t(&format!("cause-{}", other.kind())),
    }
}

impl Edited {
    /// A change in words.
    pub(super) fn of(item: HistoryItem, origins: &Origins, w: &Words<'_>) -> Self {
        let id = item.device.to_string();
        let at_desk = !origins.devices.contains(&item.device);
        Edited {
            who: item.name,
            device: if at_desk { w.t("device-desk") } else { w.with("device-of", &[("id", &id[..4])]) },
            made: w.when(item.made),
            received: w.when(item.received),
            fields: item.fields.iter().map(|field| w.field(field)).collect(),
            ruling: origins.rulings.contains(&item.hash),
        }
    }
}
