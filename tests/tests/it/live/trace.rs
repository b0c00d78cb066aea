//! Under a system-call trace: each acknowledgement leaves the server after the sync of its commit.
//!
//! A killed process keeps the page cache, so no kill shows a missing sync. The trace does: the bytes of a
//! change's hash are written to the log of the database, the log is synced, and only then are they sent.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use doorstep_tests::play::process::{Binaries, Device, Scratch, Serve, Server, poll};

use super::world::{DISTRICT, PATIENCE, TOWN, binaries};

/// What one line of the trace says, as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
enum Call {
    /// Bytes to the database's log, as hexadecimal digits.
    Logged(String),
    /// The log is on the disk.
    Synced,
    /// Bytes to a peer.
    Sent(String),
}

/// The lines of `strace -f -xx -y`, in the order in which the kernel was entered, or for a sync left.
fn read(trace: &str) -> Vec<Call> {
    let mut syncing: Vec<&str> = Vec::new();
    let mut calls = Vec::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(' ') else { continue };
        let rest = rest.trim_start();
        let file = file_of(rest);
        let of_log = file.ends_with("-wal");
        if (rest.starts_with("fdatasync(") || rest.starts_with("fsync(")) && of_log {
            if rest.ends_with("<unfinished ...>") {
                syncing.push(thread);
            } else if rest.ends_with("= 0") {
                calls.push(Call::Synced);
            }
        } else if rest.starts_with("<... fdatasync resumed>") || rest.starts_with("<... fsync resumed>") {
            if let Some(at) = syncing.iter().position(|syncing| *syncing == thread) {
                syncing.remove(at);
                calls.push(Call::Synced);
            }
        } else if rest.starts_with("pwrite64(") && of_log {
            calls.push(Call::Logged(digits(rest)));
        } else if file.starts_with("socket:") {
            calls.push(Call::Sent(digits(rest)));
        }
    }
    calls
}

/// The file that a call is about, whose name is written `<\x12\x34>`.
fn file_of(line: &str) -> String {
    let name = line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map_or("", |(name, _)| name);
    let byte = |digits: &str| u8::from_str_radix(digits.get(..2)?, 16).ok().map(char::from);
    name.split("\\x").skip(1).filter_map(byte).collect()
}

/// The quoted bytes of a line, which are written `\x12\x34`.
fn digits(line: &str) -> String {
    line.split('"').skip(1).step_by(2).collect::<String>().replace("\\x", "")
}

/// The kinds of the frames in what was sent: the first number of each binary WebSocket message.
fn frames(sent: &str) -> Vec<u8> {
    let byte =
        |at: usize| sent.get(2 * at..2 * at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let (mut at, mut kinds) = (0, Vec::new());
    while let (Some(0x82), Some(length)) = (byte(at), byte(at + 1)) {
        let number =
            |from: usize, to: usize| (from..to).fold(0, |n, at| n * 256 + usize::from(byte(at).unwrap_or(0)));
        let (head, length) = match length {
            126 => (4, number(at + 2, at + 4)),
            127 => (10, number(at + 2, at + 10)),
            length => (2, usize::from(length)),
        };
        kinds.extend(byte(at + head + 1));
        at += head + length;
    }
    kinds
}

const WELCOME: u8 = 0;
/// "HTTP/1.1 101": a session begins.
const UPGRADE: &str = "485454502f312e3120313031";

/// From the beginning of the session to the sync of the log with the hash the device hears no more than that it
/// is welcome; then it hears something.
fn in_order(calls: &[Call], hash: &str) -> Result<(), String> {
    let begins = |call: &Call| matches!(call, Call::Sent(bytes) if bytes.starts_with(UPGRADE));
    let logged = calls.iter().position(|call| matches!(call, Call::Logged(bytes) if bytes.contains(hash)));
    let logged = logged.ok_or_else(|| format!("{hash} was never written"))?;
    let session = calls[..logged].iter().rposition(begins).ok_or_else(|| format!("{hash} has no session"))?;
    let synced = calls[logged..].iter().position(|call| *call == Call::Synced);
    let synced = logged + synced.ok_or_else(|| format!("{hash} was never synced"))?;
    let heard = |calls: &[Call]| {
        let sent = calls.iter().filter_map(|call| match call {
            Call::Sent(bytes) => Some(frames(bytes)),
            Call::Logged(_) | Call::Synced => None,
        });
        sent.flatten().filter(|kind| *kind != WELCOME).count()
    };
    if heard(&calls[session..synced]) > 0 {
        return Err(format!("the device was answered before the log with {hash} was synced"));
    }
    let rest = &calls[synced..];
    let next = rest.iter().position(begins).unwrap_or(rest.len());
    if heard(&rest[..next]) > 0 { Ok(()) } else { Err(format!("{hash} was never answered")) }
}

/// A program that runs the server under strace, and is the server's process itself.
fn traced(scratch: &Scratch, log: &Path) -> Binaries {
    let wrapper = scratch.path("traced");
    let calls = "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg";
    let script = format!(
        "#!/bin/sh\nexec strace -D -f -xx -y -s 70000 -e {calls} -e signal=none -o '{}' '{}' \"$@\"\n",
        log.display(),
        binaries().server.display()
    );
    std::fs::write(&wrapper, script).expect("written");
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).expect("made executable");
    Binaries { server: wrapper, device: binaries().device.clone() }
}

