//! Making documents and editing them. An edit is stored with its intent before the caller hears of it.

use automerge::{Automerge, ReadDoc};
use doorstep_protocol::documents::genesis::genesis_hash;
use doorstep_protocol::documents::{Class, Crowded, Edit, Facts, Kind, View, gather, known_words, titled};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, limits};

use super::hydrate::{Document, heads, summarise};
use super::made::{Part, Place};
use super::{ATTEMPTS, Actor, Author, EditFailure, Made, Replica, lost_race, mint};
use crate::source::Source;
use crate::store::{Op, OutboxEntry, Store, StoreError, Stored};

impl<S: Store, R: Source> Replica<S, R> {
    /// Makes a document with an id of its own and edits it.
    pub async fn new_document(&mut self, kind: Kind, edits: Vec<Edit>) -> Result<Made, EditFailure> {
        titled(&edits)?;
        let random = self.source.bytes();
        let document = DocumentId::v7(self.source.now(), random);
        let heads = [genesis_hash(kind)];
        self.write(Stored::new(document, kind), Some(&heads), (edits, Vec::new())).await
    }

    /// Edits a document at `heads`, what the form rendered; `None`: at what it shows now.
    pub async fn edit(
        &mut self,
        document: DocumentId,
        heads: Option<&[Hash]>,
        edits: Vec<Edit>,
    ) -> Result<Made, EditFailure> {
        titled(&edits)?;
        self.edit_with(document, heads, (edits, Vec::new())).await
    }

    /// Edits a document, and does something else to the store in the same transaction.
    pub(super) async fn edit_with(
        &mut self,
        document: DocumentId,
        heads: Option<&[Hash]>,
        (edits, with): (Vec<Edit>, Vec<Op>),
    ) -> Result<Made, EditFailure> {
        for _ in 1..ATTEMPTS {
            let stored = self.editable(document).await?;
            let made = self.write(stored, heads, (edits.clone(), with.clone())).await;
            if !lost_race(&made, store_error) {
                return made;
            }
        }
        let stored = self.editable(document).await?;
        self.write(stored, heads, (edits, with)).await
    }

    /// The document, unless it is absent or frozen.
    pub(super) async fn editable(&self, document: DocumentId) -> Result<Stored, EditFailure> {
        let stored = self.store.load(document).await?.ok_or(EditFailure::Absent(document))?;
        if stored.row.revoked { Err(EditFailure::Revoked(document)) } else { Ok(stored) }
    }

    pub(super) async fn author(&self) -> Result<Author, EditFailure> {
        Author::of(&self.store.meta().await?).ok_or(EditFailure::NotEnrolled)
    }

    async fn write(
        &mut self,
        mut stored: Stored,
        heads: Option<&[Hash]>,
        (edits, with): (Vec<Edit>, Vec<Op>),
    ) -> Result<Made, EditFailure> {
        let author = self.author().await?;
        let mut document = Document::shown(&stored, &author)?;
        let mut at = heads.map_or_else(|| document.heads(), <[Hash]>::to_vec);
        at.sort_unstable();
        refuse_lowering(&document, &at, &edits)?;
        let (id, now) = (stored.row.document, self.source.now());
        let actor = self.actor_for(author.prefix, id, (&document.doc, &at));
        let mut place = Place { kind: stored.row.kind, doc: &mut document.doc, actor, now };
        let mut parts = place.make(at, edits)?;
        not_crowded(&document, &parts, author.provisional(now))?;
        if own_heads(&document.doc, author.prefix) > limits::MAX_OWN_HEADS / 2 {
            let actor = mint(author.prefix, &mut self.source);
            parts.extend(gathered(&mut document.doc, (&actor, now)));
        }
        let hashes: Vec<Hash> = parts.iter().map(|part| part.change.hash().into()).collect();
        let last = parts.last().map(|part| (part.change.hash().into(), part.change.actor_id().to_bytes()));
        let tip = last.and_then(|(tip, actor)| Some((tip, actor.try_into().ok()?)));
        let heads = document.heads();
        let mut ops = with;
        for part in parts {
            document.note(&part.change, author.provisional(now));
            ops.push(Op::Enqueue(OutboxEntry {
                document: id,
                hash: part.change.hash().into(),
                intent: part.intent,
                base: part.base,
                bytes: part.change.raw_bytes().to_vec(),
                made: now,
                sent: false,
            }));
        }
        summarise(&mut stored.row, &document, &stored.decisions);
        ops.push(Op::Document(stored.row));
        // Until the store has answered it is not known whether the actor's next number is used.
        self.actors.remove(&id);
        self.store.apply(ops).await?;
        if let Some((tip, actor)) = tip {
            self.actors.insert(id, Actor { id: actor, tip: Some(tip) });
        }
        Ok(Made { document: id, hashes, heads })
    }
}

/// What the centre would refuse for good is not made: too many versions of one worker that do not know of one
/// another, as of a form that is saved again and again at what it first showed.
fn not_crowded(document: &Document, parts: &[Part], facts: Facts) -> Result<(), Crowded> {
    let mut table = document.table.clone();
    for part in parts {
        let words = known_words(document.kind, &part.change, facts);
        match table.crowded_by(&words) {
            Some(crowded @ Crowded::Own(_)) => return Err(crowded),
            Some(Crowded::All(_)) | None => table.insert(words),
        }
    }
    Ok(())
}

/// Loose ends that this device has left in a document.
fn own_heads(doc: &Automerge, prefix: DeviceId) -> usize {
    let heads = doc.get_heads();
    let own = heads.iter().filter_map(|head| doc.get_change_by_hash(head));
    own.filter(|change| change.actor_id().to_bytes().starts_with(&prefix.0)).count()
}

/// A change that gathers all loose ends, before there are more than the centre takes of one device.
fn gathered(doc: &mut Automerge, author: (&[u8; 16], Millis)) -> Option<Part> {
    let base = heads(doc);
    gather(doc, author).map(|change| Part { change, intent: Vec::new(), base })
}

pub(super) fn store_error(failure: &EditFailure) -> Option<&StoreError> {
    match failure {
        EditFailure::Store(error) => Some(error),
        _ => None,
    }
}

/// A plain write cannot make a severest field milder than what the person was shown.
fn refuse_lowering(document: &Document, at: &[Hash], edits: &[Edit]) -> Result<(), EditFailure> {
    for edit in edits {
        let Edit::Put { field: name, value } = edit else { continue };
        let Some(field) = document.kind.field(name).filter(|field| field.class == Class::Severest) else {
            continue;
        };
        let View::Is(stands) = document.table_at(at).view(field) else { continue };
        if value.as_deref().is_none_or(|value| field.check(value).is_ok())
            && field.severity(value.as_deref()) < field.severity(stands.as_deref())
        {
            let text = |value: Option<String>| value.unwrap_or_else(|| "nothing".into());
            let (from, to) = (text(stands), text(value.clone()));
            return Err(EditFailure::Lowering { field: name.clone(), from, to });
        }
    }
    Ok(())
}
