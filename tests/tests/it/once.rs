//! The number of a command is of one command: given to another it says nothing of that.

use doorstep_client::store::immediate;
use doorstep_protocol::wire::{ActOutcome, Command};
use doorstep_tests::harness::VILLAGE;

use super::village::Village;

#[test]
fn a_command_that_comes_again_has_its_answer_and_another_under_its_number_is_refused() {
    let village = Village::new();
    let wang = &village.wang.person;
    let give = |name: &str, args: &[(&str, &str)]| {
        let args = args.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let command =
            Command { id: [9; 16], document: village.case, name: name.into(), args, made: 1_795_255_200_000 };
        immediate(village.world.centre().act(wang, command)).expect("memory keeps")
    };
    let asked = [("days", "5"), ("reason", "雨季")];
    let first = give("ask_extension", &asked);
    assert!(matches!(first, ActOutcome::Decided { .. }), "{first:?}");
    assert_eq!(give("ask_extension", &[asked[1], asked[0]]), first, "in whatever order");
    for other in [&[("days", "9"), ("reason", "雨季")][..], &asked[..1], &[]] {
        let said = give("ask_extension", other);
        assert!(matches!(&said, ActOutcome::Refused { rule, .. } if rule == "command.id"), "{said:?}");
    }
    let said = give("claim", &asked);
    assert!(matches!(&said, ActOutcome::Refused { rule, .. } if rule == "command.id"), "{said:?}");
    let last = village.world.decisions(village.case).pop().expect("decided");
    assert_eq!((last.life.asked.map(|asked| asked.days), last.unit.as_deref()), (Some(5), Some(VILLAGE)));
}

/// Digits as an input method for Chinese writes them.
#[test]
fn wide_digits_are_digits() {
    let village = Village::new();
    let asked = [("days", "１２"), ("reason", "雨季")];
    let said = village.world.act(&village.wang.person, village.case, "ask_extension", &asked);
    assert!(matches!(said, ActOutcome::Decided { .. }), "{said:?}");
    let last = village.world.decisions(village.case).pop().expect("decided");
    assert_eq!(last.life.asked.map(|asked| asked.days), Some(12));
}
