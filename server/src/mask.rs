//! Values that are masked in the middle wherever they are shown: identity numbers and telephone numbers.
//!
//! Pure. Revealing one is an act of its own, elsewhere, and is logged.

/// Fields whose values are masked.
const MASKED: [&str; 3] = ["person.id_number", "person.phone", "contact_phone"];

/// Whether a field's values are masked.
pub(crate) fn is_masked(field: &str) -> bool {
    MASKED.contains(&field)
}

/// A value as it is shown: `510***********1234`. Short values show less, at most two characters.
pub(crate) fn masked(value: &str) -> String {
    let length = value.chars().count();
    let (head, tail) = match length {
        10.. => (3, 4),
        5..10 => (0, 2),
        _ => (0, 0),
    };
    let mask = |(at, char)| if at < head || at >= length - tail { char } else { '*' };
    value.chars().enumerate().map(mask).collect()
}
