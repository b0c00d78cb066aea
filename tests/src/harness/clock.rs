//! Simulated time and seeded randomness, as the centre and the devices want them. Never the machine's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use doorstep_protocol::ids::Millis;

use super::rng::Rng;

/// 2026-04-01T01:00:00Z, a Wednesday morning in Bazhou.
pub const START: Millis = 1_775_005_200_000;

/// The centre's clock: stands still until it is set.
#[derive(Debug)]
pub struct Clock {
    now: AtomicI64,
    /// What the centre's machine shows more than that.
    skew: AtomicI64,
    rng: Mutex<Rng>,
}

impl Clock {
    /// A clock at [`START`].
    pub fn new(rng: Rng) -> Arc<Self> {
        Clock::at(START, rng)
    }

    /// A clock at another time.
    pub fn at(start: Millis, rng: Rng) -> Arc<Self> {
        Arc::new(Clock { now: AtomicI64::new(start), skew: AtomicI64::new(0), rng: Mutex::new(rng) })
    }

    /// What it is.
    pub fn now(&self) -> Millis {
        self.now.load(Ordering::Relaxed)
    }

    /// What the centre's machine takes it for.
    pub fn shown(&self) -> Millis {
        self.now() + self.skew.load(Ordering::Relaxed)
    }

    /// The centre's clock goes wrong by so much; 0: right again.
    pub fn skew(&self, skew: Millis) {
        self.skew.store(skew, Ordering::Relaxed);
    }

    /// Goes forward to `at`; never back.
    pub fn set(&self, at: Millis) {
        self.now.fetch_max(at, Ordering::Relaxed);
    }
}

impl doorstep_server::clock::Source for Clock {
    fn now(&self) -> Millis {
        self.shown()
    }

    fn fill(&self, bytes: &mut [u8]) {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }
}

/// A device's own clock, which may be wrong by hours, and its own random numbers.
#[derive(Debug)]
pub struct FixedSource {
    clock: Arc<Clock>,
    /// The device's clock less the centre's.
    pub skew: Millis,
    rng: Rng,
}

impl FixedSource {
    /// A clock that shows the centre's time and `skew` more.
    pub fn new(clock: Arc<Clock>, skew: Millis, rng: Rng) -> Self {
        FixedSource { clock, skew, rng }
    }

    /// Another one of the same device, for its next process.
    #[must_use]
    pub fn next_process(&mut self) -> Self {
        FixedSource { clock: Arc::clone(&self.clock), skew: self.skew, rng: self.rng.split() }
    }
}

impl doorstep_client::Source for FixedSource {
    fn now(&self) -> Millis {
        self.clock.now() + self.skew
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        self.rng.fill(bytes);
    }
}
