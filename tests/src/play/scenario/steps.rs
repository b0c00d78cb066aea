//! The next thing that somebody does with a case: what its step asks for, by somebody of the unit that has it.
//!
//! Owns who does what. Whether it may be done, and what follows, the centre decides; a refusal ends the run.

use std::collections::BTreeMap;

use doorstep_policy::{FieldView, Level, Projection};
use doorstep_protocol::documents::{Edit, Role, signing};
use doorstep_protocol::wire::{ActOutcome, Command};
use doorstep_protocol::{DocumentId, Hash};
use doorstep_server::pipeline::{CaseView, timestamp};
use doorstep_server::store::{CaseRow, Person, Store};

use super::district::District;
use super::draw::{Course, Drawn};
use super::text;
use crate::harness::Rng;

/// A case on its way.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) drawn: Drawn,
    pub(super) id: DocumentId,
    /// The step as of the last look.
    pub(super) step: String,
    /// Whether the other course that was drawn has been taken.
    pub(super) turned: bool,
    /// Whether somebody has taken it on before.
    pub(super) begun: bool,
    /// Whether it lies in a compartment: its person signs inside.
    pub(super) confined: bool,
    pub(super) rng: Rng,
}

impl Live {
    /// Whether the person signs on the device of the town.
    pub(super) fn is_signed_at_the_door(&self) -> bool {
        self.step == "sign" && !self.confined && self.drawn.course != Course::Unusual
    }

    /// Working days until the next thing is done; `None`: nothing more is.
    pub(super) fn pause(&mut self) -> Option<usize> {
        let [handle, verify, sign] = self.drawn.pace;
        match (self.step.as_str(), self.drawn.course) {
            ("handle", Course::Stuck) | ("verify", Course::Unverified) => None,
            ("triage", _) => Some(1),
            ("handle", _) => Some(handle),
            ("verify", _) => Some(verify),
            ("sign" | "strike_off", _) => Some(sign),
            ("callback", _) => Some(1 + self.rng.below(3)),
            ("look_back", _) => Some(25 + self.rng.below(25)),
            // Its timer closes the file.
            _ => None,
        }
    }
}

/// Does what the step asks for. `signed`: the person has signed on a device.
pub(super) async fn forward(district: &District, case: &mut Live, signed: bool) -> Result<(), String> {
    let row = row(district, case.id).await?;
    let step = row.step.clone().unwrap_or_default();
    match step.as_str() {
        "handle" => handle(district, case, &row).await?,
        "verify" => verify(district, case, &row).await?,
        "sign" => sign(district, case, &row, signed).await?,
        "strike_off" => {
            act(district, &post(district, &row, (Role::Handler, 0)).await?, case.id, "strike_off", &[])
                .await?;
        }
        "callback" => callback(district, case, &row).await?,
        "look_back" => {
            let by = post(district, &row, (Role::Inspector, 1)).await?;
            act(district, &by, case.id, "look_back", &[("result", "holds")]).await?;
        }
        _ => {}
    }
    look(district, case).await
}

/// Sees where the case stands now.
pub(super) async fn look(district: &District, case: &mut Live) -> Result<(), String> {
    let row = row(district, case.id).await?;
    case.confined = row.audience.as_ref().is_some_and(|audience| audience.compartment.is_some());
    case.step = row.step.unwrap_or_default();
    Ok(())
}

/// Its unit takes the case on; the next time somebody says what came of it and claims it resolved.
async fn handle(district: &District, case: &mut Live, row: &CaseRow) -> Result<(), String> {
    let handler = post(district, row, (Role::Handler, 0)).await?;
    if row.life.taken_on.is_none() {
        act(district, &handler, case.id, "accept", &[]).await?;
        lead(district, case, row).await?;
        // Whoever has it after a ladder took it away has waited long enough.
        if !std::mem::replace(&mut case.begun, true) {
            return Ok(());
        }
    }
    let seen = view(district, &handler, case.id).await?;
    let value = Some(format!("{}（{}）", text::outcome(&mut case.rng), row.life.redo + 1));
    let said = edit(district, &handler, (case.id, &seen.heads), Edit::Put { field: "outcome".into(), value })
        .await?;
    if district.pack.answers_before_claiming() && row.life.redo == 0 {
        let reply = Edit::SetText {
            field: "reply".into(), text: "您反映的问题已办理，感谢监督。".into()
        };
        edit(district, &handler, (case.id, &[said]), reply).await?;
    }
    act(district, &handler, case.id, "claim", &[]).await
}

/// Inside its compartment a lead becomes a filed case, and somebody is punished.
async fn lead(district: &District, case: &Live, row: &CaseRow) -> Result<(), String> {
    let [filed, punished] = case.drawn.lead;
    let leader = post(district, row, (Role::Leader, 0)).await?;
    if filed && row.life.filed_at.is_none() {
        act(district, &leader, case.id, "file_case", &[("reason", "log-1")]).await?;
        if punished {
            act(district, &leader, case.id, "punish", &[("count", "1"), ("reason", "log-2")]).await?;
        }
    }
    Ok(())
}

