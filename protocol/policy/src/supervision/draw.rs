//! Draws for spot checks: fixed before anybody knows the population, and drawn again by anybody afterwards.
//!
//! Owns the three digests. All of them are SHA-256 over lines of text, so that a shell can repeat them.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// What is published when a draw is committed: it binds the seed to this draw of this district.
pub fn commitment(district: &str, draw: u64, seed: &str) -> String {
    digest(&format!("doorstep.draw.commit\n{district}\n{draw}\n{seed}\n"))
}

/// What is published of the population: one id a line, sorted.
pub fn population_digest<'a>(population: impl IntoIterator<Item = &'a str>) -> String {
    let mut ids: Vec<&str> = population.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut hash = Sha256::new();
    for id in ids {
        hash.update(id.as_bytes());
        hash.update(b"\n");
    }
    HEXLOWER.encode(&hash.finalize())
}

/// The ids that are drawn: those whose digest with the seed and with the words that were said at the draw is smallest,
/// in that order. Nobody who fixed the seed knew the words; nobody who says them knew the seed.
pub fn draw<'a>(
    seed: &str,
    words: &str,
    population: impl IntoIterator<Item = &'a str>,
    size: usize,
) -> Vec<&'a str> {
    let score = |id: &'a str| (digest(&format!("doorstep.draw\n{seed}\n{words}\n{id}\n")), id);
    let mut scored: Vec<(String, &str)> = population.into_iter().map(score).collect();
    scored.sort_unstable();
    scored.dedup();
    scored.into_iter().take(size).map(|(_, id)| id).collect()
}

fn digest(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn a_draw_is_the_same_whatever_the_order_and_another_with_other_words() {
        let ids: Vec<String> = (0..100).map(|n| format!("case-{n}")).collect();
        let forward = draw(SEED, "晴", ids.iter().map(String::as_str), 10);
        let backward = draw(SEED, "晴", ids.iter().rev().map(String::as_str), 10);
        assert_eq!(forward, backward);
        assert_eq!(forward.len(), 10);
        assert_ne!(forward, draw(SEED, "雨", ids.iter().map(String::as_str), 10));
        assert_eq!(draw(SEED, "晴", ["a", "a", "b"], 10).len(), 2, "nobody is drawn twice");
    }

    #[test]
    fn the_digests_are_what_sha256sum_says() {
        // printf 'a\nb\n' | sha256sum
        let two = "911169ddaaf146aff539f58c26c489af3b892dff0fe283c1c264c65ae5aa59a2";
        assert_eq!(population_digest(["b", "a"]), two);
        assert_eq!(population_digest(["b", "a", "a"]), population_digest(["a", "b"]));
        assert_ne!(commitment("d", 1, SEED), commitment("d", 2, SEED));
    }
}
