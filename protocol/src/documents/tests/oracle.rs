//! The twelve rules read word for word, with quantifiers over all words and no index. Knows nothing
//! of the table; rules 2 and 12 are kept by the world and by `derive`.

use std::collections::{BTreeMap, BTreeSet};

use crate::Hash;
use crate::documents::{Accepted, Act, Class, Field, Row, Side, Value, View, Word};

type Said<'a> = (&'a Accepted, &'a Word);

/// A set of changes, closed under dependencies, and its causal order.
pub(super) struct Oracle {
    past: BTreeMap<Hash, BTreeSet<Hash>>,
    meant: BTreeMap<Hash, Accepted>,
    tightened: BTreeSet<String>,
}

impl Oracle {
    pub(super) fn new(meant: &BTreeMap<Hash, Accepted>) -> Self {
        let walk = |hash: &Hash| {
            let mut stack = meant[hash].deps.clone();
            let mut seen = BTreeSet::new();
            while let Some(next) = stack.pop() {
                if seen.insert(next) {
                    stack.extend(&meant[&next].deps);
                }
            }
            (*hash, seen)
        };
        let past = meant.keys().map(walk).collect();
        Oracle { past, meant: meant.clone(), tightened: BTreeSet::new() }
    }

    pub(super) fn tightened(mut self, fields: &BTreeSet<String>) -> Self {
        self.tightened.clone_from(fields);
        self
    }

    /// The same rules over what a change with these deps had seen.
    fn seen_from(&self, deps: &[Hash]) -> Oracle {
        let mut seen: BTreeSet<Hash> = deps.iter().flat_map(|dep| &self.past[dep]).copied().collect();
        seen.extend(deps);
        let meant = seen.iter().map(|hash| (*hash, self.meant[hash].clone())).collect();
        Oracle::new(&meant).tightened(&self.tightened)
    }

    pub(super) fn class(&self, field: Field) -> Class {
        if self.tightened.contains(field.name) { Class::Review } else { field.class }
    }

