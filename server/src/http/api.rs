//! The API: one file for each endpoint, one table for all of them.

mod absences;
mod actions;
mod case;
mod cases;
pub(super) mod commands;
mod conflict;
mod conflicts;
mod coverage;
mod decisions;
mod devices;
mod enrol;
mod erasure;
mod figures;
mod file;
mod handing_over;
mod history;
mod hooks;
mod invariants;
mod nonce;
mod people;
mod policies;
mod preview;
mod quarantine;
mod refusal;
pub(super) mod release;
mod resolution;
mod reviewing;
mod rounds;
mod shapes;
mod signatures;
mod supervision;
mod units;

use axum::Router;
use axum::http::header;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;

use super::App;
use super::openapi::{self, Endpoint};
use super::repeat;
use crate::store::Store;

/// Every endpoint of the API. The router and the document are made of this.
pub(super) fn endpoints<S: Store>() -> Vec<Endpoint<S>> {
    let mut all = vec![
        enrol::endpoint(),
        nonce::endpoint(),
        cases::endpoint(),
        case::endpoint(),
        decisions::endpoint(),
        history::endpoint(),
        file::endpoint(),
        commands::endpoint(),
        release::endpoint(),
        erasure::endpoint(),
        handing_over::endpoint(),
        conflicts::endpoint(),
        conflict::endpoint(),
        preview::endpoint(),
        resolution::endpoint(),
        reviewing::assignment(),
        reviewing::question(),
        reviewing::recusal(),
        quarantine::endpoint(),
        refusal::shown_endpoint(),
        refusal::endpoint(),
        people::list_endpoint(),
        people::add_endpoint(),
        people::change_endpoint(),
        people::end_endpoint(),
        devices::list_endpoint(),
        devices::endpoint(),
        devices::leave_endpoint(),
        units::endpoint(),
        policies::shown_endpoint(),
        policies::endpoint(),
        figures::endpoint(),
        invariants::endpoint(),
        coverage::endpoint(),
        rounds::endpoint(),
        hooks::endpoint(),
        rounds::tasks_endpoint(),
    ];
    all.extend(actions::endpoints());
    all.extend(absences::endpoints());
    all.extend(signatures::endpoints());
    all.extend(supervision::endpoints());
    all
}

/// The API's routes and its description.
pub(super) fn router<S: Store>(app: App<S>) -> Router<App<S>> {
    let endpoints = endpoints::<S>();
    let document = openapi::document(&endpoints, &shapes::schemas()).to_string();
    let routes = endpoints
        .into_iter()
        .fold(Router::new(), |router, endpoint| router.route(endpoint.path, endpoint.route));
    let routes = routes.layer(from_fn(repeat::tagged)).layer(from_fn_with_state(app, repeat::once::<S>));
    routes.route(
        "/api/openapi.json",
        get(async move || ([(header::CONTENT_TYPE, "application/json")], document)),
    )
}
