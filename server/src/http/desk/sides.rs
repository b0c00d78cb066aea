//! The sides of a conflict in words: who, on which device, written when, arrived when, without having seen what.

use super::differs::{Piece, is_prose, pieces};
use super::words::{Shown, When, Words};
use crate::http::App;
use crate::pipeline::{ConflictView, SideView};
use crate::store::{Kept, Store};

/// One side, or a word that all had seen.
pub(super) struct Side {
    pub(super) letter: char,
    pub(super) shape: usize,
    pub(super) hash: String,
    pub(super) value: Shown,
    /// The value in parts, where it is prose that differs from the other's in some of them.
    pub(super) pieces: Vec<Piece>,
    pub(super) who: String,
    pub(super) unit: String,
    pub(super) device: String,
    pub(super) made: When,
    pub(super) received: When,
    pub(super) delay: Option<String>,
    pub(super) resolution: bool,
    pub(super) unseen: Option<String>,
}

/// What all had seen, and the sides, in words.
pub(super) async fn sides<S: Store>(
    app: &App<S>,
    w: &Words<'_>,
    conflict: &ConflictView,
) -> Kept<(Vec<Side>, Vec<Side>)> {
    let district = w.pack.map(|pack| pack.district().to_owned()).unwrap_or_default();
    let people = app.centre.store().people(&district).await?;
    let mut shown = [Vec::new(), Vec::new()];
    for (into, sides) in shown.iter_mut().zip([&conflict.base, &conflict.sides]) {
        for (at, side) in sides.iter().enumerate() {
            let at_desk = app.centre.store().device(side.device).await?.is_none();
            let unit =
                people.iter().find(|person| person.worker == side.worker).map(|person| w.unit(&person.unit));
            into.push(Side { unit: unit.unwrap_or_default(), ..of_view(w, conflict, (at, side), at_desk) });
        }
    }
    let [base, sides] = shown;
    Ok((base, sides))
}

fn letter(at: usize) -> char {
    char::from(b'A' + (at % 26) as u8)
}

fn of_view(w: &Words<'_>, conflict: &ConflictView, (at, side): (usize, &SideView), at_desk: bool) -> Side {
    let others = conflict.sides.iter().enumerate().filter(|(_, other)| other.hash != side.hash);
    let unseen: Vec<String> = others
        .filter(|(_, other)| !side.saw.contains(&other.hash) && !other.saw.contains(&side.hash))
        .map(|(at, _)| letter(at).to_string())
        .collect();
    let prose = is_prose(&conflict.field).then(|| {
        let other = conflict.sides.iter().find(|other| other.value != side.value)?.value.as_deref()?;
        Some(pieces(side.value.as_deref()?, other))
    });
    let unseen = unseen.join(&w.t("and-separator"));
    let delay = side.received - side.made;
    let id = side.device.to_string();
    Side {
        letter: letter(at),
        shape: at % 3,
        hash: side.hash.to_string(),
        value: w.value(&conflict.field, side.value.as_deref()),
        pieces: prose.flatten().unwrap_or_default(),
        who: side.name.clone(),
        unit: String::new(),
        device: if at_desk { w.t("device-desk") } else { w.with("device-of", &[("id", &id[..4])]) },
        made: w.when(side.made),
        received: w.when(side.received),
        delay: (delay >= 60_000).then(|| w.with("side-delay", &[("span", &w.span(delay))])),
        resolution: side.resolution,
        unseen: (!unseen.is_empty()).then(|| w.with("side-unseen", &[("others", &unseen)])),
    }
}
