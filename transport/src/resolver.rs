//! Which certificate a client gets: by the protocol it names, so that one port serves agents and browsers.

use std::sync::Arc;

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::https_certificate::HttpsCertificate;
use crate::identity::Identity;
use crate::web_certificates::WebCertificates;

/// On UDP: agents and native viewers meet the identity, browsers a certificate that they know by its hash.
#[derive(Debug)]
pub(crate) struct UdpResolver {
    pub(crate) identity: Identity,
    pub(crate) web: WebCertificates,
}

/// On TCP: agents and native viewers meet the identity, browsers the HTTPS certificate.
#[derive(Debug)]
pub(crate) struct TcpResolver {
    pub(crate) identity: Identity,
    pub(crate) https: HttpsCertificate,
}

impl ResolvesServerCert for UdpResolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(if is_native(&hello) {
            self.identity.certified()
        } else {
            self.web.certified()
        })
    }
}

impl ResolvesServerCert for TcpResolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(if is_native(&hello) {
            self.identity.certified()
        } else {
            self.https.certified()
        })
    }
}

fn is_native(hello: &ClientHello<'_>) -> bool {
    hello
        .alpn()
        .is_some_and(|mut protocols| protocols.any(|protocol| protocol == mayday_protocol::ALPN))
}
