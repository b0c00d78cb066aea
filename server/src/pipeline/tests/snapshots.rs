//! Cold cases: what a snapshot says is what the changes say, and nothing depends on one.

use super::*;
use crate::pipeline::frozen;
use crate::store::snapshots::Snapshots;
use crate::verify;

impl World {
    async fn grown() -> Self {
        let mut world = World::new().await;
        for n in 0..12 {
            let change = world.make("title", &format!("{n} 组塘坝漏水"));
            assert_eq!(world.push(&change).await.acked.len(), 1);
        }
        world
    }

    async fn snapshot(&self) -> Option<crate::store::snapshots::SnapshotRow> {
        self.centre.store().snapshot_of(self.id).await.expect("reads")
    }

    async fn changes(&self) -> Vec<crate::store::ChangeRow> {
        self.centre.store().load(self.id).await.expect("reads").expect("stored").changes
    }

    async fn compact(&self) {
        self.centre.note_dear(self.id);
        assert_eq!(self.centre.compact(1).await.expect("compacts"), 1);
    }
}

#[tokio::test]
async fn a_cold_case_is_the_same_from_its_snapshot_and_grows_on_top_of_it() {
    let mut world = World::grown().await;
    world.compact().await;
    let kept = world.snapshot().await.expect("it is kept");
    world.restart();
    // Of the changes in it nothing is read: the store gives those that came after it.
    let cold = world.centre.store().cold(world.id).await.expect("reads").expect("stored");
    assert_eq!(cold.stored.changes.len(), 0);
    assert_eq!(world.shown().await.as_deref(), Some("11 组塘坝漏水"));
    let later = world.make("title", "井也干了");
    assert_eq!(world.push(&later).await.acked.len(), 1);
    world.restart();
    assert_eq!(world.shown().await.as_deref(), Some("井也干了"));
    assert_eq!(world.snapshot().await.expect("the old one serves"), kept);
    let report = verify::report(&world.centre).await.expect("reads");
    assert_eq!((report.snapshots.checked, report.snapshots.unusable), (1, 0));
    assert!(report.ok);
}

#[tokio::test]
async fn a_snapshot_that_will_not_load_is_thrown_away_and_the_changes_serve() {
    type Ruin = fn(&mut crate::store::snapshots::SnapshotRow);
    let ruins: [Ruin; 4] = [
        // Bit rot.
        |row| row.bytes[40] ^= 1,
        |row| row.bytes.truncate(100),
        // Whole, and no snapshot.
        |row| (row.bytes, row.digest) = (vec![7; 90], frozen::digest(&[7; 90])),
        // Of a build that is not this one.
        |row| {
            let plain = minicbor::to_vec((99_u32, "another form")).expect("encodes");
            row.bytes = zstd::bulk::compress(&plain, 3).expect("compresses");
            row.digest = frozen::digest(&row.bytes);
        },
    ];
    for ruin in ruins {
        let mut world = World::grown().await;
        world.compact().await;
        let mut row = world.snapshot().await.expect("it is kept");
        ruin(&mut row);
        world.centre.store().put_snapshots(vec![row]).await.expect("put");
        world.restart();
        let report = verify::report(&world.centre).await.expect("reads");
        assert_eq!((report.ok, report.snapshots.unusable), (true, 1), "noted, and nothing is lost");
        assert_eq!(world.shown().await.as_deref(), Some("11 组塘坝漏水"));
        assert_eq!(world.snapshot().await, None, "thrown away");
        let later = world.make("title", "井也干了");
        assert_eq!(world.push(&later).await.acked.len(), 1);
        world.compact().await;
        assert!(world.snapshot().await.is_some(), "and made anew");
    }
}

#[tokio::test]
async fn a_snapshot_of_something_else_breaks_the_second_invariant() {
    let mut world = World::grown().await;
    world.compact().await;
    let of_twelve = world.snapshot().await.expect("it is kept");
    let later = world.make("title", "井也干了");
    world.push(&later).await;
    let seq = world.centre.store().row(world.id).await.expect("reads").expect("stored").seq;
    let wrong = crate::store::snapshots::SnapshotRow { seq, ..of_twelve };
    world.centre.store().put_snapshots(vec![wrong]).await.expect("put");
    let report = verify::report(&world.centre).await.expect("reads");
    assert!(!report.ok && report.invariants[1].failed == 1, "{report:?}");
}

