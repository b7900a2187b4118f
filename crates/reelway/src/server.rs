//! Sockets: the one port, the socket in the data directory, and how the process ends. What is served
//! on them is put together in `front.rs` and `admin.rs`.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::admin;
use crate::front::Front;
use crate::wiring::House;

/// Longest time for a request's head, and for an idle kept-alive connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// Most bytes of a request that are buffered before they are asked for; also the longest head.
const READ_BUFFER_BYTES: usize = 64 * 1024;
/// Connections that are open at once; further ones wait in the kernel's queue. Waiting clients hold one
/// each.
const CONNECTIONS_MAX: usize = 16_384;
/// Files that are open beside connections: database, blobs, spooled bodies, connections to the outside.
const OTHER_FILES: u64 = 2_048;
/// Pause after an accept that failed for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How long open requests and the belts may go on after a stop. The process ends within ten seconds.
const DRAIN: Duration = Duration::from_secs(9);

/// A house at its sockets, ready to serve.
pub struct Server {
    house: Arc<House>,
    port: TcpListener,
    socket: Option<(UnixListener, PathBuf)>,
}

impl Server {
    /// Binds the one port, and the socket in the data directory when `socket` is given.
    ///
    /// # Errors
    /// [`io::Error`] when an address cannot be bound.
    pub async fn bind(house: Arc<House>, listen: SocketAddr, socket: Option<PathBuf>) -> io::Result<Server> {
        let port = TcpListener::bind(listen).await?;
        let socket = match socket {
            Some(path) => Some((bind_socket(&path)?, path)),
            None => None,
        };
        Ok(Server { house, port, socket })
    }

    /// The address of the one port.
    ///
    /// # Errors
    /// [`io::Error`] when the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.port.local_addr()
    }

    /// Serves and turns the belts until `stop`; then no connection is accepted any more, open
    /// requests end, the belts stop and give their leases back.
    pub async fn run(self, stop: CancellationToken) {
        let connections = GracefulShutdown::new();
        let permits = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let belts = tokio::spawn(Arc::clone(&self.house.engine).run(stop.clone()));
        let office = {
            let (house, stop) = (Arc::clone(&self.house), stop.clone());
            tokio::spawn(async move {
                let engine = Arc::clone(&house.engine);
                house.office.keep_in_step(engine, &house.providers, stop).await;
            })
        };
        let prices = tokio::spawn(Arc::clone(&self.house.engine).keep_prices_in_step(stop.clone()));
        let rates = {
            let (house, stop) = (Arc::clone(&self.house), stop.clone());
            tokio::spawn(async move {
                house
                    .rates
                    .keep_exchanging(house.engine.store().registry(), stop)
                    .await;
            })
        };
        let front = Arc::new(Front::new(Arc::clone(&self.house)));
        let admin = admin::over_socket(Arc::clone(&self.house));
        let over_tcp = accept_tcp(&self.port, &front, &connections, &permits);
        tokio::select! {
            () = over_tcp => {}
            () = accept_unix(self.socket.as_ref(), &admin, &connections, &permits) => {}
            () = stop.cancelled() => {}
        }
        self.house.closing.cancel();
        drop(self.port);
        if let Some((_, path)) = &self.socket {
            drop(std::fs::remove_file(path));
        }
        let ending = async { tokio::join!(connections.shutdown(), belts, office, prices, rates) };
        if tokio::time::timeout(DRAIN, ending).await.is_err() {
            tracing::warn!("server.cut_off: some requests or steps did not end in time");
        }
    }
}

/// Asks the system for as many open files as all connections may need; it often allows more than it
/// gives unasked.
pub fn allow_connections() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = CONNECTIONS_MAX as u64 + OTHER_FILES;
    let limit = getrlimit(Resource::Nofile);
    let allowed = limit.maximum.map_or(wanted, |most| most.min(wanted));
    if limit.current.is_some_and(|current| current < allowed) {
        let raised = Rlimit {
            current: Some(allowed),
            maximum: limit.maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, "server.files_limited: the limit of open files cannot be raised");
        }
    }
    if allowed < wanted {
        tracing::warn!(
            allowed,
            wanted,
            "server.files_limited: fewer files may be open than all connections need; raise `ulimit -n`"
        );
    }
}

/// A socket that only its owner can open. What lies at its path is left over from a process that
/// died: the database's lock, which is held by now, proves that no other lives.
fn bind_socket(path: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn accept_tcp(
    port: &TcpListener,
    front: &Arc<Front>,
    connections: &GracefulShutdown,
    permits: &Arc<Semaphore>,
) {
    loop {
        let Ok(permit) = Arc::clone(permits).acquire_owned().await else {
            return;
        };
        match port.accept().await {
            Ok((stream, peer)) => {
                // Answers are written whole; waiting for more would only add latency.
                drop(stream.set_nodelay(true));
                let (front, peer) = (Arc::clone(front), peer.ip());
                let service = service_fn(move |request: hyper::Request<Incoming>| {
                    let front = Arc::clone(&front);
                    async move { Ok::<_, Infallible>(front.answer(request.map(Body::new), peer).await) }
                });
                serve(stream, service, connections, permit);
            }
            Err(error) => accept_failed(&error).await,
        }
    }
}

async fn accept_unix(
    socket: Option<&(UnixListener, PathBuf)>,
    app: &Router,
    connections: &GracefulShutdown,
    permits: &Arc<Semaphore>,
) {
    let Some((socket, _)) = socket else {
        return std::future::pending().await;
    };
    loop {
        let Ok(permit) = Arc::clone(permits).acquire_owned().await else {
            return;
        };
        match socket.accept().await {
            Ok((stream, _)) => {
                let service = TowerToHyperService::new(app.clone());
                serve(stream, service, connections, permit);
            }
            Err(error) => accept_failed(&error).await,
        }
    }
}

async fn accept_failed(error: &io::Error) {
    let gone = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    );
    if !gone {
        tracing::warn!(%error, "server.accept_failed: a connection could not be accepted");
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }
}

fn serve<S, A>(stream: S, service: A, connections: &GracefulShutdown, permit: OwnedSemaphorePermit)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    A: Service<hyper::Request<Incoming>, Response = Response, Error = Infallible> + Send + 'static,
    A::Future: Send,
{
    // HTTP/1 only: the reader that tells HTTP/2 apart by its first bytes has no time-out.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(READ_BUFFER_BYTES)
        .half_close(true)
        .serve_connection(TokioIo::new(stream), service);
    let watched = connections.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = watched.await {
            tracing::debug!(%error, "server.connection_ended: a connection broke off");
        }
        drop(permit);
    });
}
