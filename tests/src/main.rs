//! `doorstep-play`: stories, simulation, bench. Composes real servers and devices; never part of either.
//!
//! Results on stdout, logs and progress on stderr; with `--json` one object on the last line. Exit: 0 all holds,
//! 1 something does not, 2 usage or a bad story file.

use std::fmt::Display;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use doorstep_tests::play::strings::Strings;
use doorstep_tests::play::{self, Options, Played, bench};
use serde_json::json;

/// Plays stories, simulations and benchmarks on the real Doorstep.
#[derive(Debug, Parser)]
#[command(name = "doorstep-play", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// One JSON object on the last line.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays the stories of a folder against real processes.
    Stories(Stories),
    /// Reproduces a district's published figures.
    Scenario(Scenario),
    /// Simulates devices and faults from seeds.
    Sim(Sim),
    /// Kills real servers and devices while they sync, and looks for what was lost or doubled.
    Soak(Soak),
    /// Measures; all rows, or the named ones.
    Bench {
        /// Which.
        names: Vec<String>,
        /// As large as the targets say: 1,000 devices, 1,000,000 cases.
        #[arg(long)]
        full: bool,
        /// Also writes a page with figures, method and charts: one HTML file that needs nothing else.
        #[arg(long)]
        page: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
struct Stories {
    /// A folder of stories, or one file.
    dir: PathBuf,
    /// Stops the server at the end.
    #[arg(long)]
    headless: bool,
}

#[derive(Debug, Args)]
struct Scenario {
    /// Its id, such as S-BZ-4Y.
    id: String,
    /// Volumes other than those that ship.
    #[arg(long)]
    volumes: Option<PathBuf>,
    /// All numbers of cases times this.
    #[arg(long)]
    scale: Option<f64>,
    /// Draws what the volumes leave open.
    #[arg(long)]
    seed: Option<u64>,
    /// A new folder for the data, so that `doorstep figures` computes the same from it; a temporary one otherwise.
    #[arg(long)]
    data: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Sim {
    /// How many seeds.
    #[arg(long)]
    seeds: u64,
    /// The first one.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Devices in each run.
    #[arg(long, default_value_t = 5)]
    devices: usize,
    /// Days of each run.
    #[arg(long, default_value_t = 2)]
    days: u32,
    /// Every seed twice: the digests must be equal.
    #[arg(long)]
    twice: bool,
}

#[derive(Debug, Args)]
struct Soak {
    /// How often the server and the devices are killed, each.
    #[arg(long, default_value_t = 20)]
    kills: u64,
    /// Draws what happens when; the moments themselves are the machine's.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let Arguments { command, json } = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) if error.use_stderr() && std::env::args().any(|word| word == "--json") => {
            return failed(true, 2, ("usage", error.to_string().trim(), "See doorstep-play --help."));
        }
        Err(error) => error.exit(),
    };
    match command {
        Command::Stories(stories) => self::stories(&stories, json),
        Command::Scenario(wanted) => scenario(wanted, json),
        Command::Sim(wanted) => sim(&wanted, json),
        Command::Soak(wanted) => soak(&wanted, json),
        Command::Bench { names, full, page } => match measure(&names, full, page.as_deref()) {
            Ok(rows) => {
                say(if json { json!({ "rows": rows }).to_string() } else { bench::table(&rows) });
                ExitCode::SUCCESS
            }
            Err(message) if bench::check(&names).is_err() => {
                failed(json, 2, ("bench.unknown", &message, "Name one of these."))
            }
            Err(message) => failed(json, 1, ("bench.failed", &message, "See the message; nothing was kept.")),
        },
    }
}

fn measure(names: &[String], full: bool, page: Option<&Path>) -> Result<Vec<bench::Row>, String> {
    bench::check(names)?;
    let rows = bench::run(names, if full { bench::Size::Full } else { bench::Size::Short })?;
    if let Some(path) = page {
        let words = ["doorstep-play", "bench"].into_iter().chain(names.iter().map(String::as_str));
        let command: Vec<&str> = words.chain(full.then_some("--full")).chain(["--page FILE"]).collect();
        let html = bench::page(&rows, &command.join(" "), &Strings::of_environment());
        std::fs::write(path, html).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(rows)
}

/// A line on stdout. Whoever reads it may have read enough, as `head` has.
fn say(line: impl Display) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
}

