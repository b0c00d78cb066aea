//! `doorstep policy`: check, decide, replay. And where commands find the packs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use doorstep_policy::{Cause, Decision, ENGINE, FieldView, Pack, Projection, decide, replay_versions};
use doorstep_server::health;
use doorstep_server::http::strings::Lang;
use doorstep_server::store::Walk;
use serde_json::{Value as Json, json};

use super::history::{self, History};
use super::open::{Data, centre, failed, load, read_pack};
use super::problems;
use super::versions::{self, Migrate};
use super::{Answer, Done, Failure, Folder};

#[derive(Debug, Subcommand)]
pub(crate) enum Policy {
    /// Checks a pack: file, line, column, remedy.
    Check(Check),
    /// Decides one case, as the server would.
    Decide(Decide),
    /// Moves standing cases to the version in force, or previews it.
    Migrate(Migrate),
    /// The decisions on one case as they are stored: what `decide --history` reads.
    History(History),
    /// Replays every stored decision from what it read.
    Replay(Data),
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The pack's folder.
    pack: PathBuf,
    /// A server's data folder: also units that cases go to and where nobody works.
    #[arg(long)]
    data: Option<PathBuf>,
    /// In which language what is wrong is said; else that of the environment, and English with --json.
    #[arg(long, value_parser = problems::named, value_name = "zh-CN|en")]
    lang: Option<Lang>,
}

#[derive(Debug, Args)]
pub(crate) struct Decide {
    /// The pack's folder.
    pack: PathBuf,
    /// A file with {"fields": {...}}.
    #[arg(long)]
    case: PathBuf,
    /// When (RFC 3339).
    #[arg(long)]
    at: String,
    /// Earlier decisions, one JSON object a line.
    #[arg(long)]
    history: Option<PathBuf>,
    /// Shows each rule with its inputs and basis.
    #[arg(long)]
    explain: bool,
}

pub(crate) async fn run(policy: Policy) -> Done {
    match policy {
        Policy::Check(check) => self::check(&check).await,
        Policy::Decide(decide) => self::decide_one(&decide),
        Policy::Migrate(wanted) => versions::migrate(wanted).await,
        Policy::History(wanted) => history::show(wanted).await,
        Policy::Replay(data) => self::replay_all(&data.data).await,
    }
}

async fn check(check: &Check) -> Done {
    let files = read_pack(&check.pack)?;
    let mut problems = doorstep_policy::check(&files);
    if let (Some(data), Ok(pack)) = (&check.data, Pack::load(&files)) {
        let centre = centre(&Folder::existing(data)?).await?;
        let staffed = health::staffed(&centre, pack.district()).await.map_err(failed)?;
        problems.extend(doorstep_policy::check_people(&files, &staffed));
    }
    Ok(problems::shown(&problems, check.lang, problems::of_environment()))
}

/// `{"fields": {...}}` as `show` prints it, as policy reads it.
fn projection(json: &Json, at: jiff::Timestamp) -> Result<Projection, Failure> {
    let bad = |what: &str| Failure {
        exit: 2,
        ..Failure::new(
            "case.bad",
            format!("The case file {what}."),
            "Give {\"fields\": {...}} as `doorstep-device show` prints it.",
        )
    };
    let fields = json["fields"].as_object().ok_or_else(|| bad("has no object \"fields\""))?;
    let mut read = BTreeMap::new();
    for (name, value) in fields {
        let view = match value {
            Json::String(text) => FieldView::Is(text.clone()),
            Json::Null => FieldView::Unset,
            Json::Object(object) if object.contains_key("disputed") => {
                let values = serde_json::from_value(object["disputed"].clone());
                FieldView::Disputed(values.map_err(|_| bad("has a disputed field that is not a list"))?)
            }
            _ => continue,
        };
        read.insert(name.clone(), view);
    }
    let text = |name: &str| json[name].as_str().map(str::to_owned);
    let registered_at = text("registered_at").and_then(|text| text.parse().ok()).unwrap_or(at);
    Ok(Projection {
        kind: text("kind").unwrap_or_else(|| "case".into()),
        fields: read,
        author_unit: text("author_unit"),
        subject_units: serde_json::from_value(json["subject_units"].clone()).unwrap_or_default(),
        registered_at,
        id: text("id").unwrap_or_default(),
        ..Projection::default()
    })
}

