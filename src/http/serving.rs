//! The server's thread: from the first connection to the last.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::runtime;
use tokio::sync::oneshot;

use super::answer::Site;
use super::log::Log;
use super::peer;
use crate::error::{Error, Result};

/// Files that stand in the place of others: the path below the web root, and the file.
pub type Overlay = BTreeMap<String, PathBuf>;

/// A web server on a free port of the loopback address; it ends when this is dropped.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    log: Log,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Serving {
    /// Serves the web root `www` under the path `base` (empty, or `/a/b`) of the server.
    ///
    /// # Errors
    /// [`Error::Io`] if the web root is not there, or the system gives no port or thread.
    pub fn start(www: &Path, base: &str, overlay: Overlay) -> Result<Self> {
        let refused = |error| Error::io("serve", www, error);
        let log = Log::new();
        let www = www.canonicalize().map_err(|error| Error::io("serve", www, error))?;
        let site = Site { www: www.clone(), base: base.to_owned(), overlay, log: log.clone() };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(refused)?;
        listener.set_nonblocking(true).map_err(refused)?;
        let address = listener.local_addr().map_err(refused)?;
        let runtime = runtime::Builder::new_current_thread()
            .enable_io()
            .max_blocking_threads(8)
            .build()
            .map_err(refused)?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new()
            .name("http".to_owned())
            .spawn(move || {
                runtime.spawn(accept(listener, address, Arc::new(site)));
                let _ = runtime.block_on(stopped);
                runtime.shutdown_background();
            })
            .map_err(refused)?;
        Ok(Self { address, log, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it was asked for.
    pub fn log(&self) -> &Log {
        &self.log
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// One task a connection; what a client does wrong ends its connection and no more.
async fn accept(listener: TcpListener, address: SocketAddr, site: Arc<Site>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        // Too many open files pass; everything else is the client's end of it.
        let Ok((stream, client)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        if !peer::is_ours(client, address) {
            continue;
        }
        let site = Arc::clone(&site);
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let site = Arc::clone(&site);
                async move { Ok::<_, std::convert::Infallible>(site.answer(request).await) }
            });
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    fn talk(serving: &Serving, request: &str) -> String {
        let mut stream = TcpStream::connect(serving.address()).expect("connected");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("read");
        String::from_utf8(answer).expect("text")
    }

    fn site() -> (tempfile::TempDir, Serving) {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(dir.path().join("yum")).expect("made");
        std::fs::write(dir.path().join("yum/a"), "0123456789").expect("written");
        std::fs::write(dir.path().join("other"), "other").expect("written");
        let overlay = Overlay::from([("cfg".to_owned(), dir.path().join("other"))]);
        let serving = Serving::start(dir.path(), "/boot", overlay).expect("served");
        (dir, serving)
    }

    #[test]
    fn only_this_machine_reaches_it() {
        let (_dir, serving) = site();
        assert!(serving.address().ip().is_loopback());
    }

    #[test]
    fn another_user_of_this_machine_is_not_answered() {
        use std::os::unix::process::CommandExt;
        if !rustix::process::geteuid().is_root() {
            return println!("skipped: needs root, to be another user");
        }
        let (_dir, serving) = site();
        let ask = |uid| {
            let script = format!(
                "exec 3<>/dev/tcp/127.0.0.1/{}; printf 'GET /boot/yum/a HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3",
                serving.address().port()
            );
            let mut bash = std::process::Command::new("bash");
            bash.args(["-c", &script]).current_dir("/").uid(uid).gid(uid);
            String::from_utf8_lossy(&bash.output().expect("bash").stdout).into_owned()
        };
        assert!(ask(0).contains("0123456789"), "root is");
        assert_eq!(ask(65534), "");
    }

    #[test]
    fn several_requests_go_over_one_connection_and_into_the_log() {
        let (_dir, serving) = site();
        let answer = talk(
            &serving,
            "GET /boot//yum///a HTTP/1.1\r\nHost: x\r\nUser-Agent: me/1\r\n\r\n\
             HEAD /boot/yum/a HTTP/1.1\r\nHost: x\r\n\r\n\
             GET /boot/yum/a HTTP/1.1\r\nHost: x\r\nRange: bytes=4-6\r\n\r\n\
             GET /boot/cfg HTTP/1.1\r\nHost: x\r\n\r\n\
             GET /boot/none HTTP/1.1\r\nHost: x\r\n\r\n\
             GET /yum/a HTTP/1.1\r\nHost: x\r\n\r\n\
             PUT /boot/yum/a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
        let bodies = |text: &str| answer.matches(text).count();
        assert_eq!(bodies("0123456789"), 1, "HEAD has none: {answer}");
        assert_eq!(bodies("\r\n\r\n456"), 1, "{answer}");
        assert_eq!(bodies("\r\n\r\nother"), 1, "{answer}");
        let seen: Vec<_> = serving
            .log()
            .requests()
            .into_iter()
            .map(|a| (a.path, a.status, a.first, a.sent, a.length))
            .collect();
        let expected = [
            ("yum/a", 200, 0, 10, 10),
            ("yum/a", 200, 0, 0, 10),
            ("yum/a", 206, 4, 3, 10),
            ("cfg", 200, 0, 5, 5),
            ("none", 404, 0, 0, 0),
            ("yum/a", 404, 0, 0, 0),
            ("yum/a", 405, 0, 0, 0),
        ];
        let expected = expected.map(|(path, s, f, n, l)| (path.to_owned(), s, f, n, l));
        assert_eq!(seen, expected);
        assert_eq!(serving.log().requests()[0].agent, "me/1");
    }

    #[test]
    fn a_client_that_goes_away_is_seen_to_have_got_less() {
        let dir = tempfile::tempdir().expect("a directory");
        let big = std::fs::File::create(dir.path().join("big")).expect("made");
        big.set_len(64 << 20).expect("a hole");
        let serving = Serving::start(dir.path(), "", Overlay::new()).expect("served");
        let mut stream = TcpStream::connect(serving.address()).expect("connected");
        stream.write_all(b"GET /big HTTP/1.1\r\nHost: x\r\n\r\n").expect("sent");
        stream.read_exact(&mut [0; 1000]).expect("begun");
        drop(stream);
        let begun = std::time::Instant::now();
        let access = loop {
            let access = serving.log().requests().remove(0);
            if access.over || begun.elapsed().as_secs() > 60 {
                break access;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        };
        assert!(access.over && access.sent < access.length, "{access:?}");
    }
}
