//! Changes of one document in columns: every part of all changes, then the next part.
//!
//! The parts in their order are in doorstep-v1.cddl. What is read is bounded by the bytes that it is
//! read from and, where one byte stands for a hash, by [`limits::MAX_PAGE_FRAME_BYTES`].

use std::collections::BTreeSet;

use super::chunk::{Chunk, LONGEST_ACTOR, Parts, hash_of};
use super::numbers::{Reader, push, push_difference};
use crate::ids::{Hash, Millis};
use crate::limits;

/// Actors in the order in which they are first named.
#[derive(Default)]
struct Actors<'a>(Vec<&'a [u8]>);

impl<'a> Actors<'a> {
    fn write(&mut self, to: &mut Vec<u8>, actor: &'a [u8]) {
        let known = self.0.iter().position(|known| *known == actor);
        push(to, known.unwrap_or(self.0.len()) as u64);
        if known.is_none() {
            push(to, actor.len() as u64);
            to.extend(actor);
            self.0.push(actor);
        }
    }

    fn read(&mut self, from: &mut Reader<'a>) -> Option<&'a [u8]> {
        let at = usize::try_from(from.number()?).ok()?;
        if at == self.0.len() {
            let length = from.number()?;
            self.0.push(from.take(length).filter(|actor| actor.len() <= LONGEST_ACTOR)?);
        }
        self.0.get(at).copied()
    }
}

/// The columns of these changes.
pub(super) fn write(chunks: &[Chunk<'_>]) -> Vec<u8> {
    let mut to = Vec::new();
    push(&mut to, chunks.len() as u64);
    deps(&mut to, chunks);
    let parts = chunks.iter().filter_map(|chunk| match chunk {
        Chunk::Parts(parts, _) => Some(parts),
        Chunk::Whole(_) => None,
    });
    let parts: Vec<&Parts<'_>> = parts.collect();
    let mut actors = Actors::default();
    parts.iter().for_each(|parts| actors.write(&mut to, parts.actor));
    for (at, part) in parts.iter().enumerate() {
        let last = parts[..at].iter().rev().find(|last| last.actor == part.actor);
        push_difference(&mut to, part.seq, last.map_or(0, |last| last.seq).wrapping_add(1));
    }
    let mut last = 0;
    for part in &parts {
        push_difference(&mut to, part.start_op, std::mem::replace(&mut last, part.start_op));
    }
    let mut last = 0;
    for part in &parts {
        let time = part.time as u64;
        push_difference(&mut to, time, std::mem::replace(&mut last, time));
    }
    parts.iter().for_each(|parts| push(&mut to, parts.message.len() as u64));
    parts.iter().for_each(|parts| push(&mut to, parts.others.len() as u64));
    for part in &parts {
        part.others.iter().for_each(|other| actors.write(&mut to, other));
    }
    parts.iter().for_each(|parts| push(&mut to, parts.columns.len() as u64));
    for part in &parts {
        part.columns.iter().for_each(|(column, _)| push(&mut to, *column));
    }
    for column in kinds(&parts) {
        let of = parts.iter().flat_map(|parts| &parts.columns).filter(|(kind, _)| *kind == column);
        of.clone().for_each(|(_, data)| push(&mut to, data.len() as u64));
        of.for_each(|(_, data)| to.extend(*data));
    }
    parts.iter().for_each(|parts| to.extend(parts.message));
    for chunk in chunks {
        if let Chunk::Whole(bytes) = chunk {
            push(&mut to, bytes.len() as u64);
            to.extend(*bytes);
        }
    }
    to
}

/// Every kind of column, ascending.
fn kinds(parts: &[&Parts<'_>]) -> BTreeSet<u64> {
    parts.iter().flat_map(|parts| parts.columns.iter().map(|(column, _)| *column)).collect()
}

/// For each change 0 if it is carried whole, else the number of its deps and one; each dep as how far
/// back it is in the list, from 1, or 0; after that the hashes of those that are not in the list.
fn deps(to: &mut Vec<u8>, chunks: &[Chunk<'_>]) {
    let hashes: Vec<Hash> = chunks.iter().map(Chunk::hash).collect();
    let mut elsewhere = Vec::new();
    for (at, chunk) in chunks.iter().enumerate() {
        let Chunk::Parts(parts, _) = chunk else {
            push(to, 0);
            continue;
        };
        push(to, parts.deps.len() as u64 + 1);
        for dep in &parts.deps {
            let back = hashes[..at].iter().rev().position(|hash| hash == dep);
            push(to, back.map_or(0, |back| back as u64 + 1));
            if back.is_none() {
                elsewhere.extend(dep.0);
            }
        }
    }
    to.extend(elsewhere);
}

/// Where a dep of a change stands.
enum Dep {
    Back(usize),
    Elsewhere(Hash),
}

/// Chunks with the times that they say. `None`: not what [`write`] writes.
pub(super) fn read(bytes: &[u8]) -> Option<Vec<(Vec<u8>, Millis)>> {
    let mut from = Reader(bytes);
    let deps = read_deps(&mut from)?;
    let mut parts: Vec<Parts<'_>> = deps.iter().flatten().map(|_| Parts::default()).collect();
    let mut actors = Actors::default();
    for part in &mut parts {
        part.actor = actors.read(&mut from)?;
    }
    read_numbers(&mut from, &mut parts)?;
    let messages = counts(&mut from, parts.len())?;
    let others = counts(&mut from, parts.len())?;
    for (part, count) in parts.iter_mut().zip(others) {
        for _ in 0..count {
            part.others.push(actors.read(&mut from)?);
        }
    }
    read_columns(&mut from, &mut parts)?;
    for (part, length) in parts.iter_mut().zip(messages) {
        part.message = from.take(length)?;
    }
    let chunks = build(&mut from, &deps, parts)?;
    from.0.is_empty().then_some(chunks)
}

fn read_deps(from: &mut Reader<'_>) -> Option<Vec<Option<Vec<Dep>>>> {
    let mut deps = Vec::new();
    for at in 0..from.number()? {
        let Some(count) = from.number()?.checked_sub(1) else {
            deps.push(None);
            continue;
        };
        let mut of = Vec::new();
        for _ in 0..count {
            of.push(match from.number()? {
                0 => Dep::Elsewhere(Hash::default()),
                back => Dep::Back(at.checked_sub(back)? as usize),
            });
        }
        deps.push(Some(of));
    }
    for dep in deps.iter_mut().flatten().flatten() {
        if let Dep::Elsewhere(hash) = dep {
            *hash = Hash(from.take(32)?.try_into().ok()?);
        }
    }
    Some(deps)
}

fn read_numbers(from: &mut Reader<'_>, parts: &mut [Parts<'_>]) -> Option<()> {
    let mut last: std::collections::BTreeMap<&[u8], u64> = std::collections::BTreeMap::new();
    for part in &mut *parts {
        let seq = last.entry(part.actor).or_default();
        *seq = from.difference(seq.wrapping_add(1))?;
        part.seq = *seq;
    }
    let mut last = 0;
    for part in &mut *parts {
        last = from.difference(last)?;
        part.start_op = last;
    }
    let mut last = 0;
    for part in parts {
        last = from.difference(last)?;
        part.time = last as i64;
    }
    Some(())
}

fn counts(from: &mut Reader<'_>, n: usize) -> Option<Vec<u64>> {
    (0..n).map(|_| from.number()).collect()
}

fn read_columns<'a>(from: &mut Reader<'a>, parts: &mut [Parts<'a>]) -> Option<()> {
    let counts = counts(from, parts.len())?;
    for (part, count) in parts.iter_mut().zip(counts) {
        for _ in 0..count {
            part.columns.push((from.number()?, &[]));
        }
    }
    let mut places: Vec<(u64, usize, usize)> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        places.extend(part.columns.iter().enumerate().map(|(n, (column, _))| (*column, at, n)));
    }
    places.sort_unstable();
    for of in places.chunk_by(|a, b| a.0 == b.0) {
        let lengths: Vec<u64> = of.iter().map(|_| from.number()).collect::<Option<_>>()?;
        for ((_, at, n), length) in of.iter().zip(lengths) {
            parts[*at].columns[*n].1 = from.take(length)?;
        }
    }
    Some(())
}

fn build<'a>(
    from: &mut Reader<'a>,
    deps: &[Option<Vec<Dep>>],
    parts: Vec<Parts<'a>>,
) -> Option<Vec<(Vec<u8>, Millis)>> {
    let (mut parts, mut chunks, mut total) = (parts.into_iter(), Vec::with_capacity(deps.len()), 0);
    let mut hashes: Vec<Hash> = Vec::with_capacity(deps.len());
    for deps in deps {
        let (chunk, time) = match deps {
            None => {
                let length = from.number()?;
                (from.take(length)?.to_vec(), 0)
            }
            Some(deps) => {
                let mut part = parts.next()?;
                // One byte names a hash of 32, or an actor of any length: what that comes to is bounded here,
                // before anything is made of it.
                total += deps.len() * 32 + part.bytes();
                if total > limits::MAX_PAGE_FRAME_BYTES {
                    return None;
                }
                part.deps = deps
                    .iter()
                    .map(|dep| match dep {
                        Dep::Back(at) => hashes[*at],
                        Dep::Elsewhere(hash) => *hash,
                    })
                    .collect();
                let time = part.time;
                (part.chunk(), time)
            }
        };
        hashes.push(hash_of(&chunk));
        chunks.push((chunk, time));
    }
    Some(chunks)
}
