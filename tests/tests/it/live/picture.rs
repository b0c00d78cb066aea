//! Pictures and raw HTTP for the stories about files: made by hand, by no library that the programs use.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::world::Phone;

/// A PNG of noise, uncompressed: about three bytes for each pixel, and another for each seed.
pub(super) fn picture(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut noise = seed.wrapping_mul(0x9e37_79b9) | 1;
    let mut rows = Vec::new();
    for _ in 0..height {
        // Each row begins with its filter: none.
        rows.extend([0]);
        rows.extend((0..width * 3).map(|_| {
            noise ^= noise << 13;
            noise ^= noise >> 17;
            noise ^= noise << 5;
            noise as u8
        }));
    }
    png((width, height), &rows)
}

/// A PNG whose header says what it wants about its size.
pub(super) fn png((width, height): (u32, u32), rows: &[u8]) -> Vec<u8> {
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]);
    let mut data = vec![0x78, 0x01];
    let mut blocks = rows.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let size = block.len() as u16;
        data.push(u8::from(blocks.peek().is_none()));
        data.extend(size.to_le_bytes());
        data.extend((!size).to_le_bytes());
        data.extend(block);
    }
    let (mut a, mut b) = (1u32, 0u32);
    for byte in rows {
        a = (a + u32::from(*byte)) % 65_521;
        b = (b + a) % 65_521;
    }
    data.extend(((b << 16) | a).to_be_bytes());
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, body) in [(b"IHDR", &header), (b"IDAT", &data), (b"IEND", &Vec::new())] {
        file.extend((body.len() as u32).to_be_bytes());
        let start = file.len();
        file.extend(name);
        file.extend(body);
        let sum = crc(&file[start..]);
        file.extend(sum.to_be_bytes());
    }
    file
}

fn crc(bytes: &[u8]) -> u32 {
    let table: Vec<u32> = (0..256u32)
        .map(|n| (0..8).fold(n, |crc, _| (crc >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(crc & 1))))
        .collect();
    !bytes.iter().fold(!0u32, |crc, byte| table[((crc ^ u32::from(*byte)) & 255) as usize] ^ (crc >> 8))
}

/// SHA-256 in hex.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Text in Base64.
pub(super) fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |bits: u32| char::from(LETTERS[(bits & 63) as usize]);
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let byte = |n: usize| u32::from(three.get(n).copied().unwrap_or_default());
        let bits = (byte(0) << 16) | (byte(1) << 8) | byte(2);
        out.extend([letter(bits >> 18), letter(bits >> 12)]);
        out.push(if three.len() > 1 { letter(bits >> 6) } else { '=' });
        out.push(if three.len() > 2 { letter(bits) } else { '=' });
    }
    out
}

/// An answer, read to the end of its connection.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) status: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Heard {
    pub(super) fn header(&self, name: &str) -> &str {
        let pairs = self.head.lines().filter_map(|line| line.split_once(": "));
        pairs
            .filter(|(given, _)| given.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
            .unwrap_or_default()
    }

    pub(super) fn code(&self) -> String {
        let json: Json = serde_json::from_slice(&self.body).unwrap_or_default();
        json["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// Raw HTTP as one device: one request a connection.
pub(super) struct Raw {
    address: String,
    token: String,
}

impl Raw {
    /// As this device, with a token that it signs.
    pub(super) fn of(phone: &Phone, url: &str) -> Self {
        let auth = phone.good(&["auth"]);
        let token = auth["headers"]["Authorization"].as_str().expect("a token").to_owned();
        Raw { address: url.trim_start_matches("http://").to_owned(), token }
    }

    /// As nobody.
    pub(super) fn nobody(url: &str) -> Self {
        Raw { address: url.trim_start_matches("http://").to_owned(), token: String::new() }
    }

    fn open(&self, (method, path): (&str, &str), headers: &[(&str, &str)], length: usize) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).expect("connects");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a socket");
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nHost: doorstep\r\nConnection: close\r\nContent-Length: {length}\r\n"
        );
        if !self.token.is_empty() {
            head += &format!("Authorization: {}\r\n", self.token);
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).expect("writes");
        stream
    }

    /// Asks, with exactly these headers.
    pub(super) fn plain(&self, at: (&str, &str), headers: &[(&str, &str)], body: &[u8]) -> Heard {
        let mut stream = self.open(at, headers, body.len());
        // A refusal may come before the body is read.
        drop(stream.write_all(body));
        let mut all = Vec::new();
        drop(stream.read_to_end(&mut all));
        let end = all.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer has a head");
        let head = String::from_utf8_lossy(&all[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|text| text.parse().ok()).expect("a status");
        Heard { status, head, body: all[end + 4..].to_vec() }
    }

    /// Asks in tus 1.0.0.
    pub(super) fn tus(&self, at: (&str, &str), headers: &[(&str, &str)], body: &[u8]) -> Heard {
        let all: Vec<_> = headers.iter().copied().chain([("Tus-Resumable", "1.0.0")]).collect();
        self.plain(at, &all, body)
    }

    /// Creates an upload.
    pub(super) fn create(&self, (case, hash): (&str, &str), length: usize) -> Heard {
        let metadata = format!("document {},sha256 {}", base64(case), base64(hash));
        let length = length.to_string();
        self.tus(("POST", "/uploads/v1"), &[("Upload-Length", &length), ("Upload-Metadata", &metadata)], b"")
    }

    /// How far it is; `None`: there is no such upload.
    pub(super) fn offset(&self, (case, hash): (&str, &str)) -> Option<usize> {
        let heard = self.tus(("HEAD", &format!("/uploads/v1/{case}/{hash}")), &[], b"");
        if heard.status == 200 { heard.header("Upload-Offset").parse().ok() } else { None }
    }

    /// Appends.
    pub(super) fn append(&self, (case, hash): (&str, &str), offset: usize, part: &[u8]) -> Heard {
        let offset = offset.to_string();
        let headers =
            [("Upload-Offset", offset.as_str()), ("Content-Type", "application/offset+octet-stream")];
        self.tus(("PATCH", &format!("/uploads/v1/{case}/{hash}")), &headers, part)
    }

    /// Says that it appends all of `part`, and hangs up after `sent` bytes of it.
    pub(super) fn cut(&self, (case, hash): (&str, &str), offset: usize, (part, sent): (&[u8], usize)) {
        let offset = offset.to_string();
        let headers = [
            ("Upload-Offset", offset.as_str()),
            ("Content-Type", "application/offset+octet-stream"),
            ("Tus-Resumable", "1.0.0"),
        ];
        let mut stream = self.open(("PATCH", &format!("/uploads/v1/{case}/{hash}")), &headers, part.len());
        stream.write_all(&part[..sent]).expect("writes");
        drop(stream.shutdown(Shutdown::Both));
    }
}
