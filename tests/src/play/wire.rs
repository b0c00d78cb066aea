//! A small client of its own for `doorstep.v1`: it knows `doorstep-v1.cddl` and the output of
//! `doorstep-device auth`, and nothing of Doorstep's code.
//!
//! Frames are written by hand, so that wrong ones can be written too.

use std::collections::VecDeque;
use std::net::TcpStream;
use std::time::Duration;

use minicbor::data::Type;
use minicbor::{Decoder, Encoder};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use tokio_tungstenite::tungstenite::client::{IntoClientRequest, client};
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{Error, HandshakeError, Message, WebSocket};

/// What the centre said, as far as tests ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The hello was answered; true: nothing follows.
    Welcome(bool),
    /// Durable: document and hashes.
    Ack([u8; 16], Vec<[u8; 32]>),
    /// Refused: document, hashes with codes.
    Reject([u8; 16], Vec<([u8; 32], String)>),
    /// A page: its cursor, entries, and whether it is the last.
    Page(Vec<u8>, u64, bool),
    /// The session ends: code and message.
    Fault(String, String),
    /// Another frame.
    Other(u64),
    /// The connection is closed.
    Closed,
    /// Nothing within the time.
    Silence,
}

/// What a hello says. Positions as in the CDDL.
#[derive(Clone, Debug, Default)]
pub struct Hello<'a> {
    /// Wire version and schema; 1 and 1 if zero.
    pub version: u16,
    /// Sessions so far, this one included.
    pub counter: u64,
    /// The device's clock, milliseconds since 1970.
    pub now: i64,
    /// From the last stored page.
    pub cursor: Option<&'a [u8]>,
    /// Documents and hashes that follow.
    pub unsent: &'a [([u8; 16], Vec<[u8; 32]>)],
    /// Stay connected.
    pub live: bool,
}

/// The bytes of a hello.
pub fn hello(hello: &Hello<'_>) -> Vec<u8> {
    frame(0, |e| {
        e.array(1)?.array(10)?;
        e.u16(hello.version.max(1))?.u16(1)?.u64(hello.counter)?.i64(hello.now)?;
        match hello.cursor {
            Some(cursor) => e.bytes(cursor)?,
            None => e.null()?,
        };
        e.array(hello.unsent.len() as u64)?;
        for (document, hashes) in hello.unsent {
            e.array(2)?.bytes(document)?.array(hashes.len() as u64)?;
            for hash in hashes {
                e.bytes(hash)?;
            }
        }
        e.array(0)?.array(0)?.bool(hello.live)?.u32(0)?;
        Ok(())
    })
}

/// The bytes of a push.
pub fn push(document: &[u8; 16], changes: &[Vec<u8>]) -> Vec<u8> {
    frame(1, |e| {
        e.array(2)?.bytes(document)?.array(changes.len() as u64)?;
        changes.iter().try_for_each(|change| e.bytes(change).map(drop))
    })
}

/// The bytes of a stored.
pub fn stored(cursor: &[u8]) -> Vec<u8> {
    frame(3, |e| e.array(2)?.bytes(cursor)?.array(0).map(drop))
}

type Written = Result<(), minicbor::encode::Error<std::convert::Infallible>>;

fn frame(number: u64, fields: impl FnOnce(&mut Encoder<&mut Vec<u8>>) -> Written) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes);
    let done = encoder.array(2).and_then(|e| e.u64(number)).map(drop).and_then(|()| fields(&mut encoder));
    done.expect("writing to memory does not fail");
    bytes
}

/// What a push frame pushes: its document, and the hashes of its changes.
type Pushed = ([u8; 16], Vec<[u8; 32]>);

fn read_push(bytes: &[u8]) -> Option<Pushed> {
    let mut d = Decoder::new(bytes);
    d.array().ok()?;
    if d.u64().ok()? != 1 {
        return None;
    }
    d.array().ok()?;
    let document = fixed(&mut d).ok()?;
    let hash = |chunk: &[u8]| Sha256::digest(chunk.get(8..).unwrap_or(chunk)).into();
    let changes = (0..d.array().ok()??).map(|_| d.bytes().map(hash));
    Some((document, changes.collect::<Result<_, _>>().ok()?))
}

/// The frames of a message: one, or a pack of several.
fn frames(message: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut d = Decoder::new(message);
    d.array().ok()?;
    if d.u64().ok()? != 9 {
        return Some(vec![message.to_vec()]);
    }
    d.array().ok()?;
    let size = usize::try_from(d.u64().ok()?).ok()?;
    let bytes = zstd::bulk::decompress(d.bytes().ok()?, size).ok()?;
    let (mut d, mut frames) = (Decoder::new(&bytes), Vec::new());
    while d.position() < bytes.len() {
        let begin = d.position();
        d.skip().ok()?;
        frames.push(bytes[begin..d.position()].to_vec());
    }
    Some(frames)
}

