//! One WebSocket: authorised, subprotocol `doorstep.v1`, bounded messages, small buffers.
//!
//! Writes go through a task of their own, so that a full socket never keeps this side from reading.
//! Never looks into a frame.

use std::time::Duration;

use doorstep_protocol::limits;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::{AUTHORIZATION, SEC_WEBSOCKET_PROTOCOL};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Bytes, Error, Message};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config};

use super::SyncFailure;
use crate::auth::{authorization, socket_url};
use crate::enrol::{Problem, fetch_nonce};
use crate::store::Identity;
use crate::trust;

const CONNECT: Duration = Duration::from_secs(10);
const GOODBYE: Duration = Duration::from_secs(2);
const PING_EVERY: Duration = Duration::from_secs(20);
const BUFFER: usize = 4 * 1024;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What arrived.
pub(super) enum Received {
    Frame(Bytes),
    /// A pong: the other side is there.
    Alive,
    Closed,
}

/// One WebSocket.
pub(super) struct Connection {
    stream: SplitStream<Socket>,
    outgoing: UnboundedSender<Message>,
    pinged: Instant,
}

impl Connection {
    /// Fetches a nonce, signs, connects.
    pub(super) async fn open(identity: &Identity, url: &str) -> Result<Self, SyncFailure> {
        let nonce = fetch_nonce(url).await?;
        let socket = socket_url(url);
        let unreachable = |why: String| SyncFailure::Unreachable { url: socket.clone(), why };
        let mut request =
            socket.as_str().into_client_request().map_err(|error| unreachable(error.to_string()))?;
        let token =
            HeaderValue::from_str(&authorization(identity, &nonce)).expect("base64url is a header value");
        request.headers_mut().insert(AUTHORIZATION, token);
        request.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(limits::SUBPROTOCOL));
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(BUFFER)
            .max_message_size(Some(limits::MAX_PAGE_FRAME_BYTES))
            .max_frame_size(Some(limits::MAX_PAGE_FRAME_BYTES));
        let tls = socket.starts_with("wss:").then(|| Connector::Rustls(trust::tls()));
        let connecting = timeout(CONNECT, connect_async_tls_with_config(request, Some(config), true, tls));
        let connected = connecting.await.map_err(|_| unreachable("no answer within ten seconds".into()))?;
        let (socket, _) = connected.map_err(|error| match error {
            Error::Http(response) => {
                let body = response.body().as_deref().unwrap_or_default();
                SyncFailure::Refused(Box::new(Problem::read(response.status().as_u16(), body)))
            }
            error => unreachable(error.to_string()),
        })?;
        let (sink, stream) = socket.split();
        let (outgoing, queue) = unbounded_channel();
        tokio::spawn(write(sink, queue));
        Ok(Connection { stream, outgoing, pinged: Instant::now() })
    }

    /// Queues a frame. A connection that is gone shows when something is received.
    pub(super) fn send(&mut self, bytes: Vec<u8>) {
        drop(self.outgoing.send(Message::Binary(bytes.into())));
    }

    /// Asks the other side for a sign of life now and then.
    pub(super) fn keep_alive(&mut self) {
        if self.pinged.elapsed() > PING_EVERY {
            self.pinged = Instant::now();
            drop(self.outgoing.send(Message::Ping(Bytes::new())));
        }
    }

    /// The next thing that arrives. May be cancelled.
    pub(super) async fn receive(&mut self) -> Received {
        match self.stream.next().await {
            Some(Ok(Message::Binary(bytes))) => Received::Frame(bytes),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Received::Closed,
            Some(Ok(_)) => Received::Alive,
        }
    }

    /// Says goodbye after all that was queued, and waits a moment for the answer.
    pub(super) async fn close(&mut self) {
        drop(self.outgoing.send(Message::Close(None)));
        let ended = async { while let Some(Ok(_)) = self.stream.next().await {} };
        drop(timeout(GOODBYE, ended).await);
    }
}

async fn write(mut sink: SplitSink<Socket, Message>, mut queue: UnboundedReceiver<Message>) {
    while let Some(message) = queue.recv().await {
        if sink.feed(message).await.is_err() {
            return;
        }
        while let Ok(message) = queue.try_recv() {
            if sink.feed(message).await.is_err() {
                return;
            }
        }
        if sink.flush().await.is_err() {
            return;
        }
    }
}
