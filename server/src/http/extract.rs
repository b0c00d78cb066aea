//! Reading requests: bodies, queries and ids in paths. What does not read becomes a problem.

use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use doorstep_protocol::DocumentId;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use super::error::Problem;

/// A JSON body.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let axum::Json(value) = axum::Json::from_request(request, state).await?;
        Ok(Body(value))
    }
}

/// A form.
pub(super) struct Form<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let axum::Form(value) = axum::Form::from_request(request, state).await?;
        Ok(Form(value))
    }
}

/// The query.
pub(super) struct Params<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(value) = Query::from_request_parts(parts, state).await?;
        Ok(Params(value))
    }
}

/// From which row on, in an address: what does not read is as if it were not there.
pub(super) fn or_first<'de, D: Deserializer<'de>>(from: D) -> Result<usize, D::Error> {
    Ok(String::deserialize(from)?.parse().unwrap_or_default())
}

/// The id in the path. One that does not read is like one that does not exist.
pub(super) struct Id<T>(pub(super) T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        let Path(text) = path.map_err(|_| Problem::not_found())?;
        text.parse().map(Id).map_err(|_| Problem::not_found())
    }
}

/// `<document>.<field>`: the conflict of one field. A field's name may itself contain dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConflictId {
    pub(super) document: DocumentId,
    pub(super) field: String,
}

impl FromStr for ConflictId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (document, field) = text.split_once('.').ok_or(())?;
        Ok(ConflictId { document: document.parse().map_err(|_| ())?, field: field.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflicts_field_may_contain_dots() {
        let id: ConflictId = "01890a5d-ac96-774b-bcce-b302099a8057.person.name".parse().expect("reads");
        assert_eq!(id.field, "person.name");
        assert!("01890a5d.person.name".parse::<ConflictId>().is_err());
        assert!("01890a5d-ac96-774b-bcce-b302099a8057".parse::<ConflictId>().is_err());
    }
}
