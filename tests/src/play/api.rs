//! The centre's HTTP API as a person at the desk uses it, with a bearer token.
//!
//! Knows the contract only: paths, JSON, problems.

use std::time::Duration;

use serde_json::{Value as Json, json};

/// An answer: status and JSON.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub json: Json,
}

impl Answer {
    /// The body of a success.
    pub fn good(self) -> Result<Json, String> {
        if self.status < 300 { Ok(self.json) } else { Err(format!("HTTP {}: {}", self.status, self.json)) }
    }
}

/// One person's way to the API.
#[derive(Clone, Debug)]
pub struct Api {
    agent: ureq::Agent,
    url: String,
    token: String,
}

impl Api {
    /// With a bearer token.
    pub fn new(url: &str, token: &str) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)));
        Api { agent: config.build().into(), url: url.to_owned(), token: token.to_owned() }
    }

    /// GET of a path below `/api/v1`, or of any path that begins with `/`.
    pub fn get(&self, path: &str) -> Result<Answer, String> {
        let request = self.agent.get(self.at(path)).header("Authorization", self.bearer());
        answer(path, request.call())
    }

    /// A page of the desk, as a browser with this person's cookie gets it.
    pub fn page(&self, path: &str) -> Result<Answer, String> {
        let cookie = format!("doorstep-desk={}", self.token);
        answer(path, self.agent.get(self.at(path)).header("Cookie", cookie).call())
    }

    /// POST of JSON below `/api/v1`.
    pub fn post(&self, path: &str, body: &Json) -> Result<Answer, String> {
        let request = self.agent.post(self.at(path)).header("Authorization", self.bearer());
        answer(path, request.send_json(body))
    }

    fn at(&self, path: &str) -> String {
        if path.starts_with('/') {
            format!("{}{path}", self.url)
        } else {
            format!("{}/api/v1/{path}", self.url)
        }
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// A case, if this person may see it.
    pub fn case(&self, id: &str) -> Result<Option<Json>, String> {
        let answer = self.get(&format!("cases/{id}"))?;
        if answer.status == 404 { Ok(None) } else { answer.good().map(Some) }
    }

    /// Decides a conflict. `value` null clears the field; `heads` as a form shows them.
    pub fn resolve(
        &self,
        conflict: &str,
        value: Option<&str>,
        reason: &str,
        heads: Option<&Json>,
    ) -> Result<Answer, String> {
        let mut body = json!({ "value": value, "reason": reason });
        if let Some(heads) = heads {
            body["heads"] = heads.clone();
        }
        self.post(&format!("conflicts/{conflict}/resolution"), &body)
    }
}

fn answer(
    path: &str,
    response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answer, String> {
    let mut response = response.map_err(|error| format!("{path}: {error}"))?;
    let bytes = response.body_mut().read_to_vec().map_err(|error| format!("{path}: {error}"))?;
    let json = serde_json::from_slice(&bytes)
        .unwrap_or_else(|_| Json::String(String::from_utf8_lossy(&bytes).into_owned()));
    Ok(Answer { status: response.status().as_u16(), json })
}
