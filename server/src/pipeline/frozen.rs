//! A case as bytes and back: what a snapshot is. Everything that a cold case is built from except its row, its
//! decisions and what it waits for: the document as automerge saves it, and of each change its words, its facts and what
//! the gate's index knows of it, so that no change has to be parsed, decoded or applied again.
//!
//! Architecture Invariant: a cache. What is frozen is thawed and compared before it is kept ([`freeze`]); what does not
//! thaw is thrown away and the changes serve. Never the only place of anything.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use automerge::Automerge;
use doorstep_protocol::documents::words::{Accepted, Act, Value, Word};
use doorstep_protocol::documents::{Facts, Kind};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, Hash, Receipt, WorkerId};
use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use super::case::Case;
use crate::gate::{FrozenChange, FrozenNames, OpIndex};
use crate::limits;

/// Form of a snapshot, and of the rules by which words are derived: raised when either changes. Others are thrown away.
const FORM: u32 = 2;
/// zstd; higher costs more and saves little on some kilobytes.
const LEVEL: i32 = 3;

/// Why bytes are no snapshot, or no snapshot of this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    /// They are not the bytes that were kept.
    #[error("its digest differs")]
    Digest,
    /// Another build wrote it.
    #[error("it is of another form")]
    Form,
    /// They do not read.
    #[error("it does not read")]
    Unreadable,
    /// automerge does not load its document, or loads another one.
    #[error("its document does not load")]
    Document,
    /// What is thawed is not what was frozen.
    #[error("it thaws to something else")]
    Different,
}

#[derive(Encode, Decode)]
struct Frozen {
    #[n(0)]
    form: u32,
    #[n(1)]
    doc: ByteVec,
    #[n(2)]
    names: FrozenNames,
    /// In the order in which they were entered, the genesis first.
    #[n(3)]
    changes: Vec<Told>,
    /// Bytes of the changes together.
    #[n(4)]
    bytes: u64,
}

#[derive(Encode, Decode)]
struct Told {
    #[n(0)]
    hash: Hash,
    /// Places in the list.
    #[n(1)]
    deps: Vec<u32>,
    #[n(2)]
    words: Vec<FrozenWord>,
    #[n(3)]
    worker: WorkerId,
    #[n(4)]
    device: DeviceId,
    #[n(5)]
    made: Millis,
    #[n(6)]
    received: Millis,
    #[n(7)]
    seq: u64,
    #[n(8)]
    index: FrozenChange,
}

#[derive(Encode, Decode)]
struct FrozenWord {
    #[n(0)]
    field: String,
    #[n(1)]
    value: Value,
    #[n(2)]
    act: FrozenAct,
}

