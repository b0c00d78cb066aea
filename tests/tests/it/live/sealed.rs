//! TLS from the device to the server, without a proxy: who is trusted, what a renewed certificate changes, and that
//! nothing goes to another machine in the clear.

use std::path::{Path, PathBuf};

use doorstep_tests::play::process::{Device, Output, Scratch, Serve, Server, poll, run, signal};

use super::world::{DISTRICT, PATIENCE, TOWN, VILLAGE, binaries, stranger};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tls").join(name)
}

/// A command of a device whose machine trusts this authority and no other.
fn trusting(device: &Device, authority: &str, words: &[&str]) -> Output {
    let mut command = device.command(None, words);
    run(command.env("SSL_CERT_FILE", fixture(authority)).env_remove("SSL_CERT_DIR")).expect("the device runs")
}

/// Puts a certificate where the server looks for it.
fn install(folder: &Path, name: &str) {
    for (from, to) in [(format!("{name}.pem"), "certificate.pem"), (format!("{name}.key.pem"), "key.pem")] {
        std::fs::copy(fixture(&from), folder.join(to)).expect("copied");
    }
}

fn sealed(scratch: &Scratch) -> Server {
    let folder = scratch.path("etc");
    std::fs::create_dir_all(&folder).expect("a folder");
    install(&folder, "first");
    let config = folder.join("doorstep.toml");
    let text = "settle = \"PT1S\"\n[tls]\ncertificate = \"certificate.pem\"\nkey = \"key.pem\"\n";
    std::fs::write(&config, text).expect("written");
    let serve = Serve { data: scratch.path("data"), config: Some(config), ..Serve::default() };
    Server::start(binaries(), &serve).expect("the server starts")
}

#[test]
fn a_device_syncs_over_tls_with_whom_it_trusts_and_with_nobody_else() {
    let scratch = Scratch::new("sealed").expect("a folder");
    let server = sealed(&scratch);
    assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
    let invitation = server.invite((DISTRICT, TOWN), ("向明", "worker")).expect("an invitation");
    let (device, _) = stranger(&scratch, "xiang.sqlite");
    let words = ["enrol", server.url.as_str(), &invitation.code];

    let refused = trusting(&device, "second.authority.pem", &words);
    assert_eq!((refused.exit, &refused.json["error"]["code"]), (4, &"centre.unreachable".into()));
    let enrolled = trusting(&device, "first.authority.pem", &words);
    assert_eq!(enrolled.exit, 0, "{}", enrolled.told());

    let (place, title) = (format!("place={VILLAGE}"), "title=塘堰漏水");
    let made = device.run(&["new", "case", "--set", title, "--set", &place]).expect("it runs");
    assert_eq!(made.exit, 0, "{}", made.told());
    let cut = trusting(&device, "second.authority.pem", &["sync"]);
    assert_eq!(cut.exit, 4, "an edit goes to nobody who cannot prove who they are");
    assert_eq!(device.run(&["status"]).expect("it runs").json["pending"], 1, "and it is still there");
    let report = trusting(&device, "first.authority.pem", &["sync"]);
    assert_eq!((report.exit, &report.json["pending"]), (0, &0.into()), "{}", report.told());
}

#[test]
fn a_certificate_is_renewed_while_the_server_runs() {
    let scratch = Scratch::new("renewed").expect("a folder");
    let server = sealed(&scratch);
    let invitation = server.invite((DISTRICT, TOWN), ("向明", "worker")).expect("an invitation");
    let (device, _) = stranger(&scratch, "xiang.sqlite");
    let enrolled =
        trusting(&device, "first.authority.pem", &["enrol", server.url.as_str(), &invitation.code]);
    assert_eq!(enrolled.exit, 0, "{}", enrolled.told());

    // Half of a renewal: the key does not belong to the certificate. The one before stays.
    let folder = scratch.path("etc");
    std::fs::copy(fixture("second.pem"), folder.join("certificate.pem")).expect("copied");
    signal(server.pid, "HUP");
    let log = server.data().with_extension("log");
    let said = |what: &str| std::fs::read_to_string(&log).is_ok_and(|text| text.contains(what));
    poll(PATIENCE, || said("the one before stays").then_some(())).expect("the server says so");
    assert_eq!(trusting(&device, "first.authority.pem", &["sync"]).exit, 0);

    install(&folder, "second");
    signal(server.pid, "HUP");
    poll(PATIENCE, || (trusting(&device, "second.authority.pem", &["sync"]).exit == 0).then_some(()))
        .expect("the new certificate is shown");
    assert_eq!(trusting(&device, "first.authority.pem", &["sync"]).exit, 4, "and the old one no more");
}

#[test]
fn nothing_goes_to_another_machine_in_the_clear() {
    let scratch = Scratch::new("clear").expect("a folder");
    let (device, store) = stranger(&scratch, "xiang.sqlite");
    // An address for documentation (RFC 5737): nobody is there, and nobody is asked.
    let refused = device.run(&["enrol", "http://192.0.2.1:7180", "a-code"]).expect("it runs");
    assert_eq!((refused.exit, &refused.json["error"]["code"]), (2, &"url.clear".into()));
    assert!(!store.exists(), "nothing was made either");
    let refused = device.run(&["--url", "http://192.0.2.1:7180", "sync"]).expect("it runs");
    assert_eq!((refused.exit, &refused.json["error"]["code"]), (2, &"url.clear".into()));
}