#[test]
fn each_ack_is_sent_after_the_sync_of_its_commit() {
    let there = std::process::Command::new("strace").arg("-V").output();
    assert!(there.is_ok_and(|output| output.status.success()), "strace is missing: run make prepare");
    let scratch = Scratch::new("trace").expect("a temporary folder");
    let log = scratch.path("trace.log");
    let serve = Serve { data: scratch.path("data"), settle: Some("PT1S".into()), ..Serve::default() };
    let mut server = Server::start(&traced(&scratch, &log), &serve).expect("the server starts under strace");
    // Beside the traced one runs an untraced program.
    let invite =
        ["admin", "enrol", "--district", DISTRICT, "--unit", TOWN, "--worker", "向明", "--role", "worker"];
    let code = server.beside(&invite).expect("runs").good().expect("an invitation")["code"].clone();
    let device = Device::at(binaries(), scratch.path("device.sqlite"));
    let good = |words: &[&str]| device.run(words).expect("runs").good().expect("does it");
    good(&["enrol", &server.url, code.as_str().expect("a code")]);
    let made = good(&["new", "case", "--set", "title=一", "--set", "category=roads"]);
    let id = made["id"].as_str().expect("an id").to_owned();
    let mut hashes = vec![made["hashes"][0].clone()];
    for n in 0..5 {
        good(&["sync"]);
        for m in 0..3 {
            let edit = good(&["edit", &id, "--append", &format!("log=轮 {n} 条 {m}")]);
            hashes.push(edit["hashes"][0].clone());
        }
    }
    assert_eq!(good(&["sync"])["pending"], 0);
    assert_eq!(server.stop(PATIENCE), 0);
    let whole = poll(PATIENCE, || {
        let trace = std::fs::read_to_string(&log).ok()?;
        trace.lines().last().is_some_and(|line| line.contains("+++ exited")).then_some(trace)
    });
    let calls = read(&whole.expect("the trace ends"));
    for hash in &hashes {
        assert_eq!(in_order(&calls, hash.as_str().expect("a hash")), Ok(()));
    }
}

/// The judge of the trace sees what it is there for.
#[test]
fn an_ack_before_its_sync_is_noticed() {
    let coded = |bytes: &[u8]| bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>();
    let log = coded(b"/d/x.sqlite-wal");
    let send =
        |bytes: &[u8]| format!("12 sendto(7<{}>, \"{}\", 1) = 1\n", coded(b"socket:[7]"), coded(bytes));
    let (begun, welcome) = (send(b"HTTP/1.1 101 Switching"), send(&[0x82, 2, 0x82, 0]));
    let (ack, both) = (send(&[0x82, 2, 0x82, 1]), send(&[0x82, 2, 0x82, 0, 0x82, 2, 0x82, 1]));
    let logged = format!("12 pwrite64(3<{log}>, \"\\xab\", 1, 0) = 1\n");
    let synced = format!("13 fdatasync(3<{log}>) = 0\n");
    let late = format!("13 fdatasync(3<{log}> <unfinished ...>\n");
    let done = "13 <... fdatasync resumed>) = 0\n".to_owned();
    let verdict = |lines: &[&String]| {
        in_order(&read(&lines.iter().map(|line| line.as_str()).collect::<String>()), "ab")
    };
    assert_eq!(verdict(&[&begun, &welcome, &logged, &synced, &ack]), Ok(()));
    assert_eq!(verdict(&[&begun, &logged, &late, &done, &both]), Ok(()));
    for wrong in [
        [&begun, &welcome, &logged, &late, &ack, &done],
        [&begun, &synced, &logged, &ack, &synced, &ack],
        [&begun, &both, &logged, &synced, &ack, &ack],
        [&begun, &ack, &welcome, &logged, &synced, &ack],
        [&begun, &welcome, &welcome, &logged, &synced, &welcome],
    ] {
        assert!(verdict(&wrong).is_err(), "{wrong:?}");
    }
}
