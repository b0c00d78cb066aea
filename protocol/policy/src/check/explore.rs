//! Cases that get stuck: one plain case for each way in which the pack routes is taken from intake to its end by whoever may
//! take it on.
//!
//! Owns the walk. Tries units and roles that the pack names, never people; what a step asks for is filled in as well as can
//! be. Silent about what it has seen succeed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use crate::problem::{Problem, Source};
use crate::said::said;
use crate::step::Step;
use crate::{Cause, Decision, FieldView, Level, Pack, Projection, Signature, decide};

/// More steps than any life has.
const STEPS: usize = 24;
/// Every role that gives commands; auditors only look.
const ROLES: [&str; 6] = ["worker", "handler", "reviewer", "leader", "inspector", "admin"];

/// Reports steps that nobody could take a case on from.
pub(super) fn check(pack: &Pack, source: Source<'_>, problems: &mut Vec<Problem>) {
    let mut seen = BTreeSet::new();
    let mut said = BTreeSet::new();
    let cases = cases(pack);
    for case in cases.clone() {
        let Some(log) = taken_in(pack, &case) else { continue };
        let way = log.last().map(|last| (last.routed.rule.clone(), last.tier, last.step.clone()));
        if !seen.insert(way) {
            continue;
        }
        let beside = review(pack, &case, &log, &cases).into_iter().chain(returned(pack, &case, &log));
        for stuck in beside.chain(walk(pack, case, log)) {
            if said.insert((stuck.step.clone(), stuck.wanted.clone())) {
                problems.push(stuck.problem(pack, source));
            }
        }
    }
}

/// Where a case stays for ever.
struct Stuck {
    route: String,
    step: String,
    unit: String,
    /// The command or signature that nobody could give.
    wanted: String,
}

impl Stuck {
    fn problem(self, pack: &Pack, source: Source<'_>) -> Problem {
        let Stuck { route, step, unit, wanted } = self;
        let rules = pack.rules();
        let command = rules.commands.iter().find(|rule| rule.name.get_ref().code() == wanted);
        let signature = rules.signatures.iter().find(|rule| *rule.role.get_ref() == wanted);
        let at = command.map(|rule| rule.name.span()).or_else(|| signature.map(|rule| rule.role.span()));
        let said = if at.is_some() { said("stuck") } else { said("stuck-no-command") };
        let said = said.name("route", &route).name("step", &step).with("unit", unit).name("wanted", &wanted);
        match at {
            Some(span) => source.at(span, "stuck", said),
            None => source.line(1, 1, "stuck", said),
        }
    }
}

/// Plain cases: each category and severity, urgent or not, in villages of unlike towns.
fn cases(pack: &Pack) -> Vec<Projection> {
    let mut places: BTreeMap<&str, &str> = BTreeMap::new();
    let at = pack.effective_from();
    for unit in pack.units().filter(|unit| unit.level == Level::Village && unit.until.is_none()) {
        let view = FieldView::Is(unit.code.clone());
        let case = Projection { fields: [("place".to_owned(), view)].into(), ..Projection::default() };
        let desk = pack.intake_unit(&case, at) == pack.desk();
        places.entry(if desk { "desk" } else { "centre" }).or_insert(&unit.code);
    }
    let mut cases = Vec::new();
    for category in pack.categories() {
        for severity in ["light", "medium", "heavy"] {
            for urgency in ["normal", "urgent", "danger"] {
                for place in places.values() {
                    let fields = [
                        ("category", category.code.as_str()),
                        ("severity", severity),
                        ("urgency", urgency),
                        ("place", place),
                    ];
                    cases.push(plain(pack, &fields));
                }
            }
        }
    }
    cases
}

fn plain(pack: &Pack, fields: &[(&str, &str)]) -> Projection {
    let view = |(name, value): &(&str, &str)| ((*name).to_owned(), FieldView::Is((*value).to_owned()));
    let mut case = Projection {
        kind: "case".into(),
        fields: fields.iter().map(view).collect(),
        registered_at: pack.effective_from(),
        id: "explored".into(),
        ..Projection::default()
    };
    (case.proofs.outcome, case.proofs.reply) = (true, true);
    case.proofs.evidence = pack.rules().claim.evidence.iter().map(|purpose| (purpose.clone(), 1)).collect();
    case
}

