//! What the peers cost: our own measurements of them, made before the first line was written, and not of this run.
//!
//! Documents of ten changes, 1.6 KB saved each, over a WebSocket on one machine; bytes after the upgrade, both ways.
//! They hold on any machine; their times would not, and are not here.

use super::Row;

/// Peer, held, changed, bytes up, bytes down.
const MEASURED: [(&str, usize, usize, u32, u32); 4] = [
    ("samod 0.16", 1_000, 0, 176_642, 172_622),
    ("samod 0.16", 2_000, 0, 354_976, 377_765),
    ("automerge-repo 2.5.6", 1_000, 10, 188_851, 4_225),
    ("subduction 0.20", 10_000, 0, 1_938_015, 1_380_274),
];
/// What a feed with a cursor was found to cost: for a reconnect, and for each changed case.
const FEED: (f64, f64) = (200.0, 240.0);

pub(super) fn rows() -> Vec<Row> {
    let row = |(peer, held, changed, up, down): (&'static str, usize, usize, u32, u32)| {
        let name = format!("published: {peer}, reconnect, {changed} of {held} held changed, beside a feed");
        let feed = FEED.0 + FEED.1 * changed as f64;
        let row = Row::new(&name, (f64::from(up) + f64::from(down), "B"), feed);
        Row { peer: Some(peer), ..row.at(held, changed) }
    };
    MEASURED.into_iter().map(row).collect()
}
