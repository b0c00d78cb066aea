//! The one place that prints. JSON on one line, or the plain text of the person's language.

use std::io::Write as _;
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

/// A line on stdout. Whoever reads it may have read enough, as `head` has: no failure of the command.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).ok();
}

/// Prints a result.
pub(crate) fn done(done: &Done, json: bool) -> ExitCode {
    if json {
        say(&done.json.to_string());
    } else if !done.text.is_empty() {
        say(&done.text);
    }
    ExitCode::from(done.exit)
}

/// Prints a failure: as JSON on stdout, or in words on stderr.
pub(crate) fn failure(failure: &Failure, json: bool, strings: &Strings) -> ExitCode {
    let Failure { code, message, kept, next, exit } = failure;
    if json {
        let error = json!({"code": code, "message": message, "kept": kept, "next": next});
        say(&json!({"error": error}).to_string());
    } else {
        eprintln!("{}", strings.failure(failure));
    }
    ExitCode::from(*exit)
}
