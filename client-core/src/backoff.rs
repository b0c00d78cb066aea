//! How long to wait before the next attempt to connect. Pure: the random number is an argument.

/// The longest wait.
pub const MAX_DELAY_MS: u64 = 60_000;
const FIRST_MS: u64 = 500;

/// Exponential backoff with full jitter: uniform in 0..=min(60 s, 0.5 s · 2^attempt), so that devices
/// which lost the centre at the same moment do not come back at the same moment.
pub fn delay_ms(attempt: u32, random: u64) -> u64 {
    let ceiling = FIRST_MS.saturating_mul(1 << attempt.min(20)).min(MAX_DELAY_MS);
    random % (ceiling + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_are_bounded_and_use_the_whole_range() {
        for attempt in 0..40 {
            let ceiling = (FIRST_MS << attempt.min(20)).min(MAX_DELAY_MS);
            let delays: Vec<u64> =
                (0..2_000).map(|n: u64| delay_ms(attempt, n.wrapping_mul(0x9e37_79b9_7f4a_7c15))).collect();
            assert!(delays.iter().all(|delay| *delay <= ceiling), "attempt {attempt}");
            assert!(delays.iter().any(|delay| *delay < ceiling / 10), "attempt {attempt} comes back early");
            assert!(delays.iter().any(|delay| *delay > ceiling / 10 * 9), "attempt {attempt} waits long");
        }
        assert_eq!(delay_ms(u32::MAX, u64::MAX) % (MAX_DELAY_MS + 1), delay_ms(u32::MAX, u64::MAX));
    }
}
