//! Files that have arrived: each is there, whole, and what its hash says.

use doorstep_protocol::Hash;
use sha2::{Digest, Sha256};

use super::Checks;
use crate::blobs::Place;
use crate::pipeline::Centre;
use crate::store::{Kept, Store, Stored};

/// An arrived file is an acknowledged one: it must survive like a change.
pub(super) async fn check<S: Store>(checks: &mut Checks, centre: &Centre<S>, stored: &Stored) -> Kept<()> {
    let document = stored.row.document;
    for row in centre.store().arrivals(document).await? {
        let place = Place { district: stored.row.district.clone(), document, hash: row.hash };
        let read = match centre.blobs() {
            Ok(blobs) => blobs.read(&place).await.ok().flatten(),
            Err(_) => None,
        };
        let whole = read.is_some_and(|bytes| {
            bytes.len() as u64 == row.size && Hash(Sha256::digest(&bytes).into()) == row.hash
        });
        checks.check(1, whole, || format!("{document} file {}", row.hash));
    }
    Ok(())
}
