//! Time and randomness, passed in. The one file of the client that asks the system for either.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use doorstep_protocol::ids::Millis;

/// Where a replica gets the time and its random bytes.
pub trait Source {
    /// The device's clock: milliseconds since 1970.
    fn now(&self) -> Millis;
    /// Fills the slice with random bytes.
    fn fill(&mut self, bytes: &mut [u8]);

    /// `N` random bytes.
    fn bytes<const N: usize>(&mut self) -> [u8; N]
    where
        Self: Sized,
    {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// The system's clock and random numbers.
#[derive(Clone, Copy, Debug, Default)]
pub struct System {
    clock: Clock,
}

#[derive(Clone, Copy, Debug, Default)]
enum Clock {
    #[default]
    Real,
    Fixed(Millis),
    From(Millis, Instant),
}

impl System {
    /// A clock that stands still at `now`: for one command.
    pub fn fixed(now: Millis) -> Self {
        System { clock: Clock::Fixed(now) }
    }

    /// A clock that runs on from `now`: for a program that stays.
    pub fn from(now: Millis) -> Self {
        System { clock: Clock::From(now, Instant::now()) }
    }
}

impl Source for System {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    fn now(&self) -> Millis {
        match self.clock {
            Clock::Real => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
            }
            Clock::Fixed(now) => now,
            Clock::From(now, start) => now.saturating_add(start.elapsed().as_millis() as Millis),
        }
    }

    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}
