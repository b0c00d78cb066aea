//! The desk's lists, search and pages over many cases: random filters, depths and roles, warm and cold.
//!
//! Rows are written straight into the store, as commits write them; the gate has benches of its own. Pages are asked of
//! a real server over loopback, so that what is measured is the whole answer, the rendering included. *Cold*: the
//! server has just been started, and the database's pages are not in the system's cache.

mod asks;
pub(super) mod rows;

use std::process::Command;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Row, Size};
use crate::harness::Rng;
use crate::play::process::{Binaries, Scratch, Serve, Server};
use asks::{Asker, PLACES};

/// Cases of S-BZ-4Y.
const FEW: usize = 40_595;
const MANY: usize = 1_000_000;
/// The target for a page, in milliseconds.
const TARGET_MS: f64 = 30.0;
/// Questions of each place that are asked warm, and cold.
const WARM: usize = 150;
const COLD: usize = 12;
/// Questions that are asked before those that are measured warm.
const UNCOUNTED: usize = WARM / 5;

pub(super) fn rows(size: Size) -> Result<Vec<Row>, String> {
    let binaries = Binaries::beside()?;
    let scratch = Scratch::new("bench-desk")?;
    let serve = Serve { data: scratch.path("data"), settle: Some("PT1H".into()), ..Serve::default() };
    let mut all = Vec::new();
    let mut stored = 0;
    let sizes: &[usize] = if size == Size::Full { &[FEW, MANY] } else { &[FEW] };
    for &wanted in sizes {
        let began = Instant::now();
        let mut server = Server::start(&binaries, &serve)?;
        let askers = asks::askers(&server)?;
        stop(&mut server)?;
        let shown = bar("cases", wanted);
        rows::fill(&serve.data.join("doorstep.sqlite"), (&mut stored, wanted), &[], &shown)?;
        shown.finish_and_clear();
        eprintln!("{wanted} cases stored, {:.0} s", began.elapsed().as_secs_f64());
        let shown = bar("questions", PLACES.len() * (COLD + WARM + UNCOUNTED));
        let target = if wanted == FEW { TARGET_MS } else { 3.0 * TARGET_MS };
        for place in PLACES {
            let cold = cold((&binaries, &serve), place, &askers, &shown)?;
            let mut server = Server::start(&binaries, &serve)?;
            let warm = asked(&server, place, &askers, &shown)?;
            stop(&mut server)?;
            for (how, times) in [("warm", warm), ("cold", cold)] {
                let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
                for (said, share) in [("median", 0.5), ("95 of 100", 0.95)] {
                    let name = format!("desk: {} of {wanted} cases, {how}, {said}", place.name);
                    all.push(Row::new(&name, (at(share), "ms"), target));
                }
            }
        }
        shown.finish_and_clear();
    }
    Ok(all)
}

/// How far it has come, where somebody watches.
pub(super) fn bar(of: &str, count: usize) -> ProgressBar {
    let style = format!("{{elapsed_precise}} {{bar:40}} {{pos}}/{{len}} {of}, {{eta}} left");
    let style = ProgressStyle::with_template(&style).expect("the bar's form is sound");
    ProgressBar::new(count as u64).with_style(style)
}

fn stop(server: &mut Server) -> Result<(), String> {
    if server.stop(Duration::from_secs(60)) == 0 { Ok(()) } else { Err("the server did not stop".into()) }
}

/// Milliseconds of each answer, sorted.
fn asked(
    server: &Server,
    place: asks::Place,
    askers: &[Asker],
    shown: &ProgressBar,
) -> Result<Vec<f64>, String> {
    let mut dice = Rng::new(41);
    let mut times = Vec::new();
    // What the first questions find missing (statements, pages) is not what is measured warm.
    for n in 0..WARM + UNCOUNTED {
        let (asker, address) = asks::question(&mut dice, place, askers);
        let began = Instant::now();
        asker.open(&server.url, &address)?;
        shown.inc(1);
        if n >= UNCOUNTED {
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// The first answers of servers that have just been started, with nothing in the system's cache.
fn cold(
    (binaries, serve): (&Binaries, &Serve),
    place: asks::Place,
    askers: &[Asker],
    shown: &ProgressBar,
) -> Result<Vec<f64>, String> {
    let mut dice = Rng::new(43);
    let mut times = Vec::new();
    for _ in 0..COLD {
        for name in ["doorstep.sqlite", "doorstep.sqlite-wal"] {
            let path = serve.data.join(name);
            if !path.exists() {
                continue;
            }
            let file = format!("if={}", path.display());
            // Tells the system to forget the file's pages; where there is no such tool, cold is as warm as it was.
            drop(Command::new("dd").args([&file, "iflag=nocache", "count=0", "status=none"]).status());
        }
        let mut server = Server::start(binaries, serve)?;
        let (asker, address) = asks::question(&mut dice, place, askers);
        let began = Instant::now();
        asker.open(&server.url, &address)?;
        times.push(began.elapsed().as_secs_f64() * 1000.0);
        stop(&mut server)?;
        shown.inc(1);
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}
