//! Telling addresses outside, against a receiver that fails, hangs and checks every signature by itself; over kills and a
//! restore.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use doorstep_tests::play::process::{Serve, Server, poll};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::world::{DISTRICT, PATIENCE, Phone, World, binaries, doorstep, last_cause};

/// The secret in the standard's own examples, as its file has it and as bytes.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const KEY: [u8; 24] = [
    0x31, 0xf2, 0x90, 0xf6, 0xbf, 0x06, 0x29, 0x8a, 0xab, 0x4f, 0x08, 0xd4, 0x3c, 0x3f, 0x08, 0x2c, 0xf6,
    0x48, 0xa3, 0x62, 0xda, 0x2d, 0xa4, 0xb0,
];
/// The connection stays open and nobody answers.
const HANGS: u16 = 0;

/// A letter as it came.
#[derive(Clone, Debug)]
struct Letter {
    headers: BTreeMap<String, String>,
    body: String,
}

impl Letter {
    fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    fn json(&self) -> Json {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

#[derive(Debug, Default)]
struct Desk {
    letters: Vec<Letter>,
    /// What is answered next, and then always.
    answers: VecDeque<u16>,
    usually: u16,
    hanging: Vec<TcpStream>,
}

/// Somebody who is told.
struct Receiver {
    url: String,
    desk: Arc<Mutex<Desk>>,
}

impl Receiver {
    fn new(answers: &[u16], usually: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/told?key=inside", listener.local_addr().expect("an address"));
        let desk = Desk { answers: answers.iter().copied().collect(), usually, ..Desk::default() };
        let desk = Arc::new(Mutex::new(desk));
        let shared = Arc::clone(&desk);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // Whoever was killed while sending is no letter.
                let Some(letter) = read(&stream) else { continue };
                let mut desk = shared.lock().expect("no test fails while it holds this");
                desk.letters.push(letter);
                match desk.answers.pop_front().unwrap_or(desk.usually) {
                    HANGS => desk.hanging.push(stream),
                    status => answer(stream, status),
                }
            }
        });
        Receiver { url, desk }
    }

    fn letters(&self) -> Vec<Letter> {
        self.desk.lock().expect("held by nobody who failed").letters.clone()
    }

    /// Waits until so many have come.
    fn wait(&self, many: usize) -> Vec<Letter> {
        let come = || Some(self.letters()).filter(|letters| letters.len() >= many);
        poll(PATIENCE, come).unwrap_or_else(|| panic!("only {:?}", self.letters()))
    }

    fn usually(&self, status: u16) {
        self.desk.lock().expect("held by nobody who failed").usually = status;
    }
}

fn read(stream: &TcpStream) -> Option<Letter> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    assert_eq!(line.trim_end(), "POST /told?key=inside HTTP/1.1");
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(Letter { headers, body: String::from_utf8(body).ok()? })
}

