//! The frame, the header and the column table of one change chunk, read from the bytes alone.
//!
//! Refuses everything that automerge's own encoder would not have written, in time and memory bounded
//! by the chunk and [`ByteLimits::max_ops`]. Never asks the document: what only it can tell is listed
//! in [`Summary::outside`] and judged by the context rules.

use super::read::Reader;
use super::rows::{self, Outside};
use super::{ByteLimits, Hash, Refusal, UNHASHED, change_hash};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];

/// The chunk type of a plain change. Documents (0) and bundles (3) crash the parser when malformed,
/// compressed changes (2) expand without bound, and a change is too small to gain from it.
const CHANGE: u8 = 1;

/// What the bytes say, for the rules that need the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary<'a> {
    /// The change's hash, which is its name.
    pub hash: Hash,
    /// The author.
    pub actor: &'a [u8],
    /// The number of this change among the author's, from 1.
    pub seq: u64,
    /// The counter of the first operation.
    pub start_op: u64,
    /// The number of operations.
    pub ops: usize,
    /// The changes that this one builds on, ascending.
    pub deps: &'a [Hash],
    /// Milliseconds since 1970, by the author's clock.
    pub time_ms: i64,
    /// The message; empty if there is none.
    pub message: &'a str,
    /// `start_op + ops - 1`: for an empty change one less than its `start_op`, as automerge counts.
    pub max_op: u64,
    /// Every actor that the operations refer to beside the author; each must be in the document,
    /// else automerge panics.
    pub other_actors: Vec<&'a [u8]>,
    /// The operations that refer to anything outside this change.
    pub outside: Vec<Outside<'a>>,
}

/// Inspects exactly one uncompressed change chunk.
pub fn inspect<'a>(bytes: &'a [u8], limits: &ByteLimits) -> Result<Summary<'a>, Refusal> {
    let (hash, mut body) = open_chunk(bytes, limits)?;

    let deps = read_deps(&mut body, limits)?;
    let actor = read_actor(&mut body, limits)?;
    let seq = body.uleb()?;
    if seq == 0 || seq > limits.max_seq {
        return Err(Refusal::Seq);
    }
    let start_op = body.uleb()?;
    if start_op == 0 || start_op > limits.max_counter {
        return Err(Refusal::StartOp);
    }
    if deps.is_empty() && (seq, start_op) != (1, 1) {
        return Err(Refusal::RootChange);
    }
    let time_ms = body.sleb()?;
    if !limits.time_ms.contains(&time_ms) {
        return Err(Refusal::Time);
    }
    let message_len = body.uleb()?;
    if message_len > limits.max_message {
        return Err(Refusal::MessageSize);
    }
    let message = body.utf8(message_len)?;
    let actors = read_actors(&mut body, actor, limits)?;

    let columns = read_columns(&mut body)?;
    let (ops, outside) = rows::walk(columns, &actors, seq, start_op, limits)?;

    Ok(Summary {
        hash,
        actor,
        seq,
        start_op,
        ops,
        deps,
        time_ms,
        message,
        max_op: start_op + ops as u64 - 1,
        other_actors: actors[1..].to_vec(),
        outside,
    })
}

/// Magic, type, exact length, checksum: automerge does not check the last one.
fn open_chunk<'a>(bytes: &'a [u8], limits: &ByteLimits) -> Result<(Hash, Reader<'a>), Refusal> {
    if bytes.len() > limits.max_bytes {
        return Err(Refusal::TooBig);
    }
    let (head, hashed) = bytes.split_at_checked(UNHASHED).ok_or(Refusal::Truncated)?;
    let (magic, checksum) = head.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(Refusal::Magic);
    }
    let mut body = Reader(hashed);
    match body.take(1)? {
        [CHANGE] => {}
        other => return Err(Refusal::ChunkType(other[0])),
    }
    if body.uleb()? != body.0.len() as u64 {
        return Err(Refusal::Length);
    }
    let hash = change_hash(bytes);
    if hash[..checksum.len()] != *checksum {
        return Err(Refusal::Checksum);
    }
    Ok((hash, body))
}

fn read_deps<'a>(body: &mut Reader<'a>, limits: &ByteLimits) -> Result<&'a [Hash], Refusal> {
    let count = body.uleb()?;
    if count > limits.max_deps {
        return Err(Refusal::TooManyDeps);
    }
    let (deps, _) = body.take(count * size_of::<Hash>() as u64)?.as_chunks();
    if !deps.is_sorted_by(|a, b| a < b) {
        return Err(Refusal::DepsOrder);
    }
    Ok(deps)
}

fn read_actor<'a>(body: &mut Reader<'a>, limits: &ByteLimits) -> Result<&'a [u8], Refusal> {
    let len = body.uleb()?;
    if !limits.actor_len.contains(&len) {
        return Err(Refusal::ActorLength);
    }
    body.take(len)
}

/// The author first, as operations number them, then the others in ascending order.
fn read_actors<'a>(
    body: &mut Reader<'a>,
    author: &'a [u8],
    limits: &ByteLimits,
) -> Result<Vec<&'a [u8]>, Refusal> {
    let count = body.uleb()?;
    if count > limits.max_actors {
        return Err(Refusal::TooManyActors);
    }
    let mut actors = vec![author];
    for _ in 0..count {
        let actor = read_actor(body, limits)?;
        if actor == author || (actors.len() > 1 && actors.last() >= Some(&actor)) {
            return Err(Refusal::ActorOrder);
        }
        actors.push(actor);
    }
    Ok(actors)
}

/// The columns that a change may have, in their order: actor and counter of the object; actor,
/// counter and name of the key; insert; action; type and bytes of the value; count, actors and
/// counters of the predecessors; then those of marks: expand and name. Bits 0-2 of a number are the
/// column's type, bit 3 says deflate, the rest is its id.
const COLUMNS: [u32; 14] =
    [0x01, 0x02, 0x11, 0x13, 0x15, 0x34, 0x42, 0x56, 0x57, 0x70, 0x71, 0x73, 0x94, 0xa5];

/// How many of them there are without marks.
const PLAIN: usize = 12;

const DEFLATE: u32 = 8;

/// The bytes of each column; one that is absent is empty, and one that is present is not.
pub(super) type Columns<'a> = [&'a [u8]; PLAIN];

fn read_columns<'a>(body: &mut Reader<'a>) -> Result<Columns<'a>, Refusal> {
    let mut lengths = [0u64; COLUMNS.len()];
    let mut next = 0;
    for _ in 0..body.uleb()? {
        let number = u32::try_from(body.uleb()?).map_err(|_| Refusal::NumberTooLarge)?;
        if number & DEFLATE != 0 {
            return Err(Refusal::DeflatedColumn);
        }
        let index = COLUMNS.binary_search(&number).map_err(|_| Refusal::UnknownColumn(number))?;
        if index < next {
            return Err(Refusal::ColumnOrder);
        }
        next = index + 1;
        lengths[index] = body.uleb()?;
        if lengths[index] == 0 {
            return Err(Refusal::EmptyColumn);
        }
    }
    // Without marks the encoder leaves their columns out.
    if next > PLAIN {
        return Err(Refusal::Mark);
    }
    let mut columns: Columns = [&[]; PLAIN];
    for (bytes, length) in columns.iter_mut().zip(lengths) {
        *bytes = body.take(length)?;
    }
    if !body.is_empty() {
        return Err(Refusal::Length);
    }
    Ok(columns)
}
