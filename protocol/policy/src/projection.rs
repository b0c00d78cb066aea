//! What policy sees of a document: codes and ids, each set, unset or disputed.
//!
//! Owns the projection and its digest. Never holds free text: descriptions, names and phone numbers stay in documents.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Proofs;

/// One field as the merged document shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldView {
    /// Never set, or cleared.
    #[default]
    Unset,
    /// One value stands.
    Is(String),
    /// An open conflict: every value in question; `None` means cleared.
    Disputed(BTreeSet<Option<String>>),
}

impl FieldView {
    /// From all values that stand: one is plain, several are a dispute, none or a single `None` is unset.
    pub fn of(values: BTreeSet<Option<String>>) -> Self {
        match values.len() {
            0 | 1 => values.into_iter().flatten().next().map_or(Self::Unset, Self::Is),
            _ => Self::Disputed(values),
        }
    }

    /// Every value that may turn out to stand; unset counts as the empty string.
    pub fn values(&self) -> BTreeSet<&str> {
        match self {
            Self::Unset => BTreeSet::from([""]),
            Self::Is(value) => BTreeSet::from([value.as_str()]),
            Self::Disputed(values) if values.is_empty() => BTreeSet::from([""]),
            Self::Disputed(values) => values.iter().map(|v| v.as_deref().unwrap_or("")).collect(),
        }
    }

    /// The value in reasons and in lists of changes: empty when unset, joined by ` | ` when disputed.
    pub fn shown(&self) -> String {
        let values: Vec<&str> = self.values().into_iter().collect();
        values.join(" | ")
    }
}

/// What policy reads of one document, stored with each decision so that replay needs no document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Projection {
    /// Kind of document: `case`, `visit`, ... Only cases are decided.
    pub kind: String,
    /// Fields by schema name. Missing means unset. Only codes and ids.
    pub fields: BTreeMap<String, FieldView>,
    /// Unit of the worker who made the document, where known.
    pub author_unit: Option<String>,
    /// Units of the people whom any side names as responsible subject, where the centre knows them: policy knows units, and
    /// whose they are. Not in the digest: that somebody moves is no reason to decide again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub subject_units: BTreeSet<String>,
    /// When the first change was accepted: statutory clocks run from here.
    pub registered_at: Timestamp,
    /// The case's id, for draws that anybody can repeat. Empty where there is no document.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// What the document proves beyond its fields.
    #[serde(default, skip_serializing_if = "Proofs::is_empty")]
    pub proofs: Proofs,
}

static UNSET: FieldView = FieldView::Unset;

impl Projection {
    /// The view of one field; unset when it is missing.
    pub fn field(&self, name: &str) -> &FieldView {
        self.fields.get(name).unwrap_or(&UNSET)
    }

    /// Hex SHA-256 over the canonical JSON of the read fields: keys sorted, a missing field equal to an unset one; and
    /// of signatures and answers, where there are any.
    pub fn digest(&self, reads: &[String]) -> String {
        let read: BTreeMap<&str, &FieldView> = reads.iter().map(|f| (f.as_str(), self.field(f))).collect();
        let mut json = serde_json::to_vec(&read).expect("strings and sets of strings always serialise");
        if !self.proofs.signatures.is_empty() {
            json.extend(serde_json::to_vec(&self.proofs.signatures).expect("plain data always serialises"));
        }
        if !self.proofs.callbacks.is_empty() {
            json.extend(serde_json::to_vec(&self.proofs.callbacks).expect("plain data always serialises"));
        }
        HEXLOWER.encode(&Sha256::digest(&json))
    }

    /// Whether both show the same in every read field.
    pub(crate) fn same_fields(&self, other: &Self, reads: &[String]) -> bool {
        reads.iter().all(|name| self.field(name) == other.field(name))
    }

    /// The read fields that are in open conflict.
    pub fn disputed<'a>(&'a self, reads: &'a [String]) -> impl Iterator<Item = &'a str> {
        reads.iter().map(String::as_str).filter(|f| matches!(self.field(f), FieldView::Disputed(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn projection(fields: &[(&str, FieldView)]) -> Projection {
        Projection {
            kind: "case".into(),
            fields: fields.iter().map(|(k, v)| ((*k).into(), v.clone())).collect(),
            ..Projection::default()
        }
    }

    #[test]
    fn the_digest_covers_what_policy_reads_and_nothing_else() {
        let reads = vec!["category".to_owned()];
        let plain = projection(&[("category", FieldView::Is("water".into()))]);
        let tagged = projection(&[
            ("category", FieldView::Is("water".into())),
            ("channel", FieldView::Is("scan".into())),
        ]);
        assert_eq!(plain.digest(&reads), tagged.digest(&reads));
        assert_ne!(plain.digest(&reads), projection(&[]).digest(&reads));
        assert_eq!(
            projection(&[]).digest(&reads),
            projection(&[("category", FieldView::Unset)]).digest(&reads)
        );
    }

    #[test]
    fn a_dispute_with_a_cleared_value_survives_json() {
        let view = FieldView::Disputed(BTreeSet::from([None, Some("water".into())]));
        let json = serde_json::to_string(&view).expect("serialises");
        assert_eq!(json, r#"{"disputed":[null,"water"]}"#);
        assert_eq!(serde_json::from_str::<FieldView>(&json).expect("parses"), view);
        assert_eq!(view.shown(), " | water");
    }
}