/// Taken in and settled.
fn taken_in(pack: &Pack, case: &Projection) -> Option<Vec<Decision>> {
    let mut log = vec![decide(pack, case, &[], Cause::Intake, case.registered_at).ok()??];
    let digest = case.digest(pack.reads());
    let settled = later(log.last()?.at);
    log.extend(decide(pack, case, &log, Cause::Settled { digest }, settled).ok()?);
    Some(log)
}

fn later(at: Timestamp) -> Timestamp {
    at.checked_add(SignedDuration::from_mins(5)).unwrap_or(at)
}

/// To its end; or where it stays.
fn walk(pack: &Pack, mut case: Projection, mut log: Vec<Decision>) -> Option<Stuck> {
    for _ in 0..STEPS {
        let last = log.last()?;
        let step = Step::named(&last.step)?;
        if step.is_end() {
            return None;
        }
        if step == Step::Archive {
            // Its timer ends it.
            return None;
        }
        let unit = last.unit.clone().unwrap_or_default();
        let stuck = |wanted: &str| {
            let (route, step) = (last.routed.rule.clone(), last.step.clone());
            Some(Stuck { route, step, unit: unit.clone(), wanted: wanted.to_owned() })
        };
        let next = if step == Step::Sign {
            sign(pack, &mut case, &log).ok_or_else(|| stuck(&missing(pack, &log, &case)))
        } else {
            let (command, args) = forward(step);
            let refers = || given(pack, &case, &log, REFER).filter(|_| step == Step::Triage);
            given(pack, &case, &log, (command, args)).or_else(refers).ok_or_else(|| stuck(command))
        };
        match next {
            Ok(decision) => log.push(decision),
            Err(stuck) => return stuck,
        }
    }
    None
}

/// Somebody has it, and what it says changes: the review that comes of it, where nobody could decide it.
fn review(pack: &Pack, case: &Projection, log: &[Decision], cases: &[Projection]) -> Option<Stuck> {
    pack.rules().review.as_ref()?;
    let taken = given(pack, case, log, ("accept", &[])).or_else(|| given(pack, case, log, ("claim", &[])))?;
    let mut log = log.to_vec();
    log.push(taken);
    let place = case.field("place");
    let reviewed = cases.iter().filter(|other| other.field("place") == place).find_map(|other| {
        let digest = other.digest(pack.reads());
        let settled = decide(pack, other, &log, Cause::Settled { digest }, later(log.last()?.at)).ok()??;
        (settled.step == Step::Review.code()).then_some((other, settled))
    });
    let (other, reviewed) = reviewed?;
    let (route, step) = (reviewed.routed.rule.clone(), reviewed.step.clone());
    let unit = reviewed.unit.clone().unwrap_or_default();
    log.push(reviewed);
    let keep = [("decision", "keep"), ("reason", "explored")];
    match given(pack, other, &log, ("amend", &keep)) {
        Some(_) => None,
        None => Some(Stuck { route, step, unit, wanted: "amend".to_owned() }),
    }
}

/// Whoever has it gives it back: where nobody could send it on from the triage that it comes to. The rules do not, for they
/// have spoken.
fn returned(pack: &Pack, case: &Projection, log: &[Decision]) -> Option<Stuck> {
    let back = given(pack, case, log, ("return", &[("reason", "explored")]))?;
    if back.step != Step::Triage.code() {
        return None;
    }
    let (route, step) = (back.routed.rule.clone(), back.step.clone());
    let unit = back.unit.clone().unwrap_or_default();
    let log: Vec<Decision> = log.iter().cloned().chain([back]).collect();
    let (command, args) = forward(Step::Triage);
    let on = given(pack, case, &log, (command, args)).or_else(|| given(pack, case, &log, REFER));
    on.is_none().then(|| Stuck { route, step, unit, wanted: command.to_owned() })
}

/// The other way out of triage.
const REFER: (&str, &[(&str, &str)]) = ("refer", &[("unit", ""), ("reason", "explored")]);

