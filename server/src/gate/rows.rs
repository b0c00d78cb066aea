//! Walks the operations of a change row by row, all columns abreast, and judges each by what the
//! change itself says. What an operation refers to outside the change is listed, not judged.

use super::column::{Boolean, Delta, Item, Rle};
use super::inspect::Columns;
use super::read::Reader;
use super::value::{Action, check_value};
use super::{ByteLimits, Refusal};
use std::collections::HashMap;

/// An operation that refers to an object, an element or predecessors made by earlier changes, or to
/// the root. Whether those exist, and belong together, only the document can tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside<'a> {
    /// The container it writes in; `None`: the root.
    pub object: Option<OpRef>,
    /// Where in the container.
    pub key: OutsideKey<'a>,
    /// Predecessors made by earlier changes.
    pub preds: Vec<OpRef>,
    /// Levels of containers that the change hangs here: 0 for a value, 1 for a container, 2 for a
    /// container with containers in it.
    pub levels: u32,
    /// Whether it changes what is there otherwise than by deleting it: a put or an increment, no insert.
    pub alters: bool,
}

/// Where in its container an operation writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutsideKey<'a> {
    /// A property of a map.
    Property(&'a str),
    /// At, or after, an element of a list that an earlier change made.
    Element(OpRef),
    /// The head of a list, or an element made by this change.
    Inside,
}

/// An operation: its counter, and its author as an index: 0 is the author of this change, n is
/// `other_actors[n - 1]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpRef {
    /// The operation's counter.
    pub counter: u64,
    /// The index of its author.
    pub actor: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Key<'a> {
    Property(&'a str),
    Head,
    Element(OpRef),
}

struct Row<'a> {
    object: Option<OpRef>,
    key: Key<'a>,
    insert: bool,
    action: Action,
    /// Containers of this change around the operation.
    depth: u32,
    /// The index in `outside` of the operation that everything around it hangs from.
    hangs_from: usize,
}

impl Row<'_> {
    fn alters(&self) -> bool {
        !self.insert && self.action != Action::Delete
    }
}

/// The number of operations, and those that refer to anything outside.
pub(super) fn walk<'a>(
    columns: Columns<'a>,
    actors: &[&'a [u8]],
    seq: u64,
    start_op: u64,
    limits: &ByteLimits,
) -> Result<(usize, Vec<Outside<'a>>), Refusal> {
    let (rows, outside) = (Vec::new(), Vec::new());
    let used = vec![false; actors.len()];
    let standing = HashMap::new();
    let mut walk = Walk { actors, seq, start_op, limits, rows, used, outside, standing };
    if columns.iter().any(|bytes| !bytes.is_empty()) {
        let mut cursors = Cursors::new(columns, limits)?;
        while !cursors.action.done() {
            walk.step(&mut cursors)?;
        }
        cursors.finish()?;
    }
    if walk.used.iter().skip(1).any(|used| !used) {
        return Err(Refusal::UnusedActor);
    }
    Ok((walk.rows.len(), walk.outside))
}

/// One cursor per column. `None` is a column that is absent, which means null in every row.
struct Cursors<'a> {
    object_actor: Option<Rle<'a, u64>>,
    object_counter: Option<Rle<'a, u64>>,
    key_actor: Option<Rle<'a, u64>>,
    key_counter: Option<Delta<'a>>,
    key_string: Option<Rle<'a, &'a str>>,
    insert: Boolean<'a>,
    /// The column that decides how many rows there are.
    action: Rle<'a, u64>,
    meta: Rle<'a, u64>,
    raw: Reader<'a>,
    pred_count: Rle<'a, u64>,
    pred_actor: Option<Rle<'a, u64>>,
    pred_counter: Option<Delta<'a>>,
    preds_left: u64,
}

fn nullable<'a, T: Item<'a>>(column: &mut Option<Rle<'a, T>>) -> Result<Option<T>, Refusal> {
    column.as_mut().map_or(Ok(None), Rle::next)
}

fn nullable_delta(column: &mut Option<Delta<'_>>) -> Result<Option<u64>, Refusal> {
    column.as_mut().map_or(Ok(None), Delta::next)
}

