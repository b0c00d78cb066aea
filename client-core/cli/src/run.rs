//! The commands, one function each: arguments to the client core, its answer to an output.

use doorstep_client::districts::Districts;
use doorstep_client::driver;
use doorstep_client::fetch::Wanted;
use doorstep_client::replica::{Acted, EditFailure, EnrolledAlready, Made, Seal};
use doorstep_client::source::System;
use doorstep_client::trust::in_the_clear;
use doorstep_client::{Replica, Sqlite, auth, enrol};
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;
use doorstep_protocol::limits::SUBPROTOCOL;
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::args::{Cli, Command, OfDistrict};
use crate::edits::{Asked, edits};
use crate::failure::Failure;
use crate::files;
use crate::leaving;
use crate::output::Done;
use crate::render;
use crate::several;
use crate::stores::Stores;
use crate::strings::Strings;

pub(crate) type Device = Replica<Sqlite, System>;

/// What a command is told beside its own arguments.
pub(crate) struct Given<'a> {
    /// The centre's address, instead of the one of enrolment.
    pub(crate) url: Option<&'a str>,
    /// The district that is meant.
    pub(crate) district: Option<&'a str>,
    pub(crate) strings: &'a Strings,
}

pub(crate) fn done(json: impl Serialize, text: String) -> Done {
    Done { json: serde_json::to_value(json).expect("results are plain data"), text, exit: 0 }
}

/// Runs one command.
pub(crate) async fn run(cli: Cli, strings: &Strings) -> Result<Done, Failure> {
    let Cli { store, url, now, command, plain, district, .. } = cli;
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
    let mut stores = Stores::open(path, district.as_deref(), system).await?;
    let given = Given { url: url.as_deref(), district: district.as_deref(), strings };
    let result = command_on(&mut stores, command, &given).await;
    stores.close().await;
    result
}

async fn command_on(stores: &mut Stores, command: Command, given: &Given<'_>) -> Result<Done, Failure> {
    let districts = &mut stores.districts;
    match command {
        Command::List { kind } => several::list(districts, kind, given).await,
        Command::Status => several::status(districts, given).await,
        Command::Rejected { dismiss } => several::rejected(districts, dismiss, given).await,
        Command::Sync { watch: true } => several::watch(districts, given).await,
        Command::Sync { watch: false } => several::sync(districts, given).await,
        Command::Checkin => several::checkin(districts, given).await,
        Command::In(command) => {
            if let OfDistrict::Checkout { ids, .. } = &command {
                of_one_district(districts, ids, given).await?;
            }
            let device = match command.document() {
                Some(document) => districts.holding(document, given.district).await?,
                None => districts.one(given.district)?,
            };
            command_in(enrolled_one(device).await?, command, given).await
        }
        Command::Leave => leaving::leave(stores, given).await,
        Command::Enrol { centre, code } => enrolled(stores, &centre, &code, given).await,
        Command::Schema => Ok(schema(given.strings)),
    }
}

/// Refuses cases that are held in several districts.
async fn of_one_district(
    districts: &mut Districts<Sqlite, System>,
    ids: &[DocumentId],
    given: &Given<'_>,
) -> Result<(), Failure> {
    if !districts.are_several() {
        return Ok(());
    }
    let mut held_in = None;
    for id in ids {
        let identity = districts.holding(*id, given.district).await?.identity().await?;
        let district = identity.map(|identity| identity.district);
        if held_in.as_ref().is_some_and(|held| *held != district) {
            return Err(Failure::of_several_districts());
        }
        held_in = Some(district);
    }
    Ok(())
}

pub(crate) async fn enrolled_one(device: &mut Device) -> Result<&mut Device, Failure> {
    if device.identity().await?.is_none() {
        return Err(EditFailure::NotEnrolled.into());
    }
    Ok(device)
}

/// What bears on one district alone.
async fn command_in(device: &mut Device, command: OfDistrict, given: &Given<'_>) -> Result<Done, Failure> {
    let (url, strings) = (given.url, given.strings);
    match command {
        OfDistrict::New { kind, edits: asked } => {
            let made = device.new_document(kind, edits(kind, &[], asked.0)).await?;
            Ok(made_on(&made, strings))
        }
        OfDistrict::Edit { id, at, edits: asked } => {
            let edits = asked_of(device, id, asked.0).await?;
            let heads = (!at.is_empty()).then_some(at.as_slice());
            let made = device.edit(id, heads, edits).await?;
            Ok(made_on(&made, strings))
        }
        OfDistrict::Checkout { ids, until } => {
            let held = device.checkout(ids, until).await?;
            let until =
                jiff::Timestamp::from_millisecond(held.until).map(|at| at.to_string()).unwrap_or_default();
            let text = strings.with("checked-out", &[("until", until.clone())]);
            Ok(done(json!({"checkout": hex(&held.id), "documents": held.documents, "until": until}), text))
        }
        OfDistrict::Act { id, name, args } => match device.act(id, &name, args).await? {
            Acted::Edited(made) => Ok(made_on(&made, strings)),
            Acted::Queued(command) => {
                let command = hex(&command);
                let text = strings.with("queued", &[("id", command.clone())]);
                Ok(done(json!({"id": id, "command": command, "name": name}), text))
            }
        },
        OfDistrict::Sign { id, role, paper, witness } => {
            Ok(made_on(&device.sign(id, &role, Seal { paper, witness }).await?, strings))
        }
        OfDistrict::Answer { id, answer, note } => {
            Ok(made_on(&device.answered(id, &answer, note.as_deref()).await?, strings))
        }
        OfDistrict::Show { id } => {
            let shown = device.show(id).await?;
            let text = render::show(strings, &shown);
            Ok(done(shown, text))
        }
        OfDistrict::Auth => authorised(device, url, strings).await,
        OfDistrict::Attach { id, file, purpose } => {
            files::attach(device, id, (&file, &purpose), strings).await
        }
        OfDistrict::Fetch { id, hash, to, thumbnail } => {
            let wanted = if thumbnail { Wanted::Thumbnail } else { Wanted::Whole };
            files::fetch(device, url, ((id, hash), wanted), (&to, strings)).await
        }
        OfDistrict::Files { id } => files::list(device, id, strings).await,
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

async fn enrolled(stores: &mut Stores, centre: &str, code: &str, given: &Given<'_>) -> Result<Done, Failure> {
    let (strings, district) = (given.strings, given.district);
    let device = stores.of_district(district).await?;
    let identity = match device.identity().await? {
        None => {
            let (identity, offset) = enrol::enrol(centre, (code, district), device.source()).await?;
            device.enrolled(identity.clone(), offset).await?;
            identity
        }
        // Another centre than its own is told who it is only by a word of the district: a second code is no reason to.
        Some(former) if district.is_none() && former.url != centre.trim_end_matches('/') => {
            return Err(EnrolledAlready::Already(former.device).into());
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
