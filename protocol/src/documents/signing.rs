//! What a signature covers and what it says about itself: items of the append-only list `signatures`.
//!
//! A signature covers the digest of a versioned projection (the matter, the outcome, the evidence), not heads: an edit to
//! anything else leaves it standing. Never says whether a signature counts; that is the district's policy.

use automerge::{Automerge, ChangeHash, ExpandedChange, ObjId, ReadDoc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::genesis::object;
use super::schema::Kind;
use crate::ids::Hash;

/// The field that holds signatures.
pub const FIELD: &str = "signatures";
/// The field that holds what people said when they were called back.
pub const CALLBACK: &str = "callback";

/// Version of the projection that new signatures cover.
pub const PROJECTION: u32 = 1;

/// Version 1: the matter and its outcome, by field.
const MATTER_V1: [&str; 6] = ["title", "description", "category", "place", "subject", "outcome"];

/// Purposes of attachments that are no evidence of the matter: adding one voids nothing.
const ASIDE: [&str; 3] = ["paper", "signature", "callback"];

/// One signature as it stands in the document. `worker`, `unit` and `by_role` are checked against the session that brings
/// it; what else there is (a name, a time) is for readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// As what: a role of the district's policy, such as `person` or `principal_leader`.
    pub role: String,
    /// Number of the worker who signs, or who witnesses the person's signature.
    pub worker: String,
    /// Their unit.
    #[serde(default)]
    pub unit: String,
    /// Their role.
    #[serde(default)]
    pub by_role: String,
    /// Version of the projection.
    #[serde(default)]
    pub projection: u32,
    /// Its digest.
    pub digest: Hash,
    /// Hash of the attached photo of a signature on paper.
    #[serde(default)]
    pub paper: Option<Hash>,
    /// Who else saw it.
    #[serde(default)]
    pub witness: Option<String>,
    /// Number of the last decision of the case that whoever brings it knew of; 0: of none. Items of before do not say it.
    #[serde(default)]
    pub seen: Option<u32>,
}

impl Item {
    /// Reads an item; `None` where it is something else.
    pub fn read(text: &str) -> Option<Item> {
        serde_json::from_str(text).ok()
    }

    /// The item as it is appended, with what is for readers: the signer's name and when it was.
    pub fn written(&self, name: &str, at: Option<&str>) -> String {
        let mut item = json!({
            "role": self.role, "worker": self.worker, "unit": self.unit, "by_role": self.by_role, "name": name,
            "projection": self.projection, "digest": self.digest,
        });
        let seal = [
            ("at", at.map(Json::from)),
            ("paper", self.paper.map(|paper| json!(paper))),
            ("witness", self.witness.as_deref().map(Json::from)),
            ("seen", self.seen.map(Json::from)),
        ];
        for (member, value) in seal {
            if let Some(value) = value {
                item[member] = value;
            }
        }
        item.to_string()
    }
}

/// Whether an item is a signature of the first version: a role, and nothing of what was signed or by whom.
pub fn covers_nothing(text: &str) -> bool {
    let item = serde_json::from_str::<Map<String, Json>>(text);
    item.is_ok_and(|item| item.keys().all(|key| key == "role"))
}

/// Digest of the projection of this version over the fields as they are shown; `None`: no such version.
pub fn digest(version: u32, fields: &Map<String, Json>) -> Option<Hash> {
    (version == PROJECTION).then(|| current(fields))
}

/// Digest of what a new signature covers.
pub fn current(fields: &Map<String, Json>) -> Hash {
    let matter: Vec<Json> = MATTER_V1.iter().map(|name| json!([name, fields.get(*name)])).collect();
    let shown = |item: &Json| item.get("hash").cloned().unwrap_or_else(|| item.clone());
    let files = fields.get("attachments").and_then(Json::as_array).into_iter().flatten();
    let mut evidence: Vec<String> =
        files.filter(|item| !is_aside(item)).map(|item| shown(item).to_string()).collect();
    evidence.sort();
    evidence.dedup();
    Hash(Sha256::digest(json!([matter, evidence]).to_string()).into())
}

fn is_aside(item: &Json) -> bool {
    item.get("purpose").and_then(Json::as_str).is_some_and(|purpose| ASIDE.contains(&purpose))
}

/// Every signature with the change that brought it, in the document's order.
pub fn signatures(kind: Kind, doc: &Automerge) -> Vec<(Hash, Item)> {
    let items = items(kind, FIELD, doc).into_iter();
    items.filter_map(|(change, text)| Some((change, Item::read(&text)?))).collect()
}

/// Every text of a list with the change that brought it, in the document's order.
pub fn items(kind: Kind, list: &str, doc: &Automerge) -> Vec<(Hash, String)> {
    let Some(field) = kind.field(list) else { return Vec::new() };
    let list = object(kind, field.container);
    let items = doc.values(&list).filter_map(|(value, id)| {
        let change: ChangeHash = doc.hash_for_opid(&id)?;
        Some((Hash::from(change), value.as_str()?.to_owned()))
    });
    items.collect()
}

/// The texts that a change appends to a list of append-only items that somebody answers for: `signatures` or
/// [`CALLBACK`].
pub fn appended(kind: Kind, list: &str, change: &ExpandedChange) -> Vec<String> {
    use automerge::ScalarValue;
    use automerge::legacy::{ObjectId, OpType};
    let Some(field) = kind.field(list) else { return Vec::new() };
    let list = |id: &ObjectId| match id {
        ObjectId::Id(id) => object(kind, field.container) == ObjId::Id(id.counter(), id.actor().clone(), 0),
        ObjectId::Root => false,
    };
    let operations = change.operations.iter().filter(|op| list(&op.obj));
    let texts = operations.filter_map(|op| match &op.action {
        OpType::Put(ScalarValue::Str(text)) => Some(text.to_string()),
        _ => None,
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(outcome: &str, attachments: Json) -> Map<String, Json> {
        let fields = json!({"title": "路灯", "outcome": outcome, "attachments": attachments, "log": ["x"]});
        fields.as_object().expect("an object").clone()
    }

    #[test]
    fn a_role_alone_covers_nothing() {
        assert!(covers_nothing(r#"{"role":"handler"}"#));
        for more in [r#"{"role":"handler","worker":"w2"}"#, r#"{"role":"handler","digest":"aa"}"#, "handler"]
        {
            assert!(!covers_nothing(more), "{more}");
        }
    }

    #[test]
    fn the_digest_covers_the_matter_the_outcome_and_the_evidence_and_nothing_else() {
        let photo = |hash: &str, purpose: &str| json!({"hash": hash, "purpose": purpose, "name": "a.jpg"});
        let base = digest(1, &fields("修好", json!([photo("aa", "after")])));
        assert!(base.is_some());
        assert_ne!(base, digest(1, &fields("未修", json!([photo("aa", "after")]))));
        assert_ne!(base, digest(1, &fields("修好", json!([photo("bb", "after")]))));
        assert_eq!(base, digest(1, &fields("修好", json!([photo("aa", "after"), photo("cc", "paper")]))));
        let mut logged = fields("修好", json!([photo("aa", "after")]));
        logged.insert("log".into(), json!(["x", "y"]));
        assert_eq!(base, digest(1, &logged));
        assert_eq!(digest(2, &logged), None);
    }
}
