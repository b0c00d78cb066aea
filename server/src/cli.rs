//! The command line of `doorstep`. Results on stdout, logs on stderr; one JSON object on the last line
//! with `--json`. Exit: 0 ok, 1 failed or findings, 2 usage, 4 unreachable, 5 unauthorised.

mod addresses;
mod admin;
mod check;
mod config;
mod copying;
mod erasures;
mod figures;
mod files;
mod high_water;
mod history;
mod open;
mod policy;
mod problems;
mod reload;
mod serve;
mod telling;
mod upkeep;
mod versions;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Parser, Subcommand};
use doorstep_server::limits;
use serde_json::{Value as Json, json};

/// Casework for people who go from door to door.
#[derive(Debug, Parser)]
#[command(name = "doorstep", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// One JSON object on the last line.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the server.
    Serve(serve::Serve),
    /// Workers, devices and tokens, beside a running server.
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Checks the ten invariants against what is stored.
    Verify(open::Data),
    /// One figure with its cohort, cut-off and denominator.
    Figures(figures::Figures),
    /// Policy packs: check, decide, replay.
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Copies a data folder into one file, consistently.
    Backup(check::Backup),
    /// Puts a backup into an empty folder.
    Restore(check::Restore),
}

/// What went wrong, for a person and for a script.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: u8,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) kept: &'static str,
    pub(crate) next: String,
}

impl Failure {
    pub(crate) fn new(code: &'static str, message: impl ToString, next: &str) -> Self {
        Failure {
            exit: 1,
            code,
            message: message.to_string(),
            kept: "Nothing was changed.",
            next: next.to_owned(),
        }
    }
}

/// What a command answers: JSON for scripts, lines for people, and whether there are findings.
pub(crate) struct Answer {
    pub(crate) json: Json,
    pub(crate) text: String,
    pub(crate) ok: bool,
}

pub(crate) type Done = Result<Answer, Failure>;

pub(crate) fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if let Some(failure) = stray(&error) => {
            return report(Err(failure), std::env::args().any(|word| word == "--json"));
        }
        Err(error) if error.use_stderr() && std::env::args().any(|word| word == "--json") => {
            let message = error.to_string();
            let failure = Failure::new("usage", message.trim(), "See doorstep --help.");
            return report(Err(Failure { exit: 2, ..failure }), true);
        }
        Err(error) => error.exit(),
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("DOORSTEP_LOG")
        .unwrap_or_else(|_| "warn,doorstep_server=info".into());
    // A log that cannot be written (a full disk, a collector that is gone) is no reason to stop deciding: by itself the
    // subscriber would say so where it cannot write, and that panics.
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.log_internal_errors(false).init();
    // What one request does is deep; builds that are not optimised need several times the room.
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = match runtime.enable_all().thread_stack_size(limits::THREAD_STACK_BYTES).build() {
        Ok(runtime) => runtime,
        Err(error) => {
            return report(
                Err(Failure::new("runtime", error, "Free some memory and try again.")),
                arguments.json,
            );
        }
    };
    let json = arguments.json;
    report(runtime.block_on(run(arguments.command, json)), json)
}

/// A word after a command that means nothing there: what is given is given by name.
fn stray(error: &clap::Error) -> Option<Failure> {
    let word = match (error.kind(), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::UnknownArgument, Some(ContextValue::String(word))) => word,
        _ => return None,
    };
    if word.starts_with('-') {
        return None;
    }
    let usage = error.get(ContextKind::Usage).map(ToString::to_string).unwrap_or_default();
    let usage = usage.split_whitespace().collect::<Vec<_>>().join(" ");
    let message =
        format!("{word:?} means nothing here: what a command needs is given by name, as --data DIR.");
    Some(Failure { exit: 2, ..Failure::new("usage.word", message, &format!("{usage}.")) })
}

async fn run(command: Command, json: bool) -> Done {
    match command {
        Command::Serve(serve) => serve::run(serve, json).await,
        Command::Admin(admin) => admin::run(admin).await,
        Command::Verify(data) => check::verify(data).await,
        Command::Figures(figures) => figures::run(figures).await,
        Command::Policy(policy) => policy::run(policy).await,
        Command::Backup(backup) => check::backup(backup).await,
        Command::Restore(restore) => check::restore(restore).await,
    }
}

/// Prints a result. Whoever reads it may have read enough, as `head` has: no failure of the command.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).ok();
}

fn report(done: Done, json: bool) -> ExitCode {
    match done {
        Ok(answer) => {
            if json && !answer.json.is_null() {
                say(&answer.json.to_string());
            } else if !answer.text.is_empty() {
                say(answer.text.trim_end());
            }
            ExitCode::from(u8::from(!answer.ok))
        }
        Err(Failure { exit, code, message, kept, next }) => {
            if json {
                let error = json!({ "code": code, "message": message, "kept": kept, "next": next });
                say(&json!({ "error": error }).to_string());
            }
            eprintln!("{message}\n{kept} {next}");
            ExitCode::from(exit)
        }
    }
}

/// Where a data folder keeps what.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

/// A folder that nobody else on this machine looks into.
pub(crate) fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

impl Folder {
    pub(crate) fn at(path: &Path) -> Self {
        Folder(path.to_owned())
    }

    pub(crate) fn existing(path: &Path) -> Result<Self, Failure> {
        let folder = Folder::at(path);
        if folder.database().exists() {
            return Ok(folder);
        }
        let message = format!("{} holds no Doorstep data.", path.display());
        Err(Failure::new("data.missing", message, "Name the folder that `doorstep serve --data` uses."))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("doorstep.sqlite")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.0.join("server.lock")
    }

    /// Makes the folder if it is not there, for nobody else on this machine. One that is there keeps its rights.
    pub(crate) fn make(&self) -> std::io::Result<()> {
        make_private(&self.0)
    }

    /// How far its store had come.
    pub(crate) fn high_water(&self) -> PathBuf {
        self.0.join("high-water.json")
    }

    /// What the running server left for commands beside it.
    pub(crate) fn server(&self) -> PathBuf {
        self.0.join("server.json")
    }
}
