//! What a caller is told when something is not done: RFC 9457 problems, and the one place that decides a status.
//!
//! Every problem has a stable `code`, says what was kept and what to do next. Nothing of the inside of the
//! server (messages of the store, of a panic) is ever in one.

use axum::extract::rejection::{BytesRejection, FormRejection, JsonRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value as Json};

use super::review::ReviewError;
use crate::enrol::EnrolError;
use crate::pipeline::DeskError;
use crate::store::StoreError;

/// Media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// What kind of thing went wrong. Decides the status, nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The request does not read.
    BadRequest,
    /// Nobody, or nobody any more.
    Unauthorised,
    /// A form that was not this person's.
    Forbidden,
    /// Signed in with a password that somebody else has seen.
    PasswordDue,
    /// Absent or not for this person: they look alike.
    NotFound,
    /// The address exists, the method does not.
    Method,
    /// The case stands otherwise than the caller thought.
    Conflict,
    /// A body over the limit.
    TooLarge,
    /// A body of another media type.
    Media,
    /// It reads, but it cannot be done.
    Unprocessable,
    /// A request that leaves out or contradicts what it builds on.
    Precondition,
    /// A range beyond the end.
    Range,
    /// More than one caller may do now.
    TooMany,
    /// A fault of the server.
    Internal,
    /// The store does not answer.
    Unavailable,
}

impl Kind {
    /// The status.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Kind::BadRequest => StatusCode::BAD_REQUEST,
            Kind::Unauthorised => StatusCode::UNAUTHORIZED,
            Kind::Forbidden | Kind::PasswordDue => StatusCode::FORBIDDEN,
            Kind::NotFound => StatusCode::NOT_FOUND,
            Kind::Method => StatusCode::METHOD_NOT_ALLOWED,
            Kind::Conflict => StatusCode::CONFLICT,
            Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Kind::Media => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Kind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Kind::Precondition => StatusCode::PRECONDITION_FAILED,
            Kind::Range => StatusCode::RANGE_NOT_SATISFIABLE,
            Kind::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn next(self) -> &'static str {
        match self {
            Kind::BadRequest | Kind::Media => "Correct the request; /api/openapi.json describes it.",
            Kind::Unauthorised => "Get a new token and send it as `Authorization: Bearer`.",
            Kind::Forbidden => "Open the form again and send it from there.",
            Kind::PasswordDue => "Choose a password at /account, then do it again.",
            Kind::NotFound => "Check the address, or ask somebody who may see it.",
            Kind::Method => "Use a method that the Allow header names.",
            Kind::Conflict => "Look at how things stand now, then decide again.",
            Kind::TooLarge => "Send less at once.",
            Kind::Precondition | Kind::Range => "Correct the headers and send again.",
            Kind::TooMany => "Try again later.",
            Kind::Unprocessable => "Correct the values and send again.",
            Kind::Internal => "Try again; if it stays so, tell whoever runs the server.",
            Kind::Unavailable => "Try again in a moment.",
        }
    }
}

/// A problem (RFC 9457) with the members that the contract adds.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    #[serde(rename = "type")]
    kind_uri: String,
    title: &'static str,
    status: u16,
    detail: String,
    code: String,
    kept: &'static str,
    next: String,
    #[serde(flatten)]
    more: Map<String, Json>,
    #[serde(skip)]
    kind: Kind,
}

impl Problem {
    /// A problem of a kind, with a stable code and one sentence for the caller.
    pub(crate) fn new(kind: Kind, code: impl Into<String>, detail: impl Into<String>) -> Self {
        let code = code.into();
        Problem {
            kind_uri: format!("urn:doorstep:problem:{code}"),
            title: kind.status().canonical_reason().unwrap_or("Problem"),
            status: kind.status().as_u16(),
            detail: detail.into(),
            code,
            kept: "Nothing was changed.",
            next: kind.next().to_owned(),
            more: Map::new(),
            kind,
        }
    }

    /// 400: the request does not read.
    pub fn bad_request(code: &str, detail: &str) -> Self {
        Problem::new(Kind::BadRequest, code, detail)
    }

    /// 401: nobody, or nobody any more.
    pub fn unauthorised(code: &str, detail: &str) -> Self {
        Problem::new(Kind::Unauthorised, code, detail)
    }

    /// 404: absent or forbidden, which look alike.
    pub fn not_found() -> Self {
        Problem::new(Kind::NotFound, "not.found", "There is nothing here, or it is not for you.")
    }

    /// 422: it reads, but it cannot be done.
    pub fn unprocessable(code: &str, detail: &str) -> Self {
        Problem::new(Kind::Unprocessable, code, detail)
    }

    /// 409: the case stands otherwise than the caller thought.
    pub fn conflict(code: &str, detail: &str) -> Self {
        Problem::new(Kind::Conflict, code, detail)
    }

