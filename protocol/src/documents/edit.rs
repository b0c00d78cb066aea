//! Typed edits, made at the heads that a form rendered.
//!
//! Never writes what the person did not change, and never creates a container.

use automerge::transaction::{CommitOptions, Transactable, Transaction};
use automerge::{ActorId, Automerge, AutomergeError, Change, ChangeHash, ReadDoc, ScalarValue};
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::genesis::{constants, object};
use super::schema::{Class, Field, Kind, Type, at_counter, container};
use super::words::{Record, Value};
use crate::ids::{Hash, Millis};
use crate::limits;

/// What a person did to one field. Kept as the intent behind the bytes, so that it can be replayed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum Edit {
    /// Writes a scalar field. `None` clears it with a null, never with a delete.
    Put {
        /// The field's name.
        field: String,
        /// The new value.
        value: Value,
    },
    /// Replaces a text by another; only the differences become operations.
    SetText {
        /// The field's name.
        field: String,
        /// All of the new text.
        text: String,
    },
    /// Replaces part of a text. Positions count graphemes: what a person sees as one character.
    Splice {
        /// The field's name.
        field: String,
        /// Graphemes before the place.
        at: usize,
        /// Graphemes removed.
        delete: usize,
        /// What is inserted.
        insert: String,
    },
    /// Appends an item to a list, or a label to a set.
    Append {
        /// The field's name.
        field: String,
        /// The item; a JSON text where it has structure.
        item: String,
    },
    /// Takes a label out of a set.
    Unlabel {
        /// The field's name.
        field: String,
        /// The label.
        label: String,
    },
    /// Resolves a conflict or lowers a severity, and writes the value.
    Record {
        /// The record.
        record: Record,
    },
}

impl Edit {
    /// The field that is edited.
    pub fn field(&self) -> &str {
        match self {
            Edit::Put { field, .. }
            | Edit::SetText { field, .. }
            | Edit::Splice { field, .. }
            | Edit::Append { field, .. }
            | Edit::Unlabel { field, .. }
            | Edit::Record { record: Record::Resolution { field, .. } | Record::Lowering { field, .. } } => {
                field
            }
        }
    }
}

