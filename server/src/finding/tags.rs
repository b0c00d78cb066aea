//! Tags: what a document is filed under beside its words, each eight bytes of a hash.
//!
//! Owns which facts of a row are tags. Those about who may see it are made by `authorize::seen_by`, beside the rule
//! that they repeat.

use data_encoding::BASE32_DNSSEC;
use doorstep_policy::Step;
use doorstep_protocol::ids::Millis;
use jiff::tz::{Offset, TimeZone};
use sha2::{Digest, Sha256};

use super::words::names_within;
use crate::authorize::seen_by;
use crate::pipeline::timestamp;
use crate::store::CaseRow;

/// Nobody is in charge of it.
pub const NOBODY: &str = "";

/// What a tag is about. The letter is part of what is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Case, visit, register, meeting.
    Kind,
    /// The responsible unit.
    Unit,
    /// The worker in charge; nobody: an empty number.
    Worker,
    /// The category.
    Category,
    /// The place, as it was written.
    Place,
    /// The next step.
    Step,
    /// Open, claimed, verified or closed.
    Stage,
    /// Somebody has to do something until a time.
    Running,
    /// The urgency.
    Urgency,
    /// Where it came from.
    Channel,
    /// What was ordered last.
    Directive,
    /// The day, in Beijing, on which its unit and step became what they are.
    Turned,
    /// Something is in conflict.
    Disputed,
    /// A signature that counts.
    Signed,
    /// This worker signs it no more.
    SignsNot,
    /// Workers of this unit see it.
    SeenByUnit,
    /// Its author sees it.
    SeenByAuthor,
    /// The desk and the district's offices see it.
    SeenByDistrict,
    /// Made in this unit: those above it see it.
    MadeIn,
    /// Concerns this person or unit: they see nothing of it.
    Concerns,
    /// This may be a name within what it names as responsible subject: whoever is called so later is looked for by it.
    Mentions,
    /// This unit never sees it.
    Excludes,
    /// This worker has stepped back from it, and sees it no more.
    Recuses,
}

impl Mark {
    const fn letter(self) -> u8 {
        match self {
            Mark::Kind => b'k',
            Mark::Unit => b'u',
            Mark::Worker => b'w',
            Mark::Category => b'c',
            Mark::Place => b'p',
            Mark::Step => b's',
            Mark::Stage => b'g',
            Mark::Running => b'r',
            Mark::Urgency => b'y',
            Mark::Channel => b'h',
            Mark::Directive => b'd',
            Mark::Turned => b't',
            Mark::Disputed => b'q',
            Mark::Signed => b'n',
            Mark::SignsNot => b'N',
            Mark::SeenByUnit => b'U',
            Mark::SeenByAuthor => b'A',
            Mark::SeenByDistrict => b'D',
            Mark::MadeIn => b'M',
            Mark::Concerns => b'C',
            Mark::Mentions => b'm',
            Mark::Excludes => b'X',
            Mark::Recuses => b'R',
        }
    }
}

/// Something that a document is filed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub [u8; 8]);

impl Tag {
    /// The tag of a value in a district.
    pub fn of(district: &str, mark: Mark, value: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update([mark.letter(), u8::try_from(district.len()).unwrap_or(u8::MAX)]);
        hash.update(district);
        hash.update(value);
        Tag::cut(&hash.finalize())
    }

    /// The first eight bytes of a hash.
    pub fn cut(hash: &[u8]) -> Self {
        let mut tag = [0; 8];
        tag.copy_from_slice(&hash[..8]);
        Tag(tag)
    }

    /// As it stands among words. No word begins with this letter.
    pub fn token(self) -> String {
        format!("t{}", BASE32_DNSSEC.encode(&self.0))
    }
}

impl CaseRow {
    /// The number by which people speak of a document: the day on which it was registered, in Beijing, and the end of
    /// its id. It needs no counter, stays the same after a restore, and says nothing about other documents.
    pub fn number(&self) -> String {
        let id = self.document.0.simple().to_string();
        format!("{}-{}", day(self.registered), &id[id.len() - 6..])
    }
}

/// A day in Beijing: `20261121`.
pub(crate) fn day(at: Millis) -> String {
    timestamp(at).to_zoned(TimeZone::fixed(Offset::constant(8))).strftime("%Y%m%d").to_string()
}

/// The stage of a case in four words.
pub(crate) fn stage(row: &CaseRow) -> &'static str {
    if row.life.closed.is_some() || row.step.as_deref().and_then(Step::named).is_some_and(Step::is_end) {
        "closed"
    } else if row.life.verified_at.is_some() {
        "verified"
    } else if row.life.claimed_at.is_some() {
        "claimed"
    } else {
        "open"
    }
}

/// By when somebody has to do something; `None` where nobody has to.
pub(crate) fn due(row: &CaseRow) -> Option<Millis> {
    let step = row.step.as_deref().and_then(Step::named)?;
    row.due.filter(|_| !step.is_end() && step != Step::Archive)
}

/// Everything that a row is filed under, in order, each once.
pub(crate) fn tags(row: &CaseRow) -> Vec<Tag> {
    let of = |mark, value: &str| Tag::of(&row.district, mark, value);
    let mut tags = seen_by(row);
    // Marks of people are no text.
    let written = row.concerned.iter().filter(|text| !text.starts_with('#'));
    tags.extend(written.flat_map(|text| names_within(text)).map(|name| of(Mark::Mentions, &name)));
    tags.push(of(Mark::Kind, row.kind.name()));
    let facts = [
        (Mark::Unit, &row.unit),
        (Mark::Category, &row.category),
        (Mark::Place, &row.place),
        (Mark::Step, &row.step),
        (Mark::Urgency, &row.urgency),
        (Mark::Channel, &row.channel),
        (Mark::Directive, &row.directive),
    ];
    tags.extend(facts.into_iter().filter_map(|(mark, value)| Some(of(mark, value.as_deref()?))));
    tags.push(of(Mark::Stage, stage(row)));
    tags.push(of(Mark::Worker, row.life.worker.as_deref().unwrap_or(NOBODY)));
    tags.extend(row.life.signed.iter().map(|role| of(Mark::Signed, role)));
    tags.extend(row.signers.iter().map(|worker| of(Mark::SignsNot, worker)));
    tags.extend(row.turned.map(|at| of(Mark::Turned, &day(at))));
    if !row.conflicts.is_empty() {
        tags.push(of(Mark::Disputed, ""));
    }
    if due(row).is_some() {
        tags.push(of(Mark::Running, ""));
    }
    tags.sort_unstable();
    tags.dedup();
    tags
}
