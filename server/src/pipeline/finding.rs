//! Finding cases for a person: what they may see is part of every question.

use std::collections::BTreeSet;

use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;

use super::Centre;
use super::gist::gist;
use crate::authorize::{Wish, about, authorize, sight};
use crate::finding::{Ask, Filed, Found, Hit, Mark, Tag, Total, Typed};
use crate::limits;
use crate::store::{Kept, Person, Store};

/// How often a page is filled up where a text did not hold what its words promised.
const ROUNDS: usize = 4;

impl<S: Store> Centre<S> {
    /// The documents of a kind, or of every kind, that answer a question and that this person may see, in its order.
    pub async fn find(
        &self,
        person: &Person,
        kind: impl Into<Option<Kind>> + Send,
        ask: Ask,
        typed: Option<&Typed>,
    ) -> Kept<Found> {
        let pack = &self.pack(&person.district)?;
        let mut ask = self.seen(person, kind.into(), ask)?;
        let mut all = Found::default();
        for _ in 0..ROUNDS {
            let found = self.store.find(ask.clone()).await?;
            ask.after = found.hits.last().map(|hit| hit.here);
            all.cut |= found.cut;
            all.more = found.more;
            let (before, left) = (all.hits.len(), ask.limit);
            all.hits.extend(found.hits.into_iter().filter(|hit| {
                // The tags said so already. If they ever say more than the rule, the rule stands.
                authorize(person, Wish::Read, Some((&hit.row, pack))) && typed.is_none_or(|of| of.holds(hit))
            }));
            ask.limit = left - (all.hits.len() - before);
            if ask.limit == 0 || !all.more {
                break;
            }
        }
        Ok(all)
    }

    /// The cases that are hidden from a person because they are about them.
    pub async fn concerning(&self, person: &Person) -> Kept<BTreeSet<DocumentId>> {
        self.tagged(&person.district, about(person, &*self.pack(&person.district)?)).await
    }

    /// Everything in a district that has one of these tags, whoever may see it.
    pub(super) async fn tagged(&self, district: &str, tags: Vec<Tag>) -> Kept<BTreeSet<DocumentId>> {
        let (district, all) = (district.to_owned(), vec![tags]);
        let mut ask = Ask { district, all, limit: limits::LIST_ROWS, ..Ask::default() };
        let mut documents = BTreeSet::new();
        loop {
            let found = self.store.find(ask.clone()).await?;
            documents.extend(found.hits.iter().map(|hit| hit.row.document));
            match found.hits.last() {
                Some(last) if found.more => ask.after = Some(last.here),
                _ => return Ok(documents),
            }
        }
    }

    /// How many of them there are, counted up to a limit.
    pub async fn count(&self, person: &Person, kind: Kind, ask: Ask, limit: usize) -> Kept<Total> {
        let ask = self.seen(person, Some(kind), ask)?;
        self.store.count(ask, limit).await
    }

    /// All of a kind that answers a question and that this person may see, in its order; `None` where that is too much to
    /// be gathered.
    pub async fn gather(&self, person: &Person, kind: Kind, ask: Ask) -> Kept<Option<Vec<Filed>>> {
        let ask = self.seen(person, Some(kind), ask)?;
        self.store.gather(ask, limits::SORTED_MATCHES).await
    }

    /// Those of these documents that this person may see, in this order.
    pub async fn hits(&self, person: &Person, documents: Vec<DocumentId>) -> Kept<Vec<Hit>> {
        let pack = &self.pack(&person.district)?;
        let mut hits = self.store.hits(documents).await?;
        hits.retain(|hit| authorize(person, Wish::Read, Some((&hit.row, pack))));
        Ok(hits)
    }

    /// The question with what this person may see.
    fn seen(&self, person: &Person, kind: Option<Kind>, mut ask: Ask) -> Kept<Ask> {
        let pack = &self.pack(&person.district)?;
        let sight = sight(person, pack, kind);
        ask.district.clone_from(&person.district);
        ask.all.push(sight.any);
        ask.all.extend(kind.map(|kind| vec![Tag::of(&person.district, Mark::Kind, kind.name())]));
        ask.none.extend(sight.none);
        Ok(ask)
    }

    /// Files what a store of before has not filed yet. Returns how many documents that was.
    pub async fn file_all(&self) -> Kept<usize> {
        let (mut after, mut filed) = (None, 0);
        loop {
            let documents = self.store.unfiled(after, limits::FILED_AT_ONCE).await?;
            let Some(last) = documents.last() else { return Ok(filed) };
            after = Some(*last);
            for document in documents {
                let (_guard, case) = self.take(document).await?;
                let Some(case) = case else { continue };
                // Nobody commits this document meanwhile: its guard is held.
                self.store.file(document, gist(&case, &self.keys)).await?;
                self.put_back(case);
                filed += 1;
            }
        }
    }
}
