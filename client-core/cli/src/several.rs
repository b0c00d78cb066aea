//! What is asked of a device as a whole: every district of it, or the one that is named.
//!
//! A district that cannot be reached holds up no other; what went wrong in one is said once all have had their turn.

use doorstep_client::Sqlite;
use doorstep_client::districts::{Districts, Member};
use doorstep_client::driver::{self, Report, SyncFailure};
use doorstep_client::replica::Status;
use doorstep_client::source::System;
use doorstep_protocol::documents::Kind;
use futures_util::future::join_all;
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::failure::{FAILED, Failure, REJECTED, UNAUTHORISED, UNREACHABLE};
use crate::output::Done;
use crate::render;
use crate::run::{Given, done, enrolled_one};
use crate::strings::Strings;

type All = Districts<Sqlite, System>;

/// The documents of every district.
pub(crate) async fn list(
    districts: &mut All,
    kind: Option<Kind>,
    given: &Given<'_>,
) -> Result<Done, Failure> {
    let several = districts.are_several();
    let (mut items, mut rows) = (Vec::new(), Vec::new());
    for Member { district, replica } in districts.all(given.district)? {
        let device = enrolled_one(replica).await?;
        for item in device.list(kind).await? {
            let mut shown = serde_json::to_value(&item).expect("an item is plain data");
            shown["district"] = json!(district);
            items.push(shown);
            rows.push((district.clone().filter(|_| several), item));
        }
    }
    let text = render::list(given.strings, &rows);
    Ok(done(json!({"items": items}), text))
}

/// How the device stands.
pub(crate) async fn status(districts: &mut All, given: &Given<'_>) -> Result<Done, Failure> {
    let mut whole: Option<Status> = None;
    for member in districts.all(given.district)? {
        let status = member.replica.status().await?;
        whole = Some(whole.map_or(status, |whole| whole.with(status)));
    }
    let (status, strings) = (whole.expect("a device has a first district"), given.strings);
    let age = match status.cursor_age_s {
        Some(age) => strings.with("age-seconds", &[("count", age.to_string())]),
        None => strings.get("age-never"),
    };
    let text = strings.with(
        "status",
        &[
            ("pending", status.pending.to_string()),
            ("rejected", status.rejected.to_string()),
            ("held", status.held.to_string()),
            ("age", age),
        ],
    );
    let text = with_files(text, status.attachments.pending, status.attachments.bytes, strings);
    Ok(done(status, text))
}

/// With a line about the files that are still to go.
fn with_files(text: String, pending: usize, bytes: u64, strings: &Strings) -> String {
    let args = [("count", pending.to_string()), ("size", bytes.to_string())];
    if pending == 0 { text } else { text + "\n" + &strings.with("files-waiting", &args) }
}

/// What was refused, or one of it no longer.
pub(crate) async fn rejected(
    districts: &mut All,
    dismiss: Option<String>,
    given: &Given<'_>,
) -> Result<Done, Failure> {
    let (mut items, mut dismissed) = (Vec::new(), false);
    for Member { replica, .. } in districts.all(given.district)? {
        if let Some(hash) = &dismiss {
            dismissed |= replica.dismiss(hash).await?;
        }
        items.extend(replica.rejected().await?);
    }
    match dismiss {
        None => {
            let text = render::rejected(given.strings, &items);
            Ok(done(json!({"items": items}), text))
        }
        Some(hash) if !dismissed => Err(Failure::nothing_to_dismiss(&hash)),
        Some(hash) => {
            let text = given.strings.with("dismissed", &[("hash", hash.clone())]);
            Ok(done(json!({"dismissed": hash, "items": items}), text))
        }
    }
}

/// Ends all checkouts.
pub(crate) async fn checkin(districts: &mut All, given: &Given<'_>) -> Result<Done, Failure> {
    let mut ended = 0;
    for member in districts.all(given.district)? {
        ended += enrolled_one(&mut member.replica).await?.checkin().await?;
    }
    let text = given.strings.with("checked-in", &[("count", ended.to_string())]);
    Ok(done(json!({"ended": ended}), text))
}

/// Sends and receives, one district after the other.
pub(crate) async fn sync(districts: &mut All, given: &Given<'_>) -> Result<Done, Failure> {
    // An address is one centre's.
    given.url.map_or(Ok(()), |_| districts.must_name(given.district))?;
    let mut ended = Vec::new();
    for Member { district, replica } in districts.all(given.district)? {
        let identity = replica.identity().await?.ok_or(SyncFailure::NotEnrolled)?;
        let url = driver::address(&identity, given.url);
        ended.push((district.clone(), driver::sync(replica, &url).await));
    }
    reported(ended, given.strings)
}

/// Stays connected in every district until somebody interrupts.
pub(crate) async fn watch(districts: &mut All, given: &Given<'_>) -> Result<Done, Failure> {
    given.url.map_or(Ok(()), |_| districts.must_name(given.district))?;
    let watches = districts.all(given.district)?.into_iter().map(|Member { district, replica }| async move {
        let identity = replica.identity().await?.ok_or(SyncFailure::NotEnrolled)?;
        let url = driver::address(&identity, given.url);
        let ended = driver::watch(replica, &url, Box::pin(interrupted()?)).await;
        if let Err(failure) = &ended {
            tracing::warn!(district, "{failure}");
        }
        Ok::<_, Failure>((district.clone(), ended))
    });
    let ended = join_all(watches).await.into_iter().collect::<Result<_, _>>()?;
    reported(ended, given.strings)
}

/// What came of it altogether. Where something went wrong, the worst of it, and what the others did all the same.
fn reported(
    ended: Vec<(Option<String>, Result<Report, SyncFailure>)>,
    strings: &Strings,
) -> Result<Done, Failure> {
    let several = ended.len() > 1;
    let mut report = Report::default();
    let mut failures = Vec::new();
    for (district, ended) in ended {
        match ended {
            Ok(part) => report += part,
            Err(failure) => failures.push((district.filter(|_| several), Failure::from(failure))),
        }
    }
    // Shut out, then broken, then merely away.
    let worst = |exit: u8| [UNREACHABLE, FAILED, UNAUTHORISED].iter().position(|known| *known == exit);
    failures.sort_by_key(|(_, failure)| worst(failure.exit));
    if let Some((district, failure)) = failures.pop() {
        return Err(district.map_or(failure.clone(), |district| failure.in_district(&district, &report)));
    }
    let Report { sent, received, rejected, pending, .. } = report;
    let text = strings.with(
        "synced",
        &[
            ("sent", sent.to_string()),
            ("received", received.to_string()),
            ("rejected", rejected.to_string()),
            ("pending", pending.to_string()),
        ],
    );
    let mut text = with_files(text, report.attachments.pending, report.attachments.bytes, strings);
    if report.held > 0 {
        text = format!("{text}\n{}", strings.with("synced-held", &[("held", report.held.to_string())]));
    }
    Ok(Done { exit: if rejected > 0 { REJECTED } else { 0 }, ..done(report, text) })
}

/// Ready at SIGINT or SIGTERM.
fn interrupted() -> Result<impl Future<Output = ()>, Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::local(&error));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
