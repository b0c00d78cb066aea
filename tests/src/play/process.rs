//! The real programs as processes: `doorstep` and `doorstep-device`, found beside this one.
//!
//! Never links either: what a story or a live test sees is what a script would see.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value as Json;

/// Where the two programs are.
#[derive(Clone, Debug)]
pub struct Binaries {
    /// `doorstep`.
    pub server: PathBuf,
    /// `doorstep-device`.
    pub device: PathBuf,
}

impl Binaries {
    /// Beside this executable, or beside the folder it is in (where cargo puts tests).
    pub fn beside() -> Result<Self, String> {
        let own = std::env::current_exe()
            .map_err(|error| format!("this program does not know where it is: {error}"))?;
        let folders: Vec<&Path> = own.ancestors().skip(1).take(2).collect();
        let find = |name: &str| {
            let found = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file());
            found.ok_or_else(|| {
                format!("{name} is not beside {}; run `cargo build --workspace --bins`", own.display())
            })
        };
        Ok(Binaries { server: find("doorstep")?, device: find("doorstep-device")? })
    }
}

/// What a finished command said.
#[derive(Clone, Debug)]
pub struct Output {
    /// The exit code; -1 after a signal.
    pub exit: i32,
    /// The object on the last line of stdout; null if there is none.
    pub json: Json,
    /// The log.
    pub stderr: String,
}

impl Output {
    /// The answer if the command ended with 0.
    pub fn good(self) -> Result<Json, String> {
        if self.exit == 0 { Ok(self.json) } else { Err(self.told()) }
    }

    /// The failure in a sentence.
    pub fn told(&self) -> String {
        match self.json["error"]["message"].as_str() {
            Some(message) => format!("exit {}: {message}", self.exit),
            None => format!("exit {}: {}", self.exit, self.stderr.trim()),
        }
    }
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Result<Output, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{program} does not start: {error}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let json = stdout.lines().last().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_default();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(Output { exit: output.status.code().unwrap_or(-1), json, stderr })
}

/// A folder for this run, gone when it is dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new, empty one.
    pub fn new(name: &str) -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("doorstep-{name}-{}-{n}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Scratch(path))
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// How a server is started.
#[derive(Clone, Debug, Default)]
pub struct Serve {
    /// Data folder.
    pub data: PathBuf,
    /// Pack folders; without any, the server's own.
    pub packs: Vec<PathBuf>,
    /// Quiet time instead of the packs'.
    pub settle: Option<String>,
    /// Address; a free port of this machine if absent.
    pub listen: Option<String>,
    /// A configuration file beside all that.
    pub config: Option<PathBuf>,
}

/// A running server. Killed if it is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    program: PathBuf,
    data: PathBuf,
    /// Its address.
    pub url: String,
    /// Its process.
    pub pid: u32,
}

/// An invitation for one device.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The one-time code.
    pub code: String,
    /// The worker's number.
    pub worker: String,
}

impl Server {
    /// Starts one and waits for its first line.
    pub fn start(binaries: &Binaries, serve: &Serve) -> Result<Self, String> {
        let failed = |error: std::io::Error| format!("the server does not start: {error}");
        std::fs::create_dir_all(&serve.data).map_err(failed)?;
        let log_path = serve.data.with_extension("log");
        let log = File::options().create(true).append(true).open(&log_path).map_err(failed)?;
        let mut command = Command::new(&binaries.server);
        command.arg("serve").arg("--data").arg(&serve.data).arg("--json");
        command.arg("--listen").arg(serve.listen.as_deref().unwrap_or("127.0.0.1:0"));
        for pack in &serve.packs {
            command.arg("--policy").arg(pack);
        }
        if let Some(settle) = &serve.settle {
            command.arg("--settle").arg(settle);
        }
        if let Some(config) = &serve.config {
            command.arg("--config").arg(config);
        }
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().map_err(failed)?;
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout is piped");
        BufReader::new(stdout).read_line(&mut line).map_err(failed)?;
        let first: Json = serde_json::from_str(&line).unwrap_or_default();
        let Some(url) = first["url"].as_str() else {
            drop(child.kill());
            drop(child.wait());
            let log = std::fs::read_to_string(&log_path).unwrap_or_default();
            let said = first["error"]["message"].as_str().unwrap_or(log.trim()).to_owned();
            return Err(format!("the server does not start: {said}"));
        };
        let pid = child.id();
        Ok(Server {
            child,
            program: binaries.server.clone(),
            data: serve.data.clone(),
            url: url.to_owned(),
            pid,
        })
    }

    /// Runs another command of `doorstep` on its data folder.
    pub fn beside(&self, words: &[&str]) -> Result<Output, String> {
        run(Command::new(&self.program).args(words).arg("--data").arg(&self.data).arg("--json"))
    }

    /// A one-time code for a worker.
    pub fn invite(
        &self,
        (district, unit): (&str, &str),
        (worker, role): (&str, &str),
    ) -> Result<Invitation, String> {
        let words =
            ["admin", "enrol", "--district", district, "--unit", unit, "--worker", worker, "--role", role];
        let json = self.beside(&words)?.good()?;
        let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
        Ok(Invitation { code: text("code"), worker: text("worker") })
    }

    /// A bearer token for the API.
    pub fn token(&self, worker: &str) -> Result<String, String> {
        let json = self.beside(&["admin", "token", "--worker", worker])?.good()?;
        Ok(json["token"].as_str().unwrap_or_default().to_owned())
    }

    /// Its data folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The end without warning (SIGKILL).
    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// SIGTERM, and its exit code; -1 if it had to be killed after `within`.
    pub fn stop(&mut self, within: Duration) -> i32 {
        signal(self.pid, "TERM");
        let ended = poll(within, || self.child.try_wait().ok().flatten());
        if ended.is_none() {
            self.kill();
        }
        ended.and_then(|status| status.code()).unwrap_or(-1)
    }

    /// Whether the process is there.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|ended| ended.is_none())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A device: a store file and the program.
#[derive(Clone, Debug)]
pub struct Device {
    program: PathBuf,
    /// Its store.
    pub store: PathBuf,
}

impl Device {
    /// A device with this store file.
    pub fn at(binaries: &Binaries, store: PathBuf) -> Self {
        Device { program: binaries.device.clone(), store }
    }

    /// One command, not yet run.
    pub fn command(&self, now: Option<&str>, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--store").arg(&self.store).args(words).arg("--json");
        if let Some(now) = now {
            command.arg("--now").arg(now);
        }
        command
    }

    /// One command.
    pub fn run(&self, words: &[&str]) -> Result<Output, String> {
        run(&mut self.command(None, words))
    }
}

/// Sends a signal, such as `TERM`; a process that is gone does not mind.
pub fn signal(pid: u32, name: &str) {
    drop(Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).stderr(Stdio::null()).status());
}

/// Asks until there is an answer, or until the time is over.
pub fn poll<T>(within: Duration, mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    const PAUSE: Duration = Duration::from_millis(40);
    let mut left = within;
    loop {
        let began = std::time::Instant::now();
        if let Some(answer) = ask() {
            return Some(answer);
        }
        std::thread::sleep(PAUSE.min(left));
        left = left.saturating_sub(began.elapsed());
        if left.is_zero() {
            return ask();
        }
    }
}
