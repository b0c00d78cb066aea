//! What the conflict table says about a change before it is accepted. It takes no change in.

use doorstep_protocol::documents::words::{Accepted, Act};

use super::case::Case;
use super::judge::No;

/// Rule 8: a resolution names every side and every maximal word of the row at its own deps.
pub(super) fn names_enough(case: &Case, accepted: Accepted) -> Result<Accepted, No> {
    for word in &accepted.words {
        let Act::Resolves(of) = &word.act else { continue };
        let must = case.table.must_name(word.field, &accepted.deps);
        if !must.iter().all(|hash| of.contains(hash)) {
            let message = format!(
                "the resolution of {} names less than what its author was shown; look again and resolve anew",
                word.field.name
            );
            return Err(No { code: "conflict.names_less", message });
        }
    }
    Ok(accepted)
}

/// A person can still resolve what stands side by side after it.
pub(super) fn leaves_room(case: &mut Case, accepted: Accepted) -> Result<Accepted, No> {
    match case.table.crowded_by(&accepted) {
        Some(crowded) => Err(No { code: crowded.code(), message: crowded.to_string() }),
        None => Ok(accepted),
    }
}
