//! A morning with a town's device: new cases are made offline, everything is synced, and where a case waits for it the
//! person signs on the device at the door.
//!
//! Owns the order of a round. Both machines, the gate and the feed are the real ones.

use doorstep_client::replica::Seal;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::{Edit, Kind};
use doorstep_protocol::machines::device::End;

use super::district::Kept;
use crate::harness::{Handset, Line, put};
use doorstep_server::Centre;

/// More steps than any session takes.
const STEPS: usize = 100_000;
/// As often as a driver tries after a refusal had edits rebuilt.
const AGAIN: usize = 3;

/// What one device is to do this morning.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Cases to make: place in the run's list, and fields.
    pub(super) new: Vec<(usize, Vec<(&'static str, String)>)>,
    /// Rounds of visits to write down.
    pub(super) visits: Vec<Vec<Edit>>,
    /// Cases whose person signs today.
    pub(super) sign: Vec<DocumentId>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// The cases that were made.
    pub(super) made: Vec<(usize, DocumentId)>,
    /// Those that the device could not have signed: it does not see them.
    pub(super) unsigned: Vec<DocumentId>,
}

/// Makes, syncs, has signed, syncs again.
pub(super) async fn round(
    centre: &Centre<Kept>,
    handset: &mut Handset,
    round: Round,
) -> Result<Done, String> {
    let mut done = Done::default();
    for (case, fields) in round.new {
        let edits = fields.iter().map(|(field, value)| put(field, value)).collect();
        let made = handset.replica.new_document(Kind::Case, edits).await;
        done.made.push((case, made.map_err(|error| error.to_string())?.document));
    }
    for edits in round.visits {
        handset.replica.new_document(Kind::Visit, edits).await.map_err(|error| error.to_string())?;
    }
    sync(centre, handset).await?;
    let asked = round.sign.len();
    for case in round.sign {
        if handset.replica.sign(case, "person", Seal::default()).await.is_err() {
            done.unsigned.push(case);
        }
    }
    if asked > done.unsigned.len() {
        sync(centre, handset).await?;
    }
    let refused = handset.refused();
    match refused.first() {
        Some(first) => Err(format!("the centre refused {} of a device's changes: {first:?}", refused.len())),
        None => Ok(done),
    }
}

async fn sync(centre: &Centre<Kept>, handset: &mut Handset) -> Result<(), String> {
    for _ in 0..AGAIN {
        let line = Line::connect(centre, handset, false).await.map_err(|stop| format!("{stop:?}"))?;
        let mut line = line.ok_or("the centre does not let the device in")?;
        for _ in 0..STEPS {
            let Some(next) = line.moves().first().copied() else { break };
            line.go(next, centre, handset).await.map_err(|stop| format!("{stop:?}"))?;
        }
        match line.end {
            Some(End::Done | End::Again) if handset.unsent() == 0 => return Ok(()),
            Some(End::Done | End::Again) => {}
            other => return Err(format!("a session ended as {other:?}")),
        }
    }
    Err("a device's changes do not get through".into())
}
