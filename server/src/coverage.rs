//! Visits and meetings counted: what each mode came to, and how far the plans of a district have come.
//!
//! Reads rounds and opens no document. Counts only: a round that somebody may not see is counted as any other, and
//! nothing here says which it was. Never reads the clock: the span is given.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::{Coverage, Covered, Pack};
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;

use crate::pipeline::timestamp;
use crate::store::rounds::Rounds;
use crate::store::{Kept, Round, RoundQuery, RoundRow};

/// What the rounds of one mode came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rounds.
    pub rounds: u64,
    /// Rounds that do not count: without a leader, or in a format, that the district's rule does not take.
    pub astray: u64,
    /// Different leaders.
    pub leaders: BTreeSet<String>,
    /// Different teams.
    pub teams: BTreeSet<String>,
    /// Different towns.
    pub towns: BTreeSet<String>,
    /// Different villages.
    pub villages: BTreeSet<String>,
    /// Visits to households.
    pub households: u64,
    /// People met, each time that they were.
    pub people: u64,
    /// Visits to firms.
    pub firms: u64,
    /// What was given, by count.
    pub given: u64,
    /// Cases that are named.
    pub cases: u64,
    /// Items of rectification lists, or resulting actions.
    pub tasks: u64,
    /// Those that are put right, or have become a case or a decision.
    pub done: u64,
    /// Items that are open past their time.
    pub overdue: u64,
}

impl Tally {
    fn add(&mut self, pack: &Pack, round: &Round, as_of: Millis) {
        self.rounds += 1;
        self.leaders.extend(Some(round.leader.clone()).filter(|leader| !leader.is_empty()));
        self.teams.extend(Some(round.team.clone()).filter(|team| !team.is_empty()));
        let places = round.villages.iter().chain(&round.place);
        self.towns.extend(places.filter_map(|place| pack.town_of(place)).map(str::to_owned));
        self.villages.extend(round.villages.iter().cloned());
        self.households += u64::from(round.households);
        self.people += u64::from(round.people);
        self.firms += u64::from(round.firms);
        self.given += u64::from(round.given);
        self.cases += round.cases.len() as u64;
        self.tasks += u64::from(round.tasks);
        self.done += u64::from(round.done);
        let due = pack.rectified_by(&round.mode, timestamp(round.at));
        if due.is_some_and(|due| due.as_millisecond() < as_of) {
            self.overdue += u64::from(round.tasks.saturating_sub(round.done));
        }
    }
}

/// What rounds of a span came to as of its end, by mode (of meetings: format).
pub async fn tally<S: Rounds>(
    store: &S,
    pack: &Pack,
    kind: Kind,
    (from, to): (Millis, Millis),
) -> Kept<BTreeMap<String, Tally>> {
    let query = RoundQuery { district: pack.district().to_owned(), kind, from, to };
    let mut by: BTreeMap<String, Tally> = BTreeMap::new();
    for RoundRow { round, .. } in store.rounds(query).await? {
        let of = by.entry(round.mode.clone()).or_default();
        if kind == Kind::Visit && !counts(pack, &round) {
            of.astray += 1;
        } else {
            of.add(pack, &round, to);
        }
    }
    Ok(by)
}

/// Whether a visit is what the district's rule says a visit of its mode is.
fn counts(pack: &Pack, round: &Round) -> bool {
    let Some(rule) = pack.visit_modes().find(|rule| rule.id == round.mode) else { return true };
    let led = !rule.led || !round.leader.is_empty();
    led && (rule.formats.is_empty() || round.format.is_empty() || rule.formats.contains(&round.format))
}

/// How far each plan of a district has come.
pub async fn plans<S: Rounds>(store: &S, pack: &Pack, as_of: Millis) -> Kept<Vec<(Coverage, Covered)>> {
    let mut plans = Vec::new();
    for plan in pack.coverages() {
        let query = RoundQuery {
            district: pack.district().to_owned(),
            kind: Kind::Visit,
            from: plan.from.as_millisecond(),
            to: plan.to.as_millisecond(),
        };
        let of_plan = |row: &RoundRow| row.round.plan.is_empty() || row.round.plan == plan.id;
        let rounds: Vec<doorstep_policy::Round> =
            store.rounds(query).await?.into_iter().filter(of_plan).map(|row| as_policy(row.round)).collect();
        let covered = plan.covered(pack, &rounds, timestamp(as_of));
        plans.push((plan, covered));
    }
    Ok(plans)
}

fn as_policy(round: Round) -> doorstep_policy::Round {
    doorstep_policy::Round {
        at: timestamp(round.at),
        mode: round.mode,
        team: round.team,
        leader: round.leader,
        place: round.place.unwrap_or_default(),
        villages: round.villages,
    }
}
