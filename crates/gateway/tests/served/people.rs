//! Logins and requests for what the store keeps.

use serde_json::{Value, json};

use crate::server::{Server, Socket, answer, password};

/// How a client logs in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Flavour {
    Link,
    Uc,
}

/// A client that is logged in with all services.
pub(crate) struct Client {
    pub(crate) user: String,
    /// Of UC clients.
    pub(crate) token: Option<String>,
    pub(crate) subscription: String,
    pub(crate) channel: String,
}

pub(crate) async fn token(server: &Server, user: &str) -> String {
    let request = server.request("GET", "/v2.0/auth/mk_token");
    let request = request.basic_auth(format!("{user}@example.com"), Some(password(user)));
    answer(request).await.1["success"]["access_token"].as_str().unwrap().to_owned()
}

impl Client {
    /// Subscribes, and opens no socket yet.
    pub(crate) async fn subscribed(server: &Server, user: &str, flavour: Flavour) -> Self {
        let token = match flavour {
            Flavour::Uc => Some(token(server, user).await),
            Flavour::Link => None,
        };
        let mut client = Self { user: user.to_owned(), token, subscription: String::new(), channel: String::new() };
        let wish = json!({"subscribeRequest": {"expires": 3600, "service": ["call", "IM", "Presence"],
            "localization": "English_US", "useTurn": true, "notificationType": "WebSocket",
            "supported": ["RingingFeedback"]}});
        let path = format!("/rest/version/1/user/{user}@example.com/subscription");
        let (status, body) = client.ask(server, "POST", &path, Some(wish)).await;
        assert_eq!(status, 200, "{body}");
        let part = |value: &Value| value.as_str().unwrap().to_owned();
        client.subscription = part(&body["subscribeResponse"]["subscription"]);
        client.channel = part(&body["subscribeResponse"]["subscriptionParams"]["notificationChannel"]);
        client
    }

    pub(crate) async fn login(server: &Server, user: &str, flavour: Flavour) -> (Self, Socket) {
        let client = Self::subscribed(server, user, flavour).await;
        let socket = client.socket(server).await;
        (client, socket)
    }

    pub(crate) async fn socket(&self, server: &Server) -> Socket {
        let query = self.token.as_ref().map(|token| format!("?token={token}")).unwrap_or_default();
        server.socket(&format!("{}{query}", self.channel)).await.unwrap()
    }

    /// A request with the client's own credential.
    pub(crate) fn request(&self, server: &Server, method: &str, path: &str) -> reqwest::RequestBuilder {
        match &self.token {
            Some(token) => server.request(method, &with_query(path, &[("token", token)])),
            None => {
                let user = format!("{}@example.com", self.user);
                server.request(method, path).basic_auth(user, Some(password(&self.user)))
            }
        }
    }

    pub(crate) async fn ask(&self, server: &Server, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = self.request(server, method, path);
        answer(match body {
            Some(body) => request.json(&body),
            None => request,
        })
        .await
    }

    /// `GET rm/{what}`; the body of its success.
    pub(crate) async fn rm(&self, server: &Server, what: &str, query: &[(&str, &str)]) -> Value {
        let body = self.rm_body(server, what, query).await;
        assert!(body.get("success").is_some(), "{what} {query:?}: {body}");
        body["success"].clone()
    }

    pub(crate) async fn rm_body(&self, server: &Server, what: &str, query: &[(&str, &str)]) -> Value {
        let path = with_query(&format!("/v2.0/rm/{what}"), query);
        let (status, body) = answer(self.request(server, "GET", &path)).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Sends the UC way; returns the id.
    pub(crate) async fn send(&self, server: &Server, to: &[&str], text: &str) -> String {
        let name = if to.len() == 1 { "to" } else { "tos" };
        let mut query: Vec<(&str, &str)> = to.iter().map(|to| (name, *to)).collect();
        query.push(("txt", text));
        self.rm(server, "send", &query).await["id"].as_str().unwrap().to_owned()
    }

    /// Sends the Link way.
    pub(crate) async fn send_im(&self, server: &Server, wish: Value) -> (u16, Value) {
        let path = format!("/rest/version/1/user/{}@example.com/instantmessage", self.user);
        self.ask(server, "POST", &path, Some(json!({ "imRequest": wish }))).await
    }
}

/// A path with a query as released clients write it (protocol §0.4), added to the one that it has.
pub(crate) fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let encode = |text: &str| -> String {
        text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
    };
    query.iter().fold(path.to_owned(), |path, (name, value)| {
        let join = if path.contains('?') { '&' } else { '?' };
        format!("{path}{join}{name}={}", encode(value))
    })
}

/// The next notification.
pub(crate) async fn heard(socket: &mut Socket) -> Value {
    socket.next().await.expect("an open socket")["notificationMessage"].clone()
}
