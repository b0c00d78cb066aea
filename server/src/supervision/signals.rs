//! Signals of false resolution, and clusters: shown to people who look further. None of it decides anything.

use std::collections::BTreeMap;

use doorstep_policy::{Pack, RepeatField};
use doorstep_protocol::ids::Millis;
use doorstep_protocol::wire::{ActOutcome, Command};
use doorstep_protocol::{DocumentId, Hash};

use super::{Rights, SupervisionError};
use crate::authorize::{Wish, authorize};
use crate::clock::random;
use crate::limits;
use crate::pipeline::Centre;
use crate::store::oversight::{Claims, Cluster, Period, Repeat, RepeatQuery};
use crate::store::{CaseRow, Kept, Person, Store};

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// What somebody is shown.
#[derive(Clone, Debug, Default)]
pub struct SignalsView {
    /// Closed, and raised again: in which fields both are the same, the earlier case, the later one.
    pub repeats: Vec<(Vec<RepeatField>, CaseRow, CaseRow)>,
    /// A picture under more than one case.
    pub reused: Vec<(Hash, Vec<CaseRow>)>,
    /// Units that claimed much on the last account day.
    pub bulk: Vec<Claims>,
    /// Many doors about one matter.
    pub clusters: Vec<ClusterView>,
    /// Whether signals of false resolution are shown to this person at all.
    pub inspects: bool,
}

/// Open cases of one place and category, in no group.
#[derive(Clone, Debug)]
pub struct ClusterView {
    /// The place.
    pub place: String,
    /// The category.
    pub category: String,
    /// The cases that the person may see, the earliest first: it would lead.
    pub cases: Vec<CaseRow>,
}

impl<S: Store> Centre<S> {
    /// Signals and clusters, of cases that the person may see.
    pub async fn signals(&self, person: &Person) -> Result<SignalsView, SupervisionError> {
        let pack = self.pack(&person.district)?;
        if !authorize(person, Wish::Supervise, None) {
            return Err(SupervisionError::NotFound);
        }
        let inspects = Rights::of(person, &pack).acts;
        let mut view = SignalsView { inspects, ..SignalsView::default() };
        if inspects && let Some(rule) = pack.signals() {
            let since = self.now() - i64::from(rule.repeat_days) * DAY_MS;
            for by in &rule.repeat_by {
                view.repeats.extend(self.repeats_of(person, &pack, (by, since)).await?);
            }
            if rule.reused_photo {
                view.reused = self.reused_of(person, &pack, since).await?;
            }
            view.bulk = self.bulk(person, &pack, rule.bulk).await?;
        }
        view.clusters = self.clusters_of(person, &pack).await?;
        Ok(view)
    }

    /// Puts cases of a cluster under the earliest of them, each by a command of its own. Those that policy refuses stay
    /// as they are. Gives how many were grouped.
    pub async fn group_cluster(
        &self,
        person: &Person,
        place: &str,
        category: &str,
    ) -> Result<usize, SupervisionError> {
        let pack = self.pack(&person.district)?;
        let clusters = self.clusters_of(person, &pack).await?;
        let cluster = clusters.into_iter().find(|c| c.place == place && c.category == category);
        let cases = cluster.ok_or(SupervisionError::NotFound)?.cases;
        let Some((lead, members)) = cases.split_first() else { return Ok(0) };
        let (mut grouped, mut refused) = (0, None);
        for member in members {
            let command = Command {
                id: random(&**self.source()),
                document: member.document,
                name: "group".to_owned(),
                args: vec![("lead".to_owned(), lead.document.to_string())],
                made: self.now(),
            };
            match self.act(person, command).await? {
                ActOutcome::Decided { .. } => grouped += 1,
                ActOutcome::Refused { rule, message } => refused = Some((rule, message)),
            }
        }
        match refused.filter(|_| grouped == 0) {
            Some((rule, message)) => Err(SupervisionError::Refused { rule, message }),
            None => Ok(grouped),
        }
    }

