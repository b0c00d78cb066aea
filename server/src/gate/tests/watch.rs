//! Tests that suffer in a process of their own, watched from outside: neither an abort nor a hang can hide, and the
//! peak of its memory and its CPU time are the kernel's figures.

use super::setting;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// The most memory that a besieged process may ever have had, in KiB.
const PEAK_KIB: u64 = 512 * 1024;
/// The most CPU time that anything may take in an optimised build.
const LONGEST: Duration = Duration::from_secs(1);

/// CPU time of this thread until now; nothing where the kernel does not say.
pub(super) fn cpu() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(text.split_whitespace().next().and_then(|ns| ns.parse().ok()).unwrap_or(0))
}

/// The most resident memory that this process ever had, as the kernel counts; 0 where it does not say.
pub(super) fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Tells who watches that it goes on, and where.
pub(super) fn say(place: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "at {place}").and_then(|()| out.flush()).expect("somebody watches");
}

/// Nothing took longer or more memory than anything may. A debug build is some ten times slower: there only memory
/// is judged, and what the watcher takes for a hang.
pub(super) fn bounded(what: &str, slowest: Duration) {
    let peak = peak_kib();
    assert!(peak < PEAK_KIB, "{what}: {peak} KiB");
    assert!(cfg!(debug_assertions) || slowest < LONGEST, "{what}: {slowest:?} of CPU");
}

/// Runs `suffer` in a process of its own: this test again, as a child. Says nothing for so long: it hangs.
pub(super) fn watched(test: &str, suffer: impl FnOnce()) {
    if std::env::var_os("GATE_CHILD").is_some() {
        return suffer();
    }
    let silence = Duration::from_secs(setting("GATE_SILENCE", 120));
    let mut child = Command::new(std::env::current_exe().expect("a test has a file"))
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env("GATE_CHILD", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let (lines, heard) = channel();
    let stdout = BufReader::new(child.stdout.take().expect("piped"));
    std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| lines.send(line)));
    let stderr = BufReader::new(child.stderr.take().expect("piped"));
    let complaint = std::thread::spawn(move || stderr.lines().map_while(Result::ok).collect::<Vec<_>>());
    let mut place = String::new();
    loop {
        match heard.recv_timeout(silence) {
            Ok(line) if line.starts_with("at ") => place = line,
            Ok(line) => println!("{line}"),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                drop(child.kill());
                panic!("hangs {place}");
            }
        }
    }
    let ended = child.wait().expect("ends");
    let complaint = complaint.join().expect("read");
    assert!(ended.success(), "{ended} {place}:\n{}", complaint.join("\n"));
    assert!(!place.is_empty(), "the process did nothing: is {test} still its name?");
}
