//! The one place where the server meets time and randomness.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use doorstep_protocol::ids::Millis;

/// Time and randomness, passed to everything that needs them.
pub trait Source: Send + Sync {
    /// Milliseconds since 1970.
    fn now(&self) -> Millis;
    /// Fills the buffer with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// A shared [`Source`].
pub type SharedSource = Arc<dyn Source>;

/// The machine's clock and its random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemSource;

impl Source for SystemSource {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the system has random numbers");
    }
}

/// Random bytes of a known length.
pub fn random<const N: usize>(source: &dyn Source) -> [u8; N] {
    let mut bytes = [0; N];
    source.fill(&mut bytes);
    bytes
}

/// RFC 3339 in UTC, to the second or the millisecond.
pub fn rfc3339(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.to_string())
}
