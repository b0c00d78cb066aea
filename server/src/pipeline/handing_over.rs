//! What may be told of a case in a compartment, as an open case: whoever handles it outside gets the facts that they need,
//! and not who complained.
//!
//! A document is synced whole: nothing can be held back from somebody who has it. So somebody inside writes down anew what
//! the handlers have to know, and that is a case of its own, by the same road as any other. A text in which a personal value
//! of the first case stands is refused, and so is a case that would go to whom the first one is about. That the two belong
//! together is a decision of the first case and stands nowhere else.

use std::collections::BTreeSet;

use doorstep_policy::{Cause, FieldView, Pack, Projection, STANDING_IN};
use doorstep_protocol::documents::Edit;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::{ActOutcome, Command};
use doorstep_protocol::{DocumentId, WorkerId};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::case::timestamp;
use super::{CaseView, Centre, DeskError};
use crate::authorize::concerns;
use crate::finding::key_form;
use crate::store::{Person, Store};

const COMMAND: &str = "hand_over";
/// What is never told: who complained, where they live, whom it is about.
const INSIDE: [&str; 6] =
    ["person.name", "person.phone", "person.id_number", "contact_phone", "household", "subject"];
const DAY_MS: Millis = 86_400_000;

/// What is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// One line.
    pub title: String,
    /// What whoever handles it has to know.
    pub description: String,
    /// A category outside every compartment.
    pub category: String,
    /// Where; the first case's place where nothing is said.
    pub place: Option<String>,
    /// The first case's where nothing is said.
    pub severity: Option<String>,
    /// The first case's where nothing is said.
    pub urgency: Option<String>,
}

/// The categories in which a case is an open one, whatever else it says.
pub(crate) fn open_categories(pack: &Pack) -> impl Iterator<Item = &str> {
    let is_open = |code: &&str| {
        let fields = [("category".to_owned(), FieldView::Is((*code).to_owned()))];
        let case =
            Projection { kind: "case".into(), fields: fields.into_iter().collect(), ..Projection::default() };
        pack.confined(&case).is_none()
    };
    pack.categories().iter().map(|category| category.code.as_str()).filter(is_open)
}

impl<S: Store> Centre<S> {
    /// Whoever may have something told of this case now: this person, or they in the place of somebody who is away. `None`
    /// where they may not.
    pub async fn hands_over(
        &self,
        person: &Person,
        (document, of): (DocumentId, Option<WorkerId>),
    ) -> Result<Option<Person>, DeskError> {
        let Some(acting) = self.acting_on(person, (document, of)).await? else { return Ok(None) };
        let offers = self.offers(&acting, (document, of)).await?;
        let may = offers.iter().any(|offer| offer.command == COMMAND && offer.refused.is_none());
        Ok(Some(acting).filter(|_| may))
    }

    async fn acting_on(
        &self,
        person: &Person,
        (document, of): (DocumentId, Option<WorkerId>),
    ) -> Result<Option<Person>, DeskError> {
        match of {
            None => Ok(Some(person.clone())),
            Some(of) => Ok(self.in_place_of(person, (of, document)).await?),
        }
    }

    /// Makes the open case, once a day for one title, and records it inside: by a person, or by them in the place of somebody
    /// who is away.
    pub async fn hand_over(
        &self,
        person: &Person,
        (document, of): (DocumentId, Option<WorkerId>),
        told: &Told,
    ) -> Result<DocumentId, DeskError> {
        let acting = self.acting_on(person, (document, of)).await?.ok_or(DeskError::NotFound)?;
        let view = self.view(&acting, document).await?;
        let offers = self.offers(&acting, (document, of)).await?;
        match offers.iter().find(|offer| offer.command == COMMAND).map(|offer| &offer.refused) {
            None => return Err(DeskError::NotFound),
            Some(Some(no)) => return Err(refused(&no.rule, &no.message)),
            Some(None) => {}
        }
        let pack = self.pack(&person.district)?;
        let fields = fields(&view, told);
        holds_nothing_back(&pack, &view, told)?;
        self.goes_outside(&acting, &view, &pack, &fields).await?;
        let digest = |what: &str| Sha256::digest(format!("{what}\n{document}\n{}", key_form(&told.title)));
        let (now, mut random, mut id) = (self.now(), [0; 10], [0; 16]);
        random.copy_from_slice(&digest("case")[..10]);
        let outside = DocumentId::v7(now - now.rem_euclid(DAY_MS), random);
        let making = self.making.lock().await;
        if self.store().row(outside).await?.is_none() {
            // In the desk's name: whoever works on it sees from its unit nothing of where it comes from.
            let desk = Person { unit: pack.desk().to_owned(), ..acting.clone() };
            self.begin(&desk, outside, &edits(told, &fields)).await?;
        }
        drop(making);
        id.copy_from_slice(&digest(&outside.to_string())[..16]);
        let mut args = vec![("of".to_owned(), outside.to_string())];
        args.extend(of.map(|of| (STANDING_IN.to_owned(), of.to_string())));
        let command = Command { id, document, name: COMMAND.into(), args, made: now };
        match self.act(person, command).await? {
            ActOutcome::Decided { .. } => Ok(outside),
            ActOutcome::Refused { rule, message } => Err(refused(&rule, &message)),
        }
    }

