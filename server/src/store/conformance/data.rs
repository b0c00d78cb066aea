//! Documents, changes, decisions and people for the stories, each from a small number.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use doorstep_policy::{Audience, Cause, Decision, Directive, Life, Projection, Routed, Tier};
use doorstep_protocol::documents::{Facts, Kind, Role};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash, WorkerId};
use jiff::Timestamp;
use uuid::Uuid;

use crate::store::rows::AnnouncedRow;
use crate::store::sqlite::SqliteStore;
use crate::store::{
    CaseRow, CheckoutRow, CommandRow, Commit, DeviceRow, Expect, Outcome, Person, QuarantineRow, Row, Store,
};

/// The district of most stories.
pub(super) const EAST: &str = "east";
/// Another district.
pub(super) const WEST: &str = "west";

/// A folder that is removed with its files.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("doorstep-store-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("a folder for temporary files can be made");
        Folder(folder)
    }

    pub(super) fn file(&self) -> PathBuf {
        self.0.join("doorstep.db")
    }

    pub(super) async fn open(&self) -> SqliteStore {
        SqliteStore::open(&self.file()).await.expect("a fresh file opens")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays among the temporary files.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

pub(super) fn document(n: u64) -> DocumentId {
    DocumentId(Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 + n))
}

pub(super) fn device(n: u64) -> DeviceId {
    DeviceId(n.to_be_bytes())
}

pub(super) fn hash(n: u64) -> Hash {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&n.to_le_bytes());
    Hash(bytes)
}

/// A row in which every optional column is empty.
pub(super) fn case(n: u64) -> CaseRow {
    CaseRow {
        district: EAST.into(),
        document: document(n),
        kind: Kind::Case,
        version: 0,
        seq: 0,
        title: None,
        category: None,
        place: None,
        household: None,
        urgency: None,
        channel: None,
        author: WorkerId(1),
        author_unit: "unit".into(),
        registered: 1_000,
        updated: 2_000,
        concerned: BTreeSet::new(),
        recused: BTreeSet::new(),
        conflicts: BTreeSet::new(),
        conflict_since: None,
        urgent: false,
        quiet_from: 0,
        unsettled_since: None,
        settled_digest: None,
        review: None,
        decided: 0,
        directive: None,
        unit: None,
        step: None,
        due: None,
        turned: None,
        audience: None,
        life: Life::default(),
        signers: BTreeSet::new(),
        wake: None,
        round: None,
        erased: None,
    }
}

/// A row in which every column is filled.
pub(super) fn full_case(n: u64) -> CaseRow {
    CaseRow {
        kind: Kind::Visit,
        title: Some("路灯 \"out\"\n\u{1f6a6}".into()),
        category: Some("lamp".into()),
        place: Some("131081001".into()),
        household: Some("h7".into()),
        urgency: Some("high".into()),
        channel: Some("visit".into()),
        concerned: BTreeSet::from(["one".into(), "two".into()]),
        recused: BTreeSet::from([WorkerId(7)]),
        conflicts: BTreeSet::from(["place".into()]),
        conflict_since: Some(-5),
        urgent: true,
        unsettled_since: Some(3),
        settled_digest: Some("digest".into()),
        review: Some(hash(n)),
        decided: 4,
        directive: Some("assign".into()),
        unit: Some("street".into()),
        step: Some("handle".into()),
        due: Some(i64::MAX),
        turned: Some(-5),
        audience: Some(Audience {
            units: BTreeSet::from(["street".into()]),
            author: true,
            ..Audience::default()
        }),
        wake: Some(9),
        ..case(n)
    }
}

pub(super) fn facts(n: u64) -> Facts {
    Facts {
        worker: WorkerId(u32::MAX),
        device: device(n),
        made: -(n as Millis),
        received: n as Millis,
        receipt: doorstep_protocol::Receipt::default(),
    }
}

pub(super) fn change(n: u64) -> Row {
    Row::Change { hash: hash(n), bytes: n.to_be_bytes().repeat(n as usize % 40), facts: facts(n) }
}

