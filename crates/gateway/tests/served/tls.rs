//! TLS: requests and sockets over it, handshakes that do not end, and certificates that are replaced while it runs.

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use kandy_gateway::{Bounds, Certificate, Config};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

use crate::server::{PATIENCE, Server, answer, password, subscribe};

/// Long enough for a handshake on this machine, and short enough to be awaited.
const SHORT: Duration = Duration::from_secs(1);

/// An authority, and its files for a gateway on this machine.
struct Authority {
    root: CertificateDer<'static>,
    root_pem: String,
    chain: String,
    key: String,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
        let (root_pem, chain) = (root.pem(), certificate.pem());
        Self { root: root.into(), root_pem, chain, key: key.serialize_pem() }
    }

    /// A client that trusts this authority alone.
    fn http(&self) -> reqwest::Client {
        rustls::crypto::ring::default_provider().install_default().ok();
        let root = reqwest::Certificate::from_pem(self.root_pem.as_bytes()).unwrap();
        reqwest::Client::builder().no_proxy().timeout(PATIENCE).tls_certs_only([root]).build().unwrap()
    }

    async fn connect(&self, server: &Server, protocols: &[&str]) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let tcp = TcpStream::connect(server.address).await?;
        let name = ServerName::try_from("localhost").unwrap();
        timeout(PATIENCE, TlsConnector::from(Arc::new(config)).connect(name, tcp)).await.expect("a handshake in time")
    }

    async fn trusts(&self, server: &Server) -> bool {
        self.connect(server, &[]).await.is_ok()
    }
}

/// The files of a gateway's certificate; they are gone when the test is over.
struct Files(PathBuf);

impl Files {
    fn new(name: &str, of: &Authority) -> Self {
        let files = Self(std::env::temp_dir().join(format!("kandy-gateway-tls-{name}-{}", std::process::id())));
        std::fs::create_dir_all(&files.0).unwrap();
        files.put(&of.chain, &of.key);
        files
    }

    fn put(&self, chain: &str, key: &str) {
        std::fs::write(self.0.join("chain.pem"), chain).unwrap();
        std::fs::write(self.0.join("key.pem"), key).unwrap();
    }

    fn certificate(&self) -> Arc<Certificate> {
        Certificate::load(self.0.join("chain.pem"), self.0.join("key.pem")).unwrap()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

async fn server(certificate: &Arc<Certificate>, bounds: Bounds) -> Server {
    Server::configured(Config { bounds, certificate: Some(certificate.clone()), ..Config::default() }).await
}

/// A socket of alice.
async fn socket(
    server: &Server,
    authority: &Authority,
    http: &reqwest::Client,
) -> WebSocketStream<TlsStream<TcpStream>> {
    let path = "rest/version/1/user/alice@example.com/subscription";
    let request = http.post(format!("https://{}/{path}", server.address)).json(&subscribe());
    let (status, body) = answer(request.basic_auth("alice@example.com", Some(password("alice")))).await;
    assert_eq!(status, 200, "{body}");
    let channel = body["subscribeResponse"]["subscriptionParams"]["notificationChannel"].as_str().unwrap();
    let stream = authority.connect(server, &["http/1.1"]).await.unwrap();
    client_async(format!("wss://localhost{channel}"), stream).await.unwrap().0
}

/// A check by the client is answered.
async fn lives(socket: &mut WebSocketStream<TlsStream<TcpStream>>) {
    socket.send(Message::text(r#"{"connCheck":{"interval":30}}"#)).await.unwrap();
    let answered = timeout(PATIENCE, socket.next()).await.expect("a frame in time").unwrap().unwrap();
    assert_eq!(answered.into_text().unwrap().as_str(), r#"{"connAck":{}}"#);
}

#[tokio::test]
async fn certificates_are_replaced_while_connections_go_on() {
    let (first, second) = (Authority::new(), Authority::new());
    let files = Files::new("replaced", &first);
    let certificate = files.certificate();
    let server = server(&certificate, Bounds::default()).await;
    let mut before = socket(&server, &first, &first.http()).await;
    assert!(!second.trusts(&server).await);

    files.put(&second.chain, "nonsense");
    let error = certificate.renew().unwrap_err().to_string();
    assert!(error.contains("key.pem holds no private key"), "{error}");
    assert!(first.trusts(&server).await && !second.trusts(&server).await, "the old one stays");

    files.put(&second.chain, &second.key);
    assert!(certificate.renew().unwrap());
    assert!(second.trusts(&server).await && !first.trusts(&server).await);
    lives(&mut before).await;
    let mut after = socket(&server, &second, &second.http()).await;
    lives(&mut after).await;
    for mut socket in [before, after] {
        socket.close(None).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
    }
    server.stop().await;
}

#[tokio::test]
async fn the_files_are_looked_at_every_so_often() {
    let (first, second) = (Authority::new(), Authority::new());
    let files = Files::new("looked-at", &first);
    let bounds = Bounds { certificate_check: Duration::from_millis(20), ..Bounds::default() };
    let server = server(&files.certificate(), bounds).await;
    assert!(first.trusts(&server).await);
    files.put(&second.chain, &second.key);
    let seen = async { while !second.trusts(&server).await {} };
    timeout(PATIENCE, seen).await.expect("the new one in time");
    server.stop().await;
}

#[tokio::test]
async fn a_handshake_that_never_ends_keeps_nobody_waiting() {
    let authority = Authority::new();
    let files = Files::new("handshake", &authority);
    let server = server(&files.certificate(), Bounds { handshake: SHORT, ..Bounds::default() }).await;
    let mut slow = Vec::new();
    for some in [&b""[..], b"\x16\x03\x01\x02\x00\x01"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(some).await.unwrap();
        slow.push(stream);
    }
    assert!(authority.trusts(&server).await, "it need not wait");
    for mut stream in slow {
        let mut rest = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("an end in time").ok();
        assert_eq!(rest, b"");
    }
    server.stop().await;
}

#[tokio::test]
async fn one_protocol_is_spoken_and_only_with_tls() {
    let authority = Authority::new();
    let files = Files::new("protocol", &authority);
    let server = server(&files.certificate(), Bounds::default()).await;
    let stream = authority.connect(&server, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    assert!(authority.connect(&server, &["h2"]).await.is_err());
    assert!(server.request("GET", "/").send().await.is_err(), "no plain HTTP");
    server.stop().await;
}

#[tokio::test]
async fn addresses_of_files_have_the_scheme_of_the_client() {
    let authority = Authority::new();
    let files = Files::new("scheme", &authority);
    let server = server(&files.certificate(), Bounds::default()).await;
    let http = authority.http();
    let ask = |method: &str, path: &str| {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = http.request(method, format!("https://{}/v2.0/rm/{path}", server.address));
        request.basic_auth("alice@example.com", Some(password("alice")))
    };
    let form = "--b\r\ncontent-disposition: form-data; name=\"raw\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n";
    let (status, body) = answer(ask("POST", "upload").body(form)).await;
    assert_eq!(status, 200, "{body}");
    let handle = body["success"]["handle"].as_str().unwrap().to_owned();
    let (status, body) = answer(ask("GET", &format!("send?to=alice&attach={handle}"))).await;
    assert_eq!(status, 200, "{body}");
    let url = format!("https://{}/v2.0/rm/file/{handle}", server.address);
    assert_eq!(body["success"]["attachments"][0]["url"], json!(url), "{body}");
    let file = http.get(&url).basic_auth("alice@example.com", Some(password("alice"))).send().await.unwrap();
    assert_eq!(file.text().await.unwrap(), "hello");
    server.stop().await;
}
