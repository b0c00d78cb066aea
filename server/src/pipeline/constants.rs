//! Constant changes at the centre: migrations come in with the first change that builds on one.
//!
//! Nobody has to push them: their bytes are in this build, and a hash among the deps is all it takes. From then
//! on a migration is stored and told like any change, so that devices which do not know it hold it too.

use automerge::Change;
use doorstep_protocol::Hash;
use doorstep_protocol::documents::{Facts, constant, migrations_to};

use super::case::Case;
use crate::gate::{self, Admitted, ByteLimits, ContextRefusal, Refused};

/// Passes the gate, with the migrations that the change builds on and the document does not have, oldest
/// first. They and the change are in the index then: roll back to a savepoint taken before if it is refused.
pub(super) fn admit(
    case: &mut Case,
    prefix_ok: &dyn Fn(&[u8]) -> bool,
    chunk: &[u8],
) -> Result<(Admitted, Vec<&'static Change>), Refused> {
    let limits = ByteLimits::default();
    let missing = match gate::admit(&mut case.index, prefix_ok, chunk, &limits) {
        Ok(admitted) => return Ok((admitted, Vec::new())),
        Err(Refused::Context(ContextRefusal::MissingDeps(missing))) => missing,
        Err(refused) => return Err(refused),
    };
    let mut implied: Vec<&'static Change> = Vec::new();
    for dep in &missing {
        for migration in migrations_to(case.row.kind, &Hash(*dep)) {
            if !case.index.knows(&migration.hash().0) {
                case.index.admit(migration);
                implied.push(migration);
            }
        }
    }
    Ok((gate::admit(&mut case.index, prefix_ok, chunk, &limits)?, implied))
}

/// Whether this is a constant change of the document's kind: known without being sent.
pub(super) fn is_constant(case: &Case, hash: &Hash) -> bool {
    constant(hash).is_some_and(|(kind, _)| kind == case.row.kind)
}

/// Enters migrations that came with an admitted change. Returns what is to be stored of them.
pub(super) fn enter(case: &mut Case, implied: &[&'static Change]) -> Vec<(Hash, Vec<u8>, Facts)> {
    let mut stored = Vec::with_capacity(implied.len());
    for migration in implied {
        let bytes = migration.raw_bytes().to_vec();
        case.bytes += bytes.len();
        case.enter_constant(migration);
        stored.push((Hash::from(migration.hash()), bytes, Facts::default()));
    }
    stored
}
