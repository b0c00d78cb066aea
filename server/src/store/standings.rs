//! Where a case stands from one decision to the next, in columns: what figures count as of any cut-off.
//!
//! Owns the shape, how it follows from a decision, and the question that figures ask. Holds codes, counts and times,
//! never a text that a person wrote. Never says what counts as what; that is `figures`.

use std::collections::BTreeSet;
use std::future::Future;
use std::ops::Range;

use doorstep_policy::{Decision, FieldView, How, Satisfaction, Step};
use doorstep_protocol::DocumentId;
use doorstep_protocol::ids::Millis;

use super::{CaseRow, Kept};

/// Between the values of a field in dispute, and on either side of the units that see a confined case.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// Facts of a case that go on being true, as bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marks(pub u32);

impl Marks {
    /// Somebody beyond intake is responsible, or was.
    pub const ASSIGNED: Marks = Marks(1);
    /// Its unit has taken it on.
    pub const TAKEN_ON: Marks = Marks(1 << 1);
    /// A claim of the handler stands.
    pub const CLAIMED: Marks = Marks(1 << 2);
    /// A verification stands.
    pub const VERIFIED: Marks = Marks(1 << 3);
    /// Reopened at least once.
    pub const REOPENED: Marks = Marks(1 << 4);
    /// Done again at least once.
    pub const REDONE: Marks = Marks(1 << 5);
    /// A lead that was filed as a case of discipline.
    pub const FILED: Marks = Marks(1 << 6);
    /// Somebody was punished for it.
    pub const PUNISHED: Marks = Marks(1 << 7);

    /// Whether all of these are set.
    pub fn has(self, marks: Marks) -> bool {
        self.0 & marks.0 == marks.0
    }

    fn of(decision: &Decision) -> Marks {
        let life = &decision.life;
        let assigned = decision.step != Step::Triage.code() || decision.routed.rule != "intake";
        let set = [
            (Self::ASSIGNED, assigned),
            (Self::TAKEN_ON, life.taken_on.is_some()),
            (Self::CLAIMED, life.claimed_at.is_some()),
            (Self::VERIFIED, life.verified_at.is_some()),
            (Self::REOPENED, life.reopened > 0),
            (Self::REDONE, life.redo > 0),
            (Self::FILED, life.filed_at.is_some()),
            (Self::PUNISHED, life.punished > 0),
        ];
        Marks(set.iter().filter(|(_, is)| *is).fold(0, |bits, (mark, _)| bits | mark.0))
    }
}

macro_rules! columns {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What a cohort may name beside times of registration.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Column { $($(#[$doc])* $variant),+ }

        impl Column {
            /// Every column.
            pub const ALL: &'static [Column] = &[$(Column::$variant),+];

            /// Its name, in cohorts as in SQL.
            pub const fn name(self) -> &'static str {
                match self { $(Column::$variant => $name),+ }
            }
        }
    };
}

columns! {
    /// The unit that has it.
    Unit = "unit",
    /// That unit's tier.
    Tier = "tier",
    /// The next step.
    Step = "step",
    /// The category.
    Category = "category",
    /// The place.
    Place = "place",
    /// How heavy it is.
    Severity = "severity",
    /// How urgent it is.
    Urgency = "urgency",
    /// How it came in.
    Channel = "channel",
}

impl Column {
    /// The column of this name.
    pub fn named(name: &str) -> Option<Column> {
        Self::ALL.iter().copied().find(|column| column.name() == name)
    }
}

/// A case from one decision on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The case.
    pub document: DocumentId,
    /// Epoch and number of the decision; 0 and 0 before the first.
    pub number: (u32, u32),
    /// Division code.
    pub district: String,
    /// When it was registered.
    pub registered: Millis,
    /// The decision's nominal time.
    pub since: Millis,
    /// The version of the pack that decided; empty before the first decision.
    pub policy: String,
    /// What is true of it.
    pub marks: Marks,
    /// When its step is due.
    pub due: Millis,
    /// How it was closed.
    pub how: Option<How>,
    /// What the person said.
    pub satisfaction: Option<Satisfaction>,
    /// In the order of [`Column::ALL`].
    pub columns: Vec<Option<String>>,
    /// The units that may see it, where it lies in a compartment.
    pub confined_to: Option<String>,
}

