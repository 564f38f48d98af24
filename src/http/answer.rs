//! One request answered.

use std::io;
use std::path::PathBuf;

use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::header::{ALLOW, CONTENT_LENGTH, CONTENT_RANGE, USER_AGENT};
use hyper::{Method, Request, Response, StatusCode};
use tower_http::services::ServeFile;

use super::body::Counted;
use super::log::{Access, Log};
use super::path::{find, web_path};
use super::serving::Overlay;

/// Longest path and agent that the log keeps, in characters.
const SHOWN_MAX: usize = 1024;

/// What is served.
pub(super) struct Site {
    /// The web root without links.
    pub(super) www: PathBuf,
    /// Its path on the server.
    pub(super) base: String,
    /// Files that stand in the place of the web root's.
    pub(super) overlay: Overlay,
    pub(super) log: Log,
}

impl Site {
    /// Answers a request; what cannot be answered well is an answer too.
    pub(super) async fn answer(&self, request: Request<Incoming>) -> Response<Counted> {
        let at = self.log.now();
        let shown = |text: &str| text.chars().take(SHOWN_MAX).collect::<String>();
        let asked = request.uri().path();
        let path = web_path(asked, &self.base);
        let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
        let mut access = Access {
            at,
            took: std::time::Duration::ZERO,
            method: request.method().to_string(),
            path: shown(path.as_deref().unwrap_or(asked.trim_start_matches('/'))),
            agent: shown(agent.unwrap_or_default()),
            status: 0,
            length: 0,
            first: 0,
            sent: 0,
            over: false,
        };
        let response = self.respond(request, path.as_deref()).await;
        access.status = response.status().as_u16();
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        if access.is_success() {
            access.length = header(CONTENT_LENGTH).and_then(|n| n.parse().ok()).unwrap_or(0);
        }
        if let Some((first, length)) = header(CONTENT_RANGE).and_then(range) {
            (access.first, access.length) = (first, length);
        }
        let number = self.log.add(access);
        response.map(|inner| Counted { inner, log: self.log.clone(), number })
    }

    async fn respond(&self, request: Request<Incoming>, path: Option<&str>) -> Response<Boxed> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut response = status(StatusCode::METHOD_NOT_ALLOWED);
            response
                .headers_mut()
                .insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        let file =
            path.and_then(|path| self.overlay.get(path).cloned().or_else(|| find(&self.www, path)));
        let Some(file) = file else { return status(StatusCode::NOT_FOUND) };
        match ServeFile::new(file).try_call(request).await {
            Ok(response) => response.map(|body| body.boxed_unsync()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => status(StatusCode::NOT_FOUND),
            Err(_) => status(StatusCode::FORBIDDEN),
        }
    }
}

type Boxed = http_body_util::combinators::UnsyncBoxBody<hyper::body::Bytes, io::Error>;

fn status(status: StatusCode) -> Response<Boxed> {
    let mut response = Response::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}

/// First byte and whole length of `bytes 0-99/1000` (RFC 9110, 14.4).
fn range(value: &str) -> Option<(u64, u64)> {
    let (range, length) = value.strip_prefix("bytes ")?.split_once('/')?;
    let first = range.split_once('-').and_then(|(first, _)| first.parse().ok());
    Some((first.unwrap_or(0), length.parse().ok()?))
}
