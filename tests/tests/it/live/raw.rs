//! A hand encoder for automerge change chunks: right checksums around whatever a test wants to say.

use sha2::{Digest, Sha256};

pub(super) const OBJ_ACTOR: u64 = 0x01;
pub(super) const OBJ_COUNTER: u64 = 0x02;
pub(super) const KEY_ACTOR: u64 = 0x11;
pub(super) const KEY_COUNTER: u64 = 0x13;
pub(super) const KEY_STRING: u64 = 0x15;
pub(super) const INSERT: u64 = 0x34;
pub(super) const ACTION: u64 = 0x42;
pub(super) const META: u64 = 0x56;
pub(super) const VALUE: u64 = 0x57;
pub(super) const PRED_COUNT: u64 = 0x70;

/// The first change of every case, from the vectors of the CDDL.
pub(super) const GENESIS: &str = "856f4a830b5f96510181010010646f6f72737465702d636173652d7631010100000005155234014208560270027606726576696577087365766572657374066c6174657374077265636f7264730b6465736372697074696f6e0474616773036c6f670b6174746163686d656e74730a7369676e617475726573056c696e6b730a03007d02040004020a000a00";
const GENESIS_ACTOR: &[u8; 16] = b"doorstep-case-v1";
/// The map of fields whose latest word stands: the third operation of genesis.
const LATEST: i64 = 3;
/// Operations of genesis.
const GENESIS_OPS: u64 = 10;

pub(super) fn genesis() -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&GENESIS[at..at + 2], 16).expect("hex digits");
    (0..GENESIS.len()).step_by(2).map(digit).collect()
}

/// A chunk's hash: SHA-256 after the first eight bytes.
pub(super) fn hash(chunk: &[u8]) -> [u8; 32] {
    Sha256::digest(chunk.get(8..).unwrap_or(chunk)).into()
}

pub(super) fn uleb(mut n: u64, out: &mut Vec<u8>) {
    loop {
        let byte = (n & 0x7f) as u8;
        n >>= 7;
        if n == 0 {
            return out.push(byte);
        }
        out.push(byte | 0x80);
    }
}

pub(super) fn sleb(mut n: i64, out: &mut Vec<u8>) {
    loop {
        let byte = (n & 0x7f) as u8;
        n >>= 7;
        if (n == 0 && byte & 0x40 == 0) || (n == -1 && byte & 0x40 != 0) {
            return out.push(byte);
        }
        out.push(byte | 0x80);
    }
}

/// n equal rows.
pub(super) fn run(n: i64, value: i64) -> Vec<u8> {
    let mut out = Vec::new();
    sleb(if n == 1 { -1 } else { n }, &mut out);
    sleb(value, &mut out);
    out
}

/// One row of an unsigned number.
pub(super) fn one(value: u64) -> Vec<u8> {
    let mut out = vec![0x7f];
    uleb(value, &mut out);
    out
}

/// Rows that are all different.
pub(super) fn literal(values: &[i64]) -> Vec<u8> {
    let mut out = Vec::new();
    sleb(-(values.len() as i64), &mut out);
    for value in values {
        sleb(*value, &mut out);
    }
    out
}

pub(super) fn falses(n: u64) -> Vec<u8> {
    let mut out = Vec::new();
    uleb(n, &mut out);
    out
}

pub(super) fn nulls(n: u64) -> Vec<u8> {
    let mut out = vec![0];
    uleb(n, &mut out);
    out
}

/// One row of text.
pub(super) fn name(name: &str) -> Vec<u8> {
    [&[0x7f, name.len() as u8], name.as_bytes()].concat()
}

/// The fields of a change chunk, encoded as they stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Raw {
    pub(super) deps: Vec<[u8; 32]>,
    pub(super) actor: Vec<u8>,
    pub(super) seq: u64,
    pub(super) start_op: u64,
    pub(super) time: i64,
    pub(super) others: Vec<Vec<u8>>,
    pub(super) columns: Vec<(u64, Vec<u8>)>,
}

impl Raw {
    /// An honest first change of an actor on a new case: its title.
    pub(super) fn titled(actor: [u8; 16], title: &str) -> Self {
        let columns = vec![
            (OBJ_ACTOR, run(1, 1)),
            (OBJ_COUNTER, run(1, LATEST)),
            (KEY_STRING, name("title")),
            (INSERT, falses(1)),
            (ACTION, run(1, 1)),
            (META, one((title.len() as u64) << 4 | 6)),
            (VALUE, title.as_bytes().to_vec()),
            (PRED_COUNT, run(1, 0)),
        ];
        Raw {
            deps: vec![hash(&genesis())],
            actor: actor.to_vec(),
            seq: 1,
            start_op: GENESIS_OPS + 1,
            time: 0,
            others: vec![GENESIS_ACTOR.to_vec()],
            columns,
        }
    }

    /// An honest next change after this one: a phone number.
    pub(super) fn next(&self) -> Self {
        let mut next = self.clone();
        next.deps = vec![hash(&self.encode())];
        (next.seq, next.start_op) = (self.seq + 1, self.start_op + 1);
        *next.column(KEY_STRING) = name("contact_phone");
        next
    }

    pub(super) fn column(&mut self, number: u64) -> &mut Vec<u8> {
        &mut self.columns.iter_mut().find(|(n, _)| *n == number).expect("the column is there").1
    }

    pub(super) fn body(&self) -> Vec<u8> {
        let bytes = |bytes: &[u8], out: &mut Vec<u8>| {
            uleb(bytes.len() as u64, out);
            out.extend(bytes);
        };
        let mut out = Vec::new();
        uleb(self.deps.len() as u64, &mut out);
        out.extend(self.deps.iter().flatten());
        bytes(&self.actor, &mut out);
        uleb(self.seq, &mut out);
        uleb(self.start_op, &mut out);
        sleb(self.time, &mut out);
        uleb(0, &mut out);
        uleb(self.others.len() as u64, &mut out);
        self.others.iter().for_each(|other| bytes(other, &mut out));
        uleb(self.columns.len() as u64, &mut out);
        for (number, data) in &self.columns {
            uleb(*number, &mut out);
            uleb(data.len() as u64, &mut out);
        }
        out.extend(self.columns.iter().flat_map(|(_, data)| data));
        out
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        seal(1, &self.body())
    }
}

/// Header, length and a right checksum around `body`.
pub(super) fn seal(chunk_type: u8, body: &[u8]) -> Vec<u8> {
    let mut hashed = vec![chunk_type];
    uleb(body.len() as u64, &mut hashed);
    hashed.extend(body);
    let digest = Sha256::digest(&hashed);
    [&[0x85, 0x6f, 0x4a, 0x83], &digest[..4], &hashed].concat()
}
