//! A browser that asks for a stream by WebTransport: what it asked for, and the answer. Which origins and paths are welcome is the
//! gateway's business.

use std::net::SocketAddr;
use std::time::Duration;

use web_transport_quinn::http::StatusCode;

use crate::admission::Admission;
use crate::link::{Link, LinkError, Path};
use crate::quic;

/// A browser's open question.
pub struct BrowserRequest {
    request: web_transport_quinn::Request,
    admission: Admission,
}

impl BrowserRequest {
    /// Exchanges the HTTP/3 settings and reads the request.
    pub(crate) async fn read(
        connection: quinn::Connection,
        admission: Admission,
    ) -> Result<Self, web_transport_quinn::ServerError> {
        let request = web_transport_quinn::Request::accept(connection).await?;
        Ok(Self { request, admission })
    }

    /// The path that was asked for, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        self.request.url.path()
    }

    /// The page's origin, as the browser says it.
    #[must_use]
    pub fn origin(&self) -> Option<&str> {
        self.request.headers.get("origin")?.to_str().ok()
    }

    /// Host and port that the browser asked for.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.request.url.authority()
    }

    #[must_use]
    pub fn remote(&self) -> SocketAddr {
        self.request.conn().remote_address()
    }

    /// Lets it in, and waits until it has opened the ordered stream.
    ///
    /// # Errors
    /// When the browser goes away or takes longer than 10 s.
    pub async fn accept(self) -> Result<Link, LinkError> {
        let remote = self.remote();
        let opened = async {
            let session = self
                .request
                .ok()
                .await
                .map_err(|error| LinkError::Lost(error.to_string()))?;
            quic::Carrier::server(session, Path::WebTransport).await
        };
        let carrier = tokio::time::timeout(Duration::from_secs(10), opened)
            .await
            .map_err(|_| LinkError::Lost("no stream was opened in time".to_owned()))??;
        Ok(Link::quic(carrier, remote, Some(self.admission)))
    }

    /// Turns it away with an HTTP status (403 for a wrong origin, 404 for a wrong path).
    pub async fn reject(self, status: u16) {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::FORBIDDEN);
        let connection = self.request.conn().clone();
        let _ = self.request.reject(status).await;
        // The answer must get out before the connection goes.
        let _ = tokio::time::timeout(Duration::from_secs(1), connection.closed()).await;
    }
}
