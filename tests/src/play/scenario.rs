//! Scenarios: a district's years, played by devices and desk people through the real pipeline under simulated time, and the
//! figures that come of it beside those that the district published.
//!
//! Owns the order of a run and its report. What happens is drawn from a seed; how many cases come and how many of them are
//! closed is the volumes' to say. Never skips a stage: every case is made on a device, synced, settled, decided, handled,
//! verified, signed, struck off, asked about and looked at again by commands and edits that the centre judges.

mod days;
mod district;
mod draw;
mod people;
mod rounds;
mod steps;
mod text;
mod visits;
mod volumes;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use doorstep_server::figures::{self, Cohort, Figure, Measure, of_all};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value as Json, json};

use super::process::Scratch;
use district::District;
use volumes::{Published, Volumes};

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The scenario's id.
    pub id: String,
    /// Volumes other than those that ship.
    pub volumes: Option<PathBuf>,
    /// All numbers of cases times this; 1 where nothing is said.
    pub scale: Option<f64>,
    /// Draws everything that the volumes leave open.
    pub seed: Option<u64>,
    /// Where the data is to stay; a temporary folder otherwise.
    pub data: Option<PathBuf>,
    /// Whether to show a progress bar.
    pub quiet: bool,
}

/// What came of a run.
#[derive(Clone, Debug)]
pub struct Report {
    scenario: String,
    seed: u64,
    scale: f64,
    figures: Vec<Compared>,
    took: Took,
    commits: u64,
    cases: usize,
}

/// Where the time went.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Took {
    pub(crate) devices: Duration,
    pub(crate) settling: Duration,
    pub(crate) acts: Duration,
    pub(crate) figures: Duration,
    pub(crate) all: Duration,
}

/// One figure: published, what the volumes make of it at this scale, and computed.
#[derive(Clone, Debug)]
struct Compared {
    published: Published,
    expected: Option<(u64, u64)>,
    computed: Figure,
}

impl Compared {
    /// At full scale what was published; at another what the volumes say, where they do.
    fn matches(&self, full: bool) -> bool {
        let Figure { numerator, denominator, value } = self.computed;
        if !full {
            return self.expected.is_none_or(|expected| expected == (numerator, denominator));
        }
        let percent = (value * 10_000.0).round() / 100.0;
        self.published.numerator == numerator
            && self.published.denominator.is_none_or(|wanted| wanted == denominator)
            && self.published.percent.is_none_or(|wanted| (wanted - percent).abs() < 0.005)
    }
}

impl Report {
    /// Whether every figure came out as it should.
    pub fn matches(&self) -> bool {
        !self.figures.is_empty() && self.figures.iter().all(|one| one.matches(self.is_full()))
    }

    fn is_full(&self) -> bool {
        (self.scale - 1.0).abs() < f64::EPSILON
    }

    /// As scripts read it.
    pub fn json(&self) -> Json {
        let published: Vec<Json> = self.figures.iter().map(|one| one.published.json()).collect();
        let computed = self.figures.iter().map(|Compared { published, computed, expected }| {
            json!({
                "measure": published.measure, "cohort": published.cohort, "cutoff": published.cutoff,
                "value": computed.value, "numerator": computed.numerator, "denominator": computed.denominator,
                "expected": expected.map(|(numerator, _)| numerator),
            })
        });
        let seconds = |time: Duration| (time.as_secs_f64() * 10.0).round() / 10.0;
        json!({
            "scenario": self.scenario, "seed": self.seed, "scale": self.scale,
            "published": published, "computed": computed.collect::<Vec<Json>>(), "match": self.matches(),
            "cases": self.cases, "commits": self.commits,
            "seconds": {
                "all": seconds(self.took.all), "devices": seconds(self.took.devices),
                "settling": seconds(self.took.settling), "acts": seconds(self.took.acts),
                "figures": seconds(self.took.figures),
            },
        })
    }

    /// As people read it.
    pub fn table(&self) -> String {
        let mut table = comfy_table::Table::new();
        table.set_header(["measure", "cohort", "published", "computed", "of", "%", ""]);
        for one in &self.figures {
            let Compared { published, computed, .. } = one;
            table.add_row([
                published.measure.clone(),
                published.cohort.clone(),
                published.numerator.to_string(),
                computed.numerator.to_string(),
                computed.denominator.to_string(),
                format!("{:.2}", computed.value * 100.0),
                if one.matches(self.is_full()) { "✓" } else { "✗" }.to_owned(),
            ]);
        }
        let Took { all, devices, settling, acts, .. } = self.took;
        let times = [all, devices, settling, acts].map(|time| time.as_secs_f64());
        let cutoff = self.figures.first().map_or("", |one| one.published.cutoff.as_str());
        format!(
            "{table}\nas of {cutoff}; {} cases, {} commits in {:.0} s (devices {:.0}, settling and timers {:.0}, acts {:.0})",
            self.cases, self.commits, times[0], times[1], times[2], times[3]
        )
    }
}

/// Plays a scenario.
pub fn run(wanted: &Wanted) -> Result<Report, String> {
    let mut volumes = Volumes::of(&wanted.id, wanted.volumes.as_deref())?;
    let scale = wanted.scale.unwrap_or(1.0);
    volumes.scale(scale)?;
    let seed = wanted.seed.unwrap_or(volumes.seed);
    let scratch = Scratch::new("scenario")?;
    let data = wanted.data.clone().unwrap_or_else(|| scratch.path("data"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(play(&volumes, (scale, seed), &data, wanted.quiet))
}

async fn play(
    volumes: &Volumes,
    (scale, seed): (f64, u64),
    data: &Path,
    quiet: bool,
) -> Result<Report, String> {
    let began = Instant::now();
    let mut district = District::open(volumes, seed, data).await?;
    let cases = draw::cases(volumes, &district.pack, seed)?;
    let visits = draw::visits(volumes, &district.pack, seed)?;
    let count = cases.len();
    let bar = bar(count as u64, quiet);
    let mut took = days::play(&mut district, volumes, (cases, visits), &bar).await?;
    bar.finish_and_clear();
    let counting = Instant::now();
    let mut figures = Vec::new();
    for published in &volumes.published {
        let figure = figure(&district, volumes, published).await?;
        let expected = volumes.expected(published, &district.pack);
        figures.push(Compared { published: published.clone(), expected, computed: figure });
    }
    took.figures = counting.elapsed();
    let commits = district.commits().await?;
    district.close().await?;
    took.all = began.elapsed();
    Ok(Report { scenario: volumes.scenario.clone(), seed, scale, figures, took, commits, cases: count })
}

async fn figure(district: &District, volumes: &Volumes, published: &Published) -> Result<Figure, String> {
    let (centre, cutoff) = (&district.centre, volumes.cutoff.as_millisecond());
    let of_rounds = figures::rounds::compute(centre, &published.measure, &published.cohort, cutoff).await;
    if let Some(figure) = of_rounds.map_err(|error| error.to_string())? {
        return Ok(figure);
    }
    let measure = Measure::named(&published.measure);
    let measure = measure.ok_or_else(|| format!("there is no measure {:?}", published.measure))?;
    let cohort = Cohort::parse(&published.cohort).filter(|cohort| cohort.has_its_times(&centre.packs()));
    let cohort = cohort.ok_or_else(|| format!("there is no cohort {:?}", published.cohort))?;
    let figures = of_all(centre, &cohort, cutoff).await;
    figures.map(|figures| figures.figure(measure)).map_err(|error| error.to_string())
}

fn bar(cases: u64, quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(cases), ProgressDrawTarget::stderr_with_hz(4));
    let style =
        ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed_precise} → {eta_precise}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
