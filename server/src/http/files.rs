//! Files over HTTP: resumable uploads (tus 1.0) from devices, and reading by devices and the desk.
//!
//! Owns addresses and headers. Who may do what, and what counts as arrived, is the pipeline's.

mod read;
mod upload;

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::routing::{get, post};

use super::App;
use super::error::{Kind, Problem};
use crate::enrol::{EnrolError, device_of_token};
use crate::pipeline::FileError;
use crate::store::{DeviceRow, Person, Store};

/// The routes.
pub(super) fn router<S: Store>() -> Router<App<S>> {
    let upload = get(upload::stands::<S>)
        .head(upload::stands::<S>)
        .patch(upload::goes_on::<S>)
        .delete(upload::ends::<S>)
        .options(upload::capabilities);
    Router::new()
        .route("/uploads/v1", post(upload::begins::<S>).options(upload::capabilities))
        .route("/uploads/v1/{document}/{hash}", upload)
        .route("/files/v1/{document}/{hash}", get(read::whole::<S>))
        .route("/files/v1/{document}/{hash}/thumbnail", get(read::thumbnail::<S>))
}

/// The device that signed the token of `Authorization: Doorstep`; `None` where there is no such header.
async fn device<S: Store>(
    app: &App<S>,
    headers: &HeaderMap,
) -> Option<Result<(DeviceRow, Person), EnrolError>> {
    let token = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Doorstep ")?;
    Some(device_of_token(&app.centre, token).await)
}

impl From<FileError> for Problem {
    fn from(error: FileError) -> Self {
        let said = error.to_string();
        match error {
            FileError::NotFound => Problem::not_found(),
            FileError::Recovering => Problem::new(Kind::Unavailable, "server.recovering", said),
            FileError::Awaited => Problem::new(Kind::NotFound, "file.awaited", said)
                .next("It is still on the device that made it; try again when that has synced."),
            FileError::Length(size) => Problem::unprocessable("file.length", &said).with("size", size.into()),
            FileError::Busy => Problem::conflict("upload.busy", &said).next("Ask in a moment how far it is."),
            FileError::Offset(here) => Problem::conflict("upload.offset", &said)
                .with("offset", here.into())
                .next("Ask with HEAD where to go on."),
            FileError::Begun => {
                Problem::new(Kind::TooMany, "upload.begun", said).next("Go on with one that was begun.")
            }
            FileError::Quota => Problem::new(Kind::TooMany, "upload.quota", said)
                .next("Keep the files; the rest goes tomorrow."),
            FileError::Hash => {
                Problem::unprocessable("file.hash", &said).next("Send the file again from its beginning.")
            }
            FileError::Type { .. } => {
                Problem::new(Kind::Media, "file.type", said).next("Attach the file again as what it is.")
            }
            FileError::None => Problem::unavailable(),
            FileError::Blobs(error) => {
                tracing::error!(%error, "a file could not be written or read");
                Problem::unavailable()
            }
            FileError::Store(error) => error.into(),
        }
    }
}
