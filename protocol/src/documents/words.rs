//! What one change says about the fields, read from its operations: its words.
//!
//! The centre derives this from the bytes that it admits and stores it beside them; a device's own
//! account of its change is never used. Runs after the gate has bounded and applied the change:
//! `Change::decode` panics on an actor index out of range, which parsing does not check.

use std::collections::BTreeSet;

use automerge::legacy::{Key, ObjectId, Op, OpType};
use automerge::{Change, ExpandedChange, ScalarValue};
use serde::{Deserialize, Serialize};

use super::genesis::{actor, constant};
use super::schema::{Class, Field, Holds, Kind, Role, Type, at_counter};
use crate::ids::{DeviceId, Hash, Millis, Receipt, WorkerId};
use crate::limits;

/// A field's value; `None` is "cleared".
pub type Value = Option<String>;

/// What the centre records about a change when it accepts it. Travels with the change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The person of the session.
    pub worker: WorkerId,
    /// The device of the session.
    pub device: DeviceId,
    /// When the change was made, by the device's clock corrected to the centre's.
    pub made: Millis,
    /// When the centre accepted it.
    pub received: Millis,
    /// The centre's proof of all this; kept by devices, made anew by the centre when it sends.
    #[serde(default)]
    pub receipt: Receipt,
}

/// How a word was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// An ordinary edit.
    Plain,
    /// A resolution naming these changes.
    Resolves(Vec<Hash>),
    /// A lowering of everything up to this value.
    Lowers(Value),
}

/// What one change leaves in one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The field.
    pub field: Field,
    /// Its value after the change.
    pub value: Value,
    /// How.
    pub act: Act,
    /// The reason of a resolution or lowering.
    pub reason: Option<String>,
}

/// All that conflicts and views need to know about a change. At most one word per field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Hash of the change.
    pub hash: Hash,
    /// Hashes it builds on.
    pub deps: Vec<Hash>,
    /// Recorded on accept.
    pub facts: Facts,
    /// Its words, in field order.
    pub words: Vec<Word>,
}

/// One entry of the append-only list of records. A change carries at most one per field; the
/// change's hash is its identity, so two concurrent records always both survive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", deny_unknown_fields)]
pub enum Record {
    /// A person closes a conflict on a review field.
    Resolution {
        /// The field's name.
        field: String,
        /// Hashes of every side and standing word that the person was shown.
        of: Vec<Hash>,
        /// What holds from now on; carried here because a put of the shown value may be a no-op.
        value: Value,
        /// Why.
        reason: String,
    },
    /// A person lowers a severest field.
    Lowering {
        /// The field's name.
        field: String,
        /// The value that the person was shown. What is stricter than this is not lowered.
        from: Value,
        /// What holds from now on.
        to: Value,
        /// Why.
        reason: String,
    },
}

/// Why a change is not a valid edit of its kind of document. Final for these bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordRefusal {
    /// A root key, or an entry already written, was touched.
    #[error("the change alters what is append-only")]
    Overwrites,
    /// An object outside the schema was written or made.
    #[error("the change writes outside the schema")]
    Outside,
    /// A key that no field has.
    #[error("there is no field {0:?}")]
    UnknownField(String),
    /// A field was given something that is not of its type.
    #[error("{field} {message}")]
    Type {
        /// The field's name.
        field: &'static str,
        /// What it takes.
        message: &'static str,
    },
    /// A delete without a put after it: what it leaves standing is not in the change.
    #[error("{0} is cleared with a null, not deleted")]
    BareDelete(&'static str),
    /// A record could not be read, fits no field class, or contradicts the write beside it.
    #[error("unreadable or contradictory record")]
    Record,
    /// The role of the session may not do this.
    #[error("the role {0} may not make this change")]
    Role(&'static str),
}

impl WordRefusal {
    /// Stable code for the wire and the quarantine.
    pub const fn code(&self) -> &'static str {
        match self {
            WordRefusal::Overwrites => "schema.append_only",
            WordRefusal::Outside => "schema.outside",
            WordRefusal::UnknownField(_) => "schema.unknown_field",
            WordRefusal::Type { .. } => "schema.type",
            WordRefusal::BareDelete(_) => "schema.bare_delete",
            WordRefusal::Record => "schema.record",
            WordRefusal::Role(_) => "schema.role",
        }
    }
}