    /// 500 without contents.
    pub fn internal() -> Self {
        Problem::new(Kind::Internal, "server.fault", "The server could not do this.")
    }

    /// 503: the store does not answer.
    pub fn unavailable() -> Self {
        Problem::new(Kind::Unavailable, "store.unavailable", "The store does not answer.")
    }

    /// With another remedy than the usual one.
    #[must_use]
    pub fn next(mut self, next: &str) -> Self {
        next.clone_into(&mut self.next);
        self
    }

    /// With a member of its own.
    #[must_use]
    pub fn with(mut self, member: &str, value: Json) -> Self {
        self.more.insert(member.to_owned(), value);
        self
    }

    /// The status that goes with it.
    pub(crate) fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// What kind of thing went wrong.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The stable code.
    pub(crate) fn code(&self) -> &str {
        &self.code
    }
}

/// The desk shows a problem by its kind, which travels with the answer.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_string(&self).expect("a problem of strings serialises");
        let mut response = (self.kind.status(), [(header::CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
        response.extensions_mut().insert(self.kind);
        if self.kind == Kind::Unauthorised {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a request failed at the store");
        match error {
            StoreError::Failed(_) | StoreError::Superseded => Problem::unavailable(),
            StoreError::Corrupt(_) => Problem::internal(),
        }
    }
}

impl From<EnrolError> for Problem {
    fn from(error: EnrolError) -> Self {
        let said = error.to_string();
        match error {
            EnrolError::Code => {
                Problem::unauthorised("enrol.code", &said).next("Ask your office for a new code.")
            }
            EnrolError::Key => Problem::unprocessable("enrol.key", &said),
            EnrolError::Unit(_) => Problem::unprocessable("enrol.unit", &said),
            EnrolError::Token => Problem::unauthorised("token.invalid", &said),
            EnrolError::Already => Problem::conflict("device.enrolled", &said)
                .next("Use the device as it is; or enrol another store, with a code of its own."),
            EnrolError::District(_) => Problem::unprocessable("enrol.district", &said)
                .next("Name the district that the code is for. The code can still be used."),
            EnrolError::Revoked => Problem::unauthorised("device.revoked", &said).next(
                "This device stays shut out. Your office enrols another one, and can say what this one held.",
            ),
            EnrolError::Store(error) => error.into(),
        }
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        let said = error.to_string();
        match error {
            DeskError::NotFound => Problem::not_found(),
            DeskError::Stale => Problem::conflict("heads.stale", &said),
            DeskError::NotOpen => {
                Problem::conflict("conflict.closed", &said).next("Look at the case: it may be decided.")
            }
            DeskError::Edit(_) => Problem::unprocessable("value.invalid", &said),
            DeskError::Refused { code, message } => Problem::new(Kind::Unprocessable, code, message),
            DeskError::Store(error) => error.into(),
        }
    }
}

impl From<ReviewError> for Problem {
    fn from(error: ReviewError) -> Self {
        let said = error.to_string();
        match error {
            ReviewError::Reason => Problem::unprocessable("reason.missing", &said),
            ReviewError::ReasonLong => Problem::unprocessable("reason.long", &said),
            ReviewError::Choice => Problem::unprocessable("choice.missing", &said),
            ReviewError::Side => Problem::unprocessable("side.unknown", &said),
            ReviewError::Two => Problem::unprocessable("second.side", &said),
            ReviewError::Masked => {
                Problem::unprocessable("value.masked", &said).next("Send the hash of the side as `side`.")
            }
            ReviewError::Value(_) => Problem::unprocessable("value.invalid", &said),
            ReviewError::Desk(error) => error.into(),
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::MissingJsonContentType(_) => {
                Problem::new(Kind::Media, "body.media", "The body is to be application/json.")
            }
            JsonRejection::BytesRejection(rejection) => rejection.into(),
            JsonRejection::JsonDataError(error) => Problem::unprocessable("body.invalid", &error.body_text()),
            other => Problem::bad_request("body.malformed", &other.body_text()),
        }
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let most = format!("A body has at most {} bytes.", crate::limits::MAX_BODY_BYTES);
            return Problem::new(Kind::TooLarge, "body.large", most);
        }
        Problem::bad_request("body.unread", "The body could not be read.")
    }
}

impl From<FormRejection> for Problem {
    fn from(rejection: FormRejection) -> Self {
        match rejection {
            FormRejection::InvalidFormContentType(_) => {
                Problem::new(Kind::Media, "body.media", "The body is to be a form.")
            }
            FormRejection::BytesRejection(rejection) => rejection.into(),
            _ => Problem::bad_request("body.malformed", "The form does not read."),
        }
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Problem::bad_request("query.invalid", &rejection.body_text())
    }
}
