//! `/live`: server-sent events that say `changed` and nothing else, to whoever may see something of what has. The page reads
//! itself again, so that what is shown is judged when it is read.
//!
//! A person has few of these at once, each ends by itself after a while, when the sign-in ends and when the server
//! stops. Many changes at once are one event.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use doorstep_protocol::WorkerId;
use futures_util::stream;
use tokio::sync::watch;

use super::Visitor;
use crate::http::App;
use crate::http::auth::of_cookie;
use crate::http::error::Problem;
use crate::limits;
use crate::store::Store;

/// How many listen, by person, and whether the server stops.
pub(in crate::http) struct Listeners {
    open: Mutex<BTreeMap<WorkerId, usize>>,
    stopping: watch::Receiver<bool>,
}

impl Listeners {
    pub(in crate::http) fn until(stopping: watch::Receiver<bool>) -> Arc<Self> {
        Arc::new(Listeners { open: Mutex::default(), stopping })
    }

    /// A place for one more, if this person has one.
    fn enter(self: &Arc<Self>, worker: WorkerId) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(worker).or_default();
        if *count >= limits::LISTENERS_PER_PERSON {
            return None;
        }
        *count += 1;
        Some(Place { listeners: Arc::clone(self), worker })
    }
}

/// One who listens; given back when it is dropped.
struct Place {
    listeners: Arc<Listeners>,
    worker: WorkerId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.listeners.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.worker) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.worker);
            }
        }
    }
}

struct Listening<S> {
    app: App<S>,
    headers: HeaderMap,
    moved: watch::Receiver<u64>,
    /// Up to where the news has been told.
    told: u64,
    stopping: watch::Receiver<bool>,
    until: tokio::time::Instant,
    _place: Place,
}

pub(super) async fn listen<S: Store>(
    State(app): State<App<S>>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(place) = app.listeners.enter(visitor.signed.person.worker) else {
        // Says to a browser that it is not to come again; the page works without.
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let listening = Listening {
        moved: app.centre.moved(),
        told: app.centre.news_end(),
        stopping: app.listeners.stopping.clone(),
        until: tokio::time::Instant::now() + Duration::from_millis(limits::LISTEN_MS),
        _place: place,
        headers,
        app,
    };
    let events = stream::unfold(listening, |mut listening| async {
        listening.next().await.then(|| (Ok::<_, Infallible>(changed()), listening))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))).into_response())
}

/// Browsers pass over an event without data, so it says something, and always the same.
fn changed() -> Event {
    Event::default().event("changed").data("changed")
}

impl<S: Store> Listening<S> {
    /// Whether something that they may see has changed for somebody who is still signed in. False: it is over.
    async fn next(&mut self) -> bool {
        let gather = Duration::from_millis(limits::LISTEN_GATHER_MS);
        loop {
            tokio::select! {
                changed = self.moved.changed() => if changed.is_err() { return false },
                _ = self.stopping.wait_for(|stop| *stop) => return false,
                () = tokio::time::sleep_until(self.until) => return false,
            }
            // What comes at once is told at once.
            tokio::select! {
                () = tokio::time::sleep(gather) => {}
                _ = self.stopping.wait_for(|stop| *stop) => return false,
            }
            self.moved.mark_unchanged();
            let Ok(signed) = of_cookie(&self.app, &self.headers).await else { return false };
            let Ok((now, seen)) = self.app.centre.news_for(&signed.person, self.told).await else {
                return false;
            };
            self.told = now;
            if seen {
                return true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_browser_hears_the_event() {
        let answer = Sse::new(stream::iter([Ok::<_, Infallible>(changed())])).into_response();
        let body = axum::body::to_bytes(answer.into_body(), 1000).await.expect("ends");
        assert_eq!(body, "event: changed\ndata: changed\n\n", "one without data is passed over");
    }
}
