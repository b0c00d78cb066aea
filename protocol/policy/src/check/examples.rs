//! A pack's examples: cases with handwritten expectations, run step by step.
//!
//! Owns the form of `examples/*.toml` and the comparing. Never writes an expectation: they are the pack author's.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Deserialize;
use toml::Spanned;

use super::refusals::why;
use crate::clock::{moment, optional_moment};
use crate::pack::wording;
use crate::problem::{Problem, Source};
use crate::said::{Said, Word, said};
use crate::{
    Cause, Decision, FieldView, Pack, PackFiles, Projection, Proofs, Refused, Signature, decide, replay,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "example")]
    examples: Vec<Example>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Example {
    id: Spanned<String>,
    /// Law, notice or mechanism that the expectations come from.
    basis: String,
    #[serde(deserialize_with = "moment")]
    registered_at: Timestamp,
    author_unit: Option<String>,
    /// Units of the people whom it names as subject.
    #[serde(default)]
    subject_units: BTreeSet<String>,
    #[serde(default)]
    fields: BTreeMap<String, Value>,
    #[serde(rename = "step")]
    steps: Vec<Step>,
}

/// A value; an empty one is unset; a list is a dispute.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    Is(String),
    Disputed(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// `intake`, `settled`, `provisional`, `review`, `migration`, `timer` (the next), or a command's name.
    on: Spanned<String>,
    /// Nominal time; a timer has its own.
    #[serde(default, deserialize_with = "optional_moment")]
    at: Option<Timestamp>,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    #[serde(default)]
    args: BTreeMap<String, String>,
    #[serde(default)]
    by_unit: String,
    #[serde(default)]
    by_role: String,
    /// Whoever gives the command; `example` where it does not matter.
    #[serde(default = "anybody")]
    by_worker: String,
    /// Signatures that come with the document from this step on.
    #[serde(default)]
    sign: Vec<Signed>,
    /// What was signed has changed: none of the signatures so far is fresh any more.
    #[serde(default)]
    changed_since: bool,
    /// Attachments by purpose that come with this step.
    #[serde(default)]
    evidence: BTreeMap<String, u32>,
    /// Whether an outcome stands from this step on.
    outcome: Option<bool>,
    /// Whether the person has been answered.
    reply: Option<bool>,
    expect: Spanned<Expect>,
}

/// One signature in an example.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    role: String,
    worker: String,
    unit: String,
    #[serde(default)]
    by_role: String,
}