#[derive(Encode, Decode)]
enum FrozenAct {
    #[n(0)]
    Plain,
    #[n(1)]
    Resolves(#[n(0)] Vec<Hash>),
    #[n(2)]
    Lowers(#[n(0)] Value),
}

impl From<&Word> for FrozenWord {
    fn from(word: &Word) -> Self {
        let act = match &word.act {
            Act::Plain => FrozenAct::Plain,
            Act::Resolves(of) => FrozenAct::Resolves(of.clone()),
            Act::Lowers(from) => FrozenAct::Lowers(from.clone()),
        };
        FrozenWord { field: word.field.name.to_owned(), value: word.value.clone(), act }
    }
}

/// The reason of a word is in its document; no rule reads it.
fn thaw_word(kind: Kind, frozen: FrozenWord) -> Option<Word> {
    let act = match frozen.act {
        FrozenAct::Plain => Act::Plain,
        FrozenAct::Resolves(of) => Act::Resolves(of),
        FrozenAct::Lowers(from) => Act::Lowers(from),
    };
    Some(Word { field: kind.field(&frozen.field)?, value: frozen.value, act, reason: None })
}

/// SHA-256 of a snapshot's bytes.
pub(crate) fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The bytes of a case that was built from its changes alone: `accepted` are these, in the order in which they were
/// entered. They are thawed again and compared first: heads, index, table and facts.
pub(super) fn freeze(case: &Case, accepted: &[Accepted]) -> Result<Vec<u8>, Unusable> {
    let (names, indexed) = case.index.frozen();
    let places: HashMap<Hash, u32> =
        indexed.iter().enumerate().map(|(at, (hash, _))| (Hash(*hash), at as u32)).collect();
    let changes: Option<Vec<Told>> = accepted
        .iter()
        .zip(indexed)
        .map(|(accepted, indexed)| tell(case, accepted, indexed, &places))
        .collect();
    let changes = changes.ok_or(Unusable::Different)?;
    let doc =
        catch_unwind(AssertUnwindSafe(|| case.doc.save_nocompress())).map_err(|_| Unusable::Document)?;
    let frozen = Frozen { form: FORM, doc: doc.into(), names, changes, bytes: case.bytes as u64 };
    let plain = minicbor::to_vec(&frozen).map_err(|_| Unusable::Unreadable)?;
    let bytes = zstd::bulk::compress(&plain, LEVEL).map_err(|_| Unusable::Unreadable)?;
    let again = thaw(case.emptied(), &bytes)?;
    if same(&again, case) { Ok(bytes) } else { Err(Unusable::Different) }
}

/// Whether two cases come from the same changes, as far as anybody can tell.
pub(super) fn same(a: &Case, b: &Case) -> bool {
    a.doc.get_heads() == b.doc.get_heads()
        && a.index == b.index
        && a.table == b.table
        && a.known == b.known
        && a.bytes == b.bytes
        && a.fields() == b.fields()
}

fn tell(
    case: &Case,
    accepted: &Accepted,
    (hash, index): ([u8; 32], FrozenChange),
    places: &HashMap<Hash, u32>,
) -> Option<Told> {
    let (facts, seq) = *case.known.get(&accepted.hash)?;
    let deps: Option<Vec<u32>> = accepted.deps.iter().map(|dep| places.get(dep).copied()).collect();
    let Facts { worker, device, made, received, .. } = facts;
    (Hash(hash) == accepted.hash).then_some(())?;
    let words = accepted.words.iter().map(FrozenWord::from).collect();
    Some(Told { hash: accepted.hash, deps: deps?, words, worker, device, made, received, seq, index })
}

fn read(bytes: &[u8]) -> Result<Frozen, Unusable> {
    let plain =
        zstd::bulk::decompress(bytes, limits::MAX_SNAPSHOT_BYTES).map_err(|_| Unusable::Unreadable)?;
    let frozen: Frozen = match minicbor::decode(&plain) {
        Ok(frozen) => frozen,
        // A form of its own may have anything behind its number.
        Err(_) => return Err(form_of(&plain).map_or(Unusable::Unreadable, |_| Unusable::Form)),
    };
    if frozen.form == FORM { Ok(frozen) } else { Err(Unusable::Form) }
}

fn load(frozen: &Frozen) -> Result<Automerge, Unusable> {
    catch_unwind(|| Automerge::load(&frozen.doc)).ok().and_then(Result::ok).ok_or(Unusable::Document)
}

/// The document alone. Does not look at the digest.
pub(super) fn document(bytes: &[u8]) -> Result<Automerge, Unusable> {
    load(&read(bytes)?)
}

/// The case that a snapshot holds, over one that is empty. Does not look at the digest.
pub(super) fn thaw(empty: Case, bytes: &[u8]) -> Result<Case, Unusable> {
    let frozen = read(bytes)?;
    let mut case = empty;
    case.doc = load(&frozen)?;
    case.bytes = frozen.bytes as usize;
    case.index = OpIndex::thawing(&frozen.names);
    let hashes: Vec<Hash> = frozen.changes.iter().map(|told| told.hash).collect();
    for told in frozen.changes {
        enter(&mut case, told, &hashes).ok_or(Unusable::Unreadable)?;
    }
    if case.doc.get_heads().len() == case.index.heads() { Ok(case) } else { Err(Unusable::Document) }
}

fn form_of(plain: &[u8]) -> Option<u32> {
    let mut decoder = minicbor::Decoder::new(plain);
    decoder.array().ok()?;
    decoder.u32().ok().filter(|form| *form != FORM)
}

fn enter(case: &mut Case, told: Told, hashes: &[Hash]) -> Option<()> {
    let deps: Option<Vec<Hash>> =
        told.deps.iter().map(|place| hashes.get(*place as usize).copied()).collect();
    let deps = deps?;
    let bare: Vec<[u8; 32]> = deps.iter().map(|dep| dep.0).collect();
    if !case.index.thaw(told.hash.0, &bare, told.index) {
        return None;
    }
    let (worker, device) = (told.worker, told.device);
    let facts =
        Facts { worker, device, made: told.made, received: told.received, receipt: Receipt::default() };
    let kind = case.row.kind;
    let words: Option<Vec<Word>> = told.words.into_iter().map(|word| thaw_word(kind, word)).collect();
    case.table.insert(Accepted { hash: told.hash, deps, facts, words: words? });
    case.known.insert(told.hash, (facts, told.seq));
    Some(())
}
