//! Rounds of visits of a scenario: who goes where, whom they meet and what they bring back, so that all of it adds up to the
//! volumes.
//!
//! Owns how counts are shared out. The documents are made on the towns' devices like any other.

use std::collections::BTreeSet;

use doorstep_policy::Pack;
use doorstep_protocol::documents::Edit;
use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::volumes::Visits;
use crate::harness::{Rng, put};

/// One round as it will be made.
#[derive(Clone, Debug)]
pub(super) struct DrawnVisit {
    /// The working day of the run.
    pub(super) day: usize,
    /// The town whose device makes it.
    pub(super) town: String,
    /// What is written.
    pub(super) edits: Vec<Edit>,
}

/// The rounds of one line of the volumes.
pub(super) fn draw(
    wanted: &Visits,
    (days, places): (&[Date], &[(String, Vec<String>)]),
    (pack, rng): (&Pack, &mut Rng),
) -> Result<Vec<DrawnVisit>, String> {
    let within = days.partition_point(|day| *day < wanted.from)..days.partition_point(|day| *day < wanted.to);
    if within.is_empty() || wanted.rounds == 0 {
        return Err(format!("there is no round of {} from {} to {}", wanted.mode, wanted.from, wanted.to));
    }
    let villages = villages(wanted, places, pack)?;
    let rounds = wanted.rounds as usize;
    let mut drawn = Vec::with_capacity(rounds);
    for round in 0..rounds {
        let day = within.start + rng.below(within.len());
        let mine: Vec<&(String, String)> = villages.iter().skip(round).step_by(rounds).collect();
        let place = mine.first().copied().or(villages.first()).ok_or("no village is left")?;
        drawn.push(DrawnVisit {
            day,
            town: place.0.clone(),
            edits: edits(wanted, (round, days[day]), place, &mine),
        });
    }
    Ok(drawn)
}

/// Town and village of every village that the rounds reach, so that so many towns are among them.
fn villages(
    wanted: &Visits,
    places: &[(String, Vec<String>)],
    pack: &Pack,
) -> Result<Vec<(String, String)>, String> {
    let plan = pack.coverages().find(|plan| wanted.plan.as_ref() == Some(&plan.id));
    let listed: Option<BTreeSet<String>> =
        plan.map(|plan| plan.places.into_iter().map(|(place, _)| place).collect());
    let reached = |village: &&String| listed.as_ref().is_none_or(|listed| listed.contains(*village));
    let mut towns: Vec<(&String, Vec<&String>)> =
        places.iter().map(|(town, villages)| (town, villages.iter().filter(reached).collect())).collect();
    towns.retain(|(_, villages)| !villages.is_empty());
    if wanted.towns > 0 {
        // The largest, so that there are villages enough.
        towns.sort_by_key(|(town, villages)| (std::cmp::Reverse(villages.len()), (*town).clone()));
        towns.truncate(wanted.towns as usize);
    }
    let mut found = Vec::new();
    for nth in 0..towns.iter().map(|(_, villages)| villages.len()).max().unwrap_or(0) {
        found
            .extend(towns.iter().filter_map(|(town, all)| Some(((*town).clone(), (*all.get(nth)?).clone()))));
    }
    if found.len() < wanted.villages as usize || wanted.towns as usize > towns.len() {
        return Err(format!("the pack has not {} villages in {} towns", wanted.villages, wanted.towns));
    }
    found.truncate(wanted.villages as usize);
    Ok(found)
}

/// The share of one of several: all shares add up, and none differs by more than one from another.
fn share(all: u32, of: usize, nth: usize) -> u32 {
    let (of, nth) = (of.max(1) as u32, nth as u32);
    all / of + u32::from(nth < all % of)
}

fn edits(
    wanted: &Visits,
    (round, day): (usize, Date),
    (_, place): &(String, String),
    villages: &[&(String, String)],
) -> Vec<Edit> {
    let rounds = wanted.rounds as usize;
    let of = |all: u32| share(all, rounds, round);
    let nth = |prefix: &str, count: u32| format!("{prefix}{}", round % count.max(1) as usize + 1);
    let mut edits = vec![
        put("title", &format!("{} {day}", wanted.mode)),
        put("mode", &wanted.mode),
        put("place", place),
        put("visited_at", &day.to_string()),
    ];
    if wanted.leaders > 0 {
        edits.push(put("leader", &nth("领导", wanted.leaders)));
    }
    if let Some(team) = wanted.teams.get(round % wanted.teams.len().max(1)) {
        edits.push(put("team", team));
    }
    if let Some(plan) = &wanted.plan {
        edits.push(put("plan", plan));
    }
    let mut list =
        |field: &str, item: Json| edits.push(Edit::Append { field: field.into(), item: item.to_string() });
    for (_, village) in villages {
        list("villages", json!({ "place": village }));
    }
    let (households, people) = (of(wanted.households), of(wanted.people));
    for house in 0..households {
        let met = share(people, households as usize, house as usize);
        list("households", json!({ "household": format!("{}号", house + 1), "people": met }));
    }
    if households == 0 && people > 0 {
        list("met", json!({ "group": "residents", "count": people }));
    }
    for firm in 0..of(wanted.firms) {
        list("firms", json!({ "name": format!("企业{}-{}", round + 1, firm + 1) }));
    }
    let rectified = of(wanted.rectified);
    for item in 0..of(wanted.problems) {
        let number = (item + 1).to_string();
        list("rectification", json!({ "item": number, "what": "入户走访发现的问题" }));
        if item < rectified {
            list("progress", json!({ "item": number, "state": "done" }));
        }
    }
    edits
}
