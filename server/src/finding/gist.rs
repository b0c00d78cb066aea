//! The gist of a document: what its words and its line in a ledger are made of, cut short.
//!
//! Plain data. Personal values are here as keys (a keyed hash of the whole value) and masked, never plain, except for a
//! name, which lists show.

use serde::{Deserialize, Serialize};

use super::Tag;

/// What is kept of a document's texts beside the document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gist {
    /// The beginning of the description.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What came of it; empty where disputed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub outcome: String,
    /// Its labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The person's name; empty where disputed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub person: String,
    /// A telephone number, masked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
    /// Keys of personal values, every side of a dispute.
    #[serde(skip)]
    pub keys: Vec<Tag>,
}
