//! `/admin/people`: who works here; adding somebody, changing unit or role, ending, codes for devices, accounts.
//!
//! A code and a first password are shown once, to whoever made them.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use doorstep_protocol::WorkerId;
use doorstep_protocol::documents::Role;
use serde::Deserialize;

use super::{ROWS, Section, allowed, is_reason, sections};
use crate::accounts::{self, AccountError};
use crate::authorize::Wish;
use crate::enrol::{EnrolError, invite, is_name};
use crate::health;
use crate::http::App;
use crate::http::desk::frame::Frame;
use crate::http::desk::words::{When, Words};
use crate::http::desk::{Visitor, html, naming, theirs};
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Form, Id, Params};
use crate::pipeline::DeskError;
use crate::store::{Person, Store};

#[derive(Template)]
#[template(path = "admin-people.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    rows: Vec<Row>,
    count: usize,
    q: String,
    ended: bool,
    next: Option<String>,
    draft: Draft,
    units: Vec<(String, String)>,
    roles: Vec<(&'static str, String)>,
    error: Option<String>,
    /// A code that was made a moment ago.
    invited: Option<Invited>,
}

#[derive(Template)]
#[template(path = "admin-person.html")]
struct OnePage<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    person: Row,
    login: Option<String>,
    devices: Vec<(String, Option<When>)>,
    draft: Draft,
    units: Vec<(String, String)>,
    roles: Vec<(&'static str, String)>,
    error: Option<String>,
    note: Option<String>,
    invited: Option<Invited>,
    /// Login and password that were given a moment ago.
    account: Option<(String, String)>,
    /// The unit that they were of, where cases go there and nobody else works in it.
    left_alone: Option<String>,
}

/// A person in the list.
struct Row {
    id: String,
    name: String,
    unit: String,
    role: String,
    ended: Option<When>,
}

/// A code to be shown once.
struct Invited {
    code: String,
    command: String,
    until: When,
    /// The command as a picture; attributes only.
    qr: String,
}

/// What was typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::http::desk) struct Draft {
    key: String,
    what: String,
    name: String,
    unit: String,
    role: String,
    login: String,
    reason: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::http::desk) struct Asked {
    q: String,
    ended: String,
    after: u32,
    done: String,
    left: String,
}

pub(in crate::http::desk) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Administer)?;
    list(&app, &visitor, asked, (Draft::default(), None, None)).await
}

async fn list<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    asked: Asked,
    (draft, error, invited): (Draft, Option<&str>, Option<Invited>),
) -> Result<Response, Problem> {
    let me = &visitor.signed.person;
    let frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let ended = !asked.ended.is_empty();
    let q = asked.q.trim().to_lowercase();
    let matches = |person: &Person| {
        person.ended.is_some() == ended
            && (q.is_empty()
                || person.name.to_lowercase().contains(&q)
                || person.unit.contains(&q)
                || w.unit(&person.unit).to_lowercase().contains(&q))
    };
    let people = app.centre.store().people(&me.district).await?;
    let found: Vec<&Person> = people.iter().filter(|person| matches(person)).collect();
    let shown: Vec<&Person> =
        found.iter().filter(|person| person.worker.0 > asked.after).take(ROWS).copied().collect();
    let last = shown.last().map_or(0, |person| person.worker.0);
    let more = found.iter().any(|person| person.worker.0 > last) && !shown.is_empty();
    let query: String = asked.q.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect();
    let ended_too = if ended { "&ended=yes" } else { "" };
    let status = if error.is_some() { Kind::Unprocessable.status() } else { StatusCode::OK };
    let page = Page {
        sections: sections(me, &visitor.here, w),
        rows: shown.into_iter().map(|person| Row::of(person, w)).collect(),
        count: found.len(),
        next: more.then(|| format!("/admin/people?q={query}{ended_too}&after={last}")),
        q: asked.q,
        ended,
        units: naming::units(w),
        roles: roles(w),
        error: error.map(|id| w.t(id)),
        draft,
        invited,
        frame,
    };
    html(status, &page)
}