/// What takes a case on from a step.
fn forward(step: Step) -> (&'static str, &'static [(&'static str, &'static str)]) {
    match step {
        Step::Triage => ("assign", &[("unit", "")]),
        Step::Verify => ("verify", &[("result", "pass")]),
        Step::StrikeOff => ("strike_off", &[]),
        Step::Callback => ("callback", &[("answer", "satisfied")]),
        Step::LookBack => ("look_back", &[("result", "holds")]),
        _ => ("claim", &[]),
    }
}

/// A command by the first of all units and roles who may give it.
fn given(
    pack: &Pack,
    case: &Projection,
    log: &[Decision],
    (name, args): (&str, &[(&str, &str)]),
) -> Option<Decision> {
    let last = log.last()?;
    let owner = last.unit.clone().unwrap_or_default();
    let args: BTreeMap<String, String> = args
        .iter()
        .map(|(key, value)| {
            ((*key).to_owned(), if *key == "unit" { pack.district() } else { value }.to_owned())
        })
        .collect();
    for unit in units(pack, case, last, &owner) {
        for role in ROLES {
            let cause = Cause::Command {
                id: format!("{name}-{}", log.len()),
                name: name.to_owned(),
                args: args.clone(),
                // Nobody verifies, asks about or looks back on what they claimed.
                by_worker: format!("{name}-{unit}-{role}"),
                by_unit: unit.clone(),
                by_role: role.to_owned(),
            };
            if let Ok(Some(decision)) = decide(pack, case, log, cause, later(last.at)) {
                return Some(decision);
            }
        }
    }
    None
}

/// The units that may have a say: the owner and those above it, intake, supervisors, the district's own.
fn units(pack: &Pack, case: &Projection, last: &Decision, owner: &str) -> Vec<String> {
    let mut units = vec![owner.to_owned()];
    units.extend(last.audience.units.iter().cloned());
    units.extend(pack.units_above(owner).into_iter().map(str::to_owned));
    units.extend([pack.intake_unit(case, last.at).to_owned(), pack.desk().to_owned()]);
    units.extend(pack.rules().audience.supervisors.iter().map(|unit| unit.get_ref().clone()));
    let district = pack.units().filter(|unit| unit.level == Level::District).map(|unit| unit.code.clone());
    units.extend(district);
    let mut seen = BTreeSet::new();
    units.retain(|unit| seen.insert(unit.clone()));
    units
}

/// Everybody who may signs, each in one role.
fn sign(pack: &Pack, case: &mut Projection, log: &[Decision]) -> Option<Decision> {
    let last = log.last()?;
    let owner = last.unit.clone().unwrap_or_default();
    let at = later(last.at);
    // Nobody signs what they may not see: of a compartment that is whoever is in it, though the pack names others.
    let inside = last.audience.compartment.is_some();
    let sees = |unit: &String| !inside || last.audience.units.contains(unit);
    let units: Vec<String> = units(pack, case, last, &owner).into_iter().filter(sees).collect();
    for rule in &pack.rules().signatures {
        for unit in &units {
            case.proofs.signatures.extend(ROLES.iter().map(|by_role| Signature {
                awaits_paper: false,
                seen: None,
                role: rule.role.get_ref().clone(),
                worker: format!("{}-{unit}-{by_role}", rule.role.get_ref()),
                unit: unit.clone(),
                by_role: (*by_role).to_owned(),
                at,
                fresh: true,
                paper: false,
                witness: false,
            }));
        }
    }
    let digest = case.digest(pack.reads());
    let signed = decide(pack, case, log, Cause::Settled { digest }, later(at)).ok().flatten();
    let missing = signed.as_ref().is_some_and(|signed| signed.step == Step::Sign.code());
    signed.filter(|_| !missing)
}

/// The first signature that nobody could give.
fn missing(pack: &Pack, log: &[Decision], case: &Projection) -> String {
    let digest = case.digest(pack.reads());
    let at = log.last().map_or(Timestamp::UNIX_EPOCH, |last| later(later(last.at)));
    let counted = decide(pack, case, log, Cause::Settled { digest }, at).ok().flatten();
    let signed = counted.map(|decision| decision.life.signed).unwrap_or_default();
    pack.signatures().find(|role| !signed.contains(*role)).unwrap_or("strike_off").to_owned()
}
