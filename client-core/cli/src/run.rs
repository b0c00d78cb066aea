//! The commands, one function each: arguments to the client core, its answer to an output.

use doorstep_client::driver::{self, Report};
use doorstep_client::fetch::Wanted;
use doorstep_client::replica::{Acted, EditFailure, Made, Seal, Status};
use doorstep_client::source::System;
use doorstep_client::trust::in_the_clear;
use doorstep_client::{Replica, Sqlite, auth, enrol};
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;
use doorstep_protocol::limits::SUBPROTOCOL;
use serde::Serialize;
use serde_json::{Value as Json, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::{Cli, Command};
use crate::edits::{Asked, edits};
use crate::failure::{Failure, REJECTED};
use crate::files;
use crate::output::Done;
use crate::render;
use crate::strings::Strings;

pub(crate) type Device = Replica<Sqlite, System>;

pub(crate) fn done(json: impl Serialize, text: String) -> Done {
    Done { json: serde_json::to_value(json).expect("results are plain data"), text, exit: 0 }
}

/// Runs one command.
pub(crate) async fn run(cli: Cli, strings: &Strings) -> Result<Done, Failure> {
    let Cli { store, url, now, command, plain, .. } = cli;
    let named = match &command {
        Command::Enrol { centre, .. } => Some(centre),
        _ => url.as_ref(),
    };
    if let Some(open) = named.filter(|url| !plain && in_the_clear(url)) {
        return Err(Failure::in_the_clear(open));
    }
    if matches!(command, Command::Schema) {
        return Ok(schema(strings));
    }
    let watches = matches!(command, Command::Sync { watch: true });
    let system = match now {
        Some(now) if watches => System::from(now),
        Some(now) => System::fixed(now),
        None => System::default(),
    };
    let path = store.ok_or_else(|| Failure::usage("--store FILE is needed".into()))?;
    let store = Sqlite::open(&path).await?;
    let mut device = Replica::new(store.clone(), system);
    let result = command_on(&mut device, command, url.as_deref(), strings).await;
    store.close().await;
    result
}

async fn command_on(
    device: &mut Device,
    command: Command,
    url: Option<&str>,
    strings: &Strings,
) -> Result<Done, Failure> {
    let without = matches!(command, Command::Enrol { .. } | Command::Status | Command::Rejected { .. });
    if !without && device.identity().await?.is_none() {
        return Err(EditFailure::NotEnrolled.into());
    }
    match command {
        Command::Enrol { centre, code } => enrolled(device, &centre, &code, strings).await,
        Command::New { kind, edits: asked } => {
            let made = device.new_document(kind, edits(kind, &[], asked.0)).await?;
            Ok(made_on(&made, strings))
        }
        Command::Edit { id, at, edits: asked } => {
            let edits = asked_of(device, id, asked.0).await?;
            let heads = (!at.is_empty()).then_some(at.as_slice());
            let made = device.edit(id, heads, edits).await?;
            Ok(made_on(&made, strings))
        }
        Command::Checkout { ids, until } => {
            let held = device.checkout(ids, until).await?;
            let until =
                jiff::Timestamp::from_millisecond(held.until).map(|at| at.to_string()).unwrap_or_default();
            let text = strings.with("checked-out", &[("until", until.clone())]);
            Ok(done(json!({"checkout": hex(&held.id), "documents": held.documents, "until": until}), text))
        }
        Command::Checkin => {
            let ended = device.checkin().await?;
            Ok(done(json!({"ended": ended}), strings.with("checked-in", &[("count", ended.to_string())])))
        }
        Command::Act { id, name, args } => match device.act(id, &name, args).await? {
            Acted::Edited(made) => Ok(made_on(&made, strings)),
            Acted::Queued(command) => {
                let command = hex(&command);
                let text = strings.with("queued", &[("id", command.clone())]);
                Ok(done(json!({"id": id, "command": command, "name": name}), text))
            }
        },
        Command::Sign { id, role, paper, witness } => {
            Ok(made_on(&device.sign(id, &role, Seal { paper, witness }).await?, strings))
        }
        Command::Answer { id, answer, note } => {
            Ok(made_on(&device.answered(id, &answer, note.as_deref()).await?, strings))
        }
        Command::Show { id } => {
            let shown = device.show(id).await?;
            let text = render::show(strings, &shown);
            Ok(done(shown, text))
        }
        Command::List { kind } => {
            let items = device.list(kind).await?;
            let text = render::list(strings, &items);
            Ok(done(json!({"items": items}), text))
        }
        Command::Status => Ok(status(device.status().await?, strings)),
        Command::Rejected { dismiss } => rejected(device, dismiss, strings).await,
        Command::Sync { watch } => sync(device, url, watch, strings).await,
        Command::Auth => authorised(device, url, strings).await,
        Command::Attach { id, file, purpose } => files::attach(device, id, (&file, &purpose), strings).await,
        Command::Fetch { id, hash, to, thumbnail } => {
            let wanted = if thumbnail { Wanted::Thumbnail } else { Wanted::Whole };
            files::fetch(device, url, ((id, hash), wanted), (&to, strings)).await
        }
        Command::Files { id } => files::list(device, id, strings).await,
        Command::Schema => Ok(schema(strings)),
    }
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

fn schema(strings: &Strings) -> Done {
    let rows: Vec<Json> = Kind::ALL
        .into_iter()
        .flat_map(Kind::fields)
        .map(|field| {
            let roles: Vec<&str> = field.roles().map(doorstep_protocol::documents::Role::name).collect();
            json!({"kind": field.kind, "field": field.name, "type": field.type_name(),
                   "class": field.class, "roles": roles})
        })
        .collect();
    let text = render::schema(strings, &rows);
    done(rows, text)
}

fn made_on(made: &Made, strings: &Strings) -> Done {
    let (id, count) = (("id", made.document.to_string()), made.hashes.len());
    let text = match count {
        0 => strings.with("unchanged", &[id]),
        _ => strings.with("made", &[id, ("count", count.to_string())]),
    };
    done(made, text)
}

fn status(status: Status, strings: &Strings) -> Done {
    let age = match status.cursor_age_s {
        Some(age) => strings.with("age-seconds", &[("count", age.to_string())]),
        None => strings.get("age-never"),
    };
    let text = strings.with(
        "status",
        &[
            ("pending", status.pending.to_string()),
            ("rejected", status.rejected.to_string()),
            ("held", status.held.to_string()),
            ("age", age),
        ],
    );
    let text = with_files(text, status.attachments.pending, status.attachments.bytes, strings);
    done(status, text)
}

/// With a line about the files that are still to go.
fn with_files(text: String, pending: usize, bytes: u64, strings: &Strings) -> String {
    let args = [("count", pending.to_string()), ("size", bytes.to_string())];
    if pending == 0 { text } else { text + "\n" + &strings.with("files-waiting", &args) }
}

/// What was asked for, as edits of the document as it is now.
async fn asked_of(
    device: &Device,
    id: DocumentId,
    asked: Vec<Asked>,
) -> Result<Vec<doorstep_protocol::documents::Edit>, Failure> {
    let shown = device.show(id).await?;
    let labels = shown.fields.get("tags").and_then(Json::as_array).into_iter().flatten();
    let labels: Vec<String> = labels.filter_map(|label| label.as_str().map(str::to_owned)).collect();
    Ok(edits(shown.kind, &labels, asked))
}

async fn enrolled(device: &mut Device, centre: &str, code: &str, strings: &Strings) -> Result<Done, Failure> {
    let identity = match device.identity().await? {
        None => {
            let (identity, offset) = enrol::enrol(centre, code, device.source()).await?;
            device.enrolled(identity.clone(), offset).await?;
            identity
        }
        // The centre says whether it has forgotten this device; one that it knows stays as it is.
        Some(former) => {
            let (identity, offset) = enrol::enrol_again(centre, code, &former, device.source()).await?;
            device.enrolled_again(identity.clone(), offset).await?;
            identity
        }
    };
    let text = strings.with(
        "enrolled",
        &[
            ("name", identity.name.clone()),
            ("device", identity.device.to_string()),
            ("district", identity.district.clone()),
        ],
    );
    let json = json!({"device": identity.device, "worker": identity.worker.to_string(), "district": identity.district,
                      "name": identity.name, "unit": identity.unit, "role": identity.role});
    Ok(done(json, text))
}

async fn rejected(device: &mut Device, dismiss: Option<String>, strings: &Strings) -> Result<Done, Failure> {
    if let Some(hash) = dismiss {
        if !device.dismiss(&hash).await? {
            return Err(Failure::nothing_to_dismiss(&hash));
        }
        let text = strings.with("dismissed", &[("hash", hash.clone())]);
        return Ok(done(json!({"dismissed": hash, "items": device.rejected().await?}), text));
    }
    let items = device.rejected().await?;
    let text = render::rejected(strings, &items);
    Ok(done(json!({"items": items}), text))
}

async fn sync(
    device: &mut Device,
    url: Option<&str>,
    watch: bool,
    strings: &Strings,
) -> Result<Done, Failure> {
    let identity = device.identity().await?.ok_or(driver::SyncFailure::NotEnrolled)?;
    let url = driver::address(&identity, url);
    let report = if watch {
        driver::watch(device, &url, Box::pin(interrupted()?)).await?
    } else {
        driver::sync(device, &url).await?
    };
    let Report { sent, received, rejected, pending, .. } = report;
    let text = strings.with(
        "synced",
        &[
            ("sent", sent.to_string()),
            ("received", received.to_string()),
            ("rejected", rejected.to_string()),
            ("pending", pending.to_string()),
        ],
    );
    let mut text = with_files(text, report.attachments.pending, report.attachments.bytes, strings);
    if report.held > 0 {
        text = format!("{text}\n{}", strings.with("synced-held", &[("held", report.held.to_string())]));
    }
    Ok(Done { exit: if rejected > 0 { REJECTED } else { 0 }, ..done(report, text) })
}

/// Ready at SIGINT or SIGTERM.
fn interrupted() -> Result<impl Future<Output = ()>, Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::local(&error));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

async fn authorised(device: &mut Device, url: Option<&str>, strings: &Strings) -> Result<Done, Failure> {
    let identity = device.identity().await?.ok_or(driver::SyncFailure::NotEnrolled)?;
    let url = driver::address(&identity, url);
    let nonce = enrol::fetch_nonce(&url).await?;
    let authorization = auth::authorization(&identity, &nonce);
    let socket = auth::socket_url(&url);
    let headers = json!({"Authorization": authorization, "Sec-WebSocket-Protocol": SUBPROTOCOL});
    let text = strings.with("auth-url", &[("id", format!("{socket}\n{authorization}"))]);
    Ok(done(json!({"url": socket, "headers": headers}), text))
}
