//! Resolving a conflict, for the API and the desk alike: what was asked for is checked, then recorded once.
//!
//! Nothing is recorded if the case has moved on since the form was shown: the caller sees both and decides
//! again. What slips in between the check and the commit stands beside the resolution as a conflict of its own.

use data_encoding::HEXLOWER;
use doorstep_protocol::documents::is_blank;
use doorstep_protocol::{DocumentId, Hash};
use sha2::{Digest, Sha256};

use super::mask;
use crate::authorize::{Wish, authorize};
use crate::limits;
use crate::pipeline::{CaseView, Centre, ConflictView, DeskError, Preview, Resolution, timestamp};
use crate::store::{Person, Store};

/// What somebody wants to hold from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// What this side says.
    Side(Hash),
    /// This value; `None`: none.
    Value(Option<String>),
}

/// A person's answer to a conflict.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// What holds from now on; `None`: nothing was chosen.
    pub(crate) choice: Option<Choice>,
    /// Why.
    pub(crate) reason: String,
    /// The heads that the form showed; `None`: as things are now.
    pub(crate) heads: Option<Vec<Hash>>,
    /// Decides anew what has been decided.
    pub(crate) again: bool,
    /// What this side says becomes a second case.
    pub(crate) second: Option<Hash>,
}

/// Why a conflict was not resolved. Nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// A decision needs a reason.
    #[error("a reason is missing: say why, in at most 500 characters")]
    Reason,
    /// The reason is too long to be kept.
    #[error("the reason is longer than 500 characters")]
    ReasonLong,
    /// Nothing was chosen.
    #[error("choose a side or give a value")]
    Choice,
    /// There is no such side.
    #[error("there is no such side in this conflict")]
    Side,
    /// Two cases need two sides.
    #[error("two cases need two different sides of this conflict: one stays, the other becomes a case")]
    Two,
    /// A masked value would overwrite the real one.
    #[error("this is the masked form of a value, not the value")]
    Masked,
    /// The district has no such place or category.
    #[error("{0} is in no list of this district")]
    Value(String),
    /// The case says no.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

/// A case and one of its open conflicts, for somebody who sees the desk.
pub(crate) async fn find<S: Store>(
    centre: &Centre<S>,
    person: &Person,
    (document, field): (DocumentId, &str),
) -> Result<(CaseView, Option<ConflictView>), DeskError> {
    if !authorize(person, Wish::Desk, None) {
        return Err(DeskError::NotFound);
    }
    let view = centre.view(person, document).await?;
    view.row.kind.field(field).ok_or(DeskError::NotFound)?;
    let conflict = view.conflicts.iter().find(|conflict| conflict.field == field).cloned();
    Ok((view, conflict))
}

/// Records an answer.
pub(crate) async fn resolve<S: Store>(
    centre: &Centre<S>,
    person: &Person,
    at: (DocumentId, &str),
    answer: Answer,
) -> Result<Hash, ReviewError> {
    let second = answer.second;
    let (view, mut resolution) = checked(centre, person, at, answer).await?;
    if let Some(side) = second {
        let (made, named) = centre.second_case(person, (&view, at.1), side).await?;
        resolution.link = named.then_some(made);
    }
    Ok(Box::pin(centre.resolve(person, at, resolution)).await?)
}

/// What would follow from an answer. Nothing is recorded.
pub(crate) async fn preview<S: Store>(
    centre: &Centre<S>,
    person: &Person,
    at: (DocumentId, &str),
    answer: Answer,
) -> Result<Preview, ReviewError> {
    let second = answer.second;
    let (_, resolution) = checked(centre, person, at, answer).await?;
    let preview = Box::pin(centre.preview(person, at, &resolution)).await?;
    // Also where the same follows from another answer: what is recorded is what was looked at.
    let said = format!("{}\n{:?}\n{second:?}", preview.mark, resolution.value);
    let mark = HEXLOWER.encode(&Sha256::digest(said.as_bytes())[..8]);
    Ok(Preview { mark, ..preview })
}

/// An answer that may be recorded: somebody's who reviews, to all that is in question now, with a reason.
async fn checked<S: Store>(
    centre: &Centre<S>,
    person: &Person,
    (document, field): (DocumentId, &str),
    answer: Answer,
) -> Result<(CaseView, Resolution), ReviewError> {
    if !authorize(person, Wish::Review, None) {
        return Err(DeskError::NotFound.into());
    }
    let (view, open) = find(centre, person, (document, field)).await?;
    let again = answer.again && open.is_none();
    let decided = || view.resolved.iter().find(|resolved| resolved.conflict.field == field);
    let decided = decided().filter(|_| again).map(|resolved| resolved.conflict.clone());
    let conflict = open.or(decided).ok_or(DeskError::NotOpen)?;
    let (heads, link) = (answer.heads, None);
    let shown = Resolution { value: None, reason: String::new(), heads, link, again };
    if shown.heads.is_some() && !centre.shown_all(person, (document, field), &shown).await? {
        return Err(DeskError::Stale.into());
    }
    if let Some(second) = answer.second {
        let there = conflict.sides.iter().any(|side| side.hash == second);
        if !there || again || answer.choice == Some(Choice::Side(second)) {
            return Err(ReviewError::Two);
        }
    }
    let value = value(centre, &view, &conflict, answer.choice)?;
    let reason = answer.reason.trim().to_owned();
    match reason.chars().count() {
        _ if is_blank(&reason) => return Err(ReviewError::Reason),
        1..=limits::MAX_LINE_CHARS => {}
        _ => return Err(ReviewError::ReasonLong),
    }
    Ok((view, Resolution { value, reason, ..shown }))
}

fn value<S: Store>(
    centre: &Centre<S>,
    view: &CaseView,
    conflict: &ConflictView,
    choice: Option<Choice>,
) -> Result<Option<String>, ReviewError> {
    let value = match choice.ok_or(ReviewError::Choice)? {
        Choice::Side(hash) => {
            let side = conflict.sides.iter().find(|side| side.hash == hash);
            return side.map(|side| side.value.clone()).ok_or(ReviewError::Side);
        }
        Choice::Value(value) => value,
    };
    let Some(text) = &value else { return Ok(None) };
    if is_blank(text) {
        return Err(ReviewError::Choice);
    }
    if mask::is_masked(&conflict.field) && text.contains('*') {
        return Err(ReviewError::Masked);
    }
    let said = conflict.sides.iter().chain(&conflict.base).any(|side| side.value == value);
    let packs = centre.packs();
    let Some(pack) = packs.of(&view.row.district, centre.now()) else { return Ok(value) };
    let listed = match conflict.field.as_str() {
        "place" => pack.unit(text, timestamp(centre.now())).is_some(),
        "category" => pack.categories().iter().any(|category| category.code == *text),
        _ => true,
    };
    if said || listed { Ok(value) } else { Err(ReviewError::Value(text.clone())) }
}
