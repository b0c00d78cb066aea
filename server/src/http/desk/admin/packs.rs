//! `/admin/packs`: the rules of the district. Upload, see what is wrong or what would change, put in force at a time,
//! go back to an earlier version. Standing cases stay with the version that decided them.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::multipart::Multipart;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use data_encoding::BASE64;
use doorstep_policy::{Pack, PackFiles};
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use serde::Deserialize;

use super::{Section, allowed, sections};
use crate::authorize::{Wish, authorize};
use crate::http::App;
use crate::http::desk::frame::Frame;
use crate::http::desk::words::{When, Words};
use crate::http::desk::{Visitor, html, theirs};
use crate::http::error::{Kind, Problem};
use crate::http::extract::Params;
use crate::limits;
use crate::policies::{self, PolicyError};
use crate::store::Store;

#[derive(Template)]
#[template(path = "admin-packs.html")]
struct Page<'a> {
    frame: Frame<'a>,
    sections: Vec<Section>,
    rows: Vec<Row>,
    may_rule: bool,
    checked: Option<Checked>,
    error: Option<String>,
    note: Option<String>,
    at: String,
}

/// A version that was let in.
struct Row {
    id: String,
    from: When,
    now: bool,
    coming: bool,
}

/// A pack that was uploaded: what is wrong with it, or what it would change.
struct Checked {
    id: String,
    problems: Vec<String>,
    /// File, and how it differs from the one in force.
    differs: Vec<(String, String)>,
    effective: Option<When>,
    /// All of it, to be sent again with the time.
    packed: String,
}

/// What the page is told by its address.
#[derive(Deserialize)]
pub(in crate::http::desk) struct Asked {
    done: Option<String>,
}

/// What the form says.
#[derive(Default)]
struct Sent {
    key: String,
    what: String,
    version: String,
    at: String,
    packed: String,
    files: BTreeMap<String, String>,
}

pub(in crate::http::desk) async fn page<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    Params(asked): Params<Asked>,
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Inspect)?;
    let note = asked.done.as_deref().and_then(|id| standing(&app, &visitor.signed.person.district, id));
    shown(&app, &visitor, (None, None, note), StatusCode::OK)
}

/// How the version stands that somebody has just done something with: what is so, whatever the address says.
fn standing<S: Store>(app: &App<S>, district: &str, id: &str) -> Option<&'static str> {
    let (packs, now) = (app.centre.packs(), app.centre.now());
    packs.version(id).filter(|pack| pack.district() == district)?;
    let comes = packs.schedule(district).iter().any(|of| of.pack.id() == id && of.from > now);
    let is_in_force = packs.of(district, now).is_some_and(|pack| pack.id() == id);
    Some(match (comes, is_in_force) {
        (true, _) => "note-pack-coming",
        (false, true) => "note-pack",
        (false, false) => "note-pack-withdrawn",
    })
}