    /// Those of these cases that the person may look at, by one question for all of them.
    async fn looked_at(
        &self,
        person: &Person,
        pack: &Pack,
        documents: Vec<DocumentId>,
    ) -> Kept<BTreeMap<DocumentId, CaseRow>> {
        let mut rows = self.store().rows_of(documents).await?;
        rows.retain(|_, row| authorize(person, Wish::Look, Some((row, pack))));
        Ok(rows)
    }

    async fn repeats_of(
        &self,
        person: &Person,
        pack: &Pack,
        (by, since): (&[RepeatField], Millis),
    ) -> Kept<Vec<(Vec<RepeatField>, CaseRow, CaseRow)>> {
        let query = RepeatQuery {
            district: person.district.clone(),
            by: by.to_vec(),
            since,
            within: self.now() - since,
            limit: limits::SIGNALS,
        };
        let repeats = self.store().repeats(query).await?;
        let both = repeats.iter().flat_map(|repeat| [repeat.closed, repeat.again]).collect();
        let rows = self.looked_at(person, pack, both).await?;
        let seen = |document| rows.get(&document).cloned();
        let of = |repeat: Repeat| Some((by.to_vec(), seen(repeat.closed)?, seen(repeat.again)?));
        Ok(repeats.into_iter().filter_map(of).collect())
    }

    async fn reused_of(
        &self,
        person: &Person,
        pack: &Pack,
        since: Millis,
    ) -> Kept<Vec<(Hash, Vec<CaseRow>)>> {
        let found = self.store().reused(&person.district, since, limits::SIGNALS).await?;
        let some = |documents: &Vec<DocumentId>| documents.iter().take(limits::SIGNALS).copied().collect();
        let parts: Vec<Vec<DocumentId>> = found.iter().map(|(_, documents)| some(documents)).collect();
        let rows = self.looked_at(person, pack, parts.concat()).await?;
        let cases = parts.iter().map(|part| part.iter().filter_map(|id| rows.get(id).cloned()).collect());
        let found = found.into_iter().map(|(hash, _)| hash).zip(cases);
        Ok(found.filter(|(_, cases): &(Hash, Vec<CaseRow>)| cases.len() > 1).collect())
    }

    /// Claims of the last account day that has come, against those of the seven days up to it.
    async fn bulk(&self, person: &Person, pack: &Pack, (least, percent): (u32, u32)) -> Kept<Vec<Claims>> {
        let now = self.now();
        let next = pack.account_week(crate::pipeline::timestamp(now));
        let Some(due) = next.map(|week| week.due.as_millisecond()) else { return Ok(Vec::new()) };
        let start = |at: Millis| (at + 8 * 3_600_000).div_euclid(DAY_MS) * DAY_MS - 8 * 3_600_000;
        let today = start(due);
        let from = if now >= today { today } else { today - 7 * DAY_MS };
        let day = Period { from, to: from + DAY_MS };
        let week = Period { from: day.to - 7 * DAY_MS, to: day.to };
        let claims = self.store().claims(&person.district, week, day).await?;
        let much = |claims: &Claims| {
            claims.day >= u64::from(least) && claims.day * 100 >= claims.week * u64::from(percent)
        };
        Ok(claims.into_iter().filter(much).collect())
    }

    async fn clusters_of(&self, person: &Person, pack: &Pack) -> Kept<Vec<ClusterView>> {
        let Some((days, least, _)) = pack.clusters() else { return Ok(Vec::new()) };
        let since = self.now() - i64::from(days) * DAY_MS;
        let mut clusters = self.store().clusters(&person.district, since, u64::from(least)).await?;
        for cluster in &mut clusters {
            cluster.cases.truncate(limits::SIGNALS);
        }
        let all = clusters.iter().flat_map(|cluster| cluster.cases.iter().copied()).collect();
        let rows = self.looked_at(person, pack, all).await?;
        let of = |Cluster { place, category, cases }: Cluster| {
            let cases: Vec<CaseRow> = cases.iter().filter_map(|id| rows.get(id).cloned()).collect();
            (cases.len() >= least as usize).then_some(ClusterView { place, category, cases })
        };
        Ok(clusters.into_iter().filter_map(of).collect())
    }
}
