//! Telling configured addresses what was decided: what is due is sent, and what came of it written down.
//!
//! Beside the requests, each address by itself: one that is slow or gone holds up nobody else. Never to an address that the
//! configuration does not name: redirections are not followed. A restored centre tells nothing until it is released. Where
//! the server ended while it sent, or nobody answered in time, an address that cannot tell a second letter from a new one is
//! not sent it again by itself.

use std::sync::Arc;
use std::time::Duration;

use doorstep_protocol::ids::Millis;
use doorstep_server::http::hooks::{Form, Hook, Letter, retry, retry_after};
use doorstep_server::limits;
use doorstep_server::metrics::METRICS;
use doorstep_server::store::Kept;
use doorstep_server::store::deliveries::{Deliveries, DeliveryRow, Standing};
use futures_util::future::join_all;
use rustls::crypto::ring;
use tokio::sync::watch;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::serve::{Served, stopped};

/// What came of an attempt.
enum Came {
    Arrived(String),
    /// It did not arrive, and may be sent again, where the address says so, not before a time.
    Not(String, Option<Millis>),
    /// It will not be taken, however often it is sent.
    Never(String),
    /// Nobody can say.
    Unknown(String),
}

/// Tells what is to be told, until the server stops; a letter that is under way then is still waited for.
pub(super) async fn tell(centre: Arc<Served>, hooks: Vec<Hook>, stopping: watch::Receiver<bool>) {
    if let Err(error) = close_unconfigured(&centre, &hooks).await {
        tracing::error!(%error, "deliveries to addresses of before could not be looked at");
    }
    if hooks.is_empty() {
        return;
    }
    let agent = agent();
    join_all(hooks.iter().map(|hook| keep_telling(&centre, hook, &agent, stopping.clone()))).await;
}

/// Nobody sends what is open for an address that the configuration names no more.
async fn close_unconfigured(centre: &Served, hooks: &[Hook]) -> Kept<()> {
    for row in centre.store().open_deliveries(None, i64::MAX, usize::MAX).await? {
        if !hooks.iter().any(|hook| hook.name == row.hook) {
            end(centre, row, Standing::Failed, "unconfigured").await?;
        }
    }
    Ok(())
}

async fn keep_telling(
    centre: &Served,
    hook: &Hook,
    agent: &ureq::Agent,
    mut stopping: watch::Receiver<bool>,
) {
    loop {
        let rest = look(centre, hook, agent, &stopping).await.unwrap_or_else(|error| {
            tracing::error!(%error, hook = %hook.name, "what is to be told outside could not be looked at");
            limits::HOOK_REST_MS
        });
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(rest)) => {}
            () = stopped(&mut stopping) => return,
        }
    }
}

/// Sends what is due, and says how long to rest.
async fn look(
    centre: &Served,
    hook: &Hook,
    agent: &ureq::Agent,
    stopping: &watch::Receiver<bool>,
) -> Kept<u64> {
    while !*stopping.borrow() && hook.gather(centre).await? {}
    let idle = || *stopping.borrow() || centre.recovering();
    let due = centre.store().open_deliveries(Some(&hook.name), centre.now(), limits::HOOK_LETTERS).await?;
    let many = due.len() == limits::HOOK_LETTERS;
    for row in due {
        if idle() {
            break;
        }
        if let Some(rest) = tell_one(centre, hook, agent, row).await? {
            return Ok(rest);
        }
    }
    Ok(if many && !idle() { 0 } else { limits::HOOK_LOOK_MS })
}

