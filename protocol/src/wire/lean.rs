//! Accepted changes as a page and a return carry them: without what the reader can work out.
//!
//! A chunk says its length, its checksum and, in 32 bytes each, what it builds on. All of that follows
//! from the rest of it and from the changes before it in the list, and random bytes are what no
//! compression makes smaller. The rest is written in columns, like with like, and facts once for a run
//! of changes that share them. What comes out is byte for byte what went in; a chunk of another form is
//! carried whole.

mod chunk;
mod columns;
mod numbers;

use minicbor::data::Type;
use minicbor::encode::Write;
use minicbor::{Decoder, Encoder};

use super::frames::{Blob, Sent};
use crate::ids::{DeviceId, Millis, Receipt, WorkerId};
use chunk::Chunk;
pub use chunk::hash_of;

type Wrong = minicbor::decode::Error;

/// Facts that the changes of a run share.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shared {
    worker: WorkerId,
    device: DeviceId,
    /// `made` less the time in the chunk.
    skew: Millis,
    received: Millis,
    receipt: Receipt,
}

impl Shared {
    fn of(sent: &Sent, time: Millis) -> Self {
        let Sent { worker, device, made, received, receipt, .. } = sent;
        let skew = made.wrapping_sub(time);
        Shared { worker: *worker, device: *device, skew, received: *received, receipt: *receipt }
    }
}

/// When a change chunk says that it was made; 0 where that is not read. Asked for every change of every push and
/// ack: it reads the head of the chunk and nothing else.
pub fn time_of(chunk: &[u8]) -> Millis {
    chunk::time_of(chunk).unwrap_or(0)
}

/// Writes changes.
pub(super) fn encode<C, W: Write>(
    changes: &[Sent],
    e: &mut Encoder<W>,
    ctx: &mut C,
) -> Result<(), minicbor::encode::Error<W::Error>> {
    let chunks: Vec<Chunk<'_>> = changes.iter().map(|sent| Chunk::of(&sent.bytes)).collect();
    let each: Vec<Shared> =
        changes.iter().zip(&chunks).map(|(sent, chunk)| Shared::of(sent, chunk.time())).collect();
    let runs: Vec<&[Shared]> = each.chunk_by(|a, b| a == b).collect();
    e.array(2)?.array(runs.len() as u64)?;
    let mut before = None;
    for run in runs {
        let Shared { worker, device, skew, received, receipt } = run[0];
        e.array(6)?.u64(run.len() as u64)?;
        e.encode_with(worker, ctx)?.encode_with(device, ctx)?.i64(skew)?.i64(received)?;
        match before.replace(receipt) {
            Some(last) if last == receipt => e.null()?,
            _ => e.encode_with(receipt, ctx)?,
        };
    }
    e.bytes(&columns::write(&chunks))?.ok()
}

/// Reads changes.
pub(super) fn decode<C>(d: &mut Decoder<'_>, ctx: &mut C) -> Result<Vec<Sent>, Wrong> {
    fields(d, 2)?;
    let (mut runs, mut before): (Vec<(u64, Shared)>, _) = (Vec::new(), None);
    for _ in 0..length(d)? {
        fields(d, 6)?;
        let count = d.u64()?;
        let (worker, device) = (d.decode_with(ctx)?, d.decode_with(ctx)?);
        let (skew, received) = (d.i64()?, d.i64()?);
        let receipt: Receipt = match d.datatype()? {
            Type::Null => {
                d.null()?;
                before.ok_or_else(|| Wrong::message("the first run has no receipt"))?
            }
            _ => d.decode_with(ctx)?,
        };
        before = Some(receipt);
        runs.push((count, Shared { worker, device, skew, received, receipt }));
    }
    let read = columns::read(d.bytes()?).ok_or_else(|| Wrong::message("columns that are no changes"))?;
    let total = runs.iter().try_fold(0_u64, |total, (count, _)| total.checked_add(*count));
    if total != Some(read.len() as u64) {
        return Err(Wrong::message("another number of changes than of facts"));
    }
    let facts = runs.into_iter().flat_map(|(count, shared)| std::iter::repeat_n(shared, count as usize));
    let sent = |((bytes, time), shared): ((Vec<u8>, Millis), Shared)| {
        let Shared { worker, device, skew, received, receipt } = shared;
        let made = time.wrapping_add(skew);
        Sent { bytes: Blob::from(bytes), worker, device, made, received, receipt }
    };
    Ok(read.into_iter().zip(facts).map(sent).collect())
}

/// The items of an array; lengths are definite.
fn length(d: &mut Decoder<'_>) -> Result<u64, Wrong> {
    d.array()?.ok_or_else(|| Wrong::message("an array of indefinite length"))
}

fn fields(d: &mut Decoder<'_>, n: u64) -> Result<(), Wrong> {
    if length(d)? == n { Ok(()) } else { Err(Wrong::message("another number of fields")) }
}