fn read(bytes: &[u8], pushed: &[Pushed]) -> Result<Heard, minicbor::decode::Error> {
    let mut d = Decoder::new(bytes);
    d.array()?;
    let number = d.u64()?;
    d.array()?;
    Ok(match number {
        0 => {
            d.array()?;
            (0..5).try_for_each(|_| d.skip())?;
            Heard::Welcome(d.bool()?)
        }
        1 => {
            let push = d.u64()?;
            let without = list(&mut d, |d| d.u64())?;
            let (document, hashes) =
                usize::try_from(push).ok().and_then(|at| pushed.get(at)).cloned().unwrap_or_default();
            let left = hashes.into_iter().enumerate().filter(|(at, _)| !without.contains(&(*at as u64)));
            Heard::Ack(document, left.map(|(_, hash)| hash).collect())
        }
        2 => Heard::Reject(fixed(&mut d)?, list(&mut d, |d| Ok((fixed(d)?, d.str()?.to_owned())))?),
        4 => {
            let cursor = d.bytes()?.to_vec();
            let entries = list(&mut d, |d| d.u64().map(drop))?.len() as u64;
            d.skip()?;
            Heard::Page(cursor, entries, d.bool()?)
        }
        5 => Heard::Fault(d.str()?.to_owned(), d.str()?.to_owned()),
        other => Heard::Other(other),
    })
}

fn fixed<const N: usize>(d: &mut Decoder<'_>) -> Result<[u8; N], minicbor::decode::Error> {
    d.bytes()?.try_into().map_err(|_| minicbor::decode::Error::message("another length"))
}

/// The items of an array; `item` reads the first fields of each, the others are skipped.
fn list<'b, T>(
    d: &mut Decoder<'b>,
    item: impl Fn(&mut Decoder<'b>) -> Result<T, minicbor::decode::Error>,
) -> Result<Vec<T>, minicbor::decode::Error> {
    let mut items = Vec::new();
    for _ in 0..d.array()?.unwrap_or(0) {
        let mut probe = d.clone();
        if probe.datatype()? == Type::Array {
            probe.array()?;
        }
        items.push(item(&mut probe)?);
        d.skip()?;
    }
    Ok(items)
}

/// One connection.
#[derive(Debug)]
pub struct Socket {
    socket: WebSocket<TcpStream>,
    pushed: Vec<Pushed>,
    /// Frames of a message that were not yet asked for.
    heard: VecDeque<Vec<u8>>,
}

impl Socket {
    /// Connects as `doorstep-device auth` says. An upgrade that is refused gives its HTTP status.
    pub fn open(auth: &Json) -> Result<Self, String> {
        let url = auth["url"].as_str().unwrap_or_default();
        let mut request = url.into_client_request().map_err(|error| error.to_string())?;
        for (name, value) in auth["headers"].as_object().into_iter().flatten() {
            let name: HeaderName = name.parse().map_err(|_| format!("{name} is no header"))?;
            let value = HeaderValue::from_str(value.as_str().unwrap_or_default())
                .map_err(|error| error.to_string())?;
            request.headers_mut().insert(name, value);
        }
        let address = url.trim_start_matches("ws://").split('/').next().unwrap_or_default();
        let stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
        stream.set_nodelay(true).map_err(|error| error.to_string())?;
        match client(request, stream) {
            Ok((socket, _)) => Ok(Socket { socket, pushed: Vec::new(), heard: VecDeque::new() }),
            Err(HandshakeError::Failure(Error::Http(response))) => {
                Err(format!("HTTP {}", response.status().as_u16()))
            }
            Err(error) => Err(error.to_string()),
        }
    }

    /// Sends one frame. Errors are heard later, as a close.
    pub fn send(&mut self, frame: Vec<u8>) {
        self.pushed.extend(read_push(&frame));
        drop(self.socket.send(Message::Binary(frame.into())));
    }

    /// Sends text, which no frame is.
    pub fn send_text(&mut self, text: &str) {
        drop(self.socket.send(Message::Text(text.to_owned().into())));
    }

    /// The next frame.
    pub fn hear(&mut self, within: Duration) -> Heard {
        if self.socket.get_ref().set_read_timeout(Some(within)).is_err() {
            return Heard::Closed;
        }
        loop {
            if let Some(frame) = self.heard.pop_front() {
                return read(&frame, &self.pushed).unwrap_or(Heard::Other(u64::MAX));
            }
            return match self.socket.read() {
                Ok(Message::Binary(bytes)) => {
                    let Some(frames) = frames(&bytes) else { return Heard::Other(u64::MAX) };
                    self.heard.extend(frames);
                    continue;
                }
                Ok(Message::Close(_)) => Heard::Closed,
                Ok(_) => continue,
                Err(Error::Io(error))
                    if matches!(
                        error.kind(),
                        std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                    ) =>
                {
                    Heard::Silence
                }
                Err(_) => Heard::Closed,
            };
        }
    }

    /// Says goodbye and waits for the answer.
    pub fn close(mut self) {
        drop(self.socket.close(None));
        while !matches!(self.hear(Duration::from_secs(2)), Heard::Closed | Heard::Silence) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of the CDDL, not the codec, are what this client is held to.
    #[test]
    fn frames_are_those_of_the_vectors() {
        let document = [1, 160, 196, 80, 108, 0, 114, 2, 130, 2, 2, 2, 2, 2, 2, 2];
        let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let push = push(&document, &[vec![1, 2, 3], vec![4]]);
        assert_eq!(hex(push), "8201825001a0c4506c007202820202020202020282430102034104");
        assert_eq!(hex(stored(b"opaque")), "820382466f706171756580");
    }
}
