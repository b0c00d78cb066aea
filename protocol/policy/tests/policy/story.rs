//! A case told step by step: edits, settling, timers and commands against a pack.
//!
//! Owns the storytelling of this crate's tests. Never asserts; the tests do.

use std::collections::{BTreeMap, BTreeSet};

use doorstep_policy::{
    Cause, Decision, FieldView, Pack, PackFiles, Projection, Proofs, Refused, decide, embedded_bazhou,
};
use jiff::Timestamp;

pub(crate) const VILLAGE: &str = "511902105238";
pub(crate) const TOWN: &str = "511902105";
pub(crate) const CENTRE: &str = "511902105-centre";

pub(crate) fn bazhou() -> Pack {
    Pack::load(&embedded_bazhou()).expect("the embedded pack loads")
}

/// The Bazhou pack with one text replaced in one file.
pub(crate) fn changed(file: &str, from: &str, to: &str) -> PackFiles {
    let mut files = embedded_bazhou();
    let text = files.0.get_mut(file).expect("the pack has the file");
    assert!(text.contains(from), "{file} does not contain {from:?}");
    *text = text.replacen(from, to, 1);
    files
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// One case and its log.
pub(crate) struct Story<'a> {
    pub(crate) pack: &'a Pack,
    pub(crate) case: Projection,
    pub(crate) log: Vec<Decision>,
}

impl<'a> Story<'a> {
    pub(crate) fn new(pack: &'a Pack, registered_at: &str) -> Self {
        let case = Projection {
            kind: "case".into(),
            fields: BTreeMap::new(),
            author_unit: Some(VILLAGE.into()),
            subject_units: BTreeSet::new(),
            registered_at: at(registered_at),
            id: "0192f0c1-0000-7000-8000-000000000001".into(),
            // What came of it is said, as Bazhou wants it with a claim.
            proofs: Proofs { outcome: true, ..Proofs::default() },
        };
        Self { pack, case, log: Vec::new() }
    }

    pub(crate) fn with(mut self, fields: &[(&str, &str)]) -> Self {
        for (field, value) in fields {
            self.set(field, value);
        }
        self
    }

    pub(crate) fn set(&mut self, field: &str, value: &str) {
        self.case.fields.insert(field.into(), FieldView::Is(value.into()));
    }

    pub(crate) fn dispute(&mut self, field: &str, values: &[Option<&str>]) {
        let values: BTreeSet<Option<String>> = values.iter().map(|v| v.map(str::to_owned)).collect();
        self.case.fields.insert(field.into(), FieldView::Disputed(values));
    }

    pub(crate) fn decide(&mut self, cause: Cause, now: &str) -> Result<Option<Decision>, Refused> {
        let decided = decide(self.pack, &self.case, &self.log, cause, at(now));
        if let Ok(Some(decision)) = &decided {
            self.log.push(decision.clone());
        }
        decided
    }

    pub(crate) fn intake(&mut self) -> Decision {
        let now = self.case.registered_at.to_string();
        self.decide(Cause::Intake, &now).expect("intake is never refused").expect("the first intake decides")
    }

    pub(crate) fn settle(&mut self, now: &str) -> Option<Decision> {
        let digest = self.case.digest(self.pack.reads());
        self.decide(Cause::Settled { digest }, now).expect("not refused")
    }

    pub(crate) fn dispatch(&mut self, now: &str) -> Option<Decision> {
        let digest = self.case.digest(self.pack.reads());
        self.decide(Cause::Provisional { digest }, now).expect("not refused")
    }

    /// Fires the next timer at its time.
    pub(crate) fn tick(&mut self) -> Decision {
        let timer =
            self.log.last().and_then(|d| d.timers.first()).expect("a case always has a timer").clone();
        let cause = Cause::Timer { id: timer.id, generation: timer.generation };
        self.decide(cause, &timer.at.to_string()).expect("in order").expect("not stale")
    }

    pub(crate) fn command(
        &mut self,
        name: &str,
        by: (&str, &str),
        args: &[(&str, &str)],
        now: &str,
    ) -> Result<Decision, Refused> {
        self.command_of("w1", name, by, args, now)
    }

    /// The same by a worker of this number.
    pub(crate) fn command_of(
        &mut self,
        worker: &str,
        name: &str,
        by: (&str, &str),
        args: &[(&str, &str)],
        now: &str,
    ) -> Result<Decision, Refused> {
        let cause = Cause::Command {
            id: format!("{name}-{}", self.log.len()),
            name: name.into(),
            args: args.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
            by_worker: worker.into(),
            by_unit: by.0.into(),
            by_role: by.1.into(),
        };
        self.decide(cause, now).map(|d| d.expect("a command decides or is refused"))
    }
}
