//! HTTP to the centre: enrolment by a one-time code, and nonces.
//!
//! Blocking, so it runs beside the runtime; never stores anything.

use std::time::Duration;

use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, WorkerId};
use serde::Deserialize;
use serde_json::json;

use crate::auth::public_key;
use crate::explain::{Explain, NOTHING_LOST};
use crate::source::Source;
use crate::store::Identity;
use crate::trust;

const TIMEOUT: Duration = Duration::from_secs(15);

/// An answer of the centre that is an error, RFC 9457.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Problem {
    /// What kind of problem, in a few words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened.
    pub detail: String,
    /// Stable code.
    pub code: String,
    /// What was kept.
    pub kept: String,
    /// What to do next.
    pub next: String,
}

impl Problem {
    /// Reads a problem from a response's body, or makes one from its status alone.
    pub fn read(status: u16, body: &[u8]) -> Self {
        let mut problem: Problem = serde_json::from_slice(body).unwrap_or_default();
        problem.status = status;
        if problem.detail.is_empty() {
            problem.detail = if problem.title.is_empty() {
                format!("HTTP status {status}")
            } else {
                problem.title.clone()
            };
        }
        if problem.code.is_empty() {
            problem.code = format!("http.{status}");
        }
        problem
    }
}

/// Why the centre did not answer as asked.
#[derive(Debug, thiserror::Error)]
pub enum HttpFailure {
    /// No answer. Try again later.
    #[error("the centre at {url} cannot be reached: {why}")]
    Unreachable {
        /// The address.
        url: String,
        /// What failed.
        why: String,
    },
    /// An error answer.
    #[error("the centre refused: {}", .0.detail)]
    Refused(Box<Problem>),
    /// An answer of another shape.
    #[error("the centre at {0} gave an answer that this program does not understand")]
    Shape(String),
}

impl Explain for HttpFailure {
    fn code(&self) -> &str {
        match self {
            HttpFailure::Unreachable { .. } => "centre.unreachable",
            HttpFailure::Refused(problem) => &problem.code,
            HttpFailure::Shape(_) => "centre.answer",
        }
    }

    fn kept(&self) -> &str {
        match self {
            HttpFailure::Refused(problem) if !problem.kept.is_empty() => &problem.kept,
            _ => NOTHING_LOST,
        }
    }

    fn next(&self) -> &str {
        match self {
            HttpFailure::Unreachable { .. } => "Go on working; sync again when there is a network.",
            HttpFailure::Refused(problem) if !problem.next.is_empty() => &problem.next,
            HttpFailure::Refused(_) => "Ask the office.",
            HttpFailure::Shape(_) => "Check the address, and update the older of device and centre.",
        }
    }
}

#[derive(Deserialize)]
struct Enrolled {
    device: DeviceId,
    worker: WorkerId,
    name: String,
    district: String,
    unit: String,
    role: String,
    #[serde(default)]
    proof: Option<String>,
    now: jiff::Timestamp,
}

#[derive(Deserialize)]
struct Nonce {
    nonce: String,
}

/// Enrols with a one-time code under a key that is made here. Also returns the centre's clock less
/// this device's. A code of another `district` than the one that is named stays unused.
pub async fn enrol(
    url: &str,
    (code, district): (&str, Option<&str>),
    source: &mut impl Source,
) -> Result<(Identity, Millis), HttpFailure> {
    let mut asked = json!({"code": code});
    if let Some(district) = district {
        asked["district"] = json!(district);
    }
    ask(url, (asked, source.bytes()), source).await
}

/// Enrols a store again with a centre that has forgotten it, because it was restored from a backup: under the
/// old key and as the same device. A centre that knows the device, or a code of somebody else, changes nothing.
pub async fn enrol_again(
    url: &str,
    code: &str,
    former: &Identity,
    source: &mut impl Source,
) -> Result<(Identity, Millis), HttpFailure> {
    let Identity { device, worker, proof, .. } = former;
    let was = json!({"device": device, "worker": worker, "proof": proof.clone().unwrap_or_default()});
    let asked = json!({"code": code, "former": was, "district": former.district});
    ask(url, (asked, former.secret), source).await
}

async fn ask(
    url: &str,
    (mut body, secret): (serde_json::Value, [u8; 32]),
    source: &mut impl Source,
) -> Result<(Identity, Millis), HttpFailure> {
    let url = url.trim_end_matches('/').to_owned();
    body["public_key"] = json!(data_encoding::HEXLOWER.encode(&public_key(&secret)));
    let asked = format!("{url}/api/v1/enrol");
    let wanted = body["district"].as_str().map(str::to_owned);
    let enrolled: Enrolled = call(asked, Some(body)).await?;
    if wanted.is_some_and(|wanted| wanted != enrolled.district) {
        return Err(HttpFailure::Shape(url));
    }
    let Enrolled { device, worker, name, district, unit, role, proof, now } = enrolled;
    let now: Millis = now.as_millisecond();
    let identity = Identity { url, device, worker, name, district, unit, role, secret, proof };
    Ok((identity, now - source.now()))
}

/// A nonce for one token, for a thread that may block.
pub(crate) fn nonce_blocking(url: &str) -> Result<String, HttpFailure> {
    let nonce: Nonce = call_blocking(&format!("{}/api/v1/nonce", url.trim_end_matches('/')), None)?;
    Ok(nonce.nonce)
}

/// A nonce for one token.
pub async fn fetch_nonce(url: &str) -> Result<String, HttpFailure> {
    let nonce: Nonce = call(format!("{}/api/v1/nonce", url.trim_end_matches('/')), None).await?;
    Ok(nonce.nonce)
}

async fn call<T>(url: String, body: Option<serde_json::Value>) -> Result<T, HttpFailure>
where
    T: serde::de::DeserializeOwned + Send + 'static,
{
    let blocking = tokio::task::spawn_blocking(move || call_blocking(&url, body));
    blocking.await.expect("a request does not panic and is not aborted")
}

fn call_blocking<T: serde::de::DeserializeOwned>(
    url: &str,
    body: Option<serde_json::Value>,
) -> Result<T, HttpFailure> {
    let agent = trust::agent(url, TIMEOUT);
    let unreachable =
        |error: ureq::Error| HttpFailure::Unreachable { url: url.to_owned(), why: error.to_string() };
    let response = match body {
        Some(body) => agent.post(url).send_json(body),
        None => agent.get(url).call(),
    };
    let mut response = response.map_err(unreachable)?;
    let bytes = response.body_mut().read_to_vec().map_err(unreachable)?;
    let status = response.status().as_u16();
    if status >= 400 {
        return Err(HttpFailure::Refused(Box::new(Problem::read(status, &bytes))));
    }
    serde_json::from_slice(&bytes).map_err(|_| HttpFailure::Shape(url.to_owned()))
}