/// Reads the words of a change, refusing what the schema does not allow. The constant changes have none.
pub fn derive(kind: Kind, change: &Change, facts: Facts) -> Result<Accepted, WordRefusal> {
    derive_decoded(kind, (change, &change.decode()), facts)
}

/// The same for whoever has decoded the change already: decoding is a good part of the work.
pub fn derive_decoded(
    kind: Kind,
    (change, decoded): (&Change, &ExpandedChange),
    facts: Facts,
) -> Result<Accepted, WordRefusal> {
    let hash = Hash::from(change.hash());
    let mut puts: Vec<(Field, Option<Value>)> = Vec::new();
    let mut records: Vec<Word> = Vec::new();
    if constant(&hash).is_none_or(|(of, _)| of != kind) {
        for op in &decoded.operations {
            read_op(kind, op, &mut puts, &mut records)?;
        }
    }
    let deps = change.deps().iter().map(|dep| Hash::from(*dep)).collect();
    Ok(Accepted { hash, deps, facts, words: combine(puts, records)? })
}

/// The words of an accepted change as far as this build knows its fields: for a device that is older than the
/// one that made it. Never for judging.
pub fn known_words(kind: Kind, change: &Change, facts: Facts) -> Accepted {
    derive(kind, change, facts).unwrap_or_else(|_| {
        let (mut puts, mut records) = (Vec::new(), Vec::new());
        for op in change.decode().operations {
            drop(read_op(kind, &op, &mut puts, &mut records));
        }
        records.sort_by_key(|word: &Word| word.field);
        records.dedup_by_key(|word| word.field);
        puts.retain(|(field, last)| last.is_some() && records.iter().all(|word| word.field != *field));
        let deps = change.deps().iter().map(|dep| Hash::from(*dep)).collect();
        let words = combine(puts, records).unwrap_or_default();
        Accepted { hash: change.hash().into(), deps, facts, words }
    })
}

/// Every field that a change writes: the words', and texts, lists and labels, which have none.
pub fn touched(kind: Kind, change: &ExpandedChange) -> BTreeSet<&'static str> {
    let field = |op: &Op| {
        let ObjectId::Id(id) = &op.obj else { return None };
        let counter = id.counter();
        match (at_counter(kind, counter)?.holds, &op.action) {
            (Holds::Words, _) => field_of(kind, counter, &op.key).ok(),
            (Holds::Records, OpType::Put(ScalarValue::Str(text))) => {
                Some(read_record(kind, text).ok()?.field)
            }
            _ => kind.fields().find(|field| field.container == counter),
        }
    };
    change.operations.iter().filter_map(field).map(|field| field.name).collect()
}

/// Whether a role may make a change with these words.
pub fn permits(role: Role, accepted: &Accepted) -> Result<(), WordRefusal> {
    let review = |word: &Word| word.act != Act::Plain;
    if !role.writes() || (accepted.words.iter().any(review) && !role.reviews()) {
        return Err(WordRefusal::Role(role.name()));
    }
    Ok(())
}

fn read_op(
    kind: Kind,
    op: &Op,
    puts: &mut Vec<(Field, Option<Value>)>,
    records: &mut Vec<Word>,
) -> Result<(), WordRefusal> {
    let ObjectId::Id(id) = &op.obj else { return Err(WordRefusal::Overwrites) };
    let counter = id.counter();
    let container = at_counter(kind, counter).ok_or(WordRefusal::Outside)?;
    if id.actor().to_bytes() != actor(kind, container.version) {
        return Err(WordRefusal::Outside);
    }
    match container.holds {
        Holds::Records => match &op.action {
            OpType::Put(ScalarValue::Str(text)) if op.insert => records.push(read_record(kind, text)?),
            _ => return Err(WordRefusal::Overwrites),
        },
        Holds::Prose => match &op.action {
            OpType::Put(ScalarValue::Str(_)) if op.insert => {}
            OpType::Delete => {}
            _ => return Err(WordRefusal::Outside),
        },
        Holds::Labels => read_label(op)?,
        Holds::Items => read_item(kind, counter, op)?,
        Holds::Words => {
            let field = field_of(kind, counter, &op.key)?;
            let value = read_value(field, &op.action)?;
            puts.retain(|(earlier, _)| *earlier != field);
            puts.push((field, value));
        }
    }
    Ok(())
}