/// The unit that took the case in looks whether it is so.
async fn verify(district: &District, case: &mut Live, row: &CaseRow) -> Result<(), String> {
    let fields = [("category", &row.category), ("place", &row.place)];
    let view = |value: &Option<String>| value.clone().map_or(FieldView::Unset, FieldView::Is);
    let projection = Projection {
        kind: "case".into(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), view(value))).collect(),
        author_unit: Some(row.author_unit.clone()),
        registered_at: timestamp(row.registered),
        ..Projection::default()
    };
    let unit = district.pack.intake_unit(&projection, timestamp(district.clock.now()));
    let inspector = person(district, unit, (Role::Inspector, 0)).await?;
    if case.drawn.course == Course::VerifiedTwice && !case.turned {
        case.turned = true;
        let args = [("result", "fail"), ("reason", "no-effect-seen")];
        return act(district, &inspector, case.id, "verify", &args).await;
    }
    act(district, &inspector, case.id, "verify", &[("result", "pass")]).await
}

/// Everybody who signs at a desk does so; the person does where no device could be.
async fn sign(district: &District, case: &mut Live, row: &CaseRow, signed: bool) -> Result<(), String> {
    let unusual = case.drawn.course == Course::Unusual;
    let handler = post(district, row, (Role::Handler, 0)).await?;
    let seen = view(district, &handler, case.id).await?;
    let mut heads = seen.heads.clone();
    let roles: Vec<String> = district.pack.signatures().map(str::to_owned).collect();
    let above = above(district, row);
    for (nth, role) in roles.iter().enumerate() {
        let signer = match role.as_str() {
            "person" if unusual || signed => continue,
            "person" | "handler" => handler.clone(),
            _ => person(district, &above, (Role::Leader, nth)).await?,
        };
        let item = signature(&signer, role, &seen);
        let append = Edit::Append { field: "signatures".into(), item };
        heads = vec![edit(district, &signer, (case.id, &heads), append).await?];
    }
    if unusual {
        // All that was signed counts before somebody higher approves the rest.
        let leader = person(district, district.pack.district(), (Role::Leader, 0)).await?;
        // A colleague was there, too: whoever handled it is no witness.
        let witness = post(district, row, (Role::Handler, 1)).await?.worker.to_string();
        let args =
            [("how", "refused"), ("reason", "log-1"), ("attempts", "3"), ("witness", witness.as_str())];
        return act(district, &leader, case.id, "close_unusual", &args).await;
    }
    Ok(())
}

/// Whoever asks is of another unit than those who handled it.
async fn callback(district: &District, case: &mut Live, row: &CaseRow) -> Result<(), String> {
    let by = post(district, row, (Role::Inspector, 1)).await?;
    let sad = case.drawn.course == Course::NotSatisfied && !case.turned;
    case.turned |= sad;
    let answer = match case.rng.below(100) {
        _ if sad => "not_satisfied",
        0..4 => "unreachable",
        _ => "satisfied",
    };
    act(district, &by, case.id, "callback", &[("answer", answer)]).await
}

/// The unit whose leaders sign: the town of a village, else the unit itself.
fn above(district: &District, row: &CaseRow) -> String {
    let unit = row.unit.clone().unwrap_or_default();
    let found = district.pack.unit(&unit, timestamp(district.clock.now()));
    let town = found.filter(|unit| unit.level == Level::Village).and_then(|unit| unit.parent.clone());
    town.unwrap_or(unit)
}

fn signature(signer: &Person, role: &str, seen: &CaseView) -> String {
    let item = signing::Item {
        role: role.to_owned(),
        worker: signer.worker.to_string(),
        unit: signer.unit.clone(),
        by_role: signer.role.name().to_owned(),
        projection: signing::PROJECTION,
        digest: signing::current(&seen.fields),
        paper: None,
        witness: None,
        seen: seen.decisions.last().map(|last| last.n),
    };
    item.written(&signer.name, None)
}

async fn row(district: &District, id: DocumentId) -> Result<CaseRow, String> {
    let row = district.centre.store().row(id).await.map_err(|error| error.to_string())?;
    row.ok_or_else(|| format!("{id} is not stored"))
}

async fn post(district: &District, row: &CaseRow, who: (Role, usize)) -> Result<Person, String> {
    person(district, row.unit.as_deref().unwrap_or_default(), who).await
}

async fn person(district: &District, unit: &str, who: (Role, usize)) -> Result<Person, String> {
    district.people.of(&**district.centre.store(), unit, who).await
}

async fn view(district: &District, person: &Person, id: DocumentId) -> Result<CaseView, String> {
    let view = district.centre.view(person, id).await;
    view.map_err(|error| format!("{} sees {id}: {error}", person.name))
}

async fn edit(
    district: &District,
    person: &Person,
    (id, heads): (DocumentId, &[Hash]),
    edit: Edit,
) -> Result<Hash, String> {
    let made = district.centre.desk_edit(person, id, heads, &[edit]).await;
    made.map_err(|error| format!("{} edits {id}: {error}", person.name))
}

async fn act(
    district: &District,
    person: &Person,
    document: DocumentId,
    name: &str,
    args: &[(&str, &str)],
) -> Result<(), String> {
    let id = doorstep_server::clock::random(&*district.clock as &dyn doorstep_server::clock::Source);
    let args: BTreeMap<&str, &str> = args.iter().copied().collect();
    let args = args.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let command = Command { id, document, name: name.to_owned(), args, made: district.clock.now() };
    match district.centre.act(person, command).await.map_err(|error| error.to_string())? {
        ActOutcome::Decided { .. } => Ok(()),
        ActOutcome::Refused { rule, message } => {
            Err(format!("{} may not {name} {document}: {rule}: {message}", person.name))
        }
    }
}