    /// Rule 1.
    fn words(&self, field: Field) -> Vec<Said<'_>> {
        let all = self.meant.values().flat_map(|change| change.words.iter().map(move |word| (change, word)));
        all.filter(|(_, word)| word.field == field).collect()
    }

    /// Rule 2.
    fn follows(&self, later: &Accepted, earlier: &Accepted) -> bool {
        self.past[&later.hash].contains(&earlier.hash)
    }

    fn concurrent(&self, a: &Accepted, b: &Accepted) -> bool {
        a.hash != b.hash && !self.follows(a, b) && !self.follows(b, a)
    }

    /// Rule 3.
    fn speaks_for(&self, later: Said<'_>, earlier: Said<'_>) -> bool {
        let both_plain_of_one = later.0.facts.worker == earlier.0.facts.worker && !resolves(earlier.1);
        self.follows(later.0, earlier.0) && (resolves(later.1) || both_plain_of_one)
    }

    /// Rule 4.
    fn disagree(&self, a: Said<'_>, b: Said<'_>) -> bool {
        let people = a.0.facts.worker != b.0.facts.worker || resolves(a.1) || resolves(b.1);
        self.concurrent(a.0, b.0) && a.1.value != b.1.value && people
    }

    /// Rule 5.
    fn moot(&self, a: Said<'_>, b: Said<'_>) -> bool {
        let replaced = |one, other: Said<'_>| {
            let words = self.words(a.1.field);
            words.iter().any(|word| self.speaks_for(*word, one) && self.concurrent(word.0, other.0))
        };
        replaced(a, b) || replaced(b, a)
    }

    /// Rule 6.
    fn resolved(&self, a: Said<'_>, b: Said<'_>) -> bool {
        self.words(a.1.field).iter().any(|(change, word)| match &word.act {
            Act::Resolves(of) => {
                [a, b].iter().all(|side| self.follows(change, side.0) && of.contains(&side.0.hash))
            }
            _ => false,
        })
    }

    /// Rule 7.
    pub(super) fn open(&self, field: Field) -> BTreeSet<(Hash, Hash)> {
        let mut open = BTreeSet::new();
        if self.class(field) != Class::Review {
            return open;
        }
        let words = self.words(field);
        for (n, a) in words.iter().enumerate() {
            for b in &words[n + 1..] {
                if self.disagree(*a, *b) && !self.moot(*a, *b) && !self.resolved(*a, *b) {
                    open.insert((a.0.hash.min(b.0.hash), a.0.hash.max(b.0.hash)));
                }
            }
        }
        open
    }

    fn maximal<'a>(&'a self, among: &[Said<'a>]) -> Vec<Said<'a>> {
        let followed = |a: &Accepted| among.iter().any(|(change, _)| self.follows(change, a));
        among.iter().copied().filter(|(change, _)| !followed(change)).collect()
    }

    /// Rules 7 and 8, with what the form shows beside each side. `None` where nothing is open.
    pub(super) fn row(&self, field: Field) -> Option<Row> {
        let pairs = self.open(field);
        let open: BTreeSet<Hash> = pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let words = self.words(field);
        let last: BTreeSet<Hash> = self.maximal(&words).iter().map(|(change, _)| change.hash).collect();
        let named: Vec<Said<'_>> = words
            .iter()
            .copied()
            .filter(|(change, _)| open.contains(&change.hash) || last.contains(&change.hash))
            .collect();
        let all_saw = |change: &Accepted| open.iter().all(|side| self.past[side].contains(&change.hash));
        let shared: Vec<Said<'_>> = words.iter().copied().filter(|(change, _)| all_saw(change)).collect();
        let base = self.maximal(&shared);
        let side = |(change, word): &Said<'_>, among: &[Said<'_>]| {
            let saw =
                among.iter().filter(|(other, _)| self.follows(change, other)).map(|(other, _)| other.hash);
            let (value, facts, resolution) = (word.value.clone(), change.facts, resolves(word));
            (change.hash, Side { value, facts, resolution, saw: saw.collect() })
        };
        let sides = named.iter().map(|said| side(said, &named)).collect();
        let base = base.iter().map(|said| side(said, &base)).collect();
        (!pairs.is_empty()).then_some(Row { pairs, sides, base })
    }

    /// Rule 8: what a resolution with these deps must name.
    pub(super) fn must_name(&self, field: Field, deps: &[Hash]) -> BTreeSet<Hash> {
        let row = self.seen_from(deps).row(field);
        row.map(|row| row.sides.into_keys().collect()).unwrap_or_default()
    }

    /// Rules 9 to 11.
    pub(super) fn view(&self, field: Field) -> View {
        let value = match self.class(field) {
            Class::Severest => self.most_severe(field),
            _ => match self.row(field) {
                Some(row) => {
                    return View::Disputed(row.sides.values().map(|side| side.value.clone()).collect());
                }
                None => self.latest(field),
            },
        };
        value.map_or(View::Unset, View::Is)
    }

    fn latest(&self, field: Field) -> Option<Value> {
        let words = self.words(field);
        let last =
            self.maximal(&words).into_iter().max_by_key(|(change, _)| (change.facts.made, change.hash));
        last.map(|(_, word)| word.value.clone())
    }

    fn most_severe(&self, field: Field) -> Option<Value> {
        let rank = |value: &Value| field.severity(value.as_deref());
        let words = self.words(field);
        let lowered = |(change, word): &Said<'_>| {
            words.iter().any(|(later, lowering)| match &lowering.act {
                Act::Lowers(from) => self.follows(later, change) && rank(&word.value) <= rank(from),
                _ => false,
            })
        };
        let standing = words.iter().filter(|said| !lowered(said));
        let most = standing.map(|(_, word)| (rank(&word.value), word.value.clone())).max();
        most.map(|(_, value)| value)
    }
}

fn resolves(word: &Word) -> bool {
    matches!(word.act, Act::Resolves(_))
}
