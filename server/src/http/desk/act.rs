//! What somebody may do with a case now, as forms; and what they may not, with the reason in words.
//!
//! Owns the forms. Whether a command is decided, policy says, here as on a device.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_policy::{Offer, Want};
use doorstep_protocol::documents::Role;
use doorstep_protocol::wire::ActOutcome;
use doorstep_protocol::{DocumentId, WorkerId};
use serde::{Deserialize, Serialize};

use super::case::shown;
use super::kept::{self, Sender};
use super::words::Words;
use super::{Frame, Reader, Visitor, naming, sign_in, signing};
use crate::authorize::Wish;
use crate::clock::random;
use crate::http::App;
use crate::http::api::commands::give;
use crate::http::auth::{Signed, check_origin};
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Form, Id};
use crate::http::strings::Lang;
use crate::limits;
use crate::pipeline::AsRead;
use crate::store::{Person, Store};

/// Arguments stand in a form under this prefix.
pub(super) const ARG: &str = "arg-";

/// What the form gives back.
#[derive(Deserialize)]
pub(super) struct Given {
    #[serde(default)]
    key: String,
    #[serde(default)]
    name: String,
    /// Of this form: sent twice, it is one command.
    id: Option<uuid::Uuid>,
    /// The last decision that the page showed.
    n: Option<u32>,
    #[serde(flatten)]
    rest: BTreeMap<String, String>,
}

/// What was typed into the form of a command that was refused, or whose session had ended.
#[derive(Deserialize, Serialize)]
pub(super) struct Typed {
    pub(super) name: String,
    pub(super) args: BTreeMap<String, String>,
}

/// The part of a case's page about acting.
pub(super) struct Acts {
    pub(super) open: Vec<Act>,
    /// The last decision that the page shows: where another has come since, a form is looked at again first.
    pub(super) n: Option<u32>,
    /// What was typed for a command that is not open any more: shown, to be used elsewhere.
    pub(super) typed: Vec<String>,
    /// Having what may be told handled outside has a page of its own.
    pub(super) hands_over: Option<String>,
    /// What only the state of the case forbids.
    pub(super) not_now: Vec<(String, String)>,
    /// The units of the district, where a form asks for one: what is written, what tells it from others.
    pub(super) units: Vec<(String, String)>,
}

/// A command that would be decided, as a form.
pub(super) struct Act {
    pub(super) code: &'static str,
    /// What tells its fields from those of the page's other forms.
    pub(super) anchor: String,
    pub(super) name: String,
    /// Sent twice, it is one command.
    pub(super) id: Option<String>,
    /// It was sent and refused: shown again with what was typed.
    pub(super) again: bool,
    /// What it says without asking: name, value.
    pub(super) hidden: Vec<(String, String)>,
    pub(super) fields: Vec<Field>,
}

/// One field of such a form.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) optional: bool,
    pub(super) value: String,
    /// Code, name, chosen.
    pub(super) choices: Vec<(String, String, bool)>,
    /// What may be written.
    pub(super) hint: Option<String>,
    /// The list of what is known, on the page.
    pub(super) known: Option<&'static str>,
}

