//! One real server in a temporary folder, with people and devices.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use doorstep_tests::play::api::Api;
use doorstep_tests::play::process::{Binaries, Device, Output, Scratch, Serve, Server, poll, run};
use serde_json::Value as Json;

pub(super) const DISTRICT: &str = "511902";
pub(super) const TOWN: &str = "511902105";
pub(super) const VILLAGE: &str = "511902105238";
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The two programs, built once if this test binary is newer than they are.
pub(super) fn binaries() -> &'static Binaries {
    static BUILT: OnceLock<Binaries> = OnceLock::new();
    BUILT.get_or_init(|| {
        let own = std::env::current_exe().expect("a test has a file");
        let profile = own.ancestors().nth(2).expect("target/<profile>/deps/test");
        let target = profile.parent().expect("target/<profile>");
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            // With a test, as `make test` builds them: without, some dependencies are asked for less, and all is built again.
            // Never with this one, which runs: its file would be another one under it.
            .args(["build", "--workspace", "--bins", "--test", "policy", "--quiet", "--target-dir"])
            .arg(target);
        if profile.ends_with("release") {
            cargo.arg("--release");
        }
        let status = cargo.status().expect("cargo runs");
        assert!(status.success(), "the programs build");
        Binaries::beside().expect("both programs are beside the tests")
    })
}

/// A server with its folder.
pub(super) struct World {
    pub(super) scratch: Scratch,
    pub(super) serve: Serve,
    pub(super) server: Server,
}

/// A device, its number and whose it is.
pub(super) struct Phone {
    pub(super) device: Device,
    pub(super) id: String,
    pub(super) worker: String,
}

impl World {
    /// A fresh one; a second without edits settles a case.
    pub(super) fn new(name: &str) -> Self {
        World::settling(name, "PT1S")
    }

    pub(super) fn settling(name: &str, settle: &str) -> Self {
        let scratch = Scratch::new(name).expect("a temporary folder");
        let serve = Serve { data: scratch.path("data"), settle: Some(settle.into()), ..Serve::default() };
        let server = Server::start(binaries(), &serve).expect("the server starts");
        World { scratch, serve, server }
    }

    /// Starts the server again on the same address and folder.
    pub(super) fn restart(&mut self) {
        let listen = self.server.url.trim_start_matches("http://").to_owned();
        let serve = Serve { listen: Some(listen), ..self.serve.clone() };
        let started = poll(PATIENCE, || Server::start(binaries(), &serve).ok());
        self.server = started.expect("the server starts again");
    }

    /// An enrolled device.
    pub(super) fn phone(&self, name: &str, (unit, role): (&str, &str)) -> Phone {
        let invitation = self.server.invite((DISTRICT, unit), (name, role)).expect("an invitation");
        let file = format!("{name}-{}.sqlite", invitation.code);
        let device = Device::at(binaries(), self.scratch.path(&file));
        let enrolled = device.run(&["enrol", &self.server.url, &invitation.code]).expect("enrol runs");
        assert_eq!(enrolled.exit, 0, "{}", enrolled.told());
        let id = enrolled.json["device"].as_str().expect("a device id").to_owned();
        Phone { device, id, worker: invitation.worker }
    }

    /// A worker's device in the town.
    pub(super) fn worker(&self, name: &str) -> Phone {
        self.phone(name, (TOWN, "worker"))
    }

    /// The desk of the district, as a reviewer.
    pub(super) fn desk(&self) -> Api {
        let home = (DISTRICT, "511902-intake");
        let invitation = self.server.invite(home, ("李红英", "reviewer")).expect("an invitation");
        Api::new(&self.server.url, &self.server.token(&invitation.worker).expect("a token"))
    }

    /// `doorstep verify`, which must find nothing.
    pub(super) fn verify(&self) -> Json {
        let output = self.server.beside(&["verify"]).expect("verify runs");
        assert_eq!(output.exit, 0, "{}", output.json);
        output.json
    }
}

impl Phone {
    /// A command that must succeed.
    pub(super) fn good(&self, words: &[&str]) -> Json {
        let output = self.device.run(words).expect("the device runs");
        assert_eq!(output.exit, 0, "{words:?}: {}", output.told());
        output.json
    }

    /// A command that ends with this code.
    pub(super) fn ends(&self, words: &[&str], exit: i32) -> Output {
        let output = self.device.run(words).expect("the device runs");
        assert_eq!(output.exit, exit, "{words:?}: {} {}", output.json, output.stderr);
        output
    }

    /// A new case with these edits.
    pub(super) fn case(&self, edits: &[&str]) -> String {
        let mut words = vec!["new", "case"];
        for edit in edits {
            words.extend(["--set", edit]);
        }
        self.good(&words)["id"].as_str().expect("a new case has an id").to_owned()
    }

    pub(super) fn sync(&self) -> Json {
        self.good(&["sync"])
    }

    pub(super) fn show(&self, id: &str) -> Json {
        self.good(&["show", id])
    }

    /// Syncs until it shows what is waited for.
    pub(super) fn sync_until(&self, id: &str, wanted: impl Fn(&Json) -> bool) -> Json {
        let found = poll(PATIENCE, || {
            self.sync();
            let shown = self.device.run(&["show", id]).ok().filter(|output| output.exit == 0)?.json;
            wanted(&shown).then_some(shown)
        });
        found.unwrap_or_else(|| panic!("never shown: {}", self.show(id)))
    }
}

/// A temporary device that is not enrolled.
pub(super) fn stranger(scratch: &Scratch, name: &str) -> (Device, PathBuf) {
    let store = scratch.path(name);
    (Device::at(binaries(), store.clone()), store)
}

/// Waits at the desk until the case is as wanted.
pub(super) fn desk_until(desk: &Api, id: &str, wanted: impl Fn(&Json) -> bool) -> Json {
    let mut last = Json::Null;
    let found = poll(PATIENCE, || {
        last = desk.case(id).expect("the API answers").unwrap_or_default();
        wanted(&last).then(|| last.clone())
    });
    found.unwrap_or_else(|| panic!("never so at the desk: {last}"))
}

/// The last decision's cause.
pub(super) fn last_cause(case: &Json) -> &str {
    let last = case["decisions"].as_array().and_then(|all| all.last());
    last.and_then(|decision| decision["cause"].as_str()).unwrap_or_default()
}

/// Runs a command of `doorstep` that needs no server.
pub(super) fn doorstep(words: &[&str]) -> Output {
    run(Command::new(&binaries().server).args(words)).expect("doorstep runs")
}