fn shown<S: Store>(
    app: &App<S>,
    visitor: &Visitor,
    (checked, error, note): (Option<Checked>, Option<&str>, Option<&str>),
    status: StatusCode,
) -> Result<Response, Problem> {
    let me = &visitor.signed.person;
    let frame = Frame::new(app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let packs = app.centre.packs();
    let now = packs.of(&me.district, w.now).map(|pack| pack.id().to_owned());
    let mut rows: Vec<Row> = Vec::new();
    for version in packs.schedule(&me.district) {
        let id = version.pack.id().to_owned();
        let (current, coming) = (now.as_ref() == Some(&id), version.from > w.now);
        rows.push(Row { now: current && !coming, coming, from: w.when(version.from), id });
    }
    rows.reverse();
    // A version put in force again stands in the list more than once; the latest of them is the one in force.
    if let Some(latest) = rows.iter().position(|row| row.now) {
        rows.iter_mut().skip(latest + 1).for_each(|row| row.now = false);
    }
    let page = Page {
        sections: sections(me, &visitor.here, w),
        may_rule: authorize(me, Wish::Rule, None),
        error: error.map(|id| w.t(id)),
        note: note.map(|id| w.t(id)),
        at: String::new(),
        rows,
        checked,
        frame,
    };
    html(status, &page)
}

pub(in crate::http::desk) async fn submit<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, Problem> {
    let visitor = allowed(visitor, Wish::Rule)?;
    let unread = || Problem::bad_request("form.unread", "The form does not read.");
    let mut parts = Multipart::from_request(request, &()).await.map_err(|_| unread())?;
    let sent = read(&mut parts).await.ok_or_else(unread)?;
    theirs(&app, &visitor, &headers, &sent.key)?;
    let me = &visitor.signed.person;
    let (store, now) = (&**app.centre.store(), app.centre.now());
    let unprocessable = Kind::Unprocessable.status();
    let done = match sent.what.as_str() {
        "check" if sent.files.is_empty() => {
            return shown(&app, &visitor, (None, Some("error-pack-none"), None), unprocessable);
        }
        "check" => {
            let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
            let checked = checked(&app, &me.district, sent.files, &frame.w).await?;
            drop(frame);
            return shown(&app, &visitor, (Some(checked), None, None), StatusCode::OK);
        }
        "install" => {
            let files = unpack(&sent.packed).ok_or_else(unread)?;
            let at = match moment(&sent.at, now) {
                Ok(at) => at,
                Err(no) => {
                    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
                    let checked = checked(&app, &me.district, files.0, &frame.w).await?;
                    drop(frame);
                    let told = (Some(checked), Some(no), None);
                    return shown(&app, &visitor, told, unprocessable);
                }
            };
            match Pack::load(&files) {
                Ok(pack) if pack.district() == me.district => policies::install(store, &files, at, now).await,
                _ => {
                    return Err(Problem::unprocessable(
                        "policy.bad",
                        "The pack is not fit for this district.",
                    ));
                }
            }
        }
        "activate" => {
            let known =
                app.centre.packs().version(&sent.version).is_some_and(|p| p.district() == me.district);
            if !known {
                return Err(Problem::not_found());
            }
            policies::activate(store, &sent.version, None, now).await
        }
        "withdraw" => {
            let packs = app.centre.packs();
            let known = packs.version(&sent.version).is_some_and(|pack| pack.district() == me.district);
            if !known {
                return Err(Problem::not_found());
            }
            match policies::withdraw(store, &sent.version, now).await {
                Ok(false) => {
                    let told = (None, Some("error-pack-come"), None);
                    return shown(&app, &visitor, told, Kind::Conflict.status());
                }
                Ok(true) => {}
                Err(_) => return Err(Problem::internal()),
            }
            if let Some(packs) = policies::load(store).await? {
                app.centre.install(packs);
            }
            app.centre.note(me, ("policy.withdraw", None, &sent.version, "")).await?;
            return Ok(done_with(&sent.version));
        }
        _ => return Err(Problem::bad_request("form.unknown", "The form does not say what to do.")),
    };
    match done {
        Ok(installed) => {
            if let Some(packs) = policies::load(store).await? {
                app.centre.install(packs);
            }
            app.centre.note(me, ("policy.install", None, &installed.id, "")).await?;
            Ok(done_with(&installed.id))
        }
        Err(PolicyError::Taken(_)) => {
            shown(&app, &visitor, (None, Some("error-pack-taken"), None), Kind::Conflict.status())
        }
        Err(PolicyError::Store(error)) => Err(error.into()),
        Err(_) => shown(&app, &visitor, (None, Some("error-pack-bad"), None), unprocessable),
    }
}

/// A version's id is fit for an address: `policy check` sees to that.
fn done_with(id: &str) -> Response {
    Redirect::to(&format!("/admin/packs?done={id}")).into_response()
}

/// Reads the parts of the form; `None` where they do not read or are too many.
async fn read(parts: &mut Multipart) -> Option<Sent> {
    const FILES: usize = 200;
    let mut sent = Sent::default();
    while let Some(part) = parts.next_field().await.ok()? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(str::to_owned);
        let text = part.text().await.ok()?;
        match (name.as_str(), file) {
            ("key", _) => sent.key = text,
            ("what", _) => sent.what = text,
            ("version", _) => sent.version = text,
            ("at", _) => sent.at = text,
            ("packed", _) => sent.packed = text,
            ("files", Some(file)) if !file.is_empty() && sent.files.len() < FILES => {
                sent.files.insert(file.replace('\\', "/"), text);
            }
            _ => {}
        }
    }
    sent.files = below(sent.files);
    Some(sent)
}

