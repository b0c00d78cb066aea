//! The files in `vectors/`: what they hold is what this build reads and writes, byte for byte.
//!
//! They change only by decision: `DOORSTEP_VECTORS=write cargo test -p doorstep-protocol vectors`.

use std::path::PathBuf;

use serde_json::{Value as Json, json};

use super::readable::{hex, unhex};
use super::{examples, invalid, readable};
use crate::wire::{Down, Up, decode, encode};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors").join(name)
}

/// The vectors of a file, after writing them if asked to.
#[expect(clippy::disallowed_methods, reason = "vectors are files, written when asked for")]
fn published(name: &str, today: &[Json]) -> Vec<Json> {
    if std::env::var("DOORSTEP_VECTORS").is_ok_and(|what| what == "write") {
        let text = serde_json::to_string_pretty(today).expect("JSON serialises");
        std::fs::write(path(name), text + "\n").expect("the folder of vectors can be written");
    }
    let text = std::fs::read_to_string(path(name)).expect("the file of vectors is there");
    serde_json::from_str(&text).expect("the file of vectors is JSON")
}

fn bytes(vector: &Json) -> Vec<u8> {
    let mut bytes = unhex(vector["hex"].as_str().expect("a text"));
    let zeros = vector.get("zeros").and_then(Json::as_u64).unwrap_or(0);
    bytes.resize(bytes.len() + zeros as usize, 0);
    bytes
}

#[test]
fn what_devices_say() {
    let examples = examples::up();
    let vector = |(name, frame): &(&str, Up)| json!({ "name": name, "json": readable::up(frame), "hex": hex(&encode(frame)) });
    let published = published("up.json", &examples.iter().map(vector).collect::<Vec<_>>());
    assert_eq!(published.len(), examples.len());
    for (vector, (name, frame)) in published.iter().zip(&examples) {
        let bytes = bytes(vector);
        assert_eq!(vector["name"], json!(name));
        assert_eq!(&decode::<Up>(&bytes).expect("a frame"), frame, "{name}");
        assert_eq!((&vector["json"], hex(&bytes)), (&readable::up(frame), hex(&encode(frame))), "{name}");
    }
}

#[test]
fn what_the_centre_says() {
    let examples = examples::down();
    let vector = |(name, frame): &(&str, Down)| json!({ "name": name, "json": readable::down(frame), "hex": hex(&encode(frame)) });
    let published = published("down.json", &examples.iter().map(vector).collect::<Vec<_>>());
    assert_eq!(published.len(), examples.len());
    for (vector, (name, frame)) in published.iter().zip(&examples) {
        let bytes = bytes(vector);
        assert_eq!(vector["name"], json!(name));
        assert_eq!(&decode::<Down>(&bytes).expect("a frame"), frame, "{name}");
        assert_eq!((&vector["json"], hex(&bytes)), (&readable::down(frame), hex(&encode(frame))), "{name}");
    }
}

#[test]
fn what_the_centre_does_not_take() {
    let examples = invalid::all();
    let vector = |(name, bytes, zeros, code): &invalid::Invalid| match zeros {
        0 => json!({ "name": name, "hex": hex(bytes), "error": code }),
        _ => json!({ "name": name, "hex": hex(bytes), "zeros": zeros, "error": code }),
    };
    let today: Vec<Json> = examples.iter().map(vector).collect();
    let published = published("invalid.json", &today);
    assert_eq!(published, today);
    for vector in &published {
        let error = decode::<Up>(&bytes(vector)).expect_err("not a frame");
        assert_eq!(json!(error.code()), vector["error"], "{}: {error}", vector["name"]);
    }
}