fn anybody() -> String {
    "example".into()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expect {
    directive: Option<String>,
    unit: Option<String>,
    co_units: Option<Vec<String>>,
    tier: Option<String>,
    step: Option<String>,
    #[serde(default, deserialize_with = "optional_moment")]
    due: Option<Timestamp>,
    #[serde(default, deserialize_with = "optional_moment")]
    at: Option<Timestamp>,
    /// A rule among the reasons.
    rule: Option<String>,
    /// Units that see the case, and units that do not.
    #[serde(default)]
    sees: Vec<String>,
    #[serde(default)]
    hidden: Vec<String>,
    author: Option<bool>,
    compartment: Option<String>,
    changed: Option<Vec<String>>,
    /// Signature roles that count.
    signed: Option<Vec<String>>,
    /// How it is closed; empty: open.
    closed: Option<String>,
    /// The person's answer; empty: none yet.
    satisfaction: Option<String>,
    redo: Option<u32>,
    filed: Option<bool>,
    punished: Option<u32>,
    /// The rule that refuses.
    refused: Option<String>,
    /// `true`: nothing is decided.
    #[serde(default)]
    nothing: bool,
}

/// Reads a file, or says why it does not read.
pub(super) fn read(source: Source<'_>, problems: &mut Vec<Problem>) -> Vec<Example> {
    match toml::from_str::<File>(source.text) {
        Ok(file) => file.examples,
        Err(error) => {
            problems.push(wording::toml(&error, Word("show-examples"), source));
            Vec::new()
        }
    }
}

/// Runs every example of the pack.
pub(super) fn check(pack: &Pack, files: &PackFiles, problems: &mut Vec<Problem>) {
    for (file, text) in files.0.iter().filter(|(f, _)| f.starts_with("examples/")) {
        let source = Source { file, text };
        for example in read(source, problems) {
            run(pack, &example, source, problems);
        }
    }
}

fn run(pack: &Pack, example: &Example, source: Source<'_>, problems: &mut Vec<Problem>) {
    let name = example.id.get_ref();
    let mut projection = Projection {
        kind: "case".into(),
        fields: example.fields.iter().map(|(k, v)| (k.clone(), view(v))).collect(),
        author_unit: example.author_unit.clone(),
        subject_units: example.subject_units.clone(),
        registered_at: example.registered_at,
        id: example.id.get_ref().clone(),
        proofs: Proofs::default(),
    };
    let mut history: Vec<Decision> = Vec::new();
    let mut before = example.registered_at;
    for (number, step) in example.steps.iter().enumerate() {
        projection.fields.extend(step.set.iter().map(|(k, v)| (k.clone(), view(v))));
        prove(&mut projection.proofs, step);
        let (cause, now) = cause(pack, step, number, &projection, &history);
        if now < before {
            let said = said("example-order").name("example", name).with("step", number + 1);
            problems.push(source.at(step.on.span(), "example-order", said));
        }
        before = before.max(now);
        let decided = decide(pack, &projection, &history, cause, now);
        for difference in differences(step.expect.get_ref(), &decided) {
            let said = said("example-differs").name("example", name).with("step", number + 1);
            let said = said.with("on", step.on.get_ref()).with("basis", &example.basis);
            let said = said.say("difference", difference);
            problems.push(source.at(step.expect.span(), "example-differs", said));
        }
        history.extend(decided.ok().flatten());
    }
    if let Err(numbers) = replay(pack, &history) {
        let said = said("example-replay").name("example", name).with("numbers", format!("{numbers:?}"));
        problems.push(source.at(example.id.span(), "example-replay", said));
    }
}

fn prove(proofs: &mut Proofs, step: &Step) {
    if step.changed_since {
        proofs.signatures.iter_mut().for_each(|signature| signature.fresh = false);
    }
    proofs.signatures.extend(step.sign.iter().map(|signed| Signature {
        awaits_paper: false,
        seen: None,
        role: signed.role.clone(),
        worker: signed.worker.clone(),
        unit: signed.unit.clone(),
        by_role: signed.by_role.clone(),
        at: step.at.unwrap_or_default(),
        fresh: true,
        paper: false,
        witness: false,
    }));
    for (purpose, n) in &step.evidence {
        *proofs.evidence.entry(purpose.clone()).or_default() += n;
    }
    proofs.outcome = step.outcome.unwrap_or(proofs.outcome);
    proofs.reply = step.reply.unwrap_or(proofs.reply);
}

fn view(value: &Value) -> FieldView {
    let text = |v: &String| (!v.is_empty()).then(|| v.clone());
    match value {
        Value::Is(v) => text(v).map_or(FieldView::Unset, FieldView::Is),
        Value::Disputed(values) => FieldView::Disputed(values.iter().map(text).collect()),
    }
}

fn cause(
    pack: &Pack,
    step: &Step,
    number: usize,
    projection: &Projection,
    history: &[Decision],
) -> (Cause, Timestamp) {
    let next = history.last().and_then(|d| d.timers.first());
    let now = step.at.or(next.map(|t| t.at)).unwrap_or(projection.registered_at);
    let digest = projection.digest(pack.reads());
    let cause = match step.on.get_ref().as_str() {
        "intake" => Cause::Intake,
        "settled" => Cause::Settled { digest },
        "provisional" => Cause::Provisional { digest },
        "review" => Cause::Review { id: number.to_string() },
        "migration" => Cause::PolicyMigration { version: pack.id().to_owned() },
        "timer" => {
            let (id, generation) = next.map_or((String::new(), 0), |t| (t.id.clone(), t.generation));
            Cause::Timer { id, generation }
        }
        name => Cause::Command {
            id: number.to_string(),
            name: name.to_owned(),
            args: step.args.clone(),
            by_worker: step.by_worker.clone(),
            by_unit: step.by_unit.clone(),
            by_role: step.by_role.clone(),
        },
    };
    (cause, now)
}

fn differences(expect: &Expect, decided: &Result<Option<Decision>, Refused>) -> Vec<Said> {
    match (decided, &expect.refused, expect.nothing) {
        (Err(refused), Some(rule), _) if refused.rule == *rule => Vec::new(),
        (Err(refused), ..) => {
            let refusal = said("differs-refused").with("rule", &refused.rule).say("why", why(&refused.rule));
            vec![refusal.with("message", &refused.message)]
        }
        (Ok(None), None, true) => Vec::new(),
        (Ok(None), ..) => vec![said("differs-nothing")],
        (Ok(Some(_)), Some(rule), _) => vec![said("differs-unrefused").with("rule", rule)],
        (Ok(Some(_)), None, true) => vec![said("differs-decided")],
        (Ok(Some(decision)), None, false) => compare(expect, decision),
    }
}

fn compare(expect: &Expect, decision: &Decision) -> Vec<Said> {
    let mut found = Vec::new();
    let mut same = |what: &str, wanted: Option<String>, is: String| {
        if let Some(wanted) = wanted.filter(|w| *w != is) {
            found.push(said("differs-is").with("what", what).with("is", is).with("wanted", wanted));
        }
    };
    let changed: BTreeSet<&str> = decision.changed.iter().map(|c| c.field.as_str()).collect();
    let expected: Option<BTreeSet<&str>> =
        expect.changed.as_ref().map(|c| c.iter().map(String::as_str).collect());
    same("directive", expect.directive.clone(), decision.directive.to_string());
    same("unit", expect.unit.clone(), decision.unit.clone().unwrap_or_default());
    same("co_units", expect.co_units.as_ref().map(|c| format!("{c:?}")), format!("{:?}", decision.co_units));
    same("tier", expect.tier.clone(), decision.tier.to_string());
    same("step", expect.step.clone(), decision.step.clone());
    same("due", expect.due.map(|d| d.to_string()), decision.due.to_string());
    same("at", expect.at.map(|d| d.to_string()), decision.at.to_string());
    same("author", expect.author.map(|a| a.to_string()), decision.audience.author.to_string());
    let compartment = decision.audience.compartment.clone().unwrap_or_default();
    same("compartment", expect.compartment.clone(), compartment);
    let life = &decision.life;
    same(
        "signed",
        expect.signed.as_ref().map(|s| format!("{s:?}")),
        format!("{:?}", life.signed.iter().collect::<Vec<_>>()),
    );
    same("closed", expect.closed.clone(), life.closed.map_or("", |c| c.how.code()).to_owned());
    same("satisfaction", expect.satisfaction.clone(), life.satisfaction.map_or("", |s| s.code()).to_owned());
    same("redo", expect.redo.map(|n| n.to_string()), life.redo.to_string());
    same("filed", expect.filed.map(|f| f.to_string()), life.filed_at.is_some().to_string());
    same("punished", expect.punished.map(|n| n.to_string()), life.punished.to_string());
    same("changed", expected.map(|c| format!("{c:?}")), format!("{changed:?}"));
    if let Some(rule) = expect.rule.as_ref().filter(|rule| !decision.reasons.iter().any(|r| r.rule == **rule))
    {
        let rules: Vec<&str> = decision.reasons.iter().map(|r| r.rule.as_str()).collect();
        found.push(said("differs-reason").name("rule", rule).with("rules", format!("{rules:?}")));
    }
    let audience = &decision.audience;
    for unit in expect.sees.iter().filter(|u| !audience.units.contains(*u)) {
        let units = format!("{:?}", audience.units);
        found.push(said("differs-unseen").with("unit", unit).with("units", units));
    }
    for unit in expect.hidden.iter().filter(|u| audience.units.contains(*u)) {
        found.push(said("differs-seen").with("unit", unit));
    }
    found
}
