//! The conflict table and the views of review, severest and latest fields: a fold over accepted
//! changes, the same for every order of arrival.
//!
//! The rule (each number is a rule of the design, and of the oracle in the property test):
//!
//! 1. A *word* is what one change leaves in one field.
//! 2. Before and concurrent are causal, by deps only.
//! 3. A word speaks for an earlier word if it is a resolution, or if both are plain and of one worker.
//! 4. Concurrent unequal words disagree if their workers differ or either is a resolution.
//! 5. That is moot if a word that speaks for one side is concurrent with the other.
//! 6. It is resolved if a resolution follows both and names both.
//! 7. Open = disagreeing, neither moot nor resolved.
//!
//! Architecture Invariant: every answer is a function of the set of changes. Positions in `nodes`
//! depend on arrival and never leave this file; what leaves it is keyed by hash.

mod bits;
mod crowd;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::schema::{Class, Field};
use super::words::{Accepted, Act, Facts, Value, Word};
use crate::Hash;
use bits::Bits;
pub use crowd::Crowded;

/// An open conflict: one per document and field, however many sides it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Every pair of sides that no resolution has closed, smaller hash first.
    pub pairs: BTreeSet<(Hash, Hash)>,
    /// What a resolution must name, by hash: the sides, and the words that stand last.
    pub sides: BTreeMap<Hash, Side>,
    /// The last words that all sides had seen: their common ancestor.
    pub base: BTreeMap<Hash, Side>,
}

/// One word of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// What it says.
    pub value: Value,
    /// Who said it, where and when.
    pub facts: Facts,
    /// Whether it is itself a resolution.
    pub resolution: bool,
    /// The others of the row's sides, or of its base, that this one had seen.
    pub saw: BTreeSet<Hash>,
}

impl Row {
    /// The distinct values of all sides: for provisional dispatch and for visibility.
    pub fn values(&self) -> BTreeSet<Value> {
        self.sides.values().map(|side| side.value.clone()).collect()
    }
}

/// What a field shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// Never written.
    Unset,
    /// One value; `None` is cleared.
    Is(Value),
    /// An open conflict: all candidates.
    Disputed(BTreeSet<Value>),
}

/// The accepted changes of one document and what follows from them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// For each admitted change, the words at or before it. Shared where a change adds none.
    known: HashMap<Hash, Arc<Bits>>,
    /// Changes whose dependencies have not arrived, under one that is missing.
    waiting: HashMap<Hash, Vec<Accepted>>,
    nodes: Vec<Node>,
    fields: BTreeMap<Field, FieldState>,
    /// Latest or severest fields that the pack tightens to review, by name.
    tightened: Arc<BTreeSet<String>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Node {
    hash: Hash,
    facts: Facts,
    value: Value,
    act: Act,
    before: Arc<Bits>,
}

