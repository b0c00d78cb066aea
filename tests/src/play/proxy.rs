//! A TCP proxy that counts bytes and WebSocket messages each way, after the HTTP upgrade.
//!
//! Reads the headers of frames only, so that what it counts is what went over the wire.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What went one way after an upgrade.
#[derive(Debug, Default)]
struct Way {
    bytes: AtomicU64,
    messages: AtomicU64,
    /// Bytes of `Way::bytes` in closing handshakes.
    closing: AtomicU64,
}

/// Bytes and data messages each way, since the last reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Bytes to the server after the upgrade.
    pub up: u64,
    /// Bytes from the server after the upgrade.
    pub down: u64,
    /// Data messages to the server.
    pub messages_up: u64,
    /// Data messages from the server.
    pub messages_down: u64,
    /// Bytes of closing handshakes, both ways; they are in `up` and `down`.
    pub closing: u64,
}

/// A running proxy. It lives as long as the process.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// Where to connect instead of the server.
    pub url: String,
    up: Arc<Way>,
    down: Arc<Way>,
    target: Arc<Mutex<String>>,
    /// Bytes from the server that still pass; then every connection ends.
    left: Arc<AtomicU64>,
}

impl Proxy {
    /// Starts one before a server (`http://host:port`).
    pub fn before(server: &str) -> Result<Self, String> {
        let listener =
            TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no port for the proxy: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        let target = Arc::new(Mutex::new(server.trim_start_matches("http://").to_owned()));
        let (up, down, left) = (Arc::default(), Arc::default(), Arc::new(AtomicU64::new(u64::MAX)));
        let proxy = Proxy { url: format!("http://{address}"), up, down, target, left };
        let (up, down, target) = (Arc::clone(&proxy.up), Arc::clone(&proxy.down), Arc::clone(&proxy.target));
        let (endless, left) = (Arc::new(AtomicU64::new(u64::MAX)), Arc::clone(&proxy.left));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let target = target.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let Ok(server) = TcpStream::connect(target) else { continue };
                drop((client.set_nodelay(true), server.set_nodelay(true)));
                carry(&client, &server, (&up, &endless));
                carry(&server, &client, (&down, &left));
            }
        });
        Ok(proxy)
    }

    /// Sends new connections elsewhere.
    pub fn point_to(&self, server: &str) {
        let address = server.trim_start_matches("http://");
        address.clone_into(&mut self.target.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Cuts every connection once so many more bytes have come from the server; `u64::MAX`: never.
    pub fn cut_after(&self, bytes: u64) {
        self.left.store(bytes, Ordering::SeqCst);
    }

    /// What was counted since the last time, and begins again.
    pub fn take(&self) -> Counted {
        let take = |number: &AtomicU64| number.swap(0, Ordering::SeqCst);
        Counted {
            up: take(&self.up.bytes),
            down: take(&self.down.bytes),
            messages_up: take(&self.up.messages),
            messages_down: take(&self.down.messages),
            closing: take(&self.up.closing) + take(&self.down.closing),
        }
    }
}

fn carry(from: &TcpStream, to: &TcpStream, (way, left): (&Arc<Way>, &Arc<AtomicU64>)) {
    let (Ok(mut from), Ok(mut to)) = (from.try_clone(), to.try_clone()) else { return };
    let (way, left) = (Arc::clone(way), Arc::clone(left));
    thread::spawn(move || {
        let (mut buffer, mut meter) = ([0; 16 * 1024], Meter::default());
        while let Ok(n @ 1..) = from.read(&mut buffer) {
            let before = left.load(Ordering::SeqCst);
            let pass = usize::try_from(before).unwrap_or(n).min(n);
            if before != u64::MAX {
                left.store(before.saturating_sub(n as u64), Ordering::SeqCst);
            }
            meter.read(&buffer[..pass], &way);
            if to.write_all(&buffer[..pass]).is_err() || pass < n {
                break;
            }
        }
        drop((to.shutdown(Shutdown::Write), from.shutdown(Shutdown::Read)));
    });
}

/// Follows HTTP until the head of an upgrade ends, then frame headers.
#[derive(Default)]
struct Meter {
    head: Vec<u8>,
    upgraded: bool,
    /// Payload bytes of the frame that are still to come, and whether it closes.
    rest: u64,
    closes: bool,
    header: Vec<u8>,
}

impl Meter {
    fn read(&mut self, mut bytes: &[u8], way: &Way) {
        if !self.upgraded {
            self.head.extend_from_slice(bytes);
            let Some(end) = self.head.windows(4).position(|four| four == b"\r\n\r\n") else { return };
            let text = String::from_utf8_lossy(&self.head[..end]).to_ascii_lowercase();
            if !text.contains("upgrade: websocket") {
                return;
            }
            self.upgraded = true;
            let after = self.head.split_off(end + 4);
            self.frames(&after, way);
            return;
        }
        self.frames(std::mem::take(&mut bytes), way);
    }

    fn frames(&mut self, bytes: &[u8], way: &Way) {
        way.bytes.fetch_add(bytes.len() as u64, Ordering::SeqCst);
        let mut at = 0;
        while at < bytes.len() {
            if self.rest > 0 {
                let n = self.rest.min((bytes.len() - at) as u64);
                self.note(n, way);
                self.rest -= n;
                at += n as usize;
                continue;
            }
            self.header.push(bytes[at]);
            at += 1;
            if let Some(payload) = payload_of(&self.header) {
                let opcode = self.header[0] & 0x0f;
                way.messages.fetch_add(u64::from((1..=2).contains(&opcode)), Ordering::SeqCst);
                self.closes = opcode == 8;
                self.rest = payload;
                self.note(self.header.len() as u64, way);
                self.header.clear();
            }
        }
    }

    fn note(&self, bytes: u64, way: &Way) {
        if self.closes {
            way.closing.fetch_add(bytes, Ordering::SeqCst);
        }
    }
}

/// The payload's length once the header is complete (RFC 6455, section 5.2).
fn payload_of(header: &[u8]) -> Option<u64> {
    let second = *header.get(1)?;
    let mask = if second & 0x80 == 0 { 0 } else { 4 };
    let (extra, short) = match second & 0x7f {
        126 => (2, None),
        127 => (8, None),
        n => (0, Some(u64::from(n))),
    };
    if header.len() < 2 + extra + mask {
        return None;
    }
    let long = header[2..2 + extra].iter().fold(0, |n, byte| n << 8 | u64::from(*byte));
    Some(short.unwrap_or(long))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_however_they_are_cut() {
        let mut wire = b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n".to_vec();
        wire.extend([0x82, 3, 1, 2, 3, 0x82, 126, 1, 0]);
        wire.extend([7; 256]);
        wire.extend([0x88, 0]);
        for cut in 1..wire.len() {
            let (mut meter, way) = (Meter::default(), Way::default());
            wire.chunks(cut).for_each(|part| meter.read(part, &way));
            assert_eq!(way.messages.load(Ordering::SeqCst), 2, "cut {cut}");
            assert_eq!(way.bytes.load(Ordering::SeqCst), 5 + 4 + 256 + 2);
            assert_eq!(way.closing.load(Ordering::SeqCst), 2);
        }
    }
}
