//! One change chunk in its parts, and the chunk of these parts. Judges nothing: that is the gate's.

use sha2::{Digest, Sha256};

use super::numbers::{Reader, push, push_signed};
use crate::ids::{Hash, Millis};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const CHANGE: u8 = 1;
/// Bytes of the longest actor that is carried in parts; the gate takes 16.
pub(super) const LONGEST_ACTOR: usize = 64;

/// A chunk, in parts where it has the form that [`Parts::chunk`] makes.
pub(super) enum Chunk<'a> {
    Parts(Parts<'a>, Hash),
    Whole(&'a [u8]),
}

/// The parts of a change, as automerge writes them.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) deps: Vec<Hash>,
    pub(super) actor: &'a [u8],
    pub(super) seq: u64,
    pub(super) start_op: u64,
    pub(super) time: Millis,
    pub(super) message: &'a [u8],
    pub(super) others: Vec<&'a [u8]>,
    /// Specification and data of each column.
    pub(super) columns: Vec<(u64, &'a [u8])>,
}

/// A change's hash: SHA-256 of the chunk from its ninth byte on, of all of it if it is shorter.
pub fn hash_of(chunk: &[u8]) -> Hash {
    Hash(Sha256::digest(chunk.get(8..).unwrap_or(chunk)).into())
}

/// The time in the head of a chunk of this form.
pub(super) fn time_of(chunk: &[u8]) -> Option<Millis> {
    let mut left = head(chunk)?;
    let deps = left.number()?;
    left.take(deps.checked_mul(32)?)?;
    let actor = left.number()?;
    left.take(actor)?;
    left.number()?;
    left.number()?;
    left.signed()
}

/// What follows magic, checksum, type and length.
fn head(chunk: &[u8]) -> Option<Reader<'_>> {
    let mut left = Reader(chunk.strip_prefix(&MAGIC)?.get(5..)?);
    left.number()?;
    Some(left)
}

impl<'a> Chunk<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        match Parts::of(bytes) {
            Some(parts) if parts.chunk() == bytes => Chunk::Parts(parts, hash_of(bytes)),
            _ => Chunk::Whole(bytes),
        }
    }

    /// When the change says that it was made; 0 where it is not read.
    pub(super) fn time(&self) -> Millis {
        match self {
            Chunk::Parts(parts, _) => parts.time,
            Chunk::Whole(_) => 0,
        }
    }

    pub(super) fn hash(&self) -> Hash {
        match self {
            Chunk::Parts(_, hash) => *hash,
            Chunk::Whole(bytes) => hash_of(bytes),
        }
    }
}

impl<'a> Parts<'a> {
    fn of(chunk: &'a [u8]) -> Option<Self> {
        let mut left = head(chunk)?;
        let mut parts = Parts::default();
        for _ in 0..left.number()? {
            parts.deps.push(Hash(left.take(32)?.try_into().expect("32 bytes were taken")));
        }
        let actor = left.number()?;
        parts.actor = left.take(actor)?;
        (parts.seq, parts.start_op) = (left.number()?, left.number()?);
        parts.time = left.signed()?;
        let message = left.number()?;
        parts.message = left.take(message)?;
        for _ in 0..left.number()? {
            let other = left.number()?;
            parts.others.push(left.take(other)?);
        }
        let mut lengths = Vec::new();
        for _ in 0..left.number()? {
            lengths.push((left.number()?, left.number()?));
        }
        for (column, length) in lengths {
            parts.columns.push((column, left.take(length)?));
        }
        let long = parts.others.iter().chain([&parts.actor]).any(|actor| actor.len() > LONGEST_ACTOR);
        (left.0.is_empty() && !long).then_some(parts)
    }

    /// Bytes of all parts but the deps.
    pub(super) fn bytes(&self) -> usize {
        let columns = self.columns.iter().map(|(_, data)| data.len());
        let named = self.others.iter().map(|other| other.len()).chain(columns);
        self.actor.len() + self.message.len() + named.sum::<usize>()
    }

    pub(super) fn chunk(&self) -> Vec<u8> {
        let mut body = Vec::new();
        push(&mut body, self.deps.len() as u64);
        self.deps.iter().for_each(|dep| body.extend(dep.0));
        let sized = |body: &mut Vec<u8>, bytes: &[u8]| {
            push(body, bytes.len() as u64);
            body.extend(bytes);
        };
        sized(&mut body, self.actor);
        push(&mut body, self.seq);
        push(&mut body, self.start_op);
        push_signed(&mut body, self.time);
        sized(&mut body, self.message);
        push(&mut body, self.others.len() as u64);
        self.others.iter().for_each(|other| sized(&mut body, other));
        push(&mut body, self.columns.len() as u64);
        for (column, data) in &self.columns {
            push(&mut body, *column);
            push(&mut body, data.len() as u64);
        }
        self.columns.iter().for_each(|(_, data)| body.extend(*data));
        let mut hashed = vec![CHANGE];
        push(&mut hashed, body.len() as u64);
        hashed.extend(body);
        let checksum = Sha256::digest(&hashed);
        [&MAGIC[..], &checksum[..4], &hashed].concat()
    }
}
