//! `/supervision/coverage`: the coverage map of each plan of visits, town by town and village by village, and the teams.
//!
//! A map of tiles, not of places on the ground: nothing is fetched from anywhere. Counts only; no visit is shown.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use doorstep_policy::{Coverage, Covered, Pack};

use super::super::words::{When, Words};
use super::{Frame, Tab, Visitor, html, tabs};
use crate::authorize::{Wish, authorize};
use crate::coverage::plans;
use crate::http::App;
use crate::http::error::Problem;
use crate::store::Store;

#[derive(Template)]
#[template(path = "supervision/coverage.html")]
struct Page<'a> {
    frame: Frame<'a>,
    tabs: Vec<Tab>,
    plans: Vec<Plan>,
}

/// One plan.
struct Plan {
    id: String,
    label: String,
    basis: String,
    covered: usize,
    of: usize,
    rounds: usize,
    astray: usize,
    towns: Vec<Town>,
    teams: Vec<Team>,
}

/// A town of the plan with its villages.
struct Town {
    name: String,
    covered: usize,
    tiles: Vec<Tile>,
}

/// A village of the plan.
struct Tile {
    name: String,
    reached: Option<When>,
}

/// A team of the plan.
struct Team {
    id: String,
    lead: String,
    covered: usize,
    of: usize,
    rounds: usize,
    missed: Vec<String>,
}

pub(super) async fn page<S: Store>(State(app): State<App<S>>, visitor: Visitor) -> Result<Response, Problem> {
    let person = &visitor.signed.person;
    if !authorize(person, Wish::Supervise, None) {
        return Err(Problem::not_found());
    }
    let pack = app.centre.pack(&person.district)?;
    let found = plans(&**app.centre.store(), &pack, app.centre.now()).await?;
    let frame = Frame::new(&app, visitor.lang, &visitor.here, Some(&visitor.signed));
    let w = &frame.w;
    let plans = found.iter().map(|(plan, covered)| shown(&pack, plan, covered, w)).collect();
    let page = Page { tabs: tabs(&app, &visitor, w)?, plans, frame };
    html(StatusCode::OK, &page)
}

fn shown(pack: &Pack, plan: &Coverage, covered: &Covered, w: &Words<'_>) -> Plan {
    let mut towns: BTreeMap<&str, Vec<Tile>> = BTreeMap::new();
    for (place, _) in &plan.places {
        let reached = covered.reached.get(place).map(|at| w.day(at.as_millisecond()));
        let town = pack.town_of(place).unwrap_or(place);
        towns.entry(town).or_default().push(Tile { name: w.unit(place), reached });
    }
    let town = |(town, tiles): (&str, Vec<Tile>)| {
        let covered = tiles.iter().filter(|tile| tile.reached.is_some()).count();
        Town { name: w.unit(town), covered, tiles }
    };
    let team = |team: &doorstep_policy::TeamCovered| Team {
        id: team.team.clone(),
        lead: w.unit(&team.lead),
        covered: team.covered,
        of: team.of,
        rounds: team.rounds,
        missed: team.missed.iter().map(|day| w.month(&day.strftime("%Y-%m").to_string())).collect(),
    };
    Plan {
        id: plan.id.clone(),
        label: w.basis(&plan.label),
        basis: w.basis(&plan.basis),
        covered: covered.reached.len(),
        of: plan.places.len(),
        rounds: covered.rounds,
        astray: covered.astray,
        towns: towns.into_iter().map(town).collect(),
        teams: covered.teams.iter().map(team).collect(),
    }
}
