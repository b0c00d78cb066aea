//! Every rule that the table of mechanisms names is missed when it is taken out of its pack: an example of the pack, or a
//! probe of the row, comes out otherwise.
//!
//! Owns asking. `without` takes out; `tests/tests/it/mechanisms.rs` asks the same of the tests that the rows name.

use std::collections::BTreeSet;

use doorstep_policy::{Pack, PackFiles, check_examples};

use crate::packs::read;
use crate::probes::PROBES;
use crate::without::{quotes, without};

/// What of a row comes out otherwise in a pack; empty: nobody misses the rule.
fn missed(row: &str, files: &PackFiles) -> Result<BTreeSet<String>, String> {
    let no = |problems: Vec<doorstep_policy::Problem>| {
        problems.iter().map(|p| format!("{}:{} {}", p.line, p.code, p.message)).collect::<Vec<_>>().join("; ")
    };
    let differs = check_examples(files).map_err(no)?;
    let differs = differs.iter().filter(|problem| problem.code == "example-differs");
    let mut red: BTreeSet<String> = differs.map(|problem| problem.message.clone()).collect();
    let pack = Pack::load(files).map_err(no)?;
    let probes = PROBES.iter().filter(|probe| probe.row == row);
    red.extend(probes.filter(|probe| !(probe.holds)(files, &pack)).map(|probe| probe.says.to_owned()));
    Ok(red)
}

#[test]
fn every_rule_of_the_table_is_missed_when_it_is_taken_out() {
    let mut wrong = Vec::new();
    for quote in quotes() {
        match missed(quote.row, &without(&quote, read(quote.pack))) {
            Ok(red) if red.is_empty() => {
                wrong.push(format!("{}: nobody misses {}: `{}`", quote.row, quote.pack, quote.text))
            }
            Ok(_) => {}
            Err(problems) => wrong.push(format!(
                "{}: {} without `{}` does not load: {problems}",
                quote.row, quote.pack, quote.text
            )),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_missed_in_the_packs_as_they_ship() {
    for (row, pack) in quotes().iter().map(|quote| (quote.row, quote.pack)).collect::<BTreeSet<_>>() {
        assert_eq!(missed(row, &read(pack)), Ok(BTreeSet::new()), "{row} in {pack}");
    }
    let rows: BTreeSet<&str> = quotes().iter().map(|quote| quote.row).collect();
    let lost: Vec<&str> = PROBES.iter().map(|probe| probe.row).filter(|row| !rows.contains(row)).collect();
    assert!(lost.is_empty(), "probes of rows that are not in the table: {lost:?}");
}
