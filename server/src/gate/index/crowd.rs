//! How many values stand side by side at each property: whoever writes there next has to name them all.
//!
//! Counts every value that no operation has replaced yet, whoever has seen it. Judges nothing.

use super::{OpId, OpIndex, Past, Place};
use automerge::legacy::{self, OpType};

impl OpIndex {
    /// Values that stand at a property.
    pub(in crate::gate) fn standing(&self, object: OpId, name: u32) -> usize {
        self.standing.get(&(object, name)).map_or(0, |count| *count as usize)
    }

    /// The position of a value that stands and was seen.
    pub(in crate::gate) fn standing_at(&self, id: OpId, past: &Past) -> Option<usize> {
        let (entry, at) = self.position(id)?;
        (entry.seq <= past.seq(id.actor) && !self.ops.get(at)?.replaced).then_some(at)
    }

    /// Notes what the operation entered last leaves and replaces. A write over the one value that stands, as nearly
    /// all are, changes no count.
    pub(super) fn replace(&mut self, op: &legacy::Op, replaces: &mut Vec<usize>) {
        let Some(last) = self.ops.last() else { return };
        let Place::Property(name) = last.place else { return };
        let (key, adds) = ((last.object, name), last.stands_at().is_some());
        let mut gone = 0;
        if !matches!(op.action, OpType::Increment(_)) {
            for pred in op.pred.iter() {
                let id = self.op_id(pred);
                let Some((_, at)) = self.position(id) else { continue };
                let Some(op) = self.ops.get_mut(at).filter(|op| op.stands_at() == Some(key)) else {
                    continue;
                };
                op.replaced = true;
                gone += 1;
                replaces.push(at);
            }
        }
        match (adds, gone) {
            (true, 1) | (false, 0) => {}
            (adds, gone) => self.recount(key, i64::from(adds) - gone),
        }
    }

    /// Notes what the change entered last, whose operations begin at `from`, leaves and replaces, where that is known
    /// already. False if it replaces what does not stand.
    pub(super) fn stand(&mut self, from: usize, replaces: Vec<usize>) -> bool {
        for at in from..self.ops.len() {
            if let Some(key) = self.ops[at].stands_at() {
                self.recount(key, 1);
            }
        }
        for at in &replaces {
            let Some(op) = self.ops.get_mut(*at) else { return false };
            let Some(key) = op.stands_at() else { return false };
            op.replaced = true;
            self.recount(key, -1);
        }
        if let Some(entry) = self.changes.last_mut() {
            entry.replaces = replaces;
        }
        true
    }

    /// Takes back what the operations from `from` on have left, and stands up again what they replaced.
    pub(super) fn restore(&mut self, from: usize, replaces: &[usize]) {
        for at in from..self.ops.len() {
            if let Some(key) = self.ops[at].stands_at() {
                self.recount(key, -1);
            }
        }
        for at in replaces.iter().filter(|at| **at < from) {
            self.ops[*at].replaced = false;
            if let Some(key) = self.ops[*at].stands_at() {
                self.recount(key, 1);
            }
        }
    }

    fn recount(&mut self, key: (OpId, u32), by: i64) {
        let count = self.standing.get(&key).map_or(0, |count| i64::from(*count)) + by;
        match u32::try_from(count) {
            Ok(count) if count > 0 => self.standing.insert(key, count),
            _ => self.standing.remove(&key),
        };
    }
}
