//! What changes in a running server: folders of packs and the certificate, read again on SIGHUP, and what others have
//! let into the store.
//!
//! Owns the watching. Never refuses or accepts a pack; that is `policies`. A bad pack leaves all as it was.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use doorstep_server::Centre;
use doorstep_server::http::tls::Certificate;
use doorstep_server::limits;
use doorstep_server::policies::{self, PolicyError};
use doorstep_server::store::{Kept, Store};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::open::read_pack;
use super::serve::stopped;

/// Until the server stops: folders on SIGHUP, the store's index every so often.
pub(super) async fn watch<S: Store>(
    centre: Arc<Centre<S>>,
    (folders, certificate): (Vec<PathBuf>, Option<Arc<Certificate>>),
    mut stopping: watch::Receiver<bool>,
) {
    let mut hup = signal(SignalKind::hangup()).expect("a runtime with signals");
    let mut seen = policies::mark(&**centre.store()).await.unwrap_or_default();
    loop {
        tokio::select! {
            () = hung_up(&mut hup) => {
                read_again(&centre, &folders).await;
                if let Some(certificate) = &certificate {
                    renew(certificate);
                }
            }
            () = tokio::time::sleep(Duration::from_millis(limits::POLICY_LOOK_MS)) => {}
            () = stopped(&mut stopping) => return,
        }
        if let Err(error) = look(&centre, &mut seen).await {
            tracing::error!(%error, "the packs in the store do not read; those in force stay");
        }
    }
}

async fn hung_up(hup: &mut Signal) {
    if hup.recv().await.is_none() {
        std::future::pending::<()>().await;
    }
}

/// Takes over what the store has, when it has something new.
async fn look<S: Store>(centre: &Centre<S>, seen: &mut Option<String>) -> Kept<()> {
    let mark = policies::mark(&**centre.store()).await?;
    if mark == *seen {
        return Ok(());
    }
    *seen = mark;
    if let Some(packs) = policies::load(&**centre.store()).await? {
        let ids: Vec<&str> = packs.all().map(|pack| pack.id()).collect();
        tracing::info!(versions = ?ids, "policy versions known from here on");
        centre.install(packs);
    }
    Ok(())
}

/// A certificate was put in place of one that ends.
fn renew(certificate: &Certificate) {
    match certificate.read_again() {
        Ok(()) => tracing::info!("the certificate was read again"),
        Err(error) => tracing::error!(%error, "the certificate does not read; the one before stays"),
    }
}

async fn read_again<S: Store>(centre: &Centre<S>, folders: &[PathBuf]) {
    for folder in folders {
        let Ok(files) = read_pack(folder) else {
            tracing::error!(folder = %folder.display(), "the pack's folder cannot be read; what is in force stays");
            continue;
        };
        let now = centre.now();
        match policies::renew(&**centre.store(), &files, now).await {
            Ok(Some(installed)) => tracing::info!(id = %installed.id, "let in"),
            Ok(None) => {}
            Err(PolicyError::Bad(problems)) => {
                for p in problems {
                    tracing::error!(file = %p.file, line = p.line, column = p.column, code = %p.code, "{} {}", p.message, p.remedy);
                }
                tracing::error!(folder = %folder.display(), "the pack is refused; what is in force stays");
            }
            Err(error) => {
                tracing::error!(%error, folder = %folder.display(), "the pack is refused; what is in force stays");
            }
        }
    }
}
