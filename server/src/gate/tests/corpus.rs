//! Pinned seeds: the gate's verdict on every mutant of a few worlds, as one digest each. A change of
//! any verdict shows here, and must be meant. (So does a change of automerge's encoder: then the
//! mutants are others, and the digests are pinned again after a long run of the mutation test.)

use super::mutants;
use crate::gate::{ByteLimits, inspect};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write;

const PINNED: [(u64, &str); 3] =
    [(7, "9e2ffad581ef468a"), (19, "87ab74ba6ec6deb9"), (2_026, "08dd2789baaed04c")];

/// Codes that the worlds of the corpus must meet between them, lest it shrink unseen.
const MET: usize = 45;

#[test]
fn verdicts_on_the_corpus_stand() {
    let limits = ByteLimits::default();
    let mut codes: BTreeMap<&'static str, u64> = BTreeMap::new();
    let digests = PINNED.map(|(seed, _)| {
        let mut digest = Sha256::new();
        mutants::of_world(seed, 12, &mut |world, bytes| {
            let verdict = match inspect(bytes, &limits) {
                Ok(summary) => world.server.index.check(&summary).map_err(|refusal| refusal.code()),
                Err(refusal) => Err(refusal.code()),
            };
            let code = verdict.err().unwrap_or("admitted");
            *codes.entry(code).or_default() += 1;
            digest.update(bytes);
            digest.update(code);
        });
        let short = digest.finalize().iter().take(8).fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").expect("a string takes text");
            hex
        });
        (seed, short)
    });
    println!("{codes:#?}");
    assert_eq!(digests, PINNED.map(|(seed, digest)| (seed, digest.to_owned())));
    assert!(codes.len() >= MET, "{} codes: {codes:?}", codes.len());
}
