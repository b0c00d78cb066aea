//! `/api/v1/supervision`: what is stuck, draws, accounts, rates and signals, as the desk's pages have them.

mod accounts;
mod board;
mod draws;
mod rates;
mod signals;

use crate::http::openapi::Endpoint;
use crate::store::Store;

/// Every endpoint of the area.
pub(super) fn endpoints<S: Store>() -> Vec<Endpoint<S>> {
    vec![
        board::endpoint(),
        draws::listed_endpoint(),
        draws::endpoint(),
        draws::commit_endpoint(),
        draws::draw_endpoint(),
        draws::inspect_endpoint(),
        accounts::endpoint(),
        accounts::submit_endpoint(),
        accounts::judge_endpoint(),
        rates::endpoint(),
        rates::publish_endpoint(),
        rates::interview_endpoint(),
        signals::endpoint(),
    ]
}
