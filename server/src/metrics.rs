//! What the process has done since it started, for `/metrics`. Counters only; no rule reads them.

use std::fmt::Write;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use doorstep_protocol::ids::Millis;

/// The counters of this process.
pub static METRICS: Metrics = Metrics::new();

/// Counters and gauges of one process.
#[derive(Debug)]
pub struct Metrics {
    started_ms: AtomicI64,
    sessions: AtomicI64,
    sessions_total: AtomicU64,
    ingested: AtomicU64,
    rejected: AtomicU64,
    decisions: AtomicU64,
    ticks: AtomicU64,
    panics: AtomicU64,
    /// Answers over HTTP by the first digit of their status, 1 to 5.
    answers: [AtomicU64; 5],
    answered_us: AtomicU64,
    snapshots: AtomicU64,
    snapshots_thrown_away: AtomicU64,
    mended: AtomicU64,
    damaged: AtomicU64,
    told: AtomicU64,
    not_told: AtomicU64,
}

/// How a district stands.
#[derive(Clone, Debug, Default)]
pub struct Stand {
    /// Division code.
    pub district: String,
    /// Head of its feed.
    pub head: u64,
    /// Deliveries to addresses outside about which something is still to be done.
    pub open: u64,
    /// Those that did not arrive, or may not have.
    pub undelivered: u64,
}

impl Metrics {
    const fn new() -> Self {
        Metrics {
            started_ms: AtomicI64::new(0),
            sessions: AtomicI64::new(0),
            sessions_total: AtomicU64::new(0),
            ingested: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            decisions: AtomicU64::new(0),
            ticks: AtomicU64::new(0),
            panics: AtomicU64::new(0),
            answers: [const { AtomicU64::new(0) }; 5],
            answered_us: AtomicU64::new(0),
            snapshots: AtomicU64::new(0),
            snapshots_thrown_away: AtomicU64::new(0),
            mended: AtomicU64::new(0),
            damaged: AtomicU64::new(0),
            told: AtomicU64::new(0),
            not_told: AtomicU64::new(0),
        }
    }

    /// The process starts to serve. Only the first call counts.
    pub fn started(&self, now: Millis) {
        let _ = self.started_ms.compare_exchange(0, now, Relaxed, Relaxed);
    }

    /// A device connects.
    pub fn session_opened(&self) {
        self.sessions.fetch_add(1, Relaxed);
        self.sessions_total.fetch_add(1, Relaxed);
    }

    /// A device is gone.
    pub fn session_closed(&self) {
        self.sessions.fetch_sub(1, Relaxed);
    }

    /// Changes were stored, accepted or refused.
    pub fn ingested(&self, accepted: usize, rejected: usize) {
        self.ingested.fetch_add(accepted as u64, Relaxed);
        self.rejected.fetch_add(rejected as u64, Relaxed);
    }

    /// Decisions were committed.
    pub fn decided(&self, decisions: usize) {
        self.decisions.fetch_add(decisions as u64, Relaxed);
    }

    /// The clock was looked at.
    pub fn ticked(&self) {
        self.ticks.fetch_add(1, Relaxed);
    }

    /// A handler panicked and was answered with a problem.
    pub fn panicked(&self) {
        self.panics.fetch_add(1, Relaxed);
    }

    /// A request was answered with this status, after so long. Sockets count until they are upgraded.
    pub fn answered(&self, status: u16, micros: u64) {
        if let Some(count) = usize::from(status / 100).checked_sub(1).and_then(|at| self.answers.get(at)) {
            count.fetch_add(1, Relaxed);
        }
        self.answered_us.fetch_add(micros, Relaxed);
    }

    /// Snapshots were written.
    pub fn snapshots_kept(&self, snapshots: usize) {
        self.snapshots.fetch_add(snapshots as u64, Relaxed);
    }

    /// A snapshot was not what had been written, or did not load.
    pub fn snapshot_thrown_away(&self) {
        self.snapshots_thrown_away.fetch_add(1, Relaxed);
    }

    /// Changes were damaged on the disk: put right, and not.
    pub fn damaged(&self, mended: usize, lost: usize) {
        self.mended.fetch_add(mended as u64, Relaxed);
        self.damaged.fetch_add(lost as u64, Relaxed);
    }

    /// A letter was sent to an address outside, and arrived or not.
    pub fn told(&self, arrived: bool) {
        let counter = if arrived { &self.told } else { &self.not_told };
        counter.fetch_add(1, Relaxed);
    }