/// Paths below the folder of `policy.toml`, which browsers put in front.
fn below(files: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let Some(root) = files.keys().find_map(|path| path.strip_suffix("policy.toml")).map(str::to_owned) else {
        return files;
    };
    let inside = |(path, text): (String, String)| Some((path.strip_prefix(&root)?.to_owned(), text));
    files.into_iter().filter_map(inside).collect()
}

fn unpack(packed: &str) -> Option<PackFiles> {
    if packed.len() > 2 * limits::MAX_PACK_BYTES {
        return None;
    }
    let bytes = BASE64.decode(packed.as_bytes()).ok()?;
    serde_json::from_slice(&bytes).ok().map(PackFiles)
}

/// A time of Beijing as a form gives it; nothing: at once.
/// A time that is over is refused: what was decided since was decided by other rules, which stay the ones of that time.
fn moment(text: &str, now: i64) -> Result<Option<i64>, &'static str> {
    const NONE: &str = "error-pack-time";
    if text.trim().is_empty() {
        return Ok(None);
    }
    let civil: DateTime = text.trim().parse().map_err(|_| NONE)?;
    let zoned = civil.to_zoned(TimeZone::fixed(Offset::constant(8))).map_err(|_| NONE)?;
    let at = zoned.timestamp().as_millisecond();
    // A browser gives whole minutes.
    if at < now - limits::MINUTE_MS { Err("error-pack-past") } else { Ok(Some(at)) }
}

async fn checked<S: Store>(
    app: &App<S>,
    district: &str,
    files: BTreeMap<String, String>,
    w: &Words<'_>,
) -> Result<Checked, Problem> {
    let files = PackFiles(files);
    let mut problems: Vec<String> = doorstep_policy::check(&files)
        .into_iter()
        .map(|p| p.in_language(w.lang.tag()))
        .map(|p| format!("{}:{}:{} {} — {}", p.file, p.line, p.column, p.message, p.remedy))
        .collect();
    let loaded = Pack::load(&files).ok();
    if let Some(other) =
        loaded.as_ref().map(|pack| pack.district().to_owned()).filter(|other| other != district)
    {
        problems.push(w.with("pack-other-district", &[("code", &other)]));
    }
    let in_force = w.pack.map(|pack| pack.id().to_owned()).unwrap_or_default();
    let standing = policies::text(&**app.centre.store(), &in_force).await?.unwrap_or_default();
    let mut differs = Vec::new();
    for path in files.0.keys().chain(standing.0.keys()).collect::<std::collections::BTreeSet<_>>() {
        let how = match (standing.0.get(path), files.0.get(path)) {
            (Some(old), Some(new)) if old == new => continue,
            (Some(old), Some(new)) => {
                let lines =
                    |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
                let (old, new) = (lines(old), lines(new));
                let (more, less) = (new.difference(&old).count(), old.difference(&new).count());
                w.with("pack-lines", &[("more", &more.to_string()), ("less", &less.to_string())])
            }
            (None, _) => w.t("pack-new-file"),
            (Some(_), None) => w.t("pack-no-file"),
        };
        differs.push((path.clone(), how));
    }
    let packed = if problems.is_empty() {
        BASE64.encode(&serde_json::to_vec(&files.0).map_err(|_| Problem::internal())?)
    } else {
        String::new()
    };
    Ok(Checked {
        id: loaded.as_ref().map(|pack| pack.id().to_owned()).unwrap_or_default(),
        effective: loaded.as_ref().map(|pack| w.when(pack.effective_from().as_millisecond())),
        problems,
        differs,
        packed,
    })
}
