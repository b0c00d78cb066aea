//! Decisions as a first sync tells them: what is shown of them, without what only deciding needs.
//!
//! A decision with the projection it read, its digests, timers and audience is longer than all changes of most
//! cases. Times are told as differences, because like stands by like then, in every case of a page.

use minicbor::{Decode, Encode};

use super::frames::{Blob, Sent};
use crate::ids::Millis;

/// What is shown of a decision.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Brief {
    /// Its number within case and epoch.
    #[n(0)]
    pub n: u32,
    /// Epoch of the history.
    #[n(1)]
    pub epoch: u32,
    /// Its nominal time. On the wire: less that of the brief before it, or, of the first, less the earliest time at
    /// which a change of the entry was accepted (0 without any).
    #[n(2)]
    pub at: Millis,
    /// When its step is due. On the wire: less `at`.
    #[n(3)]
    pub due: Millis,
    /// Its other members, as a JSON object: the same in many cases.
    #[n(4)]
    pub rest: Blob,
}

/// With times as differences, for the wire.
pub fn to_wire(changes: &[Sent], mut briefs: Vec<Brief>) -> Vec<Brief> {
    let mut before = begin(changes);
    for brief in &mut briefs {
        let at = brief.at;
        brief.due = brief.due.wrapping_sub(at);
        brief.at = at.wrapping_sub(before);
        before = at;
    }
    briefs
}

/// With the times themselves.
pub fn from_wire(changes: &[Sent], mut briefs: Vec<Brief>) -> Vec<Brief> {
    let mut before = begin(changes);
    for brief in &mut briefs {
        brief.at = brief.at.wrapping_add(before);
        brief.due = brief.due.wrapping_add(brief.at);
        before = brief.at;
    }
    briefs
}

fn begin(changes: &[Sent]) -> Millis {
    changes.iter().map(|sent| sent.received).min().unwrap_or(0)
}
