//! What a process has used: CPU time and memory, from `/proc`.

use std::time::Duration;

/// Clock ticks a second of `/proc/PID/stat`; Linux shows 100 on every platform.
const TICKS: f64 = 100.0;

/// CPU time of a process until now, all its threads.
pub(super) fn cpu(pid: u32) -> Result<Duration, String> {
    let stat = read(pid, "stat")?;
    // The name in parentheses may hold anything; the numbers come after it.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks = after.split_whitespace().skip(11).take(2).filter_map(|number| number.parse::<f64>().ok());
    Ok(Duration::from_secs_f64(ticks.sum::<f64>() / TICKS))
}

/// CPU time of this thread until now; nothing where the kernel does not say.
pub(super) fn thread_cpu() -> Duration {
    scheduled("/proc/thread-self/schedstat")
}

/// The same of all threads of this process that still run.
pub(super) fn process_cpu() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().filter_map(Result::ok);
    tasks.map(|task| scheduled(task.path().join("schedstat"))).sum()
}

fn scheduled(file: impl AsRef<std::path::Path>) -> Duration {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    Duration::from_nanos(text.split_whitespace().next().and_then(|ns| ns.parse().ok()).unwrap_or(0))
}

/// Memory in MB: what is resident now, and the most that ever was.
pub(super) fn memory(pid: u32) -> Result<(f64, f64), String> {
    let status = read(pid, "status")?;
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|n| n.parse::<f64>().ok());
        kib.map(|kib| kib / 1024.0).ok_or_else(|| format!("there is no {name} of process {pid}"))
    };
    Ok((of("VmRSS:")?, of("VmHWM:")?))
}

fn read(pid: u32, file: &str) -> Result<String, String> {
    let path = format!("/proc/{pid}/{file}");
    std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))
}
