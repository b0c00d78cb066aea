//! The one place that prints. JSON on one line, or the plain text of the person's language.
#![expect(clippy::print_stdout, reason = "printing results is what this file is for")]

use std::process::ExitCode;

use serde_json::{Value as Json, json};

use crate::failure::Failure;
use crate::strings::Strings;

/// What a command has to say.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) json: Json,
    pub(crate) text: String,
    pub(crate) exit: u8,
}

/// Prints a result.
pub(crate) fn done(done: &Done, json: bool) -> ExitCode {
    if json {
        println!("{}", done.json);
    } else if !done.text.is_empty() {
        println!("{}", done.text);
    }
    ExitCode::from(done.exit)
}

/// Prints a failure: as JSON on stdout, or in words on stderr.
pub(crate) fn failure(failure: &Failure, json: bool, strings: &Strings) -> ExitCode {
    let Failure { code, message, kept, next, exit } = failure;
    if json {
        println!("{}", json!({"error": {"code": code, "message": message, "kept": kept, "next": next}}));
    } else {
        eprintln!("{}", strings.failure(failure));
    }
    ExitCode::from(*exit)
}