impl<'a> Cursors<'a> {
    fn new(columns: Columns<'a>, limits: &ByteLimits) -> Result<Self, Refusal> {
        #[rustfmt::skip]
        let [
            object_actor, object_counter, key_actor, key_counter, key_string, insert, action,
            meta, raw, pred_count, pred_actor, pred_counter,
        ] = columns;
        if [insert, action, meta, pred_count].iter().any(|bytes| bytes.is_empty()) {
            return Err(Refusal::MissingColumn);
        }
        let (room, preds_left) = (limits.max_ops, limits.max_preds);
        let some = |bytes: &'a [u8]| Some(bytes).filter(|bytes| !bytes.is_empty());
        let numbers = |bytes, room| some(bytes).map(|bytes| Rle::new(bytes, room));
        let counters = |bytes, room| some(bytes).map(|bytes| Delta::new(bytes, room));
        Ok(Self {
            object_actor: numbers(object_actor, room),
            object_counter: numbers(object_counter, room),
            key_actor: numbers(key_actor, room),
            key_counter: counters(key_counter, room),
            key_string: some(key_string).map(|bytes| Rle::new(bytes, room)),
            insert: Boolean::new(insert, room),
            action: Rle::new(action, room),
            meta: Rle::new(meta, room),
            raw: Reader(raw),
            pred_count: Rle::new(pred_count, room),
            pred_actor: numbers(pred_actor, preds_left),
            pred_counter: counters(pred_counter, preds_left),
            preds_left,
        })
    }

    /// The number of predecessors of this row, charged against the total.
    fn pred_count(&mut self) -> Result<u64, Refusal> {
        let count = self.pred_count.required()?;
        self.preds_left = self.preds_left.checked_sub(count).ok_or(Refusal::TooManyPreds)?;
        Ok(count)
    }

    fn pred(&mut self) -> Result<(u64, u64), Refusal> {
        let counter = nullable_delta(&mut self.pred_counter)?;
        nullable(&mut self.pred_actor)?.zip(counter).ok_or(Refusal::Null)
    }

    /// Every column ends with the last operation.
    fn finish(self) -> Result<(), Refusal> {
        self.insert.finish()?;
        let required = [Some(self.meta), Some(self.pred_count)];
        let optional = [self.object_actor, self.object_counter, self.key_actor, self.pred_actor];
        required.into_iter().chain(optional).flatten().try_for_each(Rle::finish)?;
        [self.key_counter, self.pred_counter].into_iter().flatten().try_for_each(Delta::finish)?;
        self.key_string.map_or(Ok(()), Rle::finish)?;
        if self.raw.is_empty() { Ok(()) } else { Err(Refusal::ValueBytes) }
    }
}

struct Walk<'a, 'b> {
    /// The author, then the others.
    actors: &'b [&'a [u8]],
    seq: u64,
    start_op: u64,
    limits: &'b ByteLimits,
    rows: Vec<Row<'a>>,
    used: Vec<bool>,
    outside: Vec<Outside<'a>>,
    /// By object and property: the row of this change whose value stands there so far.
    standing: HashMap<(Option<OpRef>, &'a str), usize>,
}

