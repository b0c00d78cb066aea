//! The shape of `policy.toml`.
//!
//! Owns the names a pack author writes. Never checks what one entry says about another; that is `pack::load`.

mod closing;
mod command;
mod ladder;
mod lists;
mod supervision;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use crate::audience::{named, subjects};
use crate::clock::{LastDay, Span, moment, parse_duration};
use crate::condition::Condition;
use crate::pack::wording;
use crate::units::{Level, Units};
use crate::{Projection, Tier};
pub use closing::Resolved;
pub(crate) use closing::{Callback, ClaimRule, Closure, ConflictRule, LookBack, Sample, Suspension, Unusual};
pub(crate) use command::{CommandName, CommandRule, SignatureRule, Who};
pub(crate) use ladder::{Act, Escalation, Ladder, Step};
pub(crate) use lists::{Campaign, Coverage, Crosswalk, Every, Grade, MeetingRule, Team, VisitMode};
pub(crate) use supervision::Weight;
use supervision::{
    AccountRule, ClustersRule, DrawRule, InterviewRule, ListRule, SignalsRule, SupervisionRule,
};

impl Rules {
    /// Every deadline class that a rule names.
    pub(crate) fn class_names(&self) -> impl Iterator<Item = &Name> {
        let fixed = [&self.intake.class, &self.fallback.class, &self.referral.class, &self.claim.class];
        let alone = [&self.archive, &self.redo, &self.review].into_iter().flatten().map(|rule| &rule.class);
        let closing = self.closure.iter().map(|c| &c.class).chain(self.callback.iter().map(|c| &c.class));
        let conflict = self.conflict.iter().flat_map(|c| std::iter::once(&c.class).chain(&c.urgent));
        let many =
            self.compartments.iter().map(|c| &c.class).chain(self.escalations.iter().map(|e| &e.class));
        let looks = self.look_back.iter().flat_map(|l| &l.classes);
        let inside = self.compartments.iter().flat_map(|c| &c.routes);
        let rest = self.routes.iter().chain(inside).map(|r| &r.class).chain([&self.provisional.class]);
        fixed.into_iter().chain(alone).chain(conflict).chain(closing).chain(many).chain(looks).chain(rest)
    }

    /// Every condition that says which cases a rule is for.
    pub(crate) fn read_conditions(&self) -> impl Iterator<Item = &Condition> {
        let inside = self
            .compartments
            .iter()
            .flat_map(|c| std::iter::once(&c.when).chain(c.routes.iter().map(|r| &r.when)));
        let commands = self.commands.iter().filter_map(|c| c.when.as_ref());
        self.routes.iter().map(|r| &r.when).chain(inside).chain(commands).chain([&self.settle.urgent])
    }

    /// Every condition that loading must compile.
    pub(crate) fn conditions<'r>(&'r mut self) -> impl Iterator<Item = &'r mut Condition> {
        let sample = self.callback.iter_mut().filter_map(|c| c.sample.as_mut()?.always.as_mut());
        let commands = self.commands.iter_mut().filter_map(|c| c.when.as_mut());
        let routes = self.routes.iter_mut().map(|r| &mut r.when);
        let inside = |c: &'r mut Compartment| {
            std::iter::once(&mut c.when).chain(c.routes.iter_mut().map(|r| &mut r.when))
        };
        let compartments = self.compartments.iter_mut().flat_map(inside);
        let all = std::iter::once(&mut self.settle.urgent).chain(compartments).chain(routes);
        all.chain(commands).chain(sample)
    }
}

/// A name that may be reported with its place.
pub(crate) type Name = Spanned<String>;

/// All of `policy.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rules {
    pub(crate) pack: Head,
    pub(crate) settle: Settle,
    pub(crate) audience: AudienceRule,
    pub(crate) clock: ClockRule,
    pub(crate) intake: Intake,
    #[serde(default, rename = "compartment")]
    pub(crate) compartments: Vec<Compartment>,
    #[serde(rename = "class")]
    pub(crate) classes: Vec<Class>,
    #[serde(rename = "ladder")]
    pub(crate) ladders: Vec<Ladder>,
    #[serde(default, rename = "escalation")]
    pub(crate) escalations: Vec<Escalation>,
    #[serde(rename = "route")]
    pub(crate) routes: Vec<Route>,
    pub(crate) fallback: ClassRule,
    pub(crate) provisional: ClassRule,
    pub(crate) referral: Referral,
    pub(crate) claim: ClaimRule,
    pub(crate) closure: Option<Closure>,
    #[serde(default, rename = "signature")]
    pub(crate) signatures: Vec<SignatureRule>,
    pub(crate) callback: Option<Callback>,
    pub(crate) look_back: Option<LookBack>,
    /// How long a finished case can still be questioned before its file is closed. Left out: closed at once.
    pub(crate) archive: Option<ClassRule>,
    /// The deadline of a case that must be done again. Left out: that of a referral.
    pub(crate) redo: Option<ClassRule>,
    /// The deadline of whoever reviews new facts about a case that people work on, or that is closed. Left out:
    /// amendments apply at once.
    pub(crate) review: Option<ClassRule>,
    /// By when a reviewer decides between values.
    pub(crate) conflict: Option<ConflictRule>,
    pub(crate) suspension: Option<Suspension>,
    pub(crate) unusual: Option<Unusual>,
    pub(crate) extension: Extension,
    #[serde(default, rename = "command")]
    pub(crate) commands: Vec<CommandRule>,
    #[serde(default, rename = "grade")]
    pub(crate) grades: Vec<Grade>,
    #[serde(default, rename = "crosswalk")]
    pub(crate) crosswalks: Vec<Crosswalk>,
    #[serde(default, rename = "campaign")]
    pub(crate) campaigns: Vec<Campaign>,
    #[serde(default, rename = "coverage")]
    pub(crate) coverages: Vec<Coverage>,
    #[serde(default, rename = "visit")]
    pub(crate) visits: Vec<VisitMode>,
    #[serde(default, rename = "meeting")]
    pub(crate) meetings: Vec<MeetingRule>,
    pub(crate) supervision: Option<SupervisionRule>,
    #[serde(default, rename = "draw")]
    pub(crate) draws: Vec<DrawRule>,
    pub(crate) signals: Option<SignalsRule>,
    pub(crate) clusters: Option<ClustersRule>,
    pub(crate) account: Option<AccountRule>,
    #[serde(default, rename = "interview")]
    pub(crate) interviews: Vec<InterviewRule>,
    pub(crate) list: Option<ListRule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Head {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) district: Name,
    #[serde(deserialize_with = "moment")]
    pub(crate) effective_from: Timestamp,
    pub(crate) reads: Vec<Name>,
    #[serde(default)]
    pub(crate) tighten_to_review: Vec<String>,
    pub(crate) categories: Vec<Name>,
    /// Channels of the district, where it names them; conditions then compare with these only.
    #[serde(default)]
    pub(crate) channels: Vec<Name>,
    pub(crate) locales: Vec<Name>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Settle {
    #[serde(deserialize_with = "duration")]
    pub(crate) quiet: SignedDuration,
    #[serde(deserialize_with = "duration")]
    pub(crate) max: SignedDuration,
    pub(crate) urgent: Condition,
    pub(crate) basis: String,
}