impl Node {
    fn is_resolution(&self) -> bool {
        matches!(self.act, Act::Resolves(_))
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct FieldState {
    all: Vec<usize>,
    /// Words that no word speaks for: all that a new one can disagree with.
    live: BTreeSet<usize>,
    open: BTreeSet<(usize, usize)>,
    maximal: BTreeSet<usize>,
    lowered: BTreeSet<usize>,
}

impl Table {
    /// An empty table in which the named fields are reviewed whatever their class.
    pub fn tightened(fields: Arc<BTreeSet<String>>) -> Self {
        Table { tightened: fields, ..Table::default() }
    }

    /// The fields that are reviewed here whatever their class.
    pub fn tight(&self) -> Arc<BTreeSet<String>> {
        Arc::clone(&self.tightened)
    }

    /// The table of a set of changes, in whatever order they come.
    pub fn of(changes: impl IntoIterator<Item = Accepted>) -> Self {
        let mut table = Table::default();
        changes.into_iter().for_each(|change| table.insert(change));
        table
    }

    /// Adds one change; one seen before is ignored, one that is early waits for its dependencies.
    pub fn insert(&mut self, change: Accepted) {
        let mut ready = vec![change];
        while let Some(change) = ready.pop() {
            if self.known.contains_key(&change.hash) {
                continue;
            }
            match change.deps.iter().find(|dep| !self.known.contains_key(dep)) {
                Some(missing) => self.waiting.entry(*missing).or_default().push(change),
                None => {
                    ready.extend(self.waiting.remove(&change.hash).unwrap_or_default());
                    self.admit(change);
                }
            }
        }
    }

    /// Whether this change has been admitted.
    pub fn knows(&self, hash: &Hash) -> bool {
        self.known.contains_key(hash)
    }

    /// The class by which a field is settled here.
    pub fn class(&self, field: Field) -> Class {
        if field.is_word() && self.tightened.contains(field.name) { Class::Review } else { field.class }
    }

    /// The open conflicts.
    pub fn rows(&self) -> BTreeMap<Field, Row> {
        let open = self.fields.iter().filter(|(_, state)| !state.open.is_empty());
        open.map(|(field, state)| (*field, self.row(state))).collect()
    }

    /// The fields in which something is open.
    pub fn open_fields(&self) -> impl Iterator<Item = Field> {
        self.fields.iter().filter(|(_, state)| !state.open.is_empty()).map(|(field, _)| *field)
    }

    /// Whether any word of a field ever said something, whatever it says now.
    pub fn was_said(&self, field: Field) -> bool {
        let said = |i: &usize| self.nodes[*i].value.as_ref().is_some_and(|text| !text.trim().is_empty());
        self.fields.get(&field).is_some_and(|state| state.all.iter().any(said))
    }

    /// Whether anything is open.
    pub fn has_open(&self) -> bool {
        self.fields.values().any(|state| !state.open.is_empty())
    }

    /// What a resolution at `deps` must name at least: every side and every maximal word of the row
    /// as seen from there (rule 8). Empty if nothing is open there.
    pub fn must_name(&self, field: Field, deps: &[Hash]) -> BTreeSet<Hash> {
        let seen = self.seen_from(deps);
        let Some(state) = self.fields.get(&field) else { return BTreeSet::new() };
        let named = |state: &FieldState| self.row(state).sides.into_keys().collect();
        if state.all.iter().all(|i| seen.has(*i)) {
            return if state.open.is_empty() { BTreeSet::new() } else { named(state) };
        }
        // Replay the field's words of that past in their order of arrival, which is causal.
        let mut then = FieldState::default();
        state.all.iter().filter(|i| seen.has(**i)).for_each(|i| self.take_in(field, &mut then, *i));
        if then.open.is_empty() { BTreeSet::new() } else { named(&then) }
    }

    /// Whether one of the field words at or before these changes is this one.
    pub fn builds_on(&self, deps: &[Hash], word: &Hash) -> bool {
        let seen = self.seen_from(deps);
        self.nodes.iter().enumerate().any(|(i, node)| node.hash == *word && seen.has(i))
    }

    /// A person's decision that stands, and all that has been decided between so far, the earlier decisions
    /// included. `None` where something is open, or the last word is nobody's decision.
    pub fn decided(&self, field: Field) -> Option<(Hash, Row)> {
        let state = self.fields.get(&field).filter(|state| state.open.is_empty())?;
        let order = |i: &&usize| (self.nodes[**i].facts.made, self.nodes[**i].hash);
        let last = *state.maximal.iter().max_by_key(order)?;
        let (mut among, mut todo) = (BTreeSet::new(), vec![last]);
        while let Some(i) = todo.pop() {
            let Act::Resolves(of) = &self.nodes[i].act else { continue };
            let named = state.all.iter().copied().filter(|j| of.contains(&self.nodes[*j].hash));
            todo.extend(named.filter(|j| among.insert(*j)));
        }
        let by_person = self.nodes[last].is_resolution();
        let sides = among.iter().copied().chain([last]).map(|i| self.side(i, &among)).collect();
        by_person.then(|| (self.nodes[last].hash, Row { sides, ..Row::default() }))
    }

    /// What a field shows.
    pub fn view(&self, field: Field) -> View {
        let Some(state) = self.fields.get(&field) else { return View::Unset };
        let latest =
            || state.maximal.iter().max_by_key(|i| (self.nodes[**i].facts.made, self.nodes[**i].hash));
        let shown = match self.class(field) {
            Class::Review if !state.open.is_empty() => return View::Disputed(self.row(state).values()),
            Class::Severest => {
                let standing = state.all.iter().filter(|i| !state.lowered.contains(i));
                standing.max_by_key(|i| {
                    let value = &self.nodes[**i].value;
                    (field.severity(value.as_deref()), value.clone())
                })
            }
            _ => latest(),
        };
        shown.map_or(View::Unset, |i| View::Is(self.nodes[*i].value.clone()))
    }

    /// When the words that decide these fields last changed, by the centre's clock of arrival.
    pub fn last_received(&self, fields: impl Fn(Field) -> bool) -> Option<i64> {
        let states = self.fields.iter().filter(|(field, _)| fields(**field));
        states.flat_map(|(_, state)| &state.all).map(|i| self.nodes[*i].facts.received).max()
    }

    fn side(&self, i: usize, among: &BTreeSet<usize>) -> (Hash, Side) {
        let node = &self.nodes[i];
        let saw = among.iter().filter(|j| node.before.has(**j)).map(|j| self.nodes[*j].hash).collect();
        let side =
            Side { value: node.value.clone(), facts: node.facts, resolution: node.is_resolution(), saw };
        (node.hash, side)
    }

    fn row(&self, state: &FieldState) -> Row {
        let mut row = Row::default();
        let open: BTreeSet<usize> = state.open.iter().flat_map(|(a, b)| [*a, *b]).collect();
        for (a, b) in &state.open {
            let (a, b) = (self.nodes[*a].hash, self.nodes[*b].hash);
            row.pairs.insert((a.min(b), a.max(b)));
        }
        let named: BTreeSet<usize> = open.union(&state.maximal).copied().collect();
        row.sides = named.iter().map(|i| self.side(*i, &named)).collect();
        let seen_by_all = |i: &usize| open.iter().all(|side| self.nodes[*side].before.has(*i));
        let shared: Vec<usize> = state.all.iter().copied().filter(seen_by_all).collect();
        // Positions are causal: from the last one back, what nothing later had seen is itself a last one.
        let (mut last, mut seen) = (BTreeSet::new(), Bits::default());
        for i in shared.into_iter().rev() {
            if !seen.has(i) {
                seen.add_all(&self.nodes[i].before);
                last.insert(i);
            }
        }
        row.base = last.iter().map(|i| self.side(*i, &last)).collect();
        row
    }

    /// The words at or before these changes.
    fn seen_from(&self, deps: &[Hash]) -> Arc<Bits> {
        let mut seen = Arc::<Bits>::default();
        for (n, past) in deps.iter().filter_map(|dep| self.known.get(dep)).enumerate() {
            if n == 0 {
                seen = Arc::clone(past);
            } else if !Arc::ptr_eq(&seen, past) {
                Arc::make_mut(&mut seen).add_all(past);
            }
        }
        seen
    }

    /// All dependencies are admitted, so nothing admitted so far knows this change.
    fn admit(&mut self, change: Accepted) {
        let known = self.seen_from(&change.deps);
        let mut after = Arc::clone(&known);
        for Word { field, value, act, .. } in change.words {
            let before = Arc::clone(&known);
            Arc::make_mut(&mut after).add(self.nodes.len());
            self.nodes.push(Node { hash: change.hash, facts: change.facts, value, act, before });
            self.admit_word(field, self.nodes.len() - 1);
        }
        self.known.insert(change.hash, after);
    }

    fn admit_word(&mut self, field: Field, new: usize) {
        let mut state = self.fields.remove(&field).unwrap_or_default();
        self.take_in(field, &mut state, new);
        self.fields.insert(field, state);
    }

    /// What a word makes of a field's state.
    fn take_in(&self, field: Field, state: &mut FieldState, new: usize) {
        let before = &self.nodes[new].before;
        if self.class(field) == Class::Review {
            state.open.retain(|pair| !self.closes(new, *pair));
            // What speaks for a word that `new` does not know is unknown to `new` as well.
            state.live.retain(|old| !(before.has(*old) && self.speaks_for(new, *old)));
            let strangers = state.live.iter().copied().filter(|old| !before.has(*old));
            state.open.extend(strangers.filter(|old| self.disagree(*old, new)).map(|old| (old, new)));
            state.live.insert(new);
        }
        if let Act::Lowers(from) = &self.nodes[new].act {
            let rank = |value: &Value| field.severity(value.as_deref());
            let seen = state.all.iter().filter(|old| before.has(**old));
            state.lowered.extend(seen.filter(|old| rank(&self.nodes[**old].value) <= rank(from)));
        }
        state.maximal.retain(|old| !before.has(*old));
        state.maximal.insert(new);
        state.all.push(new);
    }

    /// A resolution speaks for all that it follows; a plain word for its worker's earlier plain
    /// words. Nothing but a resolution speaks for a resolution.
    fn speaks_for(&self, new: usize, old: usize) -> bool {
        let (new, old) = (&self.nodes[new], &self.nodes[old]);
        new.is_resolution() || (new.facts.worker == old.facts.worker && !old.is_resolution())
    }

    /// One worker's own plain words never disagree; equal values never do.
    fn disagree(&self, a: usize, b: usize) -> bool {
        let (a, b) = (&self.nodes[a], &self.nodes[b]);
        a.value != b.value && (a.facts.worker != b.facts.worker || a.is_resolution() || b.is_resolution())
    }

    /// `new` resolves the pair, or takes the place of one side towards the other.
    fn closes(&self, new: usize, (a, b): (usize, usize)) -> bool {
        let node = &self.nodes[new];
        match (node.before.has(a), node.before.has(b)) {
            (true, true) => match &node.act {
                Act::Resolves(of) => [a, b].iter().all(|side| of.contains(&self.nodes[*side].hash)),
                Act::Plain | Act::Lowers(_) => false,
            },
            (true, false) => self.speaks_for(new, a),
            (false, true) => self.speaks_for(new, b),
            (false, false) => false,
        }
    }
}