impl<'a> Walk<'a, '_> {
    fn step(&mut self, cursors: &mut Cursors<'a>) -> Result<(), Refusal> {
        let action = cursors.action.required()?;
        if self.start_op + self.rows.len() as u64 > self.limits.max_counter {
            return Err(Refusal::StartOp);
        }
        let object = match (nullable(&mut cursors.object_actor)?, nullable(&mut cursors.object_counter)?) {
            (None, None) => None,
            (Some(actor), Some(counter)) => Some(self.reference(actor, counter)?),
            _ => return Err(Refusal::Object),
        };
        let counter = nullable_delta(&mut cursors.key_counter)?;
        let key = match (nullable(&mut cursors.key_actor)?, counter, nullable(&mut cursors.key_string)?) {
            (None, None, Some(name)) => Key::Property(name),
            (None, Some(0), None) => Key::Head,
            (Some(actor), Some(counter), None) => Key::Element(self.reference(actor, counter)?),
            _ => return Err(Refusal::Key),
        };
        let action = Action::from_number(action)?;
        check_value(&mut cursors.raw, cursors.meta.required()?, action, self.limits)?;
        let row = self.row(object, key, cursors.insert.next()?, action)?;
        let preds = self.preds(&row, cursors)?;
        self.push(row, preds)
    }

    /// An operation older than the one being read. Another's operation is older than the whole
    /// change, for a change starts above everything it has seen.
    fn reference(&mut self, actor: u64, counter: u64) -> Result<OpRef, Refusal> {
        let actor = usize::try_from(actor).map_err(|_| Refusal::ActorIndex)?;
        *self.used.get_mut(actor).ok_or(Refusal::ActorIndex)? = true;
        let start = self.start_op;
        let bound = if actor == 0 { start + self.rows.len() as u64 } else { start };
        if counter == 0 || counter > self.limits.max_counter {
            return Err(Refusal::OpCounter);
        }
        if counter >= bound {
            return Err(Refusal::ForwardReference);
        }
        if actor == 0 && counter < start && self.seq == 1 {
            return Err(Refusal::OpCounter); // the author has made nothing before
        }
        Ok(OpRef { counter, actor })
    }

    /// The row that made this operation, if it is of this change.
    fn local(&self, op: OpRef) -> Option<&Row<'a>> {
        let index = op.counter.checked_sub(self.start_op)?;
        (op.actor == 0).then(|| &self.rows[index as usize])
    }

    /// The row that made the container, if it is of this change.
    fn local_parent(&self, object: Option<OpRef>) -> Option<&Row<'a>> {
        object.and_then(|object| self.local(object))
    }

    fn row(
        &self,
        object: Option<OpRef>,
        key: Key<'a>,
        insert: bool,
        action: Action,
    ) -> Result<Row<'a>, Refusal> {
        let parent = self.local_parent(object);
        let is_map = match (object, parent.map(|parent| parent.action)) {
            (None, _) | (_, Some(Action::MakeMap)) => Some(true),
            (_, Some(Action::MakeText | Action::MakeList)) => Some(false),
            (_, Some(_)) => return Err(Refusal::Object),
            (Some(_), None) => None,
        };
        let property = matches!(key, Key::Property(_));
        if is_map.is_some_and(|is_map| is_map != property) {
            return Err(Refusal::Key);
        }
        let can_insert = !property && action.writes();
        if (insert && !can_insert) || (!insert && key == Key::Head) {
            return Err(Refusal::Insert);
        }
        if let Key::Element(element) = key {
            match self.local(element) {
                Some(row) if row.insert && row.object == object => {}
                None if parent.is_none() => {}
                _ => return Err(Refusal::Element),
            }
        }
        let in_text = parent.is_some_and(|parent| parent.action == Action::MakeText);
        let (depth, hangs_from) = match parent {
            Some(parent) => (parent.depth + 1, parent.hangs_from),
            None => (0, self.outside.len()),
        };
        let row = Row { object, key, insert, action, depth, hangs_from };
        if in_text && row.alters() { Err(Refusal::Text) } else { Ok(row) }
    }

    /// Reads and judges the predecessors of a row; returns those that earlier changes made.
    fn preds(&mut self, row: &Row<'a>, cursors: &mut Cursors<'a>) -> Result<Vec<OpRef>, Refusal> {
        let count = cursors.pred_count()?;
        let mut outside = Vec::new();
        let mut last = None;
        let mut rival = self.rival(row);
        for _ in 0..count {
            let (actor, counter) = cursors.pred()?;
            let pred = self.reference(actor, counter)?;
            let order = (pred.counter, self.actors[pred.actor]);
            if last >= Some(order) {
                return Err(Refusal::Pred);
            }
            last = Some(order);
            match self.local(pred) {
                Some(target) => {
                    check_local_pred(row, pred, target)?;
                    rival = rival.filter(|rival| pred.counter != self.start_op + *rival as u64);
                }
                // Nothing in an object made by this change is older than the change.
                None if self.local_parent(row.object).is_some() => return Err(Refusal::Pred),
                None => outside.push(pred),
            }
        }
        if rival.is_some() {
            return Err(Refusal::Rival);
        }
        // Inserts are new; deletes, increments and writes to elements replace something.
        let replaces = !row.action.writes() || matches!(row.key, Key::Element(_));
        match (row.insert, count) {
            (true, 1..) => Err(Refusal::Pred),
            (false, 0) if replaces => Err(Refusal::Pred),
            _ => Ok(outside),
        }
    }

    /// The row of this change whose value stands where this one writes: it must name that one. Else one change
    /// could leave thousands of values in one place, and whoever writes there next has to name them all.
    fn rival(&self, row: &Row<'a>) -> Option<usize> {
        let Key::Property(name) = row.key else { return None };
        self.standing.get(&(row.object, name)).copied()
    }

    fn push(&mut self, row: Row<'a>, preds: Vec<OpRef>) -> Result<(), Refusal> {
        if let Key::Property(name) = row.key {
            match row.action {
                Action::Delete => drop(self.standing.remove(&(row.object, name))),
                Action::Increment => {}
                _ => drop(self.standing.insert((row.object, name), self.rows.len())),
            }
        }
        // Nothing in an object made by this change refers to anything outside.
        if row.depth == 0 {
            let key = match row.key {
                Key::Property(name) => OutsideKey::Property(name),
                Key::Element(element) if self.local(element).is_none() => OutsideKey::Element(element),
                Key::Element(_) | Key::Head => OutsideKey::Inside,
            };
            let alters = row.alters();
            self.outside.push(Outside { object: row.object, key, preds, levels: 0, alters });
        }
        if row.action.makes() {
            let level = row.depth + 1;
            if level > self.limits.max_nesting {
                return Err(Refusal::Nesting);
            }
            let levels = &mut self.outside[row.hangs_from].levels;
            *levels = level.max(*levels);
        }
        self.rows.push(row);
        Ok(())
    }
}

/// A predecessor in this change must be a write of the same place.
fn check_local_pred(row: &Row<'_>, pred: OpRef, target: &Row<'_>) -> Result<(), Refusal> {
    let place = if target.insert { Key::Element(pred) } else { target.key };
    if target.object == row.object && place == row.key && target.action.writes() {
        Ok(())
    } else {
        Err(Refusal::Pred)
    }
}
