//! Giving up a district: its store is emptied and its file deleted. Never with anything in it that the centre has not
//! answered, and never under the hands of another program.

use serde_json::json;

use crate::failure::Failure;
use crate::output::Done;
use crate::run::{Given, done};
use crate::stores::Stores;

/// Gives up the district that is named, which has to be named even where it is the only one.
pub(crate) async fn leave(stores: &mut Stores, given: &Given<'_>) -> Result<Done, Failure> {
    let code = given.district.ok_or_else(|| Failure::usage("leave wants --district CODE".into()))?;
    stores.districts.one(Some(code))?;
    // A copy beside the one that is used may have edits of its own.
    let members = stores.members(code).await?;
    for member in &members {
        let status = &member.status;
        if status.pending + status.attachments.pending > 0 {
            return Err(Failure::unsent(code, status.pending + status.attachments.pending));
        }
        if status.rejected > 0 {
            return Err(Failure::unread(code, status.rejected));
        }
    }
    let held: usize = members.iter().map(|member| member.status.held).sum();
    for member in members {
        if !stores.empty(member).await? {
            return Err(Failure::in_use(code));
        }
    }
    let text = given.strings.with("left", &[("name", code.to_owned()), ("held", held.to_string())]);
    Ok(done(json!({"district": code, "left": true, "held": held}), text))
}
