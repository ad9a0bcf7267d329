//! Certificates that an administrator adds to those of the machine: the file named by `AWS_CA_BUNDLE`.
//!
//! The machine's own come from its usual places, or from `SSL_CERT_FILE` and `SSL_CERT_DIR`. The file is read and
//! checked here, because the HTTP client would panic on one that holds no certificates.

use std::fs;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::network_error::CaBundleError;

const VARIABLE: &str = "AWS_CA_BUNDLE";

/// Which servers are trusted.
pub(super) fn trusted() -> Result<TlsContext, CaBundleError> {
    let mut store = TrustStore::default();
    if let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) {
        let wrong = |why: String| CaBundleError(format!("{VARIABLE} names {}, {why}", path.display()));
        let pem = fs::read(&path).map_err(|error| wrong(format!("which cannot be read: {error}")))?;
        check(&pem).map_err(|why| wrong(why.to_owned()))?;
        store.add_pem_certificate(pem);
    }
    TlsContext::builder().with_trust_store(store).build().map_err(|error| CaBundleError(error.to_string()))
}

/// Certificates in PEM, at least one, and each of them readable.
fn check(pem: &[u8]) -> Result<(), &'static str> {
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|_| "which is not a PEM file")?;
    if certificates.is_empty() {
        return Err("in which there is no certificate (PEM: -----BEGIN CERTIFICATE-----)");
    }
    let mut roots = RootCertStore::empty();
    match certificates.into_iter().try_for_each(|certificate| roots.add(certificate)) {
        Ok(()) => Ok(()),
        Err(_) => Err("in which a certificate cannot be used"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_holds_certificates() {
        assert!(check(b"").unwrap_err().contains("no certificate"));
        assert!(check(b"just a text").unwrap_err().contains("no certificate"));
        let cut = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert!(check(cut).unwrap_err().contains("cannot be used"));
        assert!(check(b"-----BEGIN CERTIFICATE-----\nAAAA\n").unwrap_err().contains("PEM"));
    }
}
