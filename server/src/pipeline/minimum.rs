//! The oldest document schema whose devices are told of cases.
//!
//! A device below it may send all that it has, and is told nothing: what it would show of newer cases is not what
//! they say. It stands in the store, so that every node and a restored server know it.

use std::sync::atomic::Ordering::Relaxed;

use doorstep_protocol::limits::{OLDEST_SCHEMA, SCHEMA_VERSION};
use doorstep_protocol::machines::session::In;

use super::{Centre, Session};
use crate::store::{Aside, Kept, Store};

const MINIMUM: &str = "minimum_schema";

/// The oldest schema whose devices are told of cases: of all that were ever shipped, unless somebody has raised it.
pub async fn minimum<S: Store>(store: &S) -> Kept<u16> {
    Ok(store.setting(MINIMUM).await?.and_then(|text| text.parse().ok()).unwrap_or(OLDEST_SCHEMA))
}

/// What raises it, or lowers it again.
pub fn minimum_of(schema: u16) -> Aside {
    Aside::Setting { key: MINIMUM.into(), value: schema.to_string() }
}

impl<S: Store> Centre<S> {
    /// What a session is told next: a page, that there is none, or that its device is too old for one.
    pub async fn told(&self, session: &mut Session) -> Kept<In> {
        let minimum = self.minimum.load(Relaxed);
        if session.schema < minimum {
            let message = format!(
                "This device is too old to be told of cases: it knows version {} of documents, this centre asks for \
                 {minimum} (the newest is {SCHEMA_VERSION}). All that it sent was taken, and what it holds is kept. \
                 Update Doorstep on it, then connect again.",
                session.schema
            );
            return Ok(In::Refused { code: "schema.minimum".into(), message });
        }
        Ok(In::Page(self.page(session).await?))
    }
}
