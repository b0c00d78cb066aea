//! The documents' tests: the conflict rule told twice, stories, refusals, edits and views.

mod edits;
mod migrations;
mod oracle;
mod properties;
mod refusals;
mod rows;
mod shows;
mod steps;
mod stories;
mod stories_of_review;
mod world;

use proptest::prelude::ProptestConfig;

use super::{Edit, Field, Kind};

/// `cases` of a property, or as many as `PROPTEST_CASES` says. Seeds of past failures are examples
/// in the code, not files.
#[expect(clippy::disallowed_methods, reason = "a test may be told to run longer")]
fn cases(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}

/// A field of the case.
fn field(name: &str) -> Field {
    Kind::Case.field(name).expect("in the schema")
}

/// Writes or clears a field.
fn put(field: &str, value: Option<&str>) -> Edit {
    Edit::Put { field: field.into(), value: value.map(str::to_owned) }
}