pub(in crate::http::desk) async fn add<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(draft): Form<Draft>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &draft.key)?;
    let visitor = Visitor { here: "/admin/people".into(), ..allowed(visitor, Wish::Administer)? };
    let me = &visitor.signed.person;
    let refuse =
        async |draft, error| list(&app, &visitor, Asked::default(), (draft, Some(error), None)).await;
    let (name, unit) = (draft.name.trim().to_owned(), unit_of(&app, &visitor, &draft.unit));
    if !is_name(&name) {
        return refuse(draft, "error-name").await;
    }
    let Some(role) = Role::named(&draft.role) else { return refuse(draft, "error-role").await };
    let clock = (app.centre.now(), &**app.centre.source());
    let who = (me.district.as_str(), unit.as_str(), name.as_str(), role);
    let made = match invite(&**app.centre.store(), &app.centre.packs(), who, clock).await {
        Ok(made) => made,
        Err(EnrolError::Unit(_)) => return refuse(draft, "error-unit").await,
        Err(error) => return Err(error.into()),
    };
    app.centre.look_who(&me.district, &name).await?;
    app.centre.note(me, ("person.invite", None, &made.worker.to_string(), "")).await?;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let invited = Invited::of(&made.code, made.expires, &headers, &frame.w);
    drop(frame);
    list(&app, &visitor, Asked::default(), (Draft::default(), None, Some(invited))).await
}

pub(in crate::http::desk) async fn one<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(worker): Id<WorkerId>,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Administer)?;
    let note = ["changed", "ended"].into_iter().find(|note| *note == asked.done);
    let note = note.map(|note| format!("note-person-{note}"));
    let district = &visitor.signed.person.district;
    let alone = !asked.left.is_empty() && health::left_alone(&app.centre, district, &asked.left).await?;
    let left_alone = alone.then_some(asked.left);
    person_page(&app, &visitor, worker, Said { note, left_alone, ..Said::default() }).await
}

/// What a person's page is shown with.
#[derive(Default)]
struct Said {
    draft: Option<Draft>,
    error: Option<&'static str>,
    note: Option<String>,
    invited: Option<Invited>,
    account: Option<(String, String)>,
    left_alone: Option<String>,
}

async fn known<S: Store>(app: &App<S>, me: &Person, worker: WorkerId) -> Result<Person, Problem> {
    let person = app.centre.store().person(worker).await?;
    person.filter(|person| person.district == me.district).ok_or_else(Problem::not_found)
}

async fn person_page<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    worker: WorkerId,
    said: Said,
) -> Result<Response, Problem> {
    let me = &visitor.signed.person;
    let person = known(app, me, worker).await?;
    let frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let account = app.centre.store().account_of(worker).await?;
    let mut devices = app.centre.store().devices(&me.district).await?;
    devices.retain(|device| device.worker == worker);
    let (name, unit, role) = (person.name.clone(), person.unit.clone(), person.role.name().to_owned());
    let status = if said.error.is_some() { Kind::Unprocessable.status() } else { StatusCode::OK };
    let page = OnePage {
        sections: sections(me, &visitor.here, w),
        login: account.map(|account| account.login),
        devices: devices
            .iter()
            .map(|device| (device.device.to_string(), device.seen.map(|at| w.when(at))))
            .collect(),
        draft: said.draft.unwrap_or(Draft { name, unit, role, ..Draft::default() }),
        units: naming::units(w),
        roles: roles(w),
        error: said.error.map(|id| w.t(id)),
        note: said.note.map(|id| w.t(&id)),
        invited: said.invited,
        account: said.account,
        left_alone: said.left_alone.map(|unit| w.unit(&unit)),
        person: Row::of(&person, w),
        frame,
    };
    html(status, &page)
}