/// Why an edit was not made. The document is as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// The schema has no such field.
    #[error("a {kind} has no field {field:?}")]
    UnknownField {
        /// The kind of document.
        kind: &'static str,
        /// What was asked for.
        field: String,
    },
    /// The value is not of the field's type.
    #[error("{field} {message}")]
    Type {
        /// The field's name.
        field: &'static str,
        /// What it takes.
        message: &'static str,
    },
    /// This kind of edit does not fit the field.
    #[error("{field} is {what}: {instead}")]
    Unfit {
        /// The field's name.
        field: &'static str,
        /// What the field is.
        what: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// A position beyond the end of the text.
    #[error("{field} has {length} characters; the edit reaches to {reaches}")]
    Position {
        /// The field's name.
        field: &'static str,
        /// Graphemes in the text.
        length: usize,
        /// Where the edit would end.
        reaches: usize,
    },
    /// More operations than one change may have.
    #[error("the edit is too large for one change: {ops} operations, at most {max}; make it in parts")]
    TooLarge {
        /// Operations that the edit needs.
        ops: usize,
        /// The limit.
        max: usize,
    },
    /// More bytes than one change may carry.
    #[error("the edit is too large for one change: {bytes} bytes, at most {max}; make it in parts")]
    TooLong {
        /// Bytes of the edits as JSON.
        bytes: usize,
        /// The limit: the rest of a change is left to its operations.
        max: usize,
    },
    /// The form's heads are not in this document.
    #[error("the edit builds on changes that this document does not have")]
    UnknownHeads,
    /// automerge refused.
    #[error("the document could not be edited")]
    Automerge(#[from] AutomergeError),
}

/// Makes one change on top of `heads` (what the form rendered) and applies it to `doc`.
///
/// Where an edit writes into a container that the document does not have yet, it builds on the constant
/// migration as well, which is applied here. `actor` must be fresh unless `heads` are its tip. Returns `None` where nothing changed: automerge
/// drops a put of the value that already stands alone. On an error `doc` is as it was.
pub fn edit_at(
    doc: &mut Automerge,
    kind: Kind,
    heads: &[Hash],
    author: (&[u8; 16], Millis),
    edits: &[Edit],
) -> Result<Option<Change>, EditError> {
    let needed = newest_needed(kind, edits);
    if needed > 1 {
        let mut migrated = doc.clone();
        let heads = migrate(&mut migrated, kind, needed, heads)?;
        let made = edit_there(&mut migrated, kind, &heads, author, edits)?;
        if made.is_some() {
            *doc = migrated;
        }
        return Ok(made);
    }
    edit_there(doc, kind, heads, author, edits)
}

/// The version that has all containers which these edits write into. Unknown fields are refused later.
fn newest_needed(kind: Kind, edits: &[Edit]) -> u16 {
    let fields = edits.iter().filter_map(|edit| kind.field(edit.field()));
    let versions = fields.filter_map(|field| at_counter(kind, field.container));
    versions.map(|container| container.version).max().unwrap_or(1)
}

/// Brings the document to a version of the containers. Returns the heads at which the edit is made: the form's
/// and, where these have not seen it, the migration's. Later readers know by this dep that it is there.
fn migrate(doc: &mut Automerge, kind: Kind, version: u16, heads: &[Hash]) -> Result<Vec<Hash>, EditError> {
    let below = &constants(kind)[..usize::from(version)];
    let migration = Hash::from(below[below.len() - 1].hash());
    let at: Vec<ChangeHash> = heads.iter().map(|hash| ChangeHash::from(*hash)).collect();
    let seen = doc.fork_at(&at).map_err(|_| EditError::UnknownHeads)?;
    if seen.get_change_by_hash(&migration.into()).is_some() {
        return Ok(heads.to_vec());
    }
    doc.apply_changes(below.iter().cloned())?;
    let followed = |hash: &&Hash| below.iter().all(|change| Hash::from(change.hash()) != **hash);
    Ok(heads.iter().filter(followed).copied().chain([migration]).collect())
}

fn edit_there(
    doc: &mut Automerge,
    kind: Kind,
    heads: &[Hash],
    author: (&[u8; 16], Millis),
    edits: &[Edit],
) -> Result<Option<Change>, EditError> {
    let (actor, now) = (ActorId::from(author.0), author.1);
    let mut at: Vec<ChangeHash> = heads.iter().map(|hash| ChangeHash::from(*hash)).collect();
    at.sort_unstable();
    if at == doc.get_heads() {
        let before = doc.get_actor().clone();
        doc.set_actor(actor);
        let made = commit(doc, kind, now, edits);
        if !matches!(made, Ok(Some(_))) {
            doc.set_actor(before);
        }
        return made;
    }
    let mut fork = doc.fork_at(&at).map_err(|_| EditError::UnknownHeads)?;
    fork.set_actor(actor);
    let change = commit(&mut fork, kind, now, edits)?;
    doc.apply_changes(change.clone())?;
    Ok(change)
}

fn commit(doc: &mut Automerge, kind: Kind, now: Millis, edits: &[Edit]) -> Result<Option<Change>, EditError> {
    let max = limits::MAX_CHANGE_BYTES / 2;
    let bytes = serde_json::to_string(edits).expect("edits of strings serialise").len();
    if bytes > max {
        return Err(EditError::TooLong { bytes, max });
    }
    let mut tx = doc.transaction();
    let mut replaced = 0;
    for edit in edits {
        replaced += standing(&tx, kind, edit);
        if let Err(error) = apply(&mut tx, kind, edit) {
            tx.rollback();
            return Err(error);
        }
    }
    let ops = tx.pending_ops();
    let most = [(ops, limits::MAX_CHANGE_OPS), (replaced + ops, limits::MAX_CHANGE_PREDS)];
    if let Some((ops, max)) = most.into_iter().find(|(ops, max)| ops > max) {
        tx.rollback();
        return Err(EditError::TooLarge { ops, max });
    }
    // Whatever the device's clock shows, it is a time that the gate takes.
    let (hash, _) = tx.commit_with(CommitOptions::default().with_time(now.clamp(0, limits::MAX_TIME_MS)));
    Ok(hash.and_then(|hash| doc.get_change_by_hash(&hash)))
}

/// Values that stand where an edit of one place writes, all of which its operation names. A text's operations
/// name one each.
fn standing(tx: &Transaction<'_>, kind: Kind, edit: &Edit) -> usize {
    let Some(field) = kind.field(edit.field()) else { return 0 };
    let key = match edit {
        Edit::Put { .. } | Edit::Record { .. } if field.is_word() => field.name,
        Edit::Append { item: label, .. } | Edit::Unlabel { label, .. } if field.ty == Type::Labels => label,
        _ => return 0,
    };
    tx.get_all(object(kind, field.container), key).map_or(0, |values| values.len())
}

/// A change without operations on top of everything: it leaves one loose end where there were many. `None` where
/// there is one already. `actor` must be fresh.
pub fn gather(doc: &mut Automerge, author: (&[u8; 16], Millis)) -> Option<Change> {
    if doc.get_heads().len() < 2 {
        return None;
    }
    doc.set_actor(ActorId::from(author.0));
    let time = author.1.clamp(0, limits::MAX_TIME_MS);
    let hash = doc.empty_commit(CommitOptions::default().with_time(time));
    doc.get_change_by_hash(&hash)
}

fn field_of(kind: Kind, name: &str) -> Result<Field, EditError> {
    let unknown = || EditError::UnknownField { kind: kind.name(), field: name.chars().take(80).collect() };
    kind.field(name).ok_or_else(unknown)
}

fn checked(field: Field, value: &str) -> Result<(), EditError> {
    field.check(value).map_err(|message| EditError::Type { field: field.name, message })
}

fn apply(tx: &mut Transaction<'_>, kind: Kind, edit: &Edit) -> Result<(), EditError> {
    let field = field_of(kind, edit.field())?;
    let unfit = |what, instead| Err(EditError::Unfit { field: field.name, what, instead });
    match edit {
        Edit::Put { value, .. } if field.is_word() => {
            value.as_deref().map_or(Ok(()), |value| checked(field, value))?;
            put(tx, field, value)
        }
        Edit::Put { .. } => match field.ty {
            Type::Text => unfit("a text", "set it as text or splice it"),
            _ => unfit("a list", "append to it"),
        },
        Edit::SetText { text, .. } if field.ty == Type::Text => {
            checked(field, text)?;
            Ok(tx.update_text(&object(kind, field.container), text)?)
        }
        Edit::Splice { at, delete, insert, .. } if field.ty == Type::Text => {
            splice(tx, field, (*at, *delete), insert)
        }
        Edit::SetText { .. } | Edit::Splice { .. } => unfit("not a text", "set it"),
        Edit::Append { item, .. } => append(tx, field, item),
        Edit::Unlabel { label, .. } if field.ty == Type::Labels => {
            Ok(tx.delete(object(kind, field.container), label.as_str())?)
        }
        Edit::Unlabel { .. } => unfit("not a set of labels", "set it"),
        Edit::Record { record } => write_record(tx, field, record),
    }
}

/// On a field with several values automerge turns a put of the winner into a *delete* of the
/// others: the operation no longer says what was written. So the values are removed first, and
/// every write is a put of a text or a null; a bare delete is refused at the gate.
fn put(tx: &mut Transaction<'_>, field: Field, value: &Value) -> Result<(), EditError> {
    let map = object(field.kind, field.container);
    if tx.get_all(&map, field.name)?.len() > 1 {
        tx.delete(&map, field.name)?;
    }
    let scalar = value.as_ref().map_or(ScalarValue::Null, |text| ScalarValue::from(text.as_str()));
    Ok(tx.put(&map, field.name, scalar)?)
}

fn append(tx: &mut Transaction<'_>, field: Field, item: &str) -> Result<(), EditError> {
    checked(field, item)?;
    let target = object(field.kind, field.container);
    match field.ty {
        Type::Labels => Ok(tx.put(&target, item, true)?),
        Type::Items | Type::Entries(_) => {
            let end = tx.length(&target);
            Ok(tx.insert(&target, end, item)?)
        }
        Type::Text => {
            let end = tx.length(&target);
            fits(field, end + item.chars().count())?;
            Ok(tx.splice_text(&target, end, 0, item)?)
        }
        _ => Err(EditError::Unfit { field: field.name, what: "a single value", instead: "set it" }),
    }
}

fn splice(
    tx: &mut Transaction<'_>,
    field: Field,
    (at, delete): (usize, usize),
    insert: &str,
) -> Result<(), EditError> {
    let target = object(field.kind, field.container);
    let text = tx.text(&target)?;
    let graphemes: Vec<&str> = text.graphemes(true).collect();
    let reaches = at.saturating_add(delete);
    if reaches > graphemes.len() {
        return Err(EditError::Position { field: field.name, length: graphemes.len(), reaches });
    }
    let chars = |part: &[&str]| part.iter().map(|g| g.chars().count()).sum::<usize>();
    let (start, removed) = (chars(&graphemes[..at]), chars(&graphemes[at..reaches]));
    // A merge may have left more than fits: taking some away is always right.
    if !insert.is_empty() {
        fits(field, text.chars().count() - removed + insert.chars().count())?;
    }
    Ok(tx.splice_text(&target, start, removed as isize, insert)?)
}

fn fits(field: Field, chars: usize) -> Result<(), EditError> {
    if chars > limits::MAX_TEXT_CHARS {
        return Err(EditError::Type { field: field.name, message: "takes at most 4,000 characters" });
    }
    Ok(())
}

fn write_record(tx: &mut Transaction<'_>, field: Field, record: &Record) -> Result<(), EditError> {
    let (value, reason) = match record {
        Record::Resolution { value, reason, .. } if field.is_word() => (value, reason),
        Record::Lowering { to, reason, .. } if field.class == Class::Severest => (to, reason),
        _ => return Err(EditError::Unfit { field: field.name, what: "of another class", instead: "set it" }),
    };
    if reason.trim().is_empty() || reason.chars().count() > limits::MAX_LINE_CHARS {
        return Err(EditError::Type { field: field.name, message: "needs a reason of 1 to 500 characters" });
    }
    value.as_deref().map_or(Ok(()), |value| checked(field, value))?;
    let text = serde_json::to_string(record).expect("a record of strings serialises");
    if text.len() > limits::MAX_ITEM_BYTES {
        return Err(EditError::Type { field: field.name, message: "takes records of at most 16 KiB" });
    }
    let records = object(field.kind, container::RECORDS);
    let end = tx.length(&records);
    tx.insert(&records, end, text)?;
    put(tx, field, value)
}
