//! Whom a device trusts on the line: TLS under the certificates of this machine, and nothing in the clear.
//!
//! The certificates are those that the machine's own store has (or `SSL_CERT_FILE` names), so that an office whose
//! network has an authority of its own installs it once, where every program finds it. None is bundled.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};
use rustls_native_certs::load_native_certs;
use ureq::Agent;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

/// What is read of the machine's store once and serves every connection of the process.
struct Trust {
    roots: RootCertStore,
    certificates: Arc<Vec<Certificate<'static>>>,
    provider: Arc<CryptoProvider>,
}

fn trust() -> &'static Trust {
    static TRUST: OnceLock<Trust> = OnceLock::new();
    TRUST.get_or_init(|| {
        let found = load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a certificate of this machine cannot be read; the others count");
        }
        let certificates =
            found.certs.iter().map(|der| Certificate::from_der(der.as_ref()).to_owned()).collect();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        Trust { roots, certificates: Arc::new(certificates), provider: Arc::new(ring::default_provider()) }
    })
}

/// TLS for a WebSocket.
pub(crate) fn tls() -> Arc<ClientConfig> {
    let trust = trust();
    let config = ClientConfig::builder_with_provider(Arc::clone(&trust.provider))
        .with_safe_default_protocol_versions()
        .expect("the provider knows TLS 1.2 and 1.3")
        .with_root_certificates(trust.roots.clone())
        .with_no_client_auth();
    Arc::new(config)
}

/// HTTP to `url`: answers of every status are answers, and nothing waits longer than `timeout`.
pub(crate) fn agent(url: &str, timeout: Duration) -> Agent {
    let mut config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(timeout));
    if url.starts_with("https:") {
        let trust = trust();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::clone(&trust.certificates)))
            .unversioned_rustls_crypto_provider(Arc::clone(&trust.provider));
        config = config.tls_config(tls.build());
    }
    Agent::new_with_config(config.build())
}

/// Whether what goes to this address can be read on the way: plain HTTP to another machine.
pub fn in_the_clear(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://").or_else(|| url.strip_prefix("ws://")) else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    !host.eq_ignore_ascii_case("localhost") && !host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::in_the_clear;

    #[test]
    fn only_this_machine_itself_is_spoken_to_in_the_clear() {
        for near in ["http://127.0.0.1:7180", "http://localhost/x", "http://[::1]:80/", "http://127.9.9.9"] {
            assert!(!in_the_clear(near), "{near}");
        }
        for sealed in ["https://centre.example", "wss://centre.example"] {
            assert!(!in_the_clear(sealed), "{sealed}");
        }
        for open in [
            "http://centre.example:80",
            "http://127.0.0.1.centre.example/",
            "http://localhost@centre.example/",
            "http://192.0.2.1",
            "ws://[2001:db8::1]:7180",
        ] {
            assert!(in_the_clear(open), "{open}");
        }
    }
}
