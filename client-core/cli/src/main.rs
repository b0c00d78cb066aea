//! `doorstep-device`: the terminal client. Reads arguments, calls the client core, prints.
//!
//! Never touches a store or a socket itself. Results on stdout, logs on stderr.

mod args;
mod edits;
mod failure;
mod files;
mod leaving;
mod output;
mod render;
mod run;
mod several;
mod stores;
mod strings;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let json = std::env::args().any(|arg| arg == "--json");
    let strings = strings::Strings::of_environment();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let cli = match args::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() && json => {
            return output::failure(&failure::Failure::usage(error.to_string()), true, &strings);
        }
        Err(error) => error.exit(),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output::failure(&failure::Failure::local(&error), json, &strings),
    };
    let ended = runtime.block_on(run::run(cli, &strings));
    // A part of a file that is on a slow line is not waited for: the next sync goes on where it was.
    runtime.shutdown_timeout(std::time::Duration::from_secs(1));
    match ended {
        Ok(done) => output::done(&done, json),
        Err(failure) => output::failure(&failure, json, &strings),
    }
}
