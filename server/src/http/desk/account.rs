//! `/account`: who I am here, my password, and the browsers in which I am signed in.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use data_encoding::HEXLOWER;
use serde::Deserialize;

use super::frame::Frame;
use super::leave::{Given, Leaves};
use super::words::When;
use super::{Visitor, html, sign_in};
use crate::accounts::{self, AccountError, Unfit};
use crate::http::App;
use crate::http::auth::{Signed, check_form_key, check_origin};
use crate::http::error::{Kind, Problem};
use crate::http::extract::{Form, Params};
use crate::http::strings::Lang;
use crate::limits;
use crate::store::Store;

/// The page's address: the one that somebody with a given password may see.
pub(super) const ADDRESS: &str = "/account";

#[derive(Template)]
#[template(path = "account.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// The login, where this person has an account.
    login: Option<String>,
    /// The password is the one they were given.
    due: bool,
    hint: String,
    sign_ins: Vec<Browser>,
    leaves: Leaves,
    waiting: Waiting,
    note: Option<String>,
    /// What is missing, and where on the page.
    error: Option<(String, &'static str)>,
}

/// A browser in which the person is signed in.
struct Browser {
    id: String,
    name: String,
    began: When,
    seen: When,
    here: bool,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    done: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    key: String,
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    again: String,
    #[serde(flatten)]
    waiting: Waiting,
}

/// A form that waits for its sender to choose a password: where it goes, and what was typed, sealed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Waiting {
    next: String,
    kept: String,
}

#[derive(Deserialize)]
pub(super) struct Ended {
    #[serde(default)]
    key: String,
    #[serde(default)]
    id: String,
}

pub(super) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let said = |of: &[&'static str]| of.iter().find(|said| asked.done.as_deref() == Some(**said)).copied();
    let note = said(&["password-chosen", "browser-ended", "leave-entered", "leave-ended"]);
    shown(&app, &visitor, (note, None), (Given::default(), Waiting::default())).await
}

/// The page for somebody who has to choose a password before what they had typed is shown.
pub(super) async fn waiting<S: Store>(
    app: &App<S>,
    (signed, lang): (Signed, Lang),
    (next, kept): (&str, &str),
) -> Result<Response, Problem> {
    let visitor = Visitor { signed, lang, here: ADDRESS.to_owned() };
    let waiting = Waiting { next: next.to_owned(), kept: kept.to_owned() };
    shown(app, &visitor, (None, None), (Given::default(), waiting)).await
}

/// The page again, with what was typed of leave that was not entered, and why it was not.
pub(super) async fn refused<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    (error, typed): (&str, Given),
) -> Result<Response, Problem> {
    shown(app, visitor, (None, Some(error)), (typed, Waiting::default())).await
}

/// Chooses a password.
pub(super) async fn choose<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(Chosen { key, old, new, again, waiting }): Form<Chosen>,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    check_form_key(&app, visitor.signed.person.worker, &key)?;
    let refused =
        async |error, waiting| shown(&app, &visitor, (None, Some(error)), (Given::default(), waiting)).await;
    if new != again {
        return refused("password-differs", waiting).await;
    }
    let who = (visitor.signed.person.worker, visitor.signed.token.as_str());
    let clock = (app.centre.now(), &**app.centre.source());
    let error = match accounts::choose(&**app.centre.store(), who, (old, new), clock).await {
        Ok(()) if waiting.kept.is_empty() => {
            return Ok(Redirect::to("/account?done=password-chosen").into_response());
        }
        Ok(()) => {
            let signed = Signed { password_due: false, ..visitor.signed.clone() };
            return sign_in::resumed(&app, (signed, visitor.lang), &waiting.next, &waiting.kept).await;
        }
        Err(AccountError::Store(error)) => return Err(error.into()),
        Err(AccountError::Wrong) => "password-wrong",
        Err(AccountError::Unfit(Unfit::Length)) => "password-length",
        Err(AccountError::Unfit(Unfit::Same)) => "password-same",
        Err(AccountError::Unfit(Unfit::Guessable | Unfit::Login | Unfit::Taken)) => "password-guessable",
    };
    refused(error, waiting).await
}

/// Signs the person out in another browser.
pub(super) async fn end<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(Ended { key, id }): Form<Ended>,
) -> Result<Response, Problem> {
    check_origin(&headers)?;
    check_form_key(&app, visitor.signed.person.worker, &key)?;
    let id = HEXLOWER.decode(id.as_bytes()).ok().and_then(|id| id.try_into().ok());
    let id = id.ok_or_else(Problem::not_found)?;
    let worker = visitor.signed.person.worker;
    if !accounts::end(&**app.centre.store(), worker, id, app.centre.now()).await? {
        return Err(Problem::not_found());
    }
    Ok(Redirect::to("/account?done=browser-ended").into_response())
}

async fn shown<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    (note, error): (Option<&str>, Option<&str>),
    (leave, waiting): (Given, Waiting),
) -> Result<Response, Problem> {
    let (store, worker) = (app.centre.store(), visitor.signed.person.worker);
    let mut frame = Frame::new(app, visitor.lang, ADDRESS, Some(&visitor.signed));
    if !waiting.kept.is_empty() {
        frame.here.clear();
    }
    let w = &frame.w;
    let here = accounts::id_of(&visitor.signed.token);
    let account = store.account_of(worker).await?;
    let rows = store.sign_ins(worker).await?;
    let living = rows.into_iter().filter(|row| accounts::lives(row, w.now));
    let sign_ins = living.map(|row| Browser {
        id: HEXLOWER.encode(&row.id),
        name: named(&row.browser),
        began: w.when(row.began),
        seen: w.when(row.seen),
        here: row.id == here,
    });
    let page = Page {
        login: account.as_ref().map(|account| account.login.clone()),
        due: visitor.signed.password_due,
        hint: w.with("password-hint", &[("n", &limits::MIN_PASSWORD_CHARS.to_string())]),
        sign_ins: sign_ins.collect(),
        leaves: Leaves::of(app, &visitor.signed.person, (w, leave)).await?,
        waiting,
        note: note.map(|note| w.t(note)),
        error: error.map(|error| (w.t(error), place(error))),
        frame,
    };
    html(if error.is_some() { Kind::Unprocessable.status() } else { StatusCode::OK }, &page)
}

/// Where on the page it is mended.
fn place(error: &str) -> &'static str {
    match error {
        "leave-deputy" | "leave-deputy-away" => "deputy",
        error if error.starts_with("leave") => "from",
        _ => "old",
    }
}

/// What people call their browser, from what it calls itself.
fn named(agent: &str) -> String {
    const BROWSERS: [(&str, &str); 6] = [
        ("MicroMessenger/", "WeChat"),
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Version/", "Safari"),
    ];
    const SYSTEMS: [&str; 6] = ["Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux"];
    let found = BROWSERS.iter().find_map(|(mark, name)| {
        let version: String = agent.split_once(mark)?.1.chars().take_while(char::is_ascii_digit).collect();
        Some(format!("{name} {version}"))
    });
    let system = SYSTEMS.iter().find(|system| agent.contains(**system)).copied().unwrap_or_default();
    [found.unwrap_or_else(|| agent.to_owned()), system.to_owned()].join(" ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn browsers_have_the_names_that_people_use() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36";
        assert_eq!(super::named(chrome), "Chrome 148 Linux");
        let edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0";
        assert_eq!(super::named(edge), "Edge 120 Windows");
        assert_eq!(super::named("curl/8.1"), "curl/8.1");
    }
}
