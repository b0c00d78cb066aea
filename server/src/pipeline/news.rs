//! Which documents were committed last, for pages that watch: an event reaches somebody only where they may see what it is about.
//! Otherwise it would be a bell that rings for complaints about themselves.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use doorstep_protocol::DocumentId;

use super::Centre;
use crate::authorize::{Wish, authorize};
use crate::limits;
use crate::store::{Kept, Person, Store};

/// The last documents that were committed, and how many there were before them.
#[derive(Debug, Default)]
pub(super) struct News(Mutex<(u64, VecDeque<DocumentId>)>);

impl News {
    pub(super) fn add(&self, document: DocumentId) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.1.len() >= limits::NEWS {
            held.1.pop_front();
            held.0 += 1;
        }
        held.1.push_back(document);
    }

    /// Up to where it goes, and what came after an earlier end; nothing where that is too much to be kept.
    fn since(&self, end: u64) -> (u64, Option<BTreeSet<DocumentId>>) {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = usize::try_from(end.saturating_sub(held.0)).unwrap_or(usize::MAX);
        let known = end >= held.0;
        let now = held.0 + held.1.len() as u64;
        (now, known.then(|| held.1.iter().skip(before).copied().collect()))
    }
}

impl<S: Store> Centre<S> {
    /// Up to where the news goes now.
    pub fn news_end(&self) -> u64 {
        self.news.since(u64::MAX).0
    }

    /// Whether any of what was committed after `end` may be seen by somebody, and up to where that goes. So much at once that
    /// it is not kept tells nobody anything.
    pub async fn news_for(&self, person: &Person, end: u64) -> Kept<(u64, bool)> {
        let (now, documents) = self.news.since(end);
        let Some(documents) = documents else { return Ok((now, true)) };
        let pack = self.pack(&person.district)?;
        let rows = self.store.rows_of(documents.into_iter().collect()).await?;
        let seen = rows.values().any(|row| authorize(person, Wish::Look, Some((row, &pack))));
        Ok((now, seen))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_since_is_told_while_it_is_kept() {
        let (news, of) = (News::default(), |n: u8| DocumentId(uuid::Uuid::from_bytes([n; 16])));
        assert_eq!(news.since(0), (0, Some(BTreeSet::new())));
        news.add(of(1));
        news.add(of(2));
        assert_eq!(news.since(0), (2, Some(BTreeSet::from([of(1), of(2)]))));
        assert_eq!(news.since(1), (2, Some(BTreeSet::from([of(2)]))));
        assert_eq!(news.since(u64::MAX).0, 2);
        (0..limits::NEWS).for_each(|_| news.add(of(3)));
        let end = 2 + limits::NEWS as u64;
        assert_eq!(news.since(1), (end, None), "too long ago");
        assert_eq!(news.since(2), (end, Some(BTreeSet::from([of(3)]))));
        assert_eq!(news.since(end), (end, Some(BTreeSet::new())));
    }
}
