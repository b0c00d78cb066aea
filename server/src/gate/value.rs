//! What an operation does, and whether its value is well formed and fits.

use super::read::Reader;
use super::{ByteLimits, Refusal};

/// What an operation does. Tables (6) are left out: automerge has no code for operations in one, and
/// panics. Marks (7) are off: one that ends before it begins poisons the saved document, and a lone
/// one panics in debug builds.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Action {
    MakeMap,
    MakeList,
    MakeText,
    Set,
    Delete,
    Increment,
}

impl Action {
    pub(super) fn from_number(number: u64) -> Result<Self, Refusal> {
        match number {
            0 => Ok(Self::MakeMap),
            1 => Ok(Self::Set),
            2 => Ok(Self::MakeList),
            3 => Ok(Self::Delete),
            4 => Ok(Self::MakeText),
            5 => Ok(Self::Increment),
            7 => Err(Refusal::Mark),
            other => Err(Refusal::UnknownAction(other)),
        }
    }

    /// Leaves a value of its own, which later operations can replace.
    pub(super) fn writes(self) -> bool {
        !matches!(self, Self::Delete | Self::Increment)
    }

    pub(super) fn makes(self) -> bool {
        matches!(self, Self::MakeMap | Self::MakeList | Self::MakeText)
    }
}

/// Takes one value off the raw column; its type is in the low four bits of `meta`, its length in the
/// others: null, false, true, unsigned, signed, float, text, bytes, counter, timestamp.
pub(super) fn check_value(
    raw: &mut Reader<'_>,
    meta: u64,
    action: Action,
    limits: &ByteLimits,
) -> Result<(), Refusal> {
    let (kind, len) = (meta & 15, meta >> 4);
    let bytes = raw.take(len)?;
    let fits = match action {
        Action::Set => true,
        Action::MakeMap | Action::MakeList | Action::MakeText | Action::Delete => kind == 0,
        Action::Increment => kind == 4,
    };
    if !fits {
        return Err(Refusal::Value);
    }
    let mut number = Reader(bytes);
    match kind {
        0..=2 if len == 0 => return Ok(()),
        3 => drop(number.uleb()?),
        4 | 8 | 9 => {
            let value = number.sleb()?;
            let counts = kind == 8 || action == Action::Increment;
            if counts && value.unsigned_abs() > limits.max_counter_step {
                return Err(Refusal::CounterStep);
            }
        }
        5 if len == 8 => return Ok(()),
        6 => drop(number.utf8(len)?),
        7 => return Ok(()),
        _ => return Err(Refusal::Value),
    }
    if number.is_empty() { Ok(()) } else { Err(Refusal::Value) }
}
