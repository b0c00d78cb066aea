//! `policy.wasm`: a pack is checked and a case tried in a browser, by the very rules that the centre decides by.
//!
//! Owns the texts that go in and out, which are JSON. Never decides anything that stands: a decision is the centre's, and
//! what this says is what it would be.

use doorstep_policy::{Cause, Decision, Pack, PackFiles, Problem, Projection, Refused, check, decide};
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::wasm_bindgen;

/// A pack, read once and asked often.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Policy(Pack);

/// A question about a case.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    projection: Projection,
    #[serde(default)]
    history: Vec<Decision>,
    cause: Cause,
    now: jiff::Timestamp,
}

/// What would be decided, or the rule that refuses and why.
#[derive(Debug, Serialize)]
struct Answer {
    decision: Option<Decision>,
    refused: Option<Refused>,
}

#[wasm_bindgen]
impl Policy {
    /// Reads a pack: an object of its files by path.
    ///
    /// # Errors
    /// The problems as JSON, each with file, line, column and remedy; or what is wrong with the JSON.
    #[wasm_bindgen(constructor)]
    pub fn load(files: &str) -> Result<Policy, String> {
        Pack::load(&files_of(files)?).map(Policy).map_err(|problems| json(&problems))
    }

    /// `name@version`.
    pub fn id(&self) -> String {
        self.0.id().to_owned()
    }

    /// What would be decided: `{projection, history, cause, now}` to `{decision, refused}`.
    ///
    /// # Errors
    /// What is wrong with the JSON.
    pub fn decide(&self, question: &str) -> Result<String, String> {
        let question = serde_json::from_str(question);
        let Question { projection, history, cause, now } = question.map_err(|error| error.to_string())?;
        let decided = decide(&self.0, &projection, &history, cause, now);
        Ok(json(&match decided {
            Ok(decision) => Answer { decision, refused: None },
            Err(refused) => Answer { decision: None, refused: Some(refused) },
        }))
    }
}

/// Everything that is wrong with a pack, as a JSON list in the words of a language (`zh-CN` or `en`); empty where it is
/// fit for use.
///
/// # Errors
/// What is wrong with the JSON.
#[wasm_bindgen]
pub fn problems(files: &str, language: &str) -> Result<String, String> {
    let problems = check(&files_of(files)?);
    let problems: Vec<Problem> = problems.iter().map(|problem| problem.in_language(language)).collect();
    Ok(json(&problems))
}

fn files_of(text: &str) -> Result<PackFiles, String> {
    serde_json::from_str(text).map(PackFiles).map_err(|error| error.to_string())
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data always serialises")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn files() -> Json {
        json!(doorstep_policy::embedded_bazhou().0)
    }

    #[test]
    fn a_case_is_tried_and_a_bad_pack_is_told_apart() {
        let policy = Policy::load(&files().to_string()).expect("the built-in pack loads");
        let question = json!({
            "projection": {"kind": "case", "fields": {"category": {"is": "water"}}, "registered_at": "2024-02-29T01:00:00Z"},
            "cause": {"kind": "Intake"}, "now": "2024-02-29T01:00:00Z",
        });
        let answer = policy.decide(&question.to_string()).expect("a question");
        let answer: Json = serde_json::from_str(&answer).expect("JSON");
        assert_eq!(answer["decision"]["directive"], "accept");
        assert!(policy.decide("{}").is_err());
        let mut bad = files();
        bad["policy.toml"] = json!("[pack");
        assert!(Policy::load(&bad.to_string()).is_err_and(|problems| problems.contains("\"line\"")));
        assert_eq!(super::problems(&files().to_string(), "en").as_deref(), Ok("[]"));
        let said = |language: &str| super::problems(&bad.to_string(), language).expect("JSON");
        assert!(said("en").is_ascii() && !said("zh-CN").is_ascii());
    }
}
