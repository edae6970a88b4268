//! The server under test, and clients for it.

use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use kandy_gateway::{Config, DatabaseUrl, Listeners};
use kandy_switch::{Accounts, Policy};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, client_async, connect_async,
    tungstenite::{Error, Message},
};

use crate::place::Schema;

/// How long anything may take before a test gives up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The users and passwords of the recordings.
const ACCOUNTS: &str = r#"[
    {"user":"alice@example.com","password":"alice-password-1","authname":"alice-auth","displayName":"Alice Archer","firstName":"Alice",
     "lastName":"Archer","email":"alice.archer@mail.example","phone":"15550100001"},
    {"user":"bob@example.com","password":"bob-password-2","displayName":"Bob Baker","firstName":"Bob",
     "lastName":"Baker","email":"bob.baker@mail.example","phone":"15550100002"},
    {"user":"carol@example.com","password":"carol-password-3","displayName":"Carol Carter","firstName":"Carol",
     "lastName":"Carter","email":"carol.carter@mail.example","phone":"15550100003"}]"#;

/// A running gateway.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) http: reqwest::Client,
    stop: oneshot::Sender<()>,
    running: JoinHandle<std::io::Result<()>>,
    /// What it stores in, unless that outlives it.
    _schema: Option<Schema>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Policy::default(), None, None).await
    }

    pub(crate) async fn with(policy: Policy, www: Option<&std::path::Path>, sdk: Option<&std::path::Path>) -> Self {
        let config = Config { policy, www: www.map(Into::into), sdk: sdk.map(Into::into), ..Config::default() };
        Self::configured(config).await
    }

    /// With the users and passwords of the recordings. What is stored ends with it, unless the configuration says where it is.
    pub(crate) async fn configured(config: Config) -> Self {
        let schema = if config.data.is_none() && config.database.is_none() { Schema::new() } else { None };
        let database = schema.as_ref().map(|schema| DatabaseUrl::new(&schema.url).unwrap());
        let config = Config { database: database.or(config.database), ..config };
        Self { _schema: schema, ..Self::storing(config).await }
    }

    /// The same, with the database that the configuration names, if any.
    pub(crate) async fn storing(config: Config) -> Self {
        Self::run(Config { accounts: Accounts::from_json(ACCOUNTS).unwrap(), ..config }).await
    }

    /// As [`Self::configured`], with more to listen on.
    pub(crate) async fn watched(config: Config, listeners: impl FnOnce(TcpListener) -> Listeners) -> Self {
        let schema = Schema::new();
        let database = schema.as_ref().map(|schema| DatabaseUrl::new(&schema.url).unwrap());
        let accounts = Accounts::from_json(ACCOUNTS).unwrap();
        let config = Config { database, accounts, ..config };
        Self { _schema: schema, ..Self::listening(config, listeners).await }
    }

    /// With the users that the configuration says.
    pub(crate) async fn run(config: Config) -> Self {
        Self::listening(config, Listeners::from).await
    }

    async fn listening(config: Config, listeners: impl FnOnce(TcpListener) -> Listeners) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(kandy_gateway::run(listeners(listener), config, async { drop(stopped.await) }));
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        Self { address, http, stop, running, _schema: None }
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> reqwest::RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("http://{}{path}", self.address))
    }

    /// Status and body of a request with a user's password.
    pub(crate) async fn send(&self, user: &str, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = self.request(method, path).basic_auth(format!("{user}@example.com"), Some(password(user)));
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        answer(request).await
    }

    /// Subscribes and opens the socket, the Link way.
    pub(crate) async fn login(&self, user: &str) -> (Socket, String) {
        let channel = self.subscribed(user, &["RingingFeedback"]).await;
        (self.socket(&channel).await.unwrap(), channel)
    }

    /// Subscribes as a client that supports this, the Link way; returns the path of the channel.
    pub(crate) async fn subscribed(&self, user: &str, supported: &[&str]) -> String {
        let path = format!("/rest/version/1/user/{user}@example.com/subscription");
        let mut wish = subscribe();
        wish["subscribeRequest"]["supported"] = json!(supported);
        let (status, body) = self.send(user, "POST", &path, Some(wish)).await;
        assert_eq!(status, 200, "{body}");
        let channel = &body["subscribeResponse"]["subscriptionParams"]["notificationChannel"];
        channel.as_str().unwrap().to_owned()
    }

    /// A socket whose client has little room for what it does not read.
    pub(crate) async fn small_socket(&self, path: &str) -> Socket {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4 << 10).unwrap();
        let stream = MaybeTlsStream::Plain(socket.connect(self.address).await.unwrap());
        let (stream, _) = client_async(format!("ws://{}{path}", self.address), stream).await.unwrap();
        Socket(stream)
    }

    pub(crate) async fn socket(&self, path: &str) -> Result<Socket, Error> {
        let connecting = connect_async(format!("ws://{}{path}", self.address));
        let (stream, _) = timeout(PATIENCE, connecting).await.expect("a handshake in time")?;
        Ok(Socket(stream))
    }

    /// Ends the gateway, and waits for it.
    pub(crate) async fn stop(self) {
        self.end().await;
    }

    /// Tells the gateway to end, at once; what is returned waits for it.
    pub(crate) fn end(self) -> impl Future<Output = ()> {
        self.stop.send(()).unwrap();
        async move { Self::ended(self.running, self._schema).await }
    }

    async fn ended(running: JoinHandle<std::io::Result<()>>, _schema: Option<Schema>) {
        timeout(PATIENCE, running).await.expect("an end in time").unwrap().unwrap();
    }
}

/// A client's end of a socket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn say(&mut self, text: impl Into<String>) {
        self.0.send(Message::text(text.into())).await.unwrap();
    }

    /// The next text frame, or the code with which the socket was closed (1006 for a connection that just ended).
    pub(crate) async fn next(&mut self) -> Result<Value, u16> {
        loop {
            match timeout(PATIENCE, self.0.next()).await.expect("a frame in time") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(close))) => return Err(close.map_or(1005, |frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(1006),
            }
        }
    }

    /// What comes before the answer to a check, which is everything that was sent up to now.
    pub(crate) async fn rest(&mut self) -> Vec<Value> {
        self.say(r#"{"connCheck":{"interval":30}}"#).await;
        let mut rest = Vec::new();
        loop {
            match self.next().await.expect("an open socket") {
                frame if frame == json!({"connAck": {}}) => return rest,
                frame => rest.push(frame),
            }
        }
    }

    pub(crate) async fn close(mut self) {
        self.0.close(None).await.unwrap();
        while let Some(Ok(_)) = self.0.next().await {}
    }

    /// Sends without waiting for more room than there is.
    pub(crate) fn stream(&mut self) -> &mut WebSocketStream<MaybeTlsStream<TcpStream>> {
        &mut self.0
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("no connection is dropped");
    let status = response.status().as_u16();
    (status, response.json().await.expect("every answer is JSON"))
}

pub(crate) fn password(user: &str) -> &'static str {
    match user {
        "alice" => "alice-password-1",
        "bob" => "bob-password-2",
        _ => "carol-password-3",
    }
}

pub(crate) fn subscribe() -> Value {
    json!({"subscribeRequest": {"expires": 3600, "service": ["call"], "localization": "English_US", "useTurn": true,
        "notificationType": "WebSocket", "supported": ["RingingFeedback"]}})
}