/// A decision of this number, caused by a command of this name.
pub(super) fn decision(n: u32, command: &str) -> Row {
    let at = Timestamp::from_second(i64::from(n)).expect("in range");
    Row::Decision(Box::new(Decision {
        epoch: 1,
        n,
        at,
        cause: Cause::Command {
            id: command.into(),
            name: "refer".into(),
            args: BTreeMap::new(),
            by_worker: "w1".into(),
            by_unit: "unit".into(),
            by_role: "worker".into(),
        },
        policy: "test@1".into(),
        engine: doorstep_policy::ENGINE,
        directive: Directive::Refer,
        unit: Some("street".into()),
        co_units: Vec::new(),
        tier: Tier::Town,
        step: "handle".into(),
        due: at,
        audience: Audience::default(),
        timers: Vec::new(),
        reasons: Vec::new(),
        changed: Vec::new(),
        referrals: 1,
        digest: "digest".into(),
        projection: Projection {
            kind: "case".into(),
            fields: BTreeMap::new(),
            author_unit: None,
            registered_at: at,
            ..Projection::default()
        },
        routed: Routed {
            rule: "fallback".into(),
            unit: "street".into(),
            class: "plain".into(),
            ladder: "plain".into(),
            since: at,
        },
        life: Life::default(),
    }))
}

pub(super) fn refused(n: u64) -> QuarantineRow {
    QuarantineRow {
        id: 0,
        district: EAST.into(),
        device: device(1),
        worker: WorkerId(1),
        document: document(n),
        hash: hash(n),
        code: "bad".into(),
        message: "it is bad".into(),
        bytes: vec![n as u8; 3],
        at: n as Millis,
    }
}

pub(super) fn command(n: u8, number: u32) -> CommandRow {
    CommandRow {
        id: [n; 16],
        worker: WorkerId(1),
        document: document(1),
        name: "refer".into(),
        said: n.is_multiple_of(2).then_some([n; 32]),
        answer: if number == 0 { Err(("rule".into(), "why".into())) } else { Ok(number) },
    }
}

pub(super) fn announced(device_n: u64, document_n: u64, hash_n: u64) -> AnnouncedRow {
    AnnouncedRow {
        device: device(device_n),
        worker: WorkerId(3),
        document: document(document_n),
        hash: hash(hash_n),
        at: 4,
    }
}

pub(super) fn checkout(n: u8, device_n: u64, document_n: u64) -> CheckoutRow {
    CheckoutRow {
        id: [n; 16],
        device: device(device_n),
        worker: WorkerId(3),
        document: document(document_n),
        session: u64::MAX,
        until: 100,
        ended: None,
    }
}

pub(super) fn device_row(n: u64) -> DeviceRow {
    DeviceRow {
        device: device(n),
        prefixes: Vec::new(),
        worker: WorkerId(1),
        district: EAST.into(),
        key: [n as u8; 32],
        enrolled: 50,
        seen: None,
        revoked: None,
    }
}

pub(super) fn person(name: &str, district: &str) -> Person {
    Person {
        worker: WorkerId(0),
        name: name.into(),
        district: district.into(),
        unit: "unit".into(),
        role: Role::Inspector,
        ended: None,
    }
}

pub(super) fn new(row: CaseRow, rows: Vec<Row>) -> Commit {
    Commit { row, expect: Expect::New, by: None, staff: None, rows, gist: None }
}

pub(super) fn at(version: u64, row: CaseRow, rows: Vec<Row>) -> Commit {
    Commit { row, expect: Expect::At(version), by: None, staff: None, rows, gist: None }
}

/// Commits one batch.
pub(super) async fn commit(store: &impl Store, batch: Vec<Commit>) -> Vec<Outcome> {
    store.commit(batch).await.expect("the store works")
}

/// Commits one document, which must win.
pub(super) async fn win(store: &impl Store, one: Commit) {
    let outcomes = commit(store, vec![one]).await;
    assert!(matches!(outcomes[..], [Outcome::Done { .. }]), "{outcomes:?}");
}