/// Who sees an open case beside its owner and its author.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AudienceRule {
    /// Levels above the owner that see it.
    pub(crate) above: Vec<Level>,
    /// Units that see every open case from intake on; `intake` is the case's own intake unit.
    pub(crate) always: Vec<Name>,
    /// Units that see it once it is supervised.
    pub(crate) supervisors: Vec<Name>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClockRule {
    #[serde(default)]
    pub(crate) last_day: LastDay,
    /// A unit that newly gets a case has at least this long, however late it comes.
    pub(crate) at_least: Span,
    pub(crate) basis: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Intake {
    /// The district's own intake desk, for towns without a centre.
    pub(crate) desk: Name,
    pub(crate) class: Name,
    /// Town to the unit that takes in its cases: an explicit, labelled subset.
    #[serde(default)]
    pub(crate) centres: BTreeMap<Name, Name>,
    pub(crate) basis: String,
}

/// Cases that one unit alone sees. Holds if any side of a conflict says so.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Compartment {
    pub(crate) id: Name,
    pub(crate) when: Condition,
    pub(crate) unit: Name,
    /// Takes the case when it concerns `unit` itself.
    pub(crate) recusal: Name,
    pub(crate) class: Name,
    /// Who inside handles it once it has settled; without a match, `unit`.
    #[serde(default, rename = "route")]
    pub(crate) routes: Vec<Route>,
    pub(crate) basis: String,
}

impl Compartment {
    /// Its unit, or the one that stands in when any side of the case names that unit as subject or somebody of it, or has
    /// named it before; the district itself where both are. Where that is concerned as well, whoever is so by nothing but
    /// one of its people.
    pub(crate) fn owner<'a>(
        &'a self,
        (known, projection): (&Units, &Projection),
        before: &BTreeSet<String>,
        district: &'a str,
    ) -> &'a str {
        let about = subjects((known, district), projection);
        let concerned = |unit: &&str| about.contains(*unit) || before.contains(*unit);
        let units = [self.unit.get_ref().as_str(), self.recusal.get_ref(), district];
        let last_resort = || {
            let named = named((known, district), projection);
            units.into_iter().find(|unit| !named.contains(*unit)).unwrap_or(district)
        };
        units.into_iter().find(|unit| !concerned(unit)).unwrap_or_else(last_resort)
    }
}

/// A deadline class: how long, from when, on which ladder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Class {
    pub(crate) id: Name,
    pub(crate) from: From,
    /// By tier; `any` for the others.
    pub(crate) due: BTreeMap<DueTier, Span>,
    pub(crate) ladder: Name,
    pub(crate) basis: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum From {
    Registration,
    Decision,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DueTier {
    Village,
    Town,
    Department,
    District,
    Any,
}

impl Class {
    /// The span for a tier.
    pub(crate) fn span(&self, tier: Tier) -> Option<Span> {
        let key = match tier {
            Tier::Village => DueTier::Village,
            Tier::Town => DueTier::Town,
            Tier::Department => DueTier::Department,
            Tier::District => DueTier::District,
        };
        self.due.get(&key).or_else(|| self.due.get(&DueTier::Any)).copied()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Route {
    pub(crate) id: Name,
    pub(crate) when: Condition,
    /// `village`, `town`, `district` (of the place), each with `-NAME` for the unit `CODE-NAME` beside it, `subject`,
    /// `intake`, or the code of a unit.
    pub(crate) to: Name,
    /// Handles together with the owner.
    #[serde(default)]
    pub(crate) with: Vec<Name>,
    pub(crate) class: Name,
    pub(crate) basis: String,
}

/// A deadline class for what no route decides: no rule matches, urgent dispatch, verification.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ClassRule {
    pub(crate) class: Name,
    pub(crate) basis: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Referral {
    pub(crate) limit: u32,
    /// Roles that may go beyond the limit.
    pub(crate) beyond: Vec<String>,
    /// Deadline class when a case is referred out of triage.
    pub(crate) class: Name,
    pub(crate) basis: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Extension {
    pub(crate) days: u32,
    pub(crate) basis: String,
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_duration(&text).ok_or_else(|| de::Error::custom(wording::NO_DURATION))
}
