//! Visits and meetings that name a case are no way around it: whom the case concerns does not see them, and one that
//! names a case in a compartment is in that compartment.
//!
//! A visit or meeting looks at the cases that it names when it is written. A case that comes to hide more touches what
//! names it: before its own commit, so that nothing is shown in between, and after it, for what came meanwhile.

use std::collections::BTreeSet;

use doorstep_policy::Audience;
use doorstep_protocol::DocumentId;
use doorstep_protocol::documents::Kind;

use super::Centre;
use super::case::Case;
use crate::limits;
use crate::store::{CaseRow, Commit, Kept, Outcome, Store};

/// What the cases that a document names hide of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Veil {
    /// Whom they concern.
    pub(super) concerned: BTreeSet<String>,
    /// Who alone sees it, where one of them is in a compartment.
    pub(super) confined: Option<Audience>,
}

impl Veil {
    /// What one document hides by itself.
    pub(super) fn of(row: &CaseRow) -> Self {
        let confined = row.audience.clone().filter(|audience| audience.compartment.is_some());
        Veil { concerned: row.concerned.clone(), confined }
    }

    /// With what another case hides. What two compartments hold, only those see who are in both.
    fn add(&mut self, other: Veil) {
        self.concerned.extend(other.concerned);
        self.confined = match (self.confined.take(), other.confined) {
            (Some(mut one), Some(two)) => {
                one.units.retain(|unit| two.units.contains(unit));
                one.excluded_units.extend(two.excluded_units);
                Some(one)
            }
            (one, two) => one.or(two),
        };
    }

    /// Whether it hides something that `before` does not.
    pub(super) fn hides_more_than(&self, before: &Veil) -> bool {
        let units = |veil: &Veil| veil.confined.as_ref().map(|audience| audience.units.clone());
        !self.concerned.is_subset(&before.concerned)
            || (self.confined.is_some() && units(self) != units(before))
    }
}

impl<S: Store> Centre<S> {
    /// What the cases that a visit or meeting names hide of it, as they are stored.
    async fn veil(&self, case: &Case, now: Option<&CaseRow>) -> Kept<Veil> {
        let mut veil = Veil::default();
        let Some(round) = super::rounds::of(case) else { return Ok(veil) };
        for named in round.cases.into_iter().take(limits::ROUND_CASES) {
            match now.filter(|row| row.document == named) {
                Some(row) => veil.add(Veil::of(row)),
                None => {
                    let row = self.store.row(named).await?;
                    let row = row.filter(|row| row.kind == Kind::Case && row.district == case.row.district);
                    row.iter().for_each(|row| veil.add(Veil::of(row)));
                }
            }
        }
        Ok(veil)
    }

    /// Of a visit or meeting: looks at the cases that it names, for the refresh that follows.
    pub(super) async fn veiled(&self, case: &mut Case) -> Kept<()> {
        if matches!(case.row.kind, Kind::Visit | Kind::Meeting) {
            case.veil = Some(self.veil(case, None).await?);
        }
        Ok(())
    }

    /// A case may have come to hide more while the document that names it was committed.
    pub(super) async fn look_again(&self, document: DocumentId, named: BTreeSet<DocumentId>) -> Kept<()> {
        for named in named.into_iter().take(limits::ROUND_CASES) {
            if let Some(row) = self.store.row(named).await?.filter(|row| row.kind == Kind::Case) {
                let veil = Veil::of(&row);
                if veil.hides_more_than(&Veil::default()) {
                    self.touch(document, &row).await?;
                }
            }
        }
        Ok(())
    }

    /// Brings what names this case up to date with what it hides.
    pub(super) async fn touch_naming(&self, row: &CaseRow) -> Kept<()> {
        for document in self.store.naming(row.document).await? {
            self.touch(document, row).await?;
        }
        Ok(())
    }

    /// Without the document's lock: the caller holds its case's, and two may share one. A copy in memory is outdated.
    async fn touch(&self, document: DocumentId, of: &CaseRow) -> Kept<()> {
        for _ in 0..limits::CAS_ATTEMPTS {
            let Some(stored) = self.store.load(document).await? else { return Ok(()) };
            if !matches!(stored.row.kind, Kind::Visit | Kind::Meeting) || stored.row.district != of.district {
                return Ok(());
            }
            let pack = self.pack(&stored.row.district)?;
            let mut case = Case::restore(stored, &pack)?;
            case.staff = self.staff(&of.district).await?;
            let before = (case.row.concerned.clone(), case.row.audience.clone());
            case.veil = Some(self.veil(&case, Some(of)).await?);
            case.refresh(&pack, self.now());
            if before == (case.row.concerned.clone(), case.row.audience.clone()) {
                return Ok(());
            }
            let staged = case.stage(Vec::new());
            let staff = case.staff.as_of();
            let commit = Commit {
                row: case.row,
                expect: staged.expect,
                by: None,
                rows: Vec::new(),
                gist: None,
                staff,
            };
            let done = self.store.commit(vec![commit]).await?;
            self.cache.outdate(document);
            if matches!(done.first(), Some(Outcome::Done { .. })) {
                self.news.add(document);
                self.moved.send_modify(|n| *n += 1);
                return Ok(());
            }
        }
        Err(crate::store::StoreError::Failed("another writer was always first; send again".into()))
    }
}
