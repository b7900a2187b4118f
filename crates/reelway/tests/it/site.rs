//! A small web site at a free port of this machine that answers as a test tells it, and a resolver that
//! reads from a list. Holds no tests.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use reelway::transport::lookup::Resolve;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the site does with a request.
pub(crate) enum Act {
    /// Writes these bytes and closes.
    Say(Vec<u8>),
    /// Writes these bytes and then nothing more, with the connection open.
    Hang(Vec<u8>),
    /// Writes these bytes again and again.
    Repeat(Vec<u8>, Vec<u8>),
    /// Writes these bytes, then a single one after each pause.
    Drip(Vec<u8>, Duration),
}

/// A whole answer with a body.
pub(crate) fn answer(status: u16, content_type: &str, body: &[u8]) -> Act {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    Act::Say([head.as_bytes(), body].concat())
}

/// An answer that sends on.
pub(crate) fn redirect(location: &str) -> Act {
    let head =
        format!("HTTP/1.1 302 x\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    Act::Say(head.into_bytes())
}

/// An answer whose body never ends.
pub(crate) fn endless() -> Act {
    let head = "HTTP/1.1 200 x\r\ncontent-type: image/png\r\nconnection: close\r\n\r\n";
    Act::Repeat(head.into(), vec![7; 4_096])
}

/// A running site.
pub(crate) struct Site {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    running: JoinHandle<()>,
}

impl Site {
    /// A site at an address; port 0 for a free one. The act is chosen by the request's path.
    pub(crate) async fn at(address: &str, act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Site {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (noted, act) = (Arc::clone(&heads), Arc::new(act));
        let running = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&noted), Arc::clone(&act)));
            }
        });
        Site {
            address,
            heads,
            running,
        }
    }

    /// A site at a free port of `127.0.0.1`.
    pub(crate) async fn start(act: impl Fn(&str) -> Act + Send + Sync + 'static) -> Site {
        Site::at("127.0.0.1:0", act).await
    }

    /// What came first on each connection, as text.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("no panic before").clone()
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn serve<F: Fn(&str) -> Act>(mut stream: TcpStream, heads: Arc<Mutex<Vec<String>>>, act: Arc<F>) {
    let mut head = vec![0; 16 * 1_024];
    let read = stream.read(&mut head).await.unwrap_or(0);
    let head = String::from_utf8_lossy(&head[..read]).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    heads.lock().expect("no panic before").push(head);
    match act(&path) {
        Act::Say(bytes) => {
            let _ = stream.write_all(&bytes).await;
        }
        Act::Hang(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending::<()>().await;
        }
        Act::Repeat(bytes, again) => {
            let _ = stream.write_all(&bytes).await;
            while stream.write_all(&again).await.is_ok() {}
        }
        Act::Drip(bytes, pause) => {
            let _ = stream.write_all(&bytes).await;
            while stream.write_all(&[7]).await.is_ok() {
                tokio::time::sleep(pause).await;
            }
        }
    }
}

/// Answers in their order; the last one stays.
pub(crate) struct Answers {
    list: Mutex<VecDeque<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Answers {
    /// A resolver that says these.
    pub(crate) fn of(answers: &[&[&str]]) -> Arc<Answers> {
        let parsed = answers.iter().map(|answer| {
            let addresses = answer.iter().map(|text| text.parse().expect("an address"));
            addresses.collect()
        });
        Arc::new(Answers {
            list: Mutex::new(parsed.collect()),
            asked: AtomicUsize::new(0),
        })
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Resolve for Answers {
    async fn resolve(&self, _name: &str) -> std::io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut list = self.list.lock().expect("no panic before");
        let answer = if list.len() > 1 {
            list.pop_front()
        } else {
            list.front().cloned()
        };
        Ok(answer.unwrap_or_default())
    }
}
