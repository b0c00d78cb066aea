//! Who is away.

use doorstep_protocol::WorkerId;

use super::data::{EAST, WEST};
use crate::store::Store;
use crate::store::absences::AbsenceRow;

fn away(worker: u32, (from, until): (i64, i64)) -> AbsenceRow {
    let (worker, deputy) = (WorkerId(worker), WorkerId(9));
    let district = EAST.to_owned();
    AbsenceRow { id: 0, district, worker, from, until, deputy, by: worker, at: 1, ended: None }
}

pub(super) async fn absences_last_until_they_end(store: &impl Store) {
    let add = |row| store.add_absence(row);
    let later = add(away(1, (50, 90))).await.expect("keeps").expect("nobody is away");
    let first = add(away(2, (10, 30))).await.expect("keeps").expect("nobody is away");
    add(AbsenceRow { district: WEST.into(), ..away(3, (10, 30)) }).await.expect("keeps");
    let listed = async |at| {
        let rows = store.absences(EAST, at).await.expect("reads");
        rows.into_iter().map(|row| row.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(0).await, [first, later], "by their beginnings");
    assert_eq!(listed(30).await, [later], "the first is over");
    assert!(store.end_absence(later, 60).await.expect("ends"));
    assert!(!store.end_absence(later, 61).await.expect("reads"), "ended once");
    assert!(!store.end_absence(99, 61).await.expect("reads"));
    let row = store.absences(EAST, 55).await.expect("reads").pop().expect("one");
    assert_eq!((row.ended, row.covers(55), row.covers(60)), (Some(60), true, false));
    assert_eq!(listed(60).await, Vec::<i64>::new());
    let again = async |row| add(row).await.expect("keeps").is_some();
    assert!(!again(away(2, (29, 60))).await, "a day of it is another absence of the same person");
    assert!(!again(AbsenceRow { deputy: WorkerId(2), ..away(4, (20, 60)) }).await, "who stands in is away");
    assert!(again(AbsenceRow { deputy: WorkerId(3), ..away(4, (20, 60)) }).await, "of that number elsewhere");
    assert!(again(away(2, (30, 60))).await, "it begins when the other has ended");
    assert!(again(AbsenceRow { at: 61, ..away(1, (62, 90)) }).await, "the other was ended before");
}