fn failed(json: bool, exit: u8, (code, message, next): (&str, &str, &str)) -> ExitCode {
    eprintln!("{message}\n{next}");
    if json {
        say(
            json!({ "error": { "code": code, "message": message, "kept": "Nothing was changed.", "next": next } }),
        );
    }
    ExitCode::from(exit)
}

fn stories(wanted: &Stories, json: bool) -> ExitCode {
    let found = match play::load_all(&wanted.dir) {
        Ok(found) => found,
        Err(problems) => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            return failed(json, 2, ("story.bad", &lines.join("\n"), "Mend the file and play again."));
        }
    };
    let strings = Strings::of_environment();
    let options = Options { settle: "PT1S".into(), tell: !json };
    let mut played = match play::stories(&found, &options, &strings) {
        Ok(played) => played,
        Err(message) => return failed(json, 1, ("stories.failed", &message, "See the message.")),
    };
    let ok = played.ok();
    if json {
        say(played.json());
    } else {
        say(summary(&played, &strings));
    }
    if !wanted.headless {
        stay(&played, &strings);
    }
    let stopped =
        played.server.as_mut().is_none_or(|server| server.stop(std::time::Duration::from_secs(20)) == 0);
    ExitCode::from(u8::from(!(ok && stopped)))
}

fn summary(played: &Played, strings: &Strings) -> String {
    let mut lines = vec![String::new(), strings.with("invariants", &[])];
    for one in &played.invariants {
        let (id, checked, failed) = (one.id.to_string(), one.checked.to_string(), one.failed.to_string());
        let name = format!("invariant-name-{id}");
        let name = if strings.has(&name) { strings.with(&name, &[]) } else { one.name.clone() };
        let args = [("id", &*id), ("name", &*name), ("checked", &*checked), ("failed", &*failed)];
        lines.push(format!(
            "  {}",
            strings.with(if one.checked == 0 { "invariant-none" } else { "invariant" }, &args)
        ));
        lines.extend(one.examples.iter().map(|example| format!("      {example}")));
    }
    let stories = played.stories.len().to_string();
    for failure in played.stories.iter().filter_map(|story| story.failure.as_ref()) {
        lines.push(strings.with("story-failed", &[("failure", failure)]));
    }
    lines.push(
        strings.with(if played.ok() { "summary-ok" } else { "summary-failed" }, &[("stories", &stories)]),
    );
    lines.join("\n")
}

/// Leaves the server up until Ctrl-C.
fn stay(played: &Played, strings: &Strings) {
    let Some(server) = &played.server else { return };
    let folder = played.scratch.path("").display().to_string();
    let sign_in = match &played.token {
        Some(token) => strings.with("sign-in", &[("url", &server.url), ("token", token)]),
        None => strings.with("sign-in-none", &[]),
    };
    eprintln!(
        "\n{}\n{sign_in}\n{}",
        strings.with("server-up", &[("url", &server.url)]),
        strings.with("stop", &[("folder", &folder)])
    );
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime for one signal");
    runtime.block_on(async {
        let mut term = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
            .expect("a signal can be awaited");
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = term.recv() => {}
        }
    });
}

fn sim(wanted: &Sim, json: bool) -> ExitCode {
    let size = (wanted.devices, wanted.days);
    let (report, ok) = doorstep_tests::sim::cli(wanted.seeds, wanted.from, size, wanted.twice, json);
    say(if json { report.to_string() } else { format!("{report:#}") });
    ExitCode::from(u8::from(!ok))
}

fn scenario(wanted: Scenario, json: bool) -> ExitCode {
    let Scenario { id, volumes, scale, seed, data } = wanted;
    match play::scenario::run(&play::scenario::Wanted { id, volumes, scale, seed, data, quiet: json }) {
        Ok(report) => {
            say(if json { report.json().to_string() } else { report.table() });
            ExitCode::from(u8::from(!report.matches()))
        }
        Err(message) => failed(json, 1, ("scenario.failed", &message, "Mend what it says and run it again.")),
    }
}

fn soak(wanted: &Soak, json: bool) -> ExitCode {
    let began = std::time::Instant::now();
    match play::soak::run(wanted.kills, wanted.seed, json) {
        Ok(done) => {
            let report = done.json(wanted.seed, began.elapsed());
            say(if json { report.to_string() } else { format!("{report:#}") });
            ExitCode::from(u8::from(!done.failures.is_empty()))
        }
        Err(message) => failed(json, 1, ("soak.failed", &message, "Run it again with the same seed.")),
    }
}