#[tokio::test]
async fn what_was_made_of_an_older_version_is_not_kept() {
    let mut world = World::grown().await;
    world.compact().await;
    let old = world.snapshot().await.expect("it is kept");
    world.centre.store().drop_snapshot(world.id).await.expect("dropped");
    let later = world.make("title", "井也干了");
    world.push(&later).await;
    world.centre.store().put_snapshots(vec![old]).await.expect("answered");
    assert_eq!(world.snapshot().await, None);
}

#[tokio::test]
async fn a_change_that_rots_on_the_disk_is_told_from_the_snapshot_and_without_one_not_at_all() {
    let mut world = World::grown().await;
    let whole = world.changes().await;
    let rot = vec![(whole[3].hash, vec![0; 20]), (whole[7].hash, Vec::new())];
    world.centre.store().mend_changes(world.id, rot.clone()).await.expect("ruined");
    assert!(!verify::report(&world.centre).await.expect("reads").ok, "verify says so");
    let mut damaged = world.changes().await;
    assert!(!world.centre.mend(world.id, &mut damaged).await.expect("reads"), "nothing has the bytes");

    let restored: Vec<_> = whole.iter().map(|row| (row.hash, row.bytes.clone())).collect();
    world.centre.store().mend_changes(world.id, restored).await.expect("put back");
    world.compact().await;
    world.centre.store().mend_changes(world.id, rot).await.expect("ruined again");
    // The case goes on: its snapshot is whole.
    world.restart();
    let later = world.make("title", "井也干了");
    assert_eq!(world.push(&later).await.acked.len(), 1);
    let mut damaged = world.changes().await;
    assert!(world.centre.mend(world.id, &mut damaged).await.expect("reads"));
    assert_eq!(damaged[..whole.len()], whole[..]);
    assert!(verify::report(&world.centre).await.expect("reads").ok, "the disk is right again");
}

/// Three people edit apart and together; whatever comes of it thaws to the same case. `freeze` compares index, table,
/// facts, heads and fields by itself: it must only agree.
#[tokio::test]
async fn every_history_thaws_to_itself() {
    for seed in 0..12_u64 {
        let world = World::new().await;
        let mut dice = seed;
        let mut roll = |below: u64| {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (dice >> 33) % below
        };
        let mut people = Vec::new();
        for n in 0..3_u8 {
            let person =
                Person { role: Role::Reviewer, name: format!("第{n}"), ..world.session.person.clone() };
            let worker = world.centre.store().add_person(person.clone()).await.expect("added");
            let session = Session::at(Person { worker, ..person }, DeviceId([10 + n; 8]));
            people.push((session, world.doc.fork(), [10 + n; 16]));
        }
        for step in 0..40_i64 {
            let who = roll(3) as usize;
            let other = roll(3) as usize;
            if step > 0 && roll(2) == 0 && who != other {
                let theirs = people[other].1.clone();
                people[who].1.merge(&mut theirs.clone()).expect("merges");
            }
            let put = |field: &str, value: &str| Edit::Put { field: field.into(), value: Some(value.into()) };
            let edit = match roll(7) {
                0 => put("place", ["511902101200", "511902101201"][roll(2) as usize]),
                1 => put("category", ["water", "roads"][roll(2) as usize]),
                2 => put("severity", ["light", "heavy"][roll(2) as usize]),
                3 => Edit::SetText {
                    field: "description".into(), text: format!("漏水 {step}，👩‍👩‍👧")
                },
                4 => Edit::Append { field: "tags".into(), item: format!("t{}", roll(3)) },
                5 => put("contact_phone", &format!("1390000{step:04}")),
                _ => Edit::Append { field: "log".into(), item: format!("第 {step} 次") },
            };
            let (session, doc, actor) = &mut people[who];
            let heads: Vec<Hash> = doc.get_heads().into_iter().map(Hash::from).collect();
            let made = edit_at(doc, Kind::Case, &heads, (actor, NOW + step), &[edit]).expect("edits");
            let Some(change) = made else { continue };
            let chunk = change.raw_bytes().to_vec();
            let done = world.centre.ingest(session, world.id, vec![chunk], false).await.expect("ingested");
            // What builds on another's change that is not here yet is refused or held: both are fine.
            assert_eq!(done.acked.len() + done.rejected.len() + done.held.len(), 1);
        }
        world.compact().await;
        assert!(world.snapshot().await.is_some(), "seed {seed}");
        assert!(verify::report(&world.centre).await.expect("reads").ok, "seed {seed}");
    }
}
