//! A hand encoder for change chunks: right checksums around whatever the test wants to say.

use crate::gate::read::Reader;
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
pub(super) const PRED_ACTOR: u64 = 0x71;
pub(super) const PRED_COUNTER: u64 = 0x73;
pub(super) const EXPAND: u64 = 0x94;
pub(super) const MARK_NAME: u64 = 0xa5;

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

/// Rows that are all different.
pub(super) fn literal(values: impl IntoIterator<Item = i64>) -> Vec<u8> {
    let values: Vec<i64> = values.into_iter().collect();
    let mut out = Vec::new();
    sleb(-(values.len() as i64), &mut out);
    for value in values {
        sleb(value, &mut out);
    }
    out
}

/// n rows of false; after another such count, n rows of true.
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
    pub(super) time_ms: i64,
    pub(super) message: Vec<u8>,
    pub(super) others: Vec<Vec<u8>>,
    pub(super) columns: Vec<(u64, Vec<u8>)>,
    pub(super) extra: Vec<u8>,
}

impl Raw {
    pub(super) fn body(&self) -> Vec<u8> {
        let mut out = Vec::new();
        uleb(self.deps.len() as u64, &mut out);
        out.extend(self.deps.iter().flatten());
        let bytes = |bytes: &[u8], out: &mut Vec<u8>| {
            uleb(bytes.len() as u64, out);
            out.extend(bytes);
        };
        bytes(&self.actor, &mut out);
        uleb(self.seq, &mut out);
        uleb(self.start_op, &mut out);
        sleb(self.time_ms, &mut out);
        bytes(&self.message, &mut out);
        uleb(self.others.len() as u64, &mut out);
        for other in &self.others {
            bytes(other, &mut out);
        }
        uleb(self.columns.len() as u64, &mut out);
        for (number, data) in &self.columns {
            uleb(*number, &mut out);
            uleb(data.len() as u64, &mut out);
        }
        out.extend(self.columns.iter().flat_map(|(_, data)| data));
        out.extend(&self.extra);
        out
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        seal(1, &self.body())
    }

    /// Takes an honest chunk apart.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        fn read(mut at: Reader<'_>) -> Result<Raw, crate::gate::Refusal> {
            at.uleb()?;
            let count = at.uleb()?;
            let deps = (0..count).map(|_| Ok(at.take(32)?.try_into().expect("32 bytes")));
            let deps = deps.collect::<Result<_, _>>()?;
            let bytes = |at: &mut Reader<'_>| {
                let len = at.uleb()?;
                at.take(len).map(<[u8]>::to_vec)
            };
            let actor = bytes(&mut at)?;
            let (seq, start_op, time_ms) = (at.uleb()?, at.uleb()?, at.sleb()?);
            let message = bytes(&mut at)?;
            let count = at.uleb()?;
            let others = (0..count).map(|_| bytes(&mut at)).collect::<Result<_, _>>()?;
            let count = at.uleb()?;
            let specs: Result<Vec<_>, _> = (0..count).map(|_| Ok((at.uleb()?, at.uleb()?))).collect();
            let columns = specs?.into_iter().map(|(number, len)| Ok((number, at.take(len)?.to_vec())));
            let columns = columns.collect::<Result<_, _>>()?;
            let extra = at.0.to_vec();
            Ok(Raw { deps, actor, seq, start_op, time_ms, message, others, columns, extra })
        }
        read(Reader(&bytes[9..])).expect("honest chunk")
    }

    /// The bytes of a column.
    pub(super) fn column(&mut self, number: u64) -> &mut Vec<u8> {
        &mut self.columns.iter_mut().find(|(n, _)| *n == number).expect("column").1
    }

    /// The same with one column put in its place, or another's place taken.
    pub(super) fn with(mut self, number: u64, data: Vec<u8>) -> Self {
        self.columns.retain(|(n, _)| *n != number);
        self.columns.push((number, data));
        self.columns.sort();
        self
    }
}

/// Header, length and a right checksum around `body`.
pub(super) fn seal(chunk_type: u8, body: &[u8]) -> Vec<u8> {
    let mut hashed = vec![chunk_type];
    uleb(body.len() as u64, &mut hashed);
    hashed.extend(body);
    let hash = Sha256::digest(&hashed);
    [&[0x85, 0x6f, 0x4a, 0x83], &hash[..4], &hashed].concat()
}

pub(super) fn first() -> Raw {
    Raw { actor: vec![7; 16], seq: 1, start_op: 1, ..Raw::default() }
}

/// n rows that write the same key of the root.
pub(super) fn rows(n: i64, action: i64) -> Raw {
    let columns = vec![
        (KEY_STRING, if n == 1 { name("a") } else { [&run(n, 1)[..], b"a"].concat() }),
        (INSERT, falses(n as u64)),
        (ACTION, run(n, action)),
        (META, run(n, 0)),
        (PRED_COUNT, run(n, 0)),
    ];
    Raw { columns, ..first() }
}

/// The same, each over the one before.
pub(super) fn over(n: i64, action: i64) -> Raw {
    rows(n, action)
        .with(PRED_COUNT, [literal([0]), run(n - 1, 1)].concat())
        .with(PRED_ACTOR, run(n - 1, 0))
        .with(PRED_COUNTER, run(n - 1, 1))
}

/// One put of null under "a" in the root.
pub(super) fn put() -> Raw {
    rows(1, 1)
}

/// The same as a second change of the author.
pub(super) fn second() -> Raw {
    Raw { deps: vec![[9; 32]], seq: 2, start_op: 2, ..put() }
}

/// A text and n inserts of "a" into it, each after the one before.
pub(super) fn text(n: i64) -> Raw {
    let columns = vec![
        (OBJ_ACTOR, [nulls(1), run(n, 0)].concat()),
        (OBJ_COUNTER, [nulls(1), run(n, 1)].concat()),
        (KEY_ACTOR, [nulls(2), run(n - 1, 0)].concat()),
        (KEY_COUNTER, [nulls(1), literal([0, 2]), run(n - 2, 1)].concat()),
        (KEY_STRING, [name("t"), nulls(n as u64)].concat()),
        (INSERT, [falses(1), falses(n as u64)].concat()),
        (ACTION, [run(1, 4), run(n, 1)].concat()),
        (META, [run(1, 0), run(n, (1 << 4) | 6)].concat()),
        (VALUE, vec![b'a'; n as usize]),
        (PRED_COUNT, run(n + 1, 0)),
    ];
    Raw { columns, ..first() }
}

/// n maps, each in the one before.
pub(super) fn nested(n: i64) -> Raw {
    let objects = literal(1..n);
    rows(n, 0)
        .with(OBJ_ACTOR, [nulls(1), run(n - 1, 0)].concat())
        .with(OBJ_COUNTER, [nulls(1), objects].concat())
}