    /// The Prometheus text format, version 0.0.4.
    pub fn text(&self, districts: &[Stand], recovering: bool) -> String {
        let mut text = String::new();
        let mut row = |name: &str, kind: &str, help: &str, value: String| {
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
        };
        let count = |counter: &AtomicU64| counter.load(Relaxed).to_string();
        let started = self.started_ms.load(Relaxed) as f64 / 1000.0;
        row(
            "process_start_time_seconds",
            "gauge",
            "When the process started, Unix time.",
            started.to_string(),
        );
        let sessions = self.sessions.load(Relaxed).to_string();
        row("doorstep_sessions", "gauge", "Devices connected now.", sessions);
        row("doorstep_sessions_total", "counter", "Devices that connected.", count(&self.sessions_total));
        row("doorstep_changes_ingested_total", "counter", "Changes acknowledged.", count(&self.ingested));
        row(
            "doorstep_changes_rejected_total",
            "counter",
            "Changes put into quarantine.",
            count(&self.rejected),
        );
        row("doorstep_decisions_total", "counter", "Decisions committed.", count(&self.decisions));
        row("doorstep_ticks_total", "counter", "Looks at what is due.", count(&self.ticks));
        row(
            "doorstep_recovering",
            "gauge",
            "1 while a restored centre decides nothing.",
            u8::from(recovering).to_string(),
        );
        if let Some((resident, seconds)) = usage() {
            row("process_resident_memory_bytes", "gauge", "Memory in use.", resident.to_string());
            row(
                "process_cpu_seconds_total",
                "counter",
                "Processor time, user and system.",
                seconds.to_string(),
            );
        }
        row("doorstep_http_panics_total", "counter", "Requests that ended in a fault.", count(&self.panics));
        row("doorstep_snapshots_total", "counter", "Snapshots written.", count(&self.snapshots));
        row(
            "doorstep_snapshots_thrown_away_total",
            "counter",
            "Snapshots that did not load; the changes served.",
            count(&self.snapshots_thrown_away),
        );
        row("doorstep_changes_mended_total", "counter", "Damaged changes put right.", count(&self.mended));
        row(
            "doorstep_changes_damaged_total",
            "counter",
            "Times that a damaged change could not be told.",
            count(&self.damaged),
        );
        row(
            "doorstep_letters_total",
            "counter",
            "Letters to addresses outside that arrived.",
            count(&self.told),
        );
        row(
            "doorstep_letters_failed_total",
            "counter",
            "Attempts at a letter that did not arrive, or of which nobody can say.",
            count(&self.not_told),
        );
        self.answers_into(&mut text);
        let mut by_district = |name: &str, help: &str, of: fn(&Stand) -> u64| {
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n");
            for stand in districts {
                let _ = writeln!(text, "{name}{{district=\"{}\"}} {}", stand.district, of(stand));
            }
        };
        by_district("doorstep_feed_head", "Last sequence of a district's feed.", |stand| stand.head);
        by_district("doorstep_letters_open", "Letters that are still to be sent.", |stand| stand.open);
        by_district(
            "doorstep_letters_undelivered",
            "Letters given up, or of which nobody can say whether they arrived.",
            |stand| stand.undelivered,
        );
        text
    }

    fn answers_into(&self, text: &mut String) {
        text.push_str("# HELP doorstep_http_request_seconds How long answers took, all of them together.\n");
        text.push_str("# TYPE doorstep_http_request_seconds summary\n");
        let seconds = self.answered_us.load(Relaxed) as f64 / 1e6;
        let count: u64 = self.answers.iter().map(|count| count.load(Relaxed)).sum();
        let _ = writeln!(text, "doorstep_http_request_seconds_sum {seconds}");
        let _ = writeln!(text, "doorstep_http_request_seconds_count {count}");
        text.push_str("# HELP doorstep_http_requests_total Answers by class of their status.\n");
        text.push_str("# TYPE doorstep_http_requests_total counter\n");
        for (class, count) in (1..).zip(&self.answers) {
            let _ =
                writeln!(text, "doorstep_http_requests_total{{class=\"{class}xx\"}} {}", count.load(Relaxed));
        }
    }
}

/// Resident bytes and processor seconds of this process, where the system tells: Linux, in pages of 4 KiB and
/// hundredths of a second (`proc(5)`).
fn usage() -> Option<(u64, f64)> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let resident: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut after_name = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (after_name.next()?.parse().ok()?, after_name.next()?.parse().ok()?);
    Some((resident * 4096, (user + system) as f64 / 100.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_a_type_for_every_sample() {
        let metrics = Metrics::new();
        metrics.started(1_500);
        metrics.session_opened();
        metrics.ingested(3, 1);
        metrics.answered(200, 1_500);
        metrics.answered(999, 0);
        metrics.told(true);
        let stand = Stand { district: "511902".into(), head: 7, open: 2, undelivered: 1 };
        let text = metrics.text(&[stand], true);
        assert!(text.contains("\nprocess_start_time_seconds 1.5\n"));
        assert!(text.contains("\ndoorstep_changes_ingested_total 3\n"));
        assert!(text.contains("\ndoorstep_feed_head{district=\"511902\"} 7\n"));
        assert!(text.contains("\ndoorstep_http_requests_total{class=\"2xx\"} 1\n"));
        assert!(text.contains("\ndoorstep_http_request_seconds_sum 0.0015\n"));
        assert!(text.contains("\ndoorstep_recovering 1\n"));
        assert!(text.contains("\ndoorstep_letters_total 1\n"));
        assert!(text.contains("\ndoorstep_letters_failed_total 0\n"));
        assert!(text.contains("\ndoorstep_letters_open{district=\"511902\"} 2\n"));
        assert!(text.contains("\ndoorstep_letters_undelivered{district=\"511902\"} 1\n"));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().expect("a line has a first word");
            let name = name.trim_end_matches("_sum").trim_end_matches("_count");
            assert!(text.contains(&format!("# TYPE {name} ")), "{name}");
        }
    }
}
