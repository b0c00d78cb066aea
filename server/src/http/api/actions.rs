//! `/api/v1/meetings/{id}/actions` and `/api/v1/actions/{id}`: what a meeting decided to have done, made into cases or
//! decisions by a person. Doing it again gives what was done.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::Json;
use axum::extract::State;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Edit;
use doorstep_protocol::wire::ActOutcome;
use serde::Deserialize;
use serde_json::{Value as Json_, json};

use crate::http::App;
use crate::http::auth::Signed;
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Body, Id};
use crate::http::openapi::{
    Endpoint, any_object, flag, list, nullable, number, object, operation, request, text,
};
use crate::limits;
use crate::store::Store;

/// `<meeting>.<key>`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ActionId {
    meeting: DocumentId,
    key: String,
}

impl FromStr for ActionId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (meeting, key) = text.split_once('.').ok_or(())?;
        Ok(ActionId { meeting: meeting.parse().map_err(|_| ())?, key: key.to_owned() })
    }
}

const REFUSALS: &[Kind] =
    &[Kind::BadRequest, Kind::NotFound, Kind::Conflict, Kind::Media, Kind::Unprocessable];

pub(super) fn endpoints<S: Store>() -> [Endpoint<S>; 3] {
    let maybe = nullable(&text());
    let action = object(&[
        ("id", text()),
        ("what", text()),
        ("unit", maybe.clone()),
        ("by", maybe.clone()),
        ("due", maybe.clone()),
        ("case", maybe.clone()),
        ("decision", maybe),
    ]);
    let listed = operation(
        "What a meeting decided to have done.",
        object(&[("items", list(&action))]),
        &[Kind::NotFound],
    );
    let fields = ["category", "severity", "urgency", "place", "subject", "description"];
    let takes = request(&[], &fields.map(|field| (field, text())));
    let made = operation(
        "Makes a case of an action; the case that there is, where it was made before.",
        object(&[("case", text()), ("made", flag())]),
        REFUSALS,
    );
    let command = request(&[("case", text()), ("name", text())], &[("args", any_object())]);
    let decided = operation(
        "Has an action decided on a case by a command, once.",
        object(&[("case", text()), ("n", number())]),
        REFUSALS,
    );
    [
        Endpoint::get("/api/v1/meetings/{id}/actions", shown::<S>, listed),
        Endpoint::post("/api/v1/actions/{id}/case", make::<S>, made.takes(takes)),
        Endpoint::post("/api/v1/actions/{id}/decision", decide::<S>, decided.takes(command)),
    ]
}

async fn shown<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(meeting): Id<DocumentId>,
) -> Result<Json<Json_>, Problem> {
    let actions = app.centre.actions(&signed.person, meeting).await?;
    let items: Vec<Json_> = actions
        .into_iter()
        .map(|action| {
            json!({"id": format!("{meeting}.{}", action.key), "what": action.what, "unit": action.unit,
                   "by": action.by, "due": action.due, "case": action.case, "decision": action.decision})
        })
        .collect();
    Ok(Json(json!({"items": items})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    category: Option<String>,
    severity: Option<String>,
    urgency: Option<String>,
    place: Option<String>,
    subject: Option<String>,
    description: Option<String>,
}

async fn make<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(ActionId { meeting, key }): Id<ActionId>,
    Body(fields): Body<Fields>,
) -> Result<Json<Json_>, Problem> {
    let Fields { category, severity, urgency, place, subject, description } = fields;
    let scalars = [
        ("category", category),
        ("severity", severity),
        ("urgency", urgency),
        ("place", place),
        ("subject", subject),
    ];
    let put =
        |(field, value): (&str, Option<String>)| Some(Edit::Put { field: field.into(), value: Some(value?) });
    let mut edits: Vec<Edit> = scalars.into_iter().filter_map(put).collect();
    edits.extend(description.map(|text| Edit::SetText { field: "description".into(), text }));
    let (case, made) = app.centre.case_of_action(&signed.person, (meeting, &key), edits).await?;
    Ok(Json(json!({"case": case, "made": made})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    case: DocumentId,
    name: String,
    #[serde(default)]
    args: BTreeMap<String, String>,
}

async fn decide<S: Store>(
    State(app): State<App<S>>,
    signed: Signed,
    Id(ActionId { meeting, key }): Id<ActionId>,
    Body(Given { case, name, args }): Body<Given>,
) -> Result<Json<Json_>, Problem> {
    let long = |text: &String| text.chars().count() > limits::MAX_LINE_CHARS;
    if args.len() > limits::MAX_COMMAND_ARGS || args.values().any(long) || long(&name) {
        return Err(Problem::unprocessable(
            "command.large",
            "At most 16 arguments of at most 500 characters.",
        ));
    }
    let given = (case, name, args.into_iter().collect());
    match app.centre.decide_action(&signed.person, (meeting, &key), given).await? {
        ActOutcome::Decided { n } => Ok(Json(json!({"case": case, "n": n}))),
        ActOutcome::Refused { rule, message } => {
            Err(Problem::conflict("command.refused", &message).with("rule", rule.into()))
        }
    }
}
