//! What a review or a clock that stands still takes from nobody: signatures, sight, the hands it was in, what else was said.

use doorstep_policy::Pack;

use crate::closing::closed;
use crate::story::{CENTRE, TOWN, changed};

const NEXT_DAY: &str = "2025-03-04T09:00:00+08:00";

/// A village is merged into its town while a case waits.
#[test]
fn what_goes_on_goes_to_the_unit_that_stands_by_then() {
    let line = "511902105238,";
    let units = &changed("units.csv", line, line).0["units.csv"];
    let row = units.lines().find(|row| row.starts_with(line)).expect("listed").to_owned();
    let mut cells: Vec<&str> = row.split(',').collect();
    cells[5] = "2025-04-01";
    let mut files = changed("units.csv", &row, &cells.join(","));
    files.0.retain(|path, _| !path.starts_with("examples/"));
    let pack = Pack::load(&files).expect("loads");
    let gone = "2025-04-02T09:00:00+08:00";
    let mut story = crate::pauses::taken_on(&pack);
    let sixty = [("reason", "season"), ("days", "60")];
    story.command_of("7", "suspend", (TOWN, "leader"), &sixty, NEXT_DAY).expect("suspended");
    let resumed = story.command_of("7", "resume", (TOWN, "leader"), &[], gone).expect("goes on");
    assert_eq!((resumed.unit.as_deref(), resumed.tier.code()), (Some(TOWN), "town"));
    let mut story = closed(&pack);
    let not = [("answer", "not_satisfied")];
    let again = story.command_of("8", "callback", (CENTRE, "handler"), &not, gone).expect("asked");
    assert_eq!((again.step.as_str(), again.unit.as_deref()), ("handle", Some(TOWN)));
}