impl Standing {
    /// Before anything is decided.
    pub fn new(row: &CaseRow) -> Standing {
        Standing {
            document: row.document,
            number: (0, 0),
            district: row.district.clone(),
            registered: row.registered,
            since: row.registered,
            policy: String::new(),
            marks: Marks::default(),
            due: Millis::MAX,
            how: None,
            satisfaction: None,
            columns: vec![None; Column::ALL.len()],
            confined_to: None,
        }
    }

    /// From a decision on.
    pub fn of(row: &CaseRow, decision: &Decision) -> Standing {
        let column = |column: &Column| match column {
            Column::Unit => decision.unit.clone(),
            Column::Tier => Some(decision.tier.code().to_owned()),
            Column::Step => Some(decision.step.clone()),
            field => text(decision.projection.field(field.name())),
        };
        let audience = &decision.audience;
        let units = || audience.units.iter().fold(String::from(SEPARATOR), |all, unit| all + unit + "\u{1f}");
        Standing {
            number: (decision.epoch, decision.n),
            since: decision.at.as_millisecond(),
            policy: decision.policy.clone(),
            marks: Marks::of(decision),
            due: decision.due.as_millisecond(),
            how: decision.life.closed.map(|closed| closed.how),
            satisfaction: decision.life.satisfaction,
            columns: Column::ALL.iter().map(column).collect(),
            confined_to: audience.compartment.as_ref().map(|_| units()),
            ..Standing::new(row)
        }
    }

    /// The last of a case's decisions, in their order, that was made by the cut-off; `None` before its registration.
    pub fn at<'a>(
        row: &CaseRow,
        decisions: impl DoubleEndedIterator<Item = &'a Decision>,
        cutoff: Millis,
    ) -> Option<Standing> {
        let last = decisions.rev().find(|decision| decision.at.as_millisecond() <= cutoff);
        let standing = last.map_or_else(|| Standing::new(row), |last| Standing::of(row, last));
        (row.registered <= cutoff).then_some(standing)
    }

    /// Whether it belongs to a slice.
    pub fn is_in(&self, slice: &Slice) -> bool {
        let column = |wanted: Column| {
            let place = Column::ALL.iter().position(|column| *column == wanted);
            place.and_then(|place| self.columns.get(place)?.as_deref()).unwrap_or("")
        };
        self.district == slice.district
            && slice.registered.contains(&self.registered)
            && slice.columns.iter().all(|(name, value)| column(*name).split(SEPARATOR).any(|v| v == value))
            && match &slice.sight {
                Sight::All => true,
                Sight::Person { unit, hidden } => {
                    let inside = |units: &String| units.contains(&format!("{SEPARATOR}{unit}{SEPARATOR}"));
                    !hidden.contains(&self.document) && self.confined_to.as_ref().is_none_or(inside)
                }
            }
    }
}

/// A field as a column: every value in question, where it is disputed.
fn text(view: &FieldView) -> Option<String> {
    match view {
        FieldView::Unset => None,
        FieldView::Is(value) => Some(value.clone()),
        FieldView::Disputed(values) => {
            let values: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or("")).collect();
            Some(values.join("\u{1f}"))
        }
    }
}

/// What somebody may count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// Everything: the operator.
    All,
    /// Of what lies in a compartment, what a unit may see; and nothing that is hidden from a person because it is about them.
    Person {
        /// Of theirs.
        unit: String,
        /// What is about them.
        hidden: BTreeSet<DocumentId>,
    },
}

/// Which cases are counted, as of when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Division code.
    pub district: String,
    /// The cut-off: what was decided later does not count.
    pub cutoff: Millis,
    /// Registered in this span.
    pub registered: Range<Millis>,
    /// With these values, all of them.
    pub columns: Vec<(Column, String)>,
    /// What of them somebody may count.
    pub sight: Sight,
}

/// How many cases stand alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// The version of the pack that decided last.
    pub policy: String,
    /// What is true of them.
    pub marks: Marks,
    /// How they were closed.
    pub how: Option<How>,
    /// What people said.
    pub satisfaction: Option<Satisfaction>,
    /// Whether they were past their due time.
    pub late: bool,
    /// So many.
    pub cases: u64,
}

/// Counts cases by where they stood.
pub trait Standings: Send + Sync + 'static {
    /// One row for each way in which cases of the slice stood at its cut-off, in order.
    fn tally(&self, slice: Slice) -> impl Future<Output = Kept<Vec<Tally>>> + Send;
}

impl<S: super::Store> Standings for super::group::GroupCommit<S> {
    async fn tally(&self, slice: Slice) -> Kept<Vec<Tally>> {
        self.inner().tally(slice).await
    }
}
