//! Identifiers and the units of time. Never creates one: ids are made where their thing is made.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type Millis = i64;

/// SHA-256 of a change chunk after its first eight bytes; automerge's own change hash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Hash(pub [u8; 32]);

/// A document (UUIDv7), made on the device that creates it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DocumentId(pub Uuid);

/// A device: the first eight bytes of every actor it uses. Given at enrolment, never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct DeviceId(pub [u8; 8]);

/// A session of one store, told apart from those of its copies: made at random, stored before it is said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Mark(pub [u8; 8]);

/// Proof that the centre accepted changes with their facts: a device may give them back after the
/// centre has lost them. Changes with the same receipt are proven together (see [`Receipt::together`]).
/// All zero: there is none yet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Receipt(pub [u8; 16]);

/// A person, as the centre numbers them. 0 is nobody: the author of genesis.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, Encode, Decode,
)]
#[serde(transparent)]
#[cbor(transparent)]
pub struct WorkerId(#[n(0)] pub u32);

/// Text that is not an id of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {kind}")]
pub struct BadId {
    kind: &'static str,
    text: String,
}

impl From<automerge::ChangeHash> for Hash {
    fn from(hash: automerge::ChangeHash) -> Self {
        Hash(hash.0)
    }
}

impl From<Hash> for automerge::ChangeHash {
    fn from(hash: Hash) -> Self {
        automerge::ChangeHash(hash.0)
    }
}

fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn read_hex<const N: usize>(kind: &'static str, text: &str) -> Result<[u8; N], BadId> {
    let bad = || BadId { kind, text: text.chars().take(80).collect() };
    if text.len() != 2 * N || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(bad());
    }
    let mut bytes = [0; N];
    for (n, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).map_err(|_| bad())?;
    }
    Ok(bytes)
}

macro_rules! bytes_id {
    ($name:ident, $n:literal, $kind:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(f, &self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(f, &self.0[..4])
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                read_hex($kind, text).map($name)
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
        impl<C> Encode<C> for $name {
            fn encode<W: minicbor::encode::Write>(
                &self,
                e: &mut minicbor::Encoder<W>,
                _: &mut C,
            ) -> Result<(), minicbor::encode::Error<W::Error>> {
                e.bytes(&self.0)?.ok()
            }
        }
        impl<'b, C> Decode<'b, C> for $name {
            fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
                let bytes: [u8; $n] = d
                    .bytes()?
                    .try_into()
                    .map_err(|_| minicbor::decode::Error::message(concat!($kind, " of another length")))?;
                Ok($name(bytes))
            }
        }
    };
}

bytes_id!(Hash, 32, "change hash");
bytes_id!(DeviceId, 8, "device id");
bytes_id!(Receipt, 16, "receipt");
bytes_id!(Mark, 8, "mark of a session");

impl Receipt {
    /// One receipt for several changes: the sum, without carry, of their receipts. Whoever cannot make a
    /// receipt cannot make such a sum over anything else, as long as no change counts twice
    /// (Katz and Lindell, *Aggregate Message Authentication Codes*, 2008).
    pub fn together(each: impl IntoIterator<Item = Receipt>) -> Receipt {
        let mut sum = [0; 16];
        for receipt in each {
            sum.iter_mut().zip(receipt.0).for_each(|(sum, byte)| *sum ^= byte);
        }
        Receipt(sum)
    }

    /// Whether two are the same, compared without an early end.
    pub fn is(self, other: Receipt) -> bool {
        self.0.iter().zip(other.0).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
    }
}

impl fmt::Display for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for DocumentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl FromStr for DocumentId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let bad = |_| BadId { kind: "document id", text: text.chars().take(80).collect() };
        Uuid::parse_str(text).map(DocumentId).map_err(bad)
    }
}

impl DocumentId {
    /// A UUIDv7 from the time and ten random bytes.
    pub fn v7(now: Millis, random: [u8; 10]) -> Self {
        let ms = u64::try_from(now).unwrap_or(0);
        DocumentId(uuid::Builder::from_unix_timestamp_millis(ms, &random).into_uuid())
    }
}

impl<C> Encode<C> for DocumentId {
    fn encode<W: minicbor::encode::Write>(
        &self,
        e: &mut minicbor::Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(self.0.as_bytes())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for DocumentId {
    fn decode(d: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        let bytes = Uuid::from_slice(d.bytes()?);
        bytes.map(DocumentId).map_err(|_| minicbor::decode::Error::message("document id of another length"))
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "w{}", self.0)
    }
}

impl FromStr for WorkerId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let digits = text.strip_prefix('w').unwrap_or(text);
        let bad = |_| BadId { kind: "worker id", text: text.chars().take(80).collect() };
        digits.parse().map(WorkerId).map_err(bad)
    }
}
