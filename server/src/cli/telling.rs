//! Telling configured addresses what was decided: what is due is sent, and what came of it written down.
//!
//! Never to an address that the configuration does not name: redirections are not followed. A restored centre tells nothing
//! until it is released. Where the server ended while it sent, or nobody answered in time, an address that cannot tell a
//! second letter from a new one is not sent it again.

use std::sync::Arc;
use std::time::Duration;

use doorstep_server::http::hooks::{Form, Hook, Letter, retry};
use doorstep_server::limits;
use doorstep_server::store::Kept;
use doorstep_server::store::deliveries::{Deliveries, DeliveryRow, Standing};
use rustls::crypto::ring;
use tokio::sync::watch;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::serve::{Served, stopped};

/// What came of an attempt.
enum Came {
    Arrived(String),
    /// It did not arrive, and may be sent again.
    Not(String),
    /// It will not be taken, however often it is sent.
    Never(String),
    /// Nobody can say.
    Unknown(String),
}

/// Tells what is to be told, until the server stops.
pub(super) async fn tell(centre: Arc<Served>, hooks: Vec<Hook>, mut stopping: watch::Receiver<bool>) {
    if hooks.is_empty() {
        return;
    }
    let agent = agent();
    if let Err(error) = left_over(&centre, &hooks).await {
        tracing::error!(%error, "deliveries of before could not be looked at");
    }
    loop {
        if !centre.recovering()
            && let Err(error) = look(&centre, &hooks, &agent).await
        {
            tracing::error!(%error, "what is to be told outside could not be looked at");
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(limits::HOOK_LOOK_MS)) => {}
            () = stopped(&mut stopping) => return,
        }
    }
}

/// What the last server was sending when it ended.
async fn left_over(centre: &Served, hooks: &[Hook]) -> Kept<()> {
    for row in centre.store().open_deliveries(i64::MAX, usize::MAX).await? {
        if row.standing == Standing::Trying {
            let twice = hooks.iter().any(|hook| hook.name == row.hook && hook.form.tells_twice());
            let standing = if twice { Standing::Waiting } else { Standing::Unknown };
            centre.store().put_delivery(DeliveryRow { standing, said: "interrupted".into(), ..row }).await?;
        }
    }
    Ok(())
}

async fn look(centre: &Served, hooks: &[Hook], agent: &ureq::Agent) -> Kept<()> {
    for hook in hooks {
        while hook.gather(centre).await? {}
    }
    for row in centre.store().open_deliveries(centre.now(), limits::HOOK_LETTERS).await? {
        let Some(hook) = hooks.iter().find(|hook| hook.name == row.hook) else {
            end(centre, row, Standing::Failed, "unconfigured").await?;
            continue;
        };
        let Some(letter) = hook.letter(centre, &row).await? else {
            end(centre, row, Standing::Failed, "withheld").await?;
            continue;
        };
        let row = DeliveryRow { standing: Standing::Trying, tries: row.tries + 1, ..row };
        centre.store().put_delivery(row.clone()).await?;
        let came = send(agent.clone(), hook, letter).await;
        tracing::info!(hook = %hook.name, tries = row.tries, arrived = matches!(came, Came::Arrived(_)), "told outside");
        match came {
            Came::Arrived(said) => end(centre, row, Standing::Delivered, &said).await?,
            Came::Never(said) => end(centre, row, Standing::Failed, &said).await?,
            Came::Unknown(said) if !hook.form.tells_twice() => {
                end(centre, row, Standing::Unknown, &said).await?
            }
            Came::Not(said) | Came::Unknown(said) => match retry(row.tries, centre.now()) {
                None => end(centre, row, Standing::Failed, &said).await?,
                Some(due) => {
                    let row = DeliveryRow { standing: Standing::Waiting, due, said, ..row };
                    centre.store().put_delivery(row).await?;
                }
            },
        }
    }
    Ok(())
}

async fn end(centre: &Served, row: DeliveryRow, standing: Standing, said: &str) -> Kept<()> {
    centre.store().put_delivery(DeliveryRow { standing, said: said.to_owned(), ..row }).await
}

/// One that trusts the certificates of this machine, goes where it is told and nowhere else.
fn agent() -> ureq::Agent {
    let found = rustls_native_certs::load_native_certs();
    let certificates = found.certs.iter().map(|der| Certificate::from_der(der.as_ref()).to_owned()).collect();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(certificates)))
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()));
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(Duration::from_millis(limits::HOOK_ANSWER_MS)))
        .tls_config(tls.build());
    ureq::Agent::new_with_config(config.build())
}

async fn send(agent: ureq::Agent, hook: &Hook, letter: Letter) -> Came {
    let (url, form) = (hook.url.clone(), hook.form);
    let sent = tokio::task::spawn_blocking(move || {
        let mut request = agent.post(&url).header("content-type", "application/json");
        for (name, value) in &letter.headers {
            request = request.header(*name, value);
        }
        came(request.send(&letter.body), form)
    });
    sent.await.unwrap_or_else(|_| Came::Unknown("fault".into()))
}

fn came(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>, form: Form) -> Came {
    let mut answer = match answer {
        Ok(answer) => answer,
        // Nothing was sent: there was nobody to send it to.
        Err(ureq::Error::HostNotFound | ureq::Error::ConnectionFailed) => {
            return Came::Not("unreachable".into());
        }
        Err(ureq::Error::Io(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            return Came::Not("unreachable".into());
        }
        Err(ureq::Error::Timeout(_)) => return Came::Unknown("no answer in time".into()),
        Err(_) => return Came::Unknown("the line broke".into()),
    };
    let status = answer.status().as_u16();
    let said = status.to_string();
    match status {
        200..300 if form == Form::Wecom => {
            // The robot answers 200 to what it does not take as well.
            let text = answer.body_mut().with_config().limit(4096).read_to_string().unwrap_or_default();
            let answer: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            match answer["errcode"].as_i64() {
                Some(0) => Came::Arrived(said),
                // More than it takes in a minute.
                Some(45009) => Came::Not("errcode 45009".into()),
                code => Came::Never(format!("errcode {}", code.unwrap_or(-1))),
            }
        }
        200..300 => Came::Arrived(said),
        408 | 425 | 429 | 500.. => Came::Not(said),
        _ => Came::Never(said),
    }
}