    /// A case that stays inside is no help, and one that goes to whom the first is about does harm.
    async fn goes_outside(
        &self,
        person: &Person,
        view: &CaseView,
        pack: &Pack,
        fields: &[(&'static str, String)],
    ) -> Result<(), DeskError> {
        let now = timestamp(self.now());
        let is = |(name, value): &(&str, String)| ((*name).to_owned(), FieldView::Is(value.clone()));
        let case = Projection {
            kind: "case".into(),
            fields: fields.iter().map(is).collect(),
            author_unit: Some(pack.desk().to_owned()),
            registered_at: now,
            ..Projection::default()
        };
        if pack.confined(&case).is_some() {
            return Err(refused(
                "hand_over.category",
                "of this category it would stay in a compartment; name another",
            ));
        }
        let digest = case.digest(pack.reads());
        let mut log = Vec::new();
        for cause in [Cause::Intake, Cause::Settled { digest }] {
            let decided = doorstep_policy::decide(pack, &case, &log, cause, now);
            log.extend(decided.ok().flatten());
        }
        // Units that are named, and those of people who are.
        let people = self.store().people(&person.district).await?;
        let concerned = people.into_iter().filter(|who| concerns(who, &view.row, pack)).map(|who| who.unit);
        let excluded = view.row.audience.iter().flat_map(|audience| audience.excluded_units.iter().cloned());
        let kept_out: BTreeSet<String> = concerned.chain(excluded).collect();
        let mut sees = log.iter().flat_map(|decision| &decision.audience.units);
        if sees.any(|unit| kept_out.contains(unit)) {
            let message = "it would go to whom the case is about; name another place or category";
            return Err(refused("hand_over.concerned", message));
        }
        Ok(())
    }
}

fn refused(code: &str, message: &str) -> DeskError {
    DeskError::Refused { code: code.to_owned(), message: message.to_owned() }
}

fn fields(view: &CaseView, told: &Told) -> Vec<(&'static str, String)> {
    let own = |name: &str| view.fields.get(name).and_then(Json::as_str).map(str::to_owned);
    let said = [
        ("category", Some(told.category.clone())),
        ("place", told.place.clone().or_else(|| own("place"))),
        ("severity", told.severity.clone().or_else(|| own("severity"))),
        ("urgency", told.urgency.clone().or_else(|| own("urgency"))),
    ];
    said.into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|text| !text.is_empty())?)))
        .collect()
}

fn edits(told: &Told, fields: &[(&'static str, String)]) -> Vec<Edit> {
    let put = |name: &str, value: &str| Edit::Put { field: name.to_owned(), value: Some(value.to_owned()) };
    let mut edits = vec![put("title", &told.title)];
    edits.extend(fields.iter().map(|(name, value)| put(name, value)));
    if !told.description.trim().is_empty() {
        edits.push(Edit::SetText { field: "description".into(), text: told.description.clone() });
    }
    edits
}

/// Refuses texts in which a personal value of the case stands, on any side of a conflict, however it is spaced.
fn holds_nothing_back(pack: &Pack, view: &CaseView, told: &Told) -> Result<(), DeskError> {
    let shown = INSIDE.iter().filter_map(|name| view.fields.get(*name)?.as_str());
    let disputed = view.conflicts.iter().filter(|conflict| INSIDE.contains(&conflict.field.as_str()));
    let disputed = disputed.flat_map(|conflict| &conflict.sides).filter_map(|side| side.value.as_deref());
    let concerned =
        super::concerned::words(&view.row).filter(|name| pack.units().all(|unit| unit.code != *name));
    let inside: Vec<String> = shown.chain(disputed).chain(concerned).map(key_form).collect();
    let text = key_form(&format!("{}\n{}", told.title, told.description));
    let place = told.place.as_deref().map(key_form).unwrap_or_default();
    let stands =
        |value: &&String| value.chars().count() > 1 && (text.contains(value.as_str()) || place == **value);
    match inside.iter().find(stands) {
        None => Ok(()),
        Some(_) => {
            let message =
                "the text says who complained, or whom it is about; write what is to be done, without them";
            Err(refused("hand_over.names", message))
        }
    }
}