impl Acts {
    pub(super) async fn of<S: Store>(
        app: &App<S>,
        person: &Person,
        (document, of): (DocumentId, Option<&str>),
        (w, typed): (&Words<'_>, Option<&Typed>),
    ) -> Result<Self, Problem> {
        let of = of.and_then(|of| of.parse().ok());
        let offers = app.centre.offers(person, (document, of)).await?;
        let entrusts = |offer: &Offer| offer.wants.iter().any(|want| want.name == "worker");
        let colleagues = match offers.iter().any(|offer| offer.refused.is_none() && entrusts(offer)) {
            true => colleagues(app, person, document).await?,
            false => Vec::new(),
        };
        let mut acts = Acts {
            open: Vec::new(),
            n: None,
            typed: Vec::new(),
            hands_over: None,
            not_now: Vec::new(),
            units: Vec::new(),
        };
        for mut offer in offers {
            if offer.command == "recuse" && person.role != Role::Leader {
                // Somebody else is kept away by a leader of theirs alone: others step back themselves.
                offer.wants.retain(|want| want.name != "worker");
            }
            let typed = typed.filter(|typed| typed.name == offer.command);
            match &offer.refused {
                None if offer.command == "hand_over" => acts.hands_over = Some(w.command(offer.command)),
                None => {
                    let id = uuid::Uuid::from_bytes(random(&**app.centre.source())).to_string();
                    acts.open.push(Act::of(&offer, id, (w, typed, &colleagues)));
                }
                // A place in the case that somebody does not have is no news to them.
                Some(no) if no.rule.starts_with("command.") || no.rule.starts_with("compartment.") => {}
                Some(no) => {
                    acts.not_now.push((w.command(offer.command), w.forbids(&no.rule, offer.command)));
                }
            }
        }
        if !acts.open.iter().any(|act| act.again) {
            let texts = typed.into_iter().flat_map(|typed| &typed.args).filter(|(name, _)| *name != "for");
            acts.typed = texts.map(|(_, text)| text.clone()).collect();
        }
        if acts.open.iter().flat_map(|act| &act.fields).any(|field| field.known.is_some()) {
            acts.units = naming::units(w);
        }
        Ok(acts)
    }
}

impl Act {
    fn of(
        offer: &Offer,
        id: String,
        (w, typed, colleagues): (&Words<'_>, Option<&Typed>, &[Person]),
    ) -> Self {
        let field = |want: &Want| {
            let value = typed.and_then(|typed| typed.args.get(want.name)).cloned().unwrap_or_default();
            let kind = match want.name {
                "how" => "how",
                "role" => "signature",
                "reason" => "suspension",
                _ => "choice",
            };
            let choice = |code: &String| (code.clone(), w.named(kind, code), *code == value);
            let colleague = |person: &Person| {
                let code = person.worker.to_string();
                let alike = colleagues.iter().filter(|other| other.name == person.name).count();
                let name = if alike > 1 { format!("{} {code}", person.name) } else { person.name.clone() };
                (code.clone(), name, code == value)
            };
            let choices = match want.name {
                "worker" => colleagues.iter().map(colleague).collect(),
                _ => want.choices.iter().map(choice).collect(),
            };
            let (hint, known) = match want.name {
                "unit" | "add" | "remove" => (Some(w.t("arg-unit-hint")), Some("known-units")),
                "lead" | "of" => (Some(w.t("arg-case-hint")), None),
                _ => (want.most.map(|most| w.with("arg-most-hint", &[("most", &most.to_string())])), None),
            };
            Field {
                name: format!("{ARG}{}", want.name),
                label: w.t(&format!("{ARG}{}", want.name)),
                optional: want.optional,
                choices,
                hint,
                known,
                value,
            }
        };
        Act {
            code: offer.command,
            anchor: offer.command.to_owned(),
            name: w.command(offer.command),
            id: Some(id),
            again: typed.is_some(),
            hidden: Vec::new(),
            fields: offer.wants.iter().map(field).collect(),
        }
    }
}

/// Who could be entrusted with a case: whoever works where it is, or with whoever looks at it.
async fn colleagues<S: Store>(
    app: &App<S>,
    person: &Person,
    document: DocumentId,
) -> Result<Vec<Person>, Problem> {
    let unit = app.centre.store().row(document).await?.and_then(|row| row.unit);
    let mut people = app.centre.store().people(&person.district).await?;
    people.retain(|other| {
        other.ended.is_none()
            && other.role.writes()
            && (unit.as_ref() == Some(&other.unit) || other.unit == person.unit)
    });
    people.sort_by(|a, b| a.name.cmp(&b.name).then(a.worker.cmp(&b.worker)));
    Ok(people)
}

/// The arguments with codes where people wrote names and numbers; or what names nothing here, in words.
async fn coded<S: Store>(
    app: &App<S>,
    person: &Person,
    (document, w): (DocumentId, &Words<'_>),
    mut args: BTreeMap<String, String>,
) -> Result<Result<BTreeMap<String, String>, String>, Problem> {
    for (name, value) in &mut args {
        let (code, kind) = match name.as_str() {
            "unit" | "add" | "remove" => (naming::unit(value, w), "unit"),
            "worker" => {
                let people = colleagues(app, person, document).await?;
                (naming::worker(value, &people).map(|worker| worker.to_string()), "worker")
            }
            "lead" | "of" => {
                let case = naming::case(app, person, value).await?;
                (case.map(|case| case.to_string()), "case")
            }
            _ => continue,
        };
        match code {
            Ok(code) => *value = code,
            Err(no) => return Ok(Err(no.told(kind, value, w))),
        }
    }
    Ok(Ok(args))
}

/// Gives a command. A refusal shows the page again, with the reason and what was typed.
pub(super) async fn submit<S: Store>(
    State(app): State<App<S>>,
    Reader(lang): Reader,
    Id(document): Id<DocumentId>,
    headers: HeaderMap,
    Form(Given { key, name, id, n, rest }): Form<Given>,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    let here = format!("/cases/{document}");
    let args = rest.into_iter().filter_map(|(name, value)| {
        let value = value.trim();
        (!value.is_empty()).then(|| Some((name.strip_prefix(ARG)?.to_owned(), value.to_owned())))?
    });
    let args: BTreeMap<String, String> = args.collect();
    let signed = match kept::sender(&app, &headers, &key).await? {
        Sender::Same(signed) => signed.may(Wish::Desk)?.settled()?,
        Sender::Away(why) => {
            // Nothing typed is lost: it comes back after signing in.
            let kept = kept::seal(&app, (&headers, &key), (&here, &Typed { name, args })).await?;
            return sign_in::again(&app, lang, &here, (why, kept));
        }
    };
    let visitor = Visitor { signed, lang, here };
    if name == signing::NAME {
        return signing::submit(&app, &visitor, document, Typed { name, args }).await;
    }
    let person = &visitor.signed.person;
    let id = id.map(uuid::Uuid::into_bytes);
    let of = args.get("for").cloned();
    let found = {
        let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
        coded(&app, person, (document, &frame.w), args.clone()).await?
    };
    let given = match found {
        Ok(given) => given,
        Err(unknown) => {
            let said = (None, Some((unknown, "acts")), StatusCode::UNPROCESSABLE_ENTITY);
            let typed = Typed { name, args };
            return shown(&app, &visitor, (document, of.as_deref()), said, Some(&typed)).await;
        }
    };
    let long = args.values().any(|text| text.chars().count() > limits::MAX_LINE_CHARS);
    let to_unit = given.get("unit").cloned();
    let outcome =
        give(&app.centre, person, (document, n.map(AsRead::Decision)), (id, name.clone(), given)).await;
    if long && outcome.as_ref().is_err_and(|problem| problem.status() == Kind::Unprocessable.status()) {
        let error = app.shown.strings.desk(lang).get("error-arg-long", &[]).unwrap_or_default();
        let typed = Typed { name, args };
        let said = (None, Some((error, "acts")), Kind::Unprocessable.status());
        return shown(&app, &visitor, (document, of.as_deref()), said, Some(&typed)).await;
    }
    match outcome? {
        ActOutcome::Decided { .. } => {
            // Who has passed a case on may see it no more.
            let of = of.and_then(|of| of.parse().ok());
            let acting = match of {
                Some(of) => app.centre.in_place_of(person, (of, document)).await?,
                None => None,
            };
            let seen = app.centre.view(acting.as_ref().unwrap_or(person), document).await.is_ok();
            let of = of.filter(|_| acting.is_some()).map(|of: WorkerId| format!("&for={of}"));
            let to = format!("/cases/{document}?done=acted{}", of.unwrap_or_default());
            let to = if seen { to } else { passed_on(&app, document, to_unit.as_ref()).await? };
            Ok(Redirect::to(&to).into_response())
        }
        ActOutcome::Refused { rule, .. } => {
            let error = {
                let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
                (frame.w.refusal(&rule, &name), "acts")
            };
            let typed = Typed { name, args };
            let said = (None, Some(error), StatusCode::CONFLICT);
            shown(&app, &visitor, (document, of.as_deref()), said, Some(&typed)).await
        }
    }
}

/// Where somebody lands who may see the case no more: told its number, which they had on the page, and the unit, if it is
/// the one that they named. Where else it may have gone is not theirs to know.
async fn passed_on<S: Store>(
    app: &App<S>,
    document: DocumentId,
    named: Option<&String>,
) -> Result<String, Problem> {
    let row = app.centre.store().row(document).await?.ok_or_else(Problem::not_found)?;
    let to = named.filter(|named| row.unit.as_ref() == Some(*named)).map(|unit| format!("&to={unit}"));
    Ok(format!("/inbox?passed={}{}", row.number(), to.unwrap_or_default()))
}

/// The case's page with what was typed before the session ended.
pub(super) async fn resumed<S: Store>(
    app: &App<S>,
    (signed, lang): (Signed, Lang),
    here: &str,
    typed: &[u8],
) -> Result<Response, Problem> {
    let document = here.strip_prefix("/cases/").unwrap_or_default().parse();
    let document: DocumentId = document.map_err(|_| Problem::not_found())?;
    let signed = signed.may(Wish::Desk)?.settled()?;
    let typed: Option<Typed> = serde_json::from_slice(typed).ok();
    let error = app.shown.strings.desk(lang).get("error-resumed", &[]).unwrap_or_default();
    let visitor = Visitor { signed, lang, here: here.to_owned() };
    let of = typed.as_ref().and_then(|typed| typed.args.get("for")).map(String::as_str);
    let said = (None, Some((error, "acts")), StatusCode::OK);
    shown(app, &visitor, (document, of), said, typed.as_ref()).await
}
