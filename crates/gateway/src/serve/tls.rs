//! The certificate: read from its files, and read anew when they change, without a restart.

use std::{
    fmt,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, interval_at};
use tokio_rustls::TlsAcceptor;

/// Largest file of a certificate or a key, in bytes; a chain has some thousand.
const MAX_FILE: u64 = 1 << 20;
/// The protocol that is spoken inside (RFC 7301 §6).
const HTTP_1_1: &[u8] = b"http/1.1";

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file that cannot be read.
    #[error("{0} cannot be read: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// A file that is too large to be one.
    #[error("{0} is too large for a certificate or a key")]
    TooLarge(PathBuf),
    /// A file without certificates.
    #[error("{0} holds no certificates in PEM form")]
    NoCertificate(PathBuf),
    /// A file without a key.
    #[error("{0} holds no private key in PEM form")]
    NoKey(PathBuf),
    /// A key that is of another certificate or of an unknown kind.
    #[error("the certificate in {0} cannot be used with the key in {1}: {2}")]
    Unusable(PathBuf, PathBuf, rustls::Error),
}

/// A certificate chain and its key, of two PEM files.
pub struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
    /// A digest of what the files held when they were read last, whether it could be used or not.
    seen: Mutex<[u8; 32]>,
}

impl Certificate {
    /// Reads both files. `chain` begins with the gateway's own certificate.
    ///
    /// # Errors
    /// [`CertificateError`] when they cannot be used.
    pub fn load(chain: PathBuf, key: PathBuf) -> Result<Arc<Self>, CertificateError> {
        let (texts, digest) = read_both(&chain, &key)?;
        let current = certified(&chain, &key, &texts)?;
        Ok(Arc::new(Self { chain, key, current: RwLock::new(Arc::new(current)), seen: Mutex::new(digest) }))
    }

    /// Reads both files again. Returns whether there is a new certificate, with which handshakes are made from now on;
    /// connections that exist go on.
    ///
    /// # Errors
    /// [`CertificateError`] when they cannot be used; then the certificate stays what it was. The same contents are refused
    /// only once.
    pub fn renew(&self) -> Result<bool, CertificateError> {
        // Held while they are read, or one who read them earlier could put the old ones back.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (texts, digest) = read_both(&self.chain, &self.key)?;
        if *seen == digest {
            return Ok(false);
        }
        *seen = digest;
        let fresh = Arc::new(certified(&self.chain, &self.key, &texts)?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(true)
    }

    /// Reads the files anew every so often.
    pub(crate) async fn keep(self: Arc<Self>, every: Duration) {
        let mut ticks = interval_at(Instant::now() + every, every);
        loop {
            ticks.tick().await;
            self.look().await;
        }
    }

    /// Reads the files anew, and says in the log what came of it. Their contents are compared, not their times: those do not
    /// tell two changes of one second apart, nor what was put in place by a link.
    pub async fn look(self: &Arc<Self>) {
        let certificate = self.clone();
        match tokio::task::spawn_blocking(move || certificate.renew()).await {
            Ok(Ok(true)) => tracing::info!("there is a new certificate"),
            Ok(Ok(false)) => {}
            Ok(Err(error)) => tracing::error!(%error, "the certificate stays what it was"),
            Err(error) => tracing::error!(%error, "the certificate was not read"),
        }
    }

    /// What makes a plain connection an encrypted one.
    pub(crate) fn acceptor(self: Arc<Self>) -> std::io::Result<TlsAcceptor> {
        let provider = Arc::new(ring::default_provider());
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config = versions.map_err(std::io::Error::other)?.with_no_client_auth().with_cert_resolver(self);
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("chain", &self.chain).finish_non_exhaustive()
    }
}

/// The contents of both files, and a digest of them.
fn read_both(chain: &Path, key: &Path) -> Result<([Vec<u8>; 2], [u8; 32]), CertificateError> {
    let texts = [read(chain)?, read(key)?];
    let digest = texts.iter().fold(Sha256::new(), |digest, text| digest.chain_update(Sha256::digest(text)));
    Ok((texts, digest.finalize().into()))
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    let mut text = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut text));
    read.map_err(|error| CertificateError::Unreadable(path.into(), error))?;
    if text.len() as u64 > MAX_FILE { Err(CertificateError::TooLarge(path.into())) } else { Ok(text) }
}

fn certified(chain: &Path, key: &Path, texts: &[Vec<u8>; 2]) -> Result<CertifiedKey, CertificateError> {
    let [chain_text, key_text] = texts;
    let certificates = CertificateDer::pem_slice_iter(chain_text).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
    let certificates = certificates.ok_or_else(|| CertificateError::NoCertificate(chain.into()))?;
    let private = PrivateKeyDer::from_pem_slice(key_text).map_err(|_| CertificateError::NoKey(key.into()))?;
    CertifiedKey::from_der(certificates, private, &ring::default_provider())
        .map_err(|error| CertificateError::Unusable(chain.into(), key.into(), error))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey as Made, generate_simple_self_signed};

    use super::*;

    fn made() -> (String, String) {
        let Made { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (cert.pem(), signing_key.serialize_pem())
    }

    fn served(certificate: &Certificate) -> Vec<u8> {
        certificate.current.read().unwrap().cert[0].to_vec()
    }

    #[test]
    fn only_files_that_can_be_used_replace_the_certificate() {
        let folder = std::env::temp_dir().join(format!("kandy-gateway-certificate-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (chain, key) = (folder.join("chain.pem"), folder.join("key.pem"));
        let put = |chain_text: &str, key_text: &str| {
            std::fs::write(&chain, chain_text).unwrap();
            std::fs::write(&key, key_text).unwrap();
        };
        let load = || Certificate::load(chain.clone(), key.clone());
        let ((first, first_key), (second, second_key)) = (made(), made());
        assert!(matches!(load(), Err(CertificateError::Unreadable(path, _)) if path == chain));
        put(&first, &first_key);
        let certificate = load().unwrap();
        let before = served(&certificate);
        assert!(!certificate.renew().unwrap(), "nothing changed");
        let large = "x".repeat(usize::try_from(MAX_FILE).unwrap() + 1);
        let broken = first.replace("MII", "???");
        let rows = [
            ("half of a change", &*second, &*first_key, "cannot be used with the key"),
            ("no certificate", "", &first_key, "chain.pem holds no certificates"),
            ("a broken one", &broken, &first_key, "chain.pem holds no certificates"),
            ("no key", &first, "nonsense", "key.pem holds no private key"),
            ("the two exchanged", &first_key, &first, "chain.pem holds no certificates"),
            ("too much", &large, &first_key, "too large"),
        ];
        for (what, chain_text, key_text, wanted) in rows {
            put(chain_text, key_text);
            let error = certificate.renew().unwrap_err().to_string();
            assert!(error.contains(wanted), "{what}: {error}");
            assert_eq!(served(&certificate), before, "{what}");
            assert!(load().is_err(), "{what}");
        }
        put(&second, &first_key);
        assert!(certificate.renew().is_err());
        assert!(!certificate.renew().unwrap(), "the same is not refused again");
        put(&second, &second_key);
        assert!(certificate.renew().unwrap());
        assert_ne!(served(&certificate), before);
        std::fs::remove_file(&key).unwrap();
        assert!(matches!(certificate.renew(), Err(CertificateError::Unreadable(path, _)) if path == key));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
