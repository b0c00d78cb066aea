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

    /// The Prometheus text format, version 0.0.4. `feeds`: district and head of its feed.
    pub fn text(&self, feeds: &[(String, u64)]) -> String {
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
        row("doorstep_http_panics_total", "counter", "Requests that ended in a fault.", count(&self.panics));
        text.push_str("# HELP doorstep_feed_head Last sequence of a district's feed.\n");
        text.push_str("# TYPE doorstep_feed_head gauge\n");
        for (district, head) in feeds {
            let _ = writeln!(text, "doorstep_feed_head{{district=\"{district}\"}} {head}");
        }
        text
    }
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
        let text = metrics.text(&[("511902".into(), 7)]);
        assert!(text.contains("\nprocess_start_time_seconds 1.5\n"));
        assert!(text.contains("\ndoorstep_changes_ingested_total 3\n"));
        assert!(text.contains("\ndoorstep_feed_head{district=\"511902\"} 7\n"));
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().expect("a line has a first word");
            assert!(text.contains(&format!("# TYPE {name} ")), "{name}");
        }
    }
}