fn answer(mut stream: TcpStream, status: u16) {
    let text = format!("HTTP/1.1 {status} Said\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    // Whoever has gone does not want it.
    drop(stream.write_all(text.as_bytes()));
}

/// HMAC-SHA256 (RFC 2104), from the hash alone.
fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |bytes: &[u8]| {
        let bits = (0..3).fold(0, |bits, n| bits << 8 | u32::from(bytes.get(n).copied().unwrap_or(0)));
        let sign = |n: usize| char::from(SIGNS[(bits >> (18 - 6 * n)) as usize & 63]);
        (0..4).map(|n| if n > bytes.len() { '=' } else { sign(n) }).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

fn signature(id: &str, at: &str, body: &str) -> String {
    format!("v1,{}", base64(&hmac(&KEY, &format!("{id}.{at}.{body}"))))
}

/// The letter is whole, signed, new, and says nothing of what the case says.
fn is_good(letter: &Letter) {
    let at = &letter.headers["webhook-timestamp"];
    assert_eq!(letter.headers["webhook-signature"], signature(letter.id(), at, &letter.body));
    let now =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    assert!(at.parse::<u64>().expect("seconds").abs_diff(now) < 300, "{at}");
    assert!(!letter.body.contains("第"), "{}", letter.body);
}

/// A server that tells these addresses.
fn world(name: &str, addresses: &[(&str, &Receiver)]) -> World {
    let mut world = World::new(name);
    world.server.kill();
    let path = world.scratch.path("doorstep.toml");
    std::fs::write(world.scratch.path("office.key"), SECRET).expect("written");
    let hook = |(form, receiver): &(&str, &Receiver)| {
        format!(
            "[[hooks]]\nname = {form:?}\ndistrict = {DISTRICT:?}\nform = {form:?}\nurl = {:?}\n\
             secret = \"office.key\"\nto = [\"10000000000\"]\n",
            receiver.url
        )
    };
    std::fs::write(&path, addresses.iter().map(hook).collect::<String>()).expect("written");
    world.serve.config = Some(path);
    world.server = Server::start(binaries(), &world.serve).expect("the server starts");
    world
}

/// A case that is decided: one letter, `case.assign`.
fn decided(phone: &Phone, (name, url): (&str, &str)) -> String {
    let id = phone.case(&[&format!("title={name}"), "category=roads", "place=511902105"]);
    let settled = poll(PATIENCE, || {
        phone.good(&["sync", "--url", url]);
        (last_cause(&phone.show(&id)) == "Settled").then_some(())
    });
    settled.expect("the case settles");
    id
}

#[test]
fn the_signatures_are_computed_as_the_standard_says() {
    let said = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", r#"{"test": 2432232314}"#);
    assert_eq!(said, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[test]
fn a_letter_is_sent_again_under_its_id_and_never_twice_to_people() {
    // A program that fails, then leaves the server hanging until it is killed; and people whose gateway hangs.
    let (office, people) = (Receiver::new(&[500, HANGS], 204), Receiver::new(&[HANGS], 200));
    let mut world = world("telling", &[("event", &office), ("sms", &people)]);
    let xiang = world.worker("向明");
    let first = decided(&xiang, ("第一件", &world.server.url));
    office.wait(2);
    people.wait(1);
    world.server.kill();
    world.restart();
    let letters = office.wait(3);
    let second = decided(&xiang, ("第二件", &world.server.url));
    let letters = [letters, office.wait(4).split_off(3)].concat();
    for letter in &letters {
        is_good(letter);
    }
    let ids: Vec<&str> = letters.iter().map(Letter::id).collect();
    let (one, two) = (format!("event_{first}_2"), format!("event_{second}_2"));
    assert_eq!(ids, [&one, &one, &one, &two]);
    assert_eq!(letters[0].body, letters[2].body);
    let body = letters[0].json();
    assert_eq!((&body["type"], &body["data"]["case"]), (&"case.assign".into(), &first.as_str().into()));

    let told = people.wait(2);
    let ids: Vec<&str> = told.iter().map(Letter::id).collect();
    assert_eq!(ids, [format!("sms_{first}_2"), format!("sms_{second}_2")], "each once, whatever came of it");
    told.iter().for_each(is_good);
    assert_eq!(told[1].json()["to"], serde_json::json!(["10000000000"]));
    world.verify();
}

#[test]
fn a_restored_server_tells_nothing_again() {
    let office = Receiver::new(&[], 200);
    let mut world = world("told", &[("event", &office)]);
    let xiang = world.worker("向明");
    decided(&xiang, ("第一件", &world.server.url));
    office.wait(1);
    // It is open in the backup, and told afterwards.
    office.usually(503);
    let open = decided(&xiang, ("第二件", &world.server.url));
    office.wait(2);
    let file = world.scratch.path("old.backup");
    let file = file.to_str().expect("a path of text");
    assert_eq!(world.server.beside(&["backup", "--to", file]).expect("backup runs").exit, 0);
    office.usually(200);
    let new = decided(&xiang, ("第三件", &world.server.url));
    // Where the backup took long, the next attempt is a minute away.
    let arrived = poll(3 * PATIENCE, || {
        let letters = office.letters();
        let last = letters.iter().rposition(|letter| letter.id().contains(&open))?;
        (last > 1 && letters.iter().any(|letter| letter.id().contains(&new))).then_some(letters.len())
    });
    let before = arrived.expect("both are told");
    let secret = world.server.data().join("secret.key");
    world.server.kill();

    let data = world.scratch.path("restored");
    let (folder, secret) = (data.to_str().expect("text"), secret.to_str().expect("text"));
    let restored = doorstep(&["restore", "--from", file, "--data", folder, "--secret", secret, "--json"]);
    assert_eq!(restored.exit, 0, "{}", restored.told());
    world.server = Server::start(binaries(), &Serve { data, ..world.serve.clone() }).expect("it starts");
    let url = world.server.url.clone();
    xiang.good(&["sync", "--url", &url]);
    assert_eq!(world.server.beside(&["admin", "release"]).expect("runs").exit, 0);
    let again = poll(PATIENCE, || {
        xiang.good(&["sync", "--url", &url]);
        (last_cause(&xiang.show(&new)) == "Settled").then_some(())
    });
    again.expect("what came back is decided");
    // The feed is read in its order: whatever else there was to tell would have come before this one.
    let last = decided(&xiang, ("第四件", &url));
    let letters = office.wait(before + 1);
    let since: Vec<&str> = letters[before..].iter().map(Letter::id).collect();
    assert_eq!(since, [format!("event_{last}_2")], "nothing that was told before, under no other id");
    letters.iter().for_each(is_good);
    world.verify();
}