fn read_item(kind: Kind, counter: u64, op: &Op) -> Result<(), WordRefusal> {
    let field = kind.fields().find(|field| field.container == counter).ok_or(WordRefusal::Outside)?;
    match &op.action {
        OpType::Put(ScalarValue::Str(text)) if op.insert && text.len() <= limits::MAX_ITEM_BYTES => {
            let fits = if matches!(field.ty, Type::Entries(_)) { field.check(text) } else { Ok(()) };
            fits.map_err(|message| WordRefusal::Type { field: field.name, message })
        }
        _ => Err(WordRefusal::Overwrites),
    }
}

fn read_label(op: &Op) -> Result<(), WordRefusal> {
    let Key::Map(label) = &op.key else { return Err(WordRefusal::Outside) };
    match &op.action {
        OpType::Put(ScalarValue::Boolean(true)) | OpType::Delete
            if !label.is_empty() && label.chars().count() <= 64 =>
        {
            Ok(())
        }
        _ => Err(WordRefusal::Type { field: "tags", message: "takes labels of 1 to 64 characters" }),
    }
}

fn read_value(field: Field, action: &OpType) -> Result<Option<Value>, WordRefusal> {
    let bad = |message| WordRefusal::Type { field: field.name, message };
    match action {
        OpType::Put(ScalarValue::Str(text)) => {
            field.check(text).map_err(bad)?;
            Ok(Some(Some(text.to_string())))
        }
        OpType::Put(ScalarValue::Null) => Ok(Some(None)),
        OpType::Delete => Ok(None),
        _ => Err(bad("takes a text or nothing")),
    }
}

fn field_of(kind: Kind, container: u64, key: &Key) -> Result<Field, WordRefusal> {
    let Key::Map(key) = key else { return Err(WordRefusal::Outside) };
    let found = kind.fields().find(|f| f.is_word() && f.container == container && f.name == key.as_str());
    found.ok_or_else(|| WordRefusal::UnknownField(key.chars().take(80).collect()))
}

fn read_record(kind: Kind, text: &str) -> Result<Word, WordRefusal> {
    if text.len() > limits::MAX_ITEM_BYTES {
        return Err(WordRefusal::Record);
    }
    let field_named = |name: &str, class| {
        kind.field(name).filter(|field| field.class == class || (class == Class::Review && field.is_word()))
    };
    let (field, value, act, reason) = match serde_json::from_str(text).map_err(|_| WordRefusal::Record)? {
        Record::Resolution { field, of, value, reason } => {
            (field_named(&field, Class::Review), value, Act::Resolves(of), reason)
        }
        Record::Lowering { field, from, to, reason } => {
            (field_named(&field, Class::Severest), to, Act::Lowers(from), reason)
        }
    };
    let field = field.ok_or(WordRefusal::Record)?;
    if reason.trim().is_empty() || reason.chars().count() > limits::MAX_LINE_CHARS {
        return Err(WordRefusal::Record);
    }
    if let Some(value) = &value {
        field.check(value).map_err(|message| WordRefusal::Type { field: field.name, message })?;
    }
    Ok(Word { field, value, act, reason: Some(reason) })
}

/// A record stands for the write beside it, which may be absent (automerge drops a put that
/// changes nothing) but may not differ.
fn combine(puts: Vec<(Field, Option<Value>)>, mut words: Vec<Word>) -> Result<Vec<Word>, WordRefusal> {
    words.sort_by_key(|word| word.field);
    if words.windows(2).any(|two| two[0].field == two[1].field) {
        return Err(WordRefusal::Record);
    }
    for (field, last) in puts {
        let value = last.ok_or(WordRefusal::BareDelete(field.name))?;
        match words.iter().find(|word| word.field == field) {
            Some(word) if word.value != value => return Err(WordRefusal::Record),
            Some(_) => {}
            None => words.push(Word { field, value, act: Act::Plain, reason: None }),
        }
    }
    words.sort_by_key(|word| word.field);
    Ok(words)
}
