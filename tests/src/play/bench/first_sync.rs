//! Bytes of a first sync of a real device, counted at a TCP proxy after the upgrade: in one go, and cut half-way.

use super::held::{Held, cases};
use super::{Row, Size};

/// Documents that are compressed together in what it is held against.
const BATCH: usize = 100;
/// How hard.
const LEVEL: i32 = 3;

pub(super) fn rows(size: Size) -> Result<Vec<Row>, String> {
    let cases = cases(size);
    let held = Held::build("first-sync", cases)?;
    let baseline = saves(&held.fleet.saves())? as f64;
    let whole = held.reader("whole")?;
    let (counted, _) = held.sync(&whole)?;
    complete(&whole, cases)?;
    let total = (counted.up + counted.down) as f64;

    let cut = held.reader("cut")?;
    held.proxy.cut_after(counted.down / 2);
    if held.sync(&cut).is_ok() {
        return Err("the first sync was not cut".into());
    }
    held.proxy.cut_after(u64::MAX);
    let before = held.proxy.take();
    let (after, _) = held.sync(&cut)?;
    complete(&cut, cases)?;
    let resumed = (before.up + before.down + after.up + after.down) as f64;
    let name = format!("first sync of {cases} cases of 12 changes");
    Ok(vec![
        Row::new(&format!("{name}, beside zstd-{LEVEL} of their saves"), (total, "B"), baseline),
        Row::new(&format!("{name}, cut half-way and resumed, beside one in one go"), (resumed, "B"), total),
    ])
}

/// Bytes of uncompressed saves, compressed in batches.
fn saves(saves: &[Vec<u8>]) -> Result<usize, String> {
    let batch = |batch: &[Vec<u8>]| zstd::bulk::compress(&batch.concat(), LEVEL).map(|bytes| bytes.len());
    saves.chunks(BATCH).map(batch).sum::<Result<usize, _>>().map_err(|error| error.to_string())
}

fn complete(device: &crate::play::process::Device, cases: usize) -> Result<(), String> {
    let status = device.run(&["status"])?.good()?;
    if status["held"] == cases { Ok(()) } else { Err(format!("{} of {cases} cases came", status["held"])) }
}
