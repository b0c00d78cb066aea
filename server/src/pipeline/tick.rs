//! What time does: waits end, settled cases are decided, timers fire, announcements lapse.
//!
//! Durable and claimed once: a tick commits by compare-and-swap on the version that it saw, and each
//! cause is decided once. A tick that is late decides as of the nominal time.

use std::collections::BTreeSet;

use doorstep_policy::{Cause, Directive, Pack};
use doorstep_protocol::documents::Kind;
use doorstep_protocol::ids::Millis;
use doorstep_protocol::{DeviceId, DocumentId, Hash};
use futures_util::{StreamExt, stream};

use super::case::Case;
use super::{Centre, settle};
use crate::limits;
use crate::metrics::METRICS;
use crate::store::{Commit, Expect, Kept, Row, Store, StoreError};

impl<S: Store> Centre<S> {
    /// Does all that is due by now. Returns when to come again, and how many cases were looked at.
    pub async fn tick(&self) -> Kept<(Option<Millis>, usize)> {
        METRICS.ticked();
        // Another node may have found that the store was put back, or somebody has released it.
        self.remember().await?;
        if self.recovering() {
            return Ok((Some(self.now() + limits::RECOVERING_TICK_MS), 0));
        }
        let due = self.store.due(self.now(), limits::TICK_DOCUMENTS).await?;
        // All are looked at, whatever becomes of one of them.
        let looking = stream::iter(due.clone()).map(|document| self.look_or_put_off(document));
        let looked: Vec<Kept<()>> = looking.buffer_unordered(limits::SIDE_BY_SIDE).collect().await;
        looked.into_iter().collect::<Kept<()>>()?;
        Ok((self.store.next_due().await?, due.len()))
    }

    /// A case that does not read is put off, or it would be the first that is due for ever: nothing can be decided of it until
    /// somebody has looked, and `verify` names it.
    async fn look_or_put_off(&self, document: DocumentId) -> Kept<()> {
        let why = match self.look_at(document).await {
            Err(StoreError::Corrupt(why)) => why,
            looked => return looked,
        };
        tracing::error!(%document, %why, "a case that is due does not read; see `doorstep verify`");
        let Some(mut row) = self.store.row(document).await? else { return Ok(()) };
        let expect = Expect::At(row.version);
        row.wake = Some(self.now() + limits::IDLE_WAKE_MS);
        let put_off = Commit { row, expect, by: None, staff: None, rows: Vec::new(), gist: None };
        self.store.commit(vec![put_off]).await.map(drop)
    }

    async fn look_at(&self, document: DocumentId) -> Kept<()> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let (_guard, case) = self.take(document).await?;
            let Some(mut case) = case else { return Ok(()) };
            let pack = &self.pack_of(&case)?;
            let now = self.now();
            let before = case.row.wake;
            if before.is_none_or(|wake| wake > now) {
                // The store called it due. Where another node has moved the case on since, the copy in
                // memory is old: it is forgotten, and the case loaded again.
                if self.store.row(document).await?.is_some_and(|row| row.version != case.row.version) {
                    continue;
                }
                self.put_back(case);
                return Ok(());
            }
            let mut rows = expire(&mut case, now, |device| self.progress(device));
            rows.extend(own(&mut case, pack, now));
            rows.extend(fire(&mut case, pack, now));
            rows.extend(self.settle(&mut case, pack, now));
            settle::schedule(&mut case, pack, &self.settings, now, |device| self.progress(device));
            if rows.is_empty() && case.row.wake == before {
                // Looked at for nothing, as a stale timer does: come back later rather than spin.
                case.row.wake = Some(now + limits::IDLE_WAKE_MS);
            }
            let staged = case.stage(rows);
            if self.commit(case, staged).await?.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Decides if nothing blocks any more.
    fn settle(&self, case: &mut Case, pack: &Pack, now: Millis) -> Vec<Row> {
        if case.row.kind != Kind::Case || case.row.unsettled_since.is_none() {
            return Vec::new();
        }
        if !settle::waits(case, pack, &self.settings, now, |device| self.progress(device)).is_empty() {
            return Vec::new();
        }
        let projection = case.projection();
        let mut rows = Vec::new();
        let digest = projection.digest(pack.reads());
        let cause = settled_cause(case, digest.clone());
        let decided = case.decide(pack, &projection, cause, now);
        case.settle(pack, &projection, digest);
        if let Err(refused) = &decided {
            // The last decision stands, with its owner and due time.
            tracing::warn!(document = %case.row.document, rule = %refused.rule, "policy refused to decide");
        }
        rows.extend(decided.ok().flatten().map(|decision| Row::Decision(Box::new(decision))));
        rows
    }
}

/// The first settled decision is `Settled`; a later one that a person's resolution brought is theirs.
pub(super) fn settled_cause(case: &Case, digest: String) -> Cause {
    let settled_before = case.decisions.iter().any(|d| matches!(d.cause, Cause::Settled { .. }));
    match case.row.review {
        Some(Hash(hash)) if settled_before => Cause::Review { id: Hash(hash).to_string() },
        _ => Cause::Settled { digest },
    }
}

/// Checkouts whose time is over and announcements without progress.
fn expire(case: &mut Case, now: Millis, progress: impl Fn(DeviceId) -> Option<Millis>) -> Vec<Row> {
    let mut rows = Vec::new();
    for checkout in case.checkouts.iter_mut().filter(|checkout| checkout.until <= now) {
        checkout.ended = Some(now);
        rows.push(Row::Checkout(checkout.clone()));
    }
    case.checkouts.retain(|checkout| checkout.ended.is_none());
    let over = case.announced.iter().filter(|row| settle::lapse(row, &progress) <= now);
    let lapsed: BTreeSet<DeviceId> = over.map(|row| row.device).collect();
    for device in lapsed {
        case.announced.retain(|row| row.device != device);
        rows.push(Row::Lapsed { device });
    }
    rows
}

/// The intake of a case that came while the centre was recovering, whatever it waits for: statutory clocks run
/// from registration, which a wrong clock may have put ahead.
fn own(case: &mut Case, pack: &Pack, now: Millis) -> Option<Row> {
    if case.row.kind != Kind::Case || !case.decisions.is_empty() {
        return None;
    }
    let (projection, registered) = (case.projection(), case.row.registered.min(now));
    let intake = case.decide(pack, &projection, Cause::Intake, registered).ok().flatten();
    intake.map(|decision| Row::Decision(Box::new(decision)))
}

/// Timers act on the last decided projection; each generation once.
fn fire(case: &mut Case, pack: &Pack, now: Millis) -> Vec<Row> {
    let mut rows = Vec::new();
    for _ in 0..limits::TICK_TIMERS {
        let Some(last) = case.decisions.last() else { break };
        let due = last.timers.iter().filter(|timer| timer.at.as_millisecond() <= now);
        let Some(timer) = due.min_by_key(|timer| (timer.at, timer.id.clone())).cloned() else { break };
        let projection = last.projection.clone();
        let cause = Cause::Timer { id: timer.id, generation: timer.generation };
        match case.decide(pack, &projection, cause, timer.at.as_millisecond()) {
            Ok(Some(decision)) => rows.push(Row::Decision(Box::new(decision))),
            Ok(None) | Err(_) => break,
        }
    }
    debug_assert!(rows.iter().all(|row| !matches!(row, Row::Decision(d) if d.directive == Directive::Amend)));
    rows
}