fn decide_one(wanted: &Decide) -> Done {
    let usage = |code, message: String, next: &str| Failure { exit: 2, ..Failure::new(code, message, next) };
    let at: jiff::Timestamp = wanted.at.parse().map_err(|_| {
        usage("at.bad", format!("--at {:?} is not a time.", wanted.at), "Write 2026-11-21T09:00:00+08:00.")
    })?;
    let pack = load(&wanted.pack)?;
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| {
            Failure::new("file.unreadable", format!("{}: {error}.", path.display()), "Name a file.")
        })
    };
    let case: Json = serde_json::from_str(&read(&wanted.case)?)
        .map_err(|error| usage("case.bad", format!("{}: {error}.", wanted.case.display()), "Give JSON."))?;
    let projection = projection(&case, at)?;
    let mut history: Vec<Decision> = Vec::new();
    if let Some(path) = &wanted.history {
        for line in read(path)?.lines().filter(|line| !line.trim().is_empty()) {
            history.push(told_before(line).map_err(|error| {
                usage("history.bad", format!("{}: {error}.", path.display()), "Give one decision a line.")
            })?);
        }
    }
    let causes = decided_causes(&pack, &projection, &history);
    let before = history.len();
    for cause in causes {
        match decide(&pack, &projection, &history, cause, at) {
            Ok(decision) => history.extend(decision),
            Err(refused) => {
                return Err(Failure::new(
                    "decide.refused",
                    format!("{}: {}", refused.rule, refused.message),
                    "See the pack.",
                ));
            }
        }
    }
    fire(&pack, &mut history, at)?;
    let made = &history[before..];
    let decisions: Vec<Json> = made.iter().map(shown).collect();
    Ok(Answer {
        json: json!({ "policy": pack.id(), "decisions": decisions }),
        text: told(made, wanted.explain),
        ok: true,
    })
}

/// What time does until then: the timers of the last decision, as of their nominal times.
fn fire(pack: &Pack, history: &mut Vec<Decision>, at: jiff::Timestamp) -> Result<(), Failure> {
    /// Reminders that repeat for ever end here.
    const AT_MOST: usize = 100;
    for _ in 0..AT_MOST {
        let Some(last) = history.last() else { break };
        let timer =
            last.timers.iter().filter(|timer| timer.at <= at).min_by_key(|timer| (timer.at, &timer.id));
        let Some(timer) = timer.cloned() else { break };
        let cause = Cause::Timer { id: timer.id, generation: timer.generation };
        match decide(pack, &last.projection.clone(), history, cause, timer.at) {
            Ok(Some(decision)) => history.push(decision),
            Ok(None) => break,
            Err(refused) => {
                return Err(Failure::new(
                    "decide.refused",
                    format!("{}: {}", refused.rule, refused.message),
                    "See the pack.",
                ));
            }
        }
    }
    Ok(())
}

/// What the server would decide on now: intake if new, dispatch if urgent, settled unless disputed.
fn decided_causes(pack: &Pack, projection: &Projection, history: &[Decision]) -> Vec<Cause> {
    let digest = projection.digest(pack.reads());
    let mut causes = Vec::new();
    if history.is_empty() {
        causes.push(Cause::Intake);
    }
    if pack.settle(projection).urgent {
        causes.push(Cause::Provisional { digest: digest.clone() });
    }
    if projection.disputed(pack.reads()).next().is_none() {
        causes.push(Cause::Settled { digest });
    }
    causes
}

/// A decision in the shape of the contract: the cause by its name, and all else. The whole cause stands beside it, so
/// that what is printed can be given back as history.
fn shown(decision: &Decision) -> Json {
    let mut json = serde_json::to_value(decision).unwrap_or_default();
    json["caused_by"] = json["cause"].take();
    json["cause"] = json!(decision.cause.kind());
    json
}

/// A line of history: as stored, or as `decide` prints it.
fn told_before(line: &str) -> serde_json::Result<Decision> {
    let mut json: Json = serde_json::from_str(line)?;
    if json["caused_by"].is_object() {
        json["cause"] = json["caused_by"].take();
    }
    serde_json::from_value(json)
}

fn told(decisions: &[Decision], explain: bool) -> String {
    let mut text = String::new();
    for d in decisions {
        text += &format!(
            "{} {} → {} by {}\n",
            d.cause.kind(),
            d.directive.code(),
            d.unit.as_deref().unwrap_or("-"),
            d.due
        );
        for reason in d.reasons.iter().filter(|_| explain) {
            let inputs: Vec<String> =
                reason.inputs.iter().map(|(key, value)| format!("{key}={value}")).collect();
            text += &format!("    {}  [{}]  {}\n", reason.rule, inputs.join(" "), reason.basis);
        }
    }
    text
}

async fn replay_all(data: &Path) -> Done {
    let folder = Folder::existing(data)?;
    let centre = centre(&folder).await?;
    let (mut decisions, mut older, mut different) = (0_u64, 0_u64, Vec::new());
    let packs = centre.packs();
    let mut walk = Walk::over(&**centre.store());
    while let Some(stored) = walk.next().await.map_err(failed)? {
        let document = stored.row.document;
        let history: Vec<Decision> = stored.decisions.into_iter().map(|row| row.decision).collect();
        decisions += history.len() as u64;
        older += history.iter().filter(|decision| decision.engine != ENGINE).count() as u64;
        let by = |id: &str| packs.version(id).map(|pack| &**pack);
        let differs = replay_versions(by, &history).err().unwrap_or_default();
        different.extend(differs.into_iter().map(|n| json!({ "document": document, "n": n })));
    }
    let identical = decisions - older - different.len() as u64;
    let text = format!(
        "{decisions} decisions, {identical} identical, {older} by an earlier engine and not replayed."
    );
    let ok = different.is_empty();
    Ok(Answer {
        json: json!({ "decisions": decisions, "identical": identical, "older": older, "different": different }),
        text,
        ok,
    })
}
