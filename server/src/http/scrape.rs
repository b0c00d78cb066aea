//! Who may read `/metrics`: what the process counts says how busy an office is, which is not everybody's to know.
//!
//! Without a word in the configuration: whoever asks from this machine itself, with no proxy in between.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderName, header};

use super::auth::bearer;
use crate::keys::same;

/// Who may read the figures.
#[derive(Clone, Debug, Default)]
pub enum Scrapers {
    /// Whoever asks from this machine itself.
    #[default]
    Here,
    /// They, and whoever has this token.
    Token(String),
    /// Everybody who reaches the server.
    Everybody,
}

/// What a proxy says of whoever it asks for. `X-Forwarded-Proto` is none of it: the server's own TLS says that too.
const FORWARDED: [HeaderName; 4] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-real-ip"),
    header::FORWARDED,
    header::VIA,
];

impl Scrapers {
    /// Whether a request from there, with these headers, is answered.
    pub(super) fn may(&self, peer: Option<SocketAddr>, headers: &HeaderMap) -> bool {
        let local = peer.is_some_and(|from| from.ip().to_canonical().is_loopback());
        let here = local && FORWARDED.iter().all(|name| !headers.contains_key(name));
        match self {
            Scrapers::Here => here,
            Scrapers::Token(token) => {
                here || bearer(headers).is_some_and(|given| same(given.as_bytes(), token.as_bytes()))
            }
            Scrapers::Everybody => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> Option<SocketAddr> {
        Some(text.parse().expect("an address"))
    }

    fn with(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a value"));
        headers
    }

    #[test]
    fn without_a_word_only_this_machine_reads_the_figures() {
        let none = HeaderMap::new();
        for local in ["127.0.0.1:5000", "127.8.9.1:5000", "[::1]:5000", "[::ffff:127.0.0.1]:5000"] {
            assert!(Scrapers::Here.may(peer(local), &none), "{local}");
        }
        for other in ["10.0.0.7:5000", "[2001:db8::1]:5000", "[::ffff:10.0.0.7]:5000"] {
            assert!(!Scrapers::Here.may(peer(other), &none), "{other}");
            assert!(Scrapers::Everybody.may(peer(other), &none), "{other}");
        }
        assert!(!Scrapers::Here.may(None, &none), "from nobody knows where");
        for proxied in ["x-forwarded-for", "forwarded", "via", "x-real-ip"] {
            assert!(!Scrapers::Here.may(peer("127.0.0.1:5000"), &with(proxied, "10.0.0.7")), "{proxied}");
        }
        assert!(Scrapers::Here.may(peer("127.0.0.1:5000"), &with("x-forwarded-proto", "https")), "own TLS");
    }

    #[test]
    fn whoever_has_the_token_reads_them_from_elsewhere() {
        let token = Scrapers::Token("a token of an office's machine".into());
        let bearing = |text: &str| with("authorization", &format!("Bearer {text}"));
        let far = || peer("10.0.0.7:5000");
        assert!(token.may(far(), &bearing("a token of an office's machine")));
        for wrong in ["a token of an office's machinf", "a token", ""] {
            assert!(!token.may(far(), &bearing(wrong)), "{wrong}");
        }
        assert!(!token.may(far(), &HeaderMap::new()));
        assert!(token.may(peer("127.0.0.1:5000"), &HeaderMap::new()), "this machine needs none");
    }
}
