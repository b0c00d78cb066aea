//! What a story file says: people, devices, steps, expectations. Plain data; `load` reads and checks it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

/// A text in both languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A person of the story.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// As enrolled.
    pub name: String,
    /// Code of a unit of the pack.
    pub unit: String,
    /// worker, handler, reviewer, ...
    pub role: String,
}

/// A story, as its file has it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its title.
    pub title: Told,
    /// What it is about, and where it was told.
    pub about: Told,
    /// Folder of the policy pack, relative to this file.
    pub pack: PathBuf,
    /// A file that changes entries of the pack's `policy.toml` for this story, relative to this file.
    pub overlay: Option<PathBuf>,
    /// The person at the desk, who watches and may resolve.
    pub desk: Spanned<String>,
    /// The devices' clock at enrolment.
    pub begins: Datetime,
    /// Everybody, by the name that the story uses.
    pub person: BTreeMap<String, Person>,
    /// Whose device is which.
    #[serde(default)]
    pub device: BTreeMap<String, Spanned<String>>,
    /// What happens, in order.
    pub step: Vec<Spanned<Step>>,
}

/// One step: exactly one verb, and what belongs to it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// What a reader is told before it.
    pub say: Option<Told>,
    /// The device's clock.
    pub at: Option<Datetime>,
    /// On which device; for `expect`, what that device shows (without it the desk); for `later`, whose copy of
    /// the decisions is asked about.
    pub device: Option<String>,
    /// The exit code that the command must have; 0 if absent.
    pub exit: Option<i32>,

    /// Verb: a new document, which the story calls by this name.
    pub new: Option<String>,
    /// Verb: edits of a document.
    pub edit: Option<String>,
    /// Verb: a command on a case.
    pub act: Option<String>,
    /// Verb: planned visits hold these cases.
    pub checkout: Option<Vec<String>>,
    /// Verb: these devices sync, one after the other.
    pub sync: Option<Vec<String>>,
    /// Verb: wait until the centre holds the case settled and decided.
    pub settled: Option<String>,
    /// Verb: wait until the expectation `that` holds at the centre.
    pub until: Option<String>,
    /// Verb: a person at the desk decides a conflict.
    pub resolve: Option<String>,
    /// Verb: what the policy decides later on this case if nothing else happens.
    pub later: Option<String>,
    /// Verb: what must be so now.
    pub expect: Option<String>,

    /// `new`: the kind of document; a case if absent.
    pub kind: Option<String>,
    /// Values to write; arguments of `act`.
    pub set: BTreeMap<String, String>,
    /// Fields to clear.
    pub unset: Vec<String>,
    /// Items to append.
    pub append: BTreeMap<String, Vec<String>>,
    /// `POSITION,DELETE,TEXT` by field.
    pub splice: BTreeMap<String, String>,
    /// `act`: the command's name.
    pub command: Option<String>,
    /// `checkout`: for how long from now (`PT2H`).
    pub lasts: Option<String>,
    /// `resolve`: the field.
    pub field: Option<String>,
    /// `resolve`: who; the desk's person if absent.
    pub by: Option<String>,
    /// `resolve`: what holds from now on; absent clears the field.
    pub value: Option<String>,
    /// `resolve`: why.
    pub reason: Option<String>,
    /// `settled`, `until`: for how long to wait (`PT20S`).
    pub within: Option<String>,
    /// `later`: how long after now (`P40D`).
    pub after: Option<String>,
    /// `expect`, `until`, `later`: what must be so.
    pub that: Option<Expect>,
}

/// What must be so. What is not named may be anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expect {
    /// Values of fields; `""` for one that is not set; a list for a disputed one.
    pub fields: BTreeMap<String, toml::Value>,
    /// Fields with an open conflict: exactly these.
    pub conflicts: Option<Vec<String>>,
    /// By field in conflict, `person: value` of each side.
    pub sides: BTreeMap<String, Vec<String>>,
    /// On a device: device, sending, centre.
    pub state: Option<String>,
    /// Whether it has settled.
    pub settled: Option<bool>,
    /// The kinds of what it waits for: exactly these.
    pub waits: Option<Vec<String>>,
    /// The last decision.
    pub decision: Option<Want>,
    /// Decisions that are in the log, in this order; others may stand between.
    pub log: Vec<Want>,
    /// The causes of all decisions.
    pub causes: Option<Vec<String>>,
    /// The device neither lists nor shows it.
    pub absent: bool,
    /// Changes of the device that were not answered.
    pub pending: Option<u64>,
    /// Refused edits that the device shows.
    pub rejected: Option<u64>,
}

/// What a decision must be. What is not named may be anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Want {
    /// Kind of the cause.
    pub cause: Option<String>,
    /// What is to happen.
    pub directive: Option<String>,
    /// The owner.
    pub unit: Option<String>,
    /// Who handles with it.
    pub co_units: Option<Vec<String>>,
    /// The tier that owns it.
    pub tier: Option<String>,
    /// The next step.
    pub step: Option<String>,
    /// A rule among the reasons.
    pub rule: Option<String>,
    /// A part of the basis of that rule, or of any.
    pub basis: Option<String>,
    /// What changed.
    pub changed: Option<Vec<String>>,
    /// Due this long after the decision at the least.
    pub due_after: Option<String>,
    /// And at the most.
    pub due_within: Option<String>,
}

/// A story that was read and checked.
#[derive(Clone, Debug)]
pub struct Story {
    /// Name of the file without its ending.
    pub id: String,
    /// The file.
    pub path: PathBuf,
    /// What it says.
    pub file: File,
    /// The line of each step.
    pub lines: Vec<usize>,
}

impl Story {
    /// Where a step stands, for messages.
    pub fn place(&self, step: usize) -> String {
        format!("{}:{}", self.path.display(), self.lines.get(step).copied().unwrap_or(1))
    }
}

impl Step {
    /// The verbs that it names.
    pub fn verbs(&self) -> Vec<&'static str> {
        let named = [
            ("new", self.new.is_some()),
            ("edit", self.edit.is_some()),
            ("act", self.act.is_some()),
            ("checkout", self.checkout.is_some()),
            ("sync", self.sync.is_some()),
            ("settled", self.settled.is_some()),
            ("until", self.until.is_some()),
            ("resolve", self.resolve.is_some()),
            ("later", self.later.is_some()),
            ("expect", self.expect.is_some()),
        ];
        named.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect()
    }

    /// The documents that it names.
    pub fn documents(&self) -> impl Iterator<Item = &String> {
        let one =
            [&self.edit, &self.act, &self.settled, &self.until, &self.resolve, &self.later, &self.expect];
        one.into_iter().flatten().chain(self.checkout.iter().flatten())
    }
}