pub(in crate::http::desk) async fn change<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Id(worker): Id<WorkerId>,
    headers: HeaderMap,
    Form(draft): Form<Draft>,
) -> Result<Response, Problem> {
    theirs(&app, &visitor, &headers, &draft.key)?;
    let visitor = Visitor { here: format!("/admin/people/{worker}"), ..allowed(visitor, Wish::Administer)? };
    let me = &visitor.signed.person;
    let person = known(&app, me, worker).await?;
    // Whoever comes back learns whether their unit is without people now.
    let done = |what: &str, left: &str| {
        Redirect::to(&format!("{}?done={what}&left={left}", visitor.here)).into_response()
    };
    let left = person.unit.clone();
    let said = match draft.what.as_str() {
        "change" => match changed(&app, &visitor, person, &draft).await? {
            None => return Ok(done("changed", &left)),
            error => Said { error, draft: Some(draft), ..Said::default() },
        },
        "end" if person.worker == me.worker => Said { error: Some("error-end-oneself"), ..Said::default() },
        "end" if !is_reason(&draft.reason) => Said { error: Some("error-words"), ..Said::default() },
        "end" => {
            app.centre.end_person(me, person, &draft.reason).await?;
            return Ok(done("ended", &left));
        }
        "invite" if person.ended.is_none() => {
            let clock = (app.centre.now(), &**app.centre.source());
            let who = (me.district.as_str(), person.unit.as_str(), person.name.as_str(), person.role);
            let made = invite(&**app.centre.store(), &app.centre.packs(), who, clock).await?;
            app.centre.note(me, ("person.invite", None, &made.worker.to_string(), "")).await?;
            let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
            let invited = Invited::of(&made.code, made.expires, &headers, &frame.w);
            Said { invited: Some(invited), ..Said::default() }
        }
        "account" if person.ended.is_none() => given(&app, me, &person, draft).await?,
        _ => return Err(Problem::bad_request("form.unknown", "The form does not say what to do.")),
    };
    person_page(&app, &visitor, worker, said).await
}

/// The code of a unit that is written by its code or a name. What is neither is refused as it stands.
fn unit_of<S: Store>(app: &App<S>, visitor: &Visitor, text: &str) -> String {
    let frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    naming::unit(text, &frame.w).unwrap_or_else(|_| text.trim().to_owned())
}

async fn changed<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    person: Person,
    draft: &Draft,
) -> Result<Option<&'static str>, Problem> {
    let me = &visitor.signed.person;
    let (name, unit) = (draft.name.trim().to_owned(), unit_of(app, visitor, &draft.unit));
    if !is_name(&name) {
        return Ok(Some("error-name"));
    }
    let Some(role) = Role::named(&draft.role) else { return Ok(Some("error-role")) };
    if person.worker == me.worker && role != person.role {
        return Ok(Some("error-role-oneself"));
    }
    let to = Person { name, unit, role, ..person };
    match app.centre.change_person(me, to).await {
        Ok(()) => Ok(None),
        Err(DeskError::Refused { code, .. }) if code == "unit.unknown" => Ok(Some("error-unit")),
        Err(error) => Err(error.into()),
    }
}

async fn given<S: Store>(app: &App<S>, me: &Person, person: &Person, draft: Draft) -> Result<Said, Problem> {
    let clock = (app.centre.now(), &**app.centre.source());
    match accounts::give(&**app.centre.store(), person, &draft.login, clock).await {
        Ok(password) => {
            app.centre.note(me, ("person.account", None, &person.worker.to_string(), "")).await?;
            let login = draft.login.trim().to_lowercase();
            Ok(Said { account: Some((login, password)), ..Said::default() })
        }
        Err(AccountError::Store(error)) => Err(error.into()),
        Err(_) => Ok(Said { error: Some("error-login"), draft: None, ..Said::default() }),
    }
}

impl Row {
    fn of(person: &Person, w: &Words<'_>) -> Self {
        Row {
            id: person.worker.to_string(),
            name: person.name.clone(),
            unit: w.unit(&person.unit),
            role: w.named("role", person.role.name()),
            ended: person.ended.map(|at| w.when(at)),
        }
    }
}

impl Invited {
    fn of(code: &str, until: i64, headers: &HeaderMap, w: &Words<'_>) -> Self {
        let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or("localhost");
        let host: String =
            host.chars().filter(|c| c.is_ascii_alphanumeric() || ".:-[]".contains(*c)).collect();
        let secure = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
        let url = format!("http{}://{host}", if secure { "s" } else { "" });
        let command = format!("doorstep-device enrol {url} {code}");
        Invited { qr: qr(&command), code: code.to_owned(), command, until: w.when(until) }
    }
}

/// A QR code as SVG: shapes and attributes, no style, so that the page's policy lets it through.
fn qr(text: &str) -> String {
    use qrcode::render::svg;
    let Ok(code) = qrcode::QrCode::new(text.as_bytes()) else { return String::new() };
    let picture = code
        .render::<svg::Color<'_>>()
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .min_dimensions(220, 220)
        .build();
    // Without the XML declaration: it stands inside a page.
    picture.find("<svg").map_or_else(String::new, |at| picture[at..].to_owned())
}

fn roles(w: &Words<'_>) -> Vec<(&'static str, String)> {
    Role::ALL.into_iter().map(|role| (role.name(), w.named("role", role.name()))).collect()
}