/// Sends one letter and writes down what came of it. Gives for how long the address should be left alone, where it should.
async fn tell_one(centre: &Served, hook: &Hook, agent: &ureq::Agent, row: DeliveryRow) -> Kept<Option<u64>> {
    let was = row.standing;
    if was == Standing::Trying && !hook.form.tells_twice() {
        // Nobody else sends to this address: whoever tried it ended before it was written down.
        end(centre, row, Standing::Unknown, "interrupted").await?;
        return Ok(None);
    }
    let Some(letter) = hook.letter(centre, &row).await? else {
        end(centre, row, Standing::Failed, "withheld").await?;
        return Ok(None);
    };
    let row = DeliveryRow { standing: Standing::Trying, tries: row.tries + 1, ..row };
    if !centre.store().put_delivery(row.clone(), was).await? {
        return Ok(None);
    }
    let came = send(agent.clone(), hook, letter, centre.now()).await;
    METRICS.told(matches!(came, Came::Arrived(_)));
    let asked = if let Came::Not(_, until) = came { until } else { None };
    tracing::info!(hook = %hook.name, id = row.id, tries = row.tries, arrived = matches!(came, Came::Arrived(_)), "told outside");
    match came {
        Came::Arrived(said) => {
            end(centre, row, Standing::Delivered, &said).await?;
            return Ok(None);
        }
        Came::Never(said) => end(centre, row, Standing::Failed, &said).await?,
        Came::Unknown(said) if !hook.form.tells_twice() => end(centre, row, Standing::Unknown, &said).await?,
        Came::Not(said, _) | Came::Unknown(said) => match retry(row.tries, centre.now(), asked) {
            None => end(centre, row, Standing::Failed, &said).await?,
            Some(due) => {
                let row = DeliveryRow { standing: Standing::Waiting, due, said, ..row };
                centre.store().put_delivery(row, Standing::Trying).await?;
            }
        },
    }
    let asked = asked.map_or(0, |until| u64::try_from(until - centre.now()).unwrap_or(0));
    Ok(Some(limits::HOOK_REST_MS.max(asked)))
}

async fn end(centre: &Served, row: DeliveryRow, standing: Standing, said: &str) -> Kept<()> {
    let was = row.standing;
    centre.store().put_delivery(DeliveryRow { standing, said: said.to_owned(), ..row }, was).await.map(drop)
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

async fn send(agent: ureq::Agent, hook: &Hook, letter: Letter, now: Millis) -> Came {
    let (url, form) = (hook.url.clone(), hook.form);
    let sent = tokio::task::spawn_blocking(move || {
        let mut request = agent.post(&url).header("content-type", "application/json");
        for (name, value) in &letter.headers {
            request = request.header(*name, value);
        }
        came(request.send(&letter.body), form, now)
    });
    sent.await.unwrap_or_else(|_| Came::Unknown("fault".into()))
}

fn came(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>, form: Form, now: Millis) -> Came {
    let mut answer = match answer {
        Ok(answer) => answer,
        // Nothing was sent: there was nobody to send it to.
        Err(ureq::Error::HostNotFound | ureq::Error::ConnectionFailed) => {
            return Came::Not("unreachable".into(), None);
        }
        Err(ureq::Error::Io(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            return Came::Not("unreachable".into(), None);
        }
        Err(ureq::Error::Timeout(_)) => return Came::Unknown("no-answer".into()),
        Err(_) => return Came::Unknown("broken".into()),
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
                Some(45009) => Came::Not("errcode 45009".into(), None),
                Some(code) => Came::Never(format!("errcode {code}")),
                None => Came::Unknown("no-errcode".into()),
            }
        }
        200..300 => Came::Arrived(said),
        408 | 425 | 429 | 500.. => {
            let asked = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
            Came::Not(said, asked.and_then(|text| retry_after(text, now)))
        }
        _ => Came::Never(said),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, asked: Option<&str>) -> Came {
        let mut answer = ureq::http::Response::builder().status(status);
        if let Some(text) = asked {
            answer = answer.header("retry-after", text);
        }
        came(Ok(answer.body(ureq::Body::builder().data("")).expect("an answer")), Form::Event, 1_000)
    }

    #[test]
    fn who_is_not_taken_now_may_say_until_when() {
        assert!(matches!(answered(429, Some("30")), Came::Not(said, Some(31_000)) if said == "429"));
        assert!(matches!(answered(503, Some("1")), Came::Not(_, Some(2_000))));
        assert!(matches!(answered(503, None), Came::Not(_, None)));
        assert!(matches!(answered(429, Some("later")), Came::Not(_, None)));
        assert!(matches!(answered(400, Some("30")), Came::Never(_)), "it will not be taken later either");
        assert!(matches!(answered(204, Some("30")), Came::Arrived(_)));
    }
}
