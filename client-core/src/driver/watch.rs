//! Staying connected: a live session, and another whenever one ends.
//!
//! Never gives up on a centre that cannot be reached; gives up on one that refuses this device.

use std::time::Duration;

use doorstep_protocol::machines::device::End;

use super::connection::Connection;
use super::uploads::Uploads;
use super::{Closing, Live, Report, SyncFailure, session};
use crate::backoff::delay_ms;
use crate::replica::Replica;
use crate::source::Source;
use crate::store::Store;

/// Syncs until `stop` is ready, with exponential backoff and full jitter while the centre is away.
pub async fn watch<S: Store, R: Source>(
    replica: &mut Replica<S, R>,
    url: &str,
    mut stop: impl Future<Output = ()> + Unpin,
) -> Result<Report, SyncFailure> {
    let identity = replica.identity().await?.ok_or(SyncFailure::NotEnrolled)?;
    let (mut report, mut attempt) = (Report::default(), 0);
    let mut uploads = Uploads::new(identity.clone(), url);
    loop {
        let opened = tokio::select! {
            opened = Connection::open(&identity, url) => opened,
            () = &mut stop => break,
        };
        let ended = match opened {
            Ok(mut connection) => {
                tracing::info!(url, "connected");
                attempt = 0;
                let live = Live { stop: &mut stop, uploads: &mut uploads };
                session(replica, &mut connection, &mut report, Some(live)).await
            }
            Err(failure) => Err(failure),
        };
        match ended {
            Ok((_, Some(Closing::Stop))) => break,
            Ok((End::Done | End::Again, _)) => continue,
            Ok((End::Cut, _)) => tracing::info!("the connection was cut; nothing is lost"),
            Ok((End::Fault { code, message }, _)) => {
                let fault = SyncFailure::Fault { code, message };
                if fault.is_unauthorised() {
                    return Err(fault);
                }
                tracing::warn!("{fault}");
            }
            Err(failure) if failure.is_unreachable() => tracing::info!("{failure}"),
            Err(failure) => return Err(failure),
        }
        let wait = delay_ms(attempt, u64::from_le_bytes(replica.source().bytes()));
        attempt = attempt.saturating_add(1);
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(wait)) => {}
            () = &mut stop => break,
        }
    }
    report.pending = replica.status().await?.pending;
    report.attachments = replica.files_waiting().await?;
    Ok(report)
}
