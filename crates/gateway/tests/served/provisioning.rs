//! The provisioning API: tokens, orders, inventory, subscribers, its codes and headers (provisioning §9).

use std::collections::BTreeMap;

use kandy_gateway::{Config, Secret};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use sqlx::Connection;

use crate::{place::Folder, restart::keeping, server::Server};

mod accounts;
mod orders;
mod subscribers;
mod tokens;

const BASE: &str = "/communication/kandy/provisioning";
const OPERATOR: &str = "an-operators-long-key";
const PRODUCT: &str = "KPN-VoiceVideo-C";

/// An account with a client and a token.
struct Api<'a> {
    server: &'a Server,
    token: String,
}

async fn start() -> Server {
    Server::configured(with_demo(Config::default())).await
}

fn with_demo(config: Config) -> Config {
    Config { demo: true, operator_key: Some(Secret::new(OPERATOR)), ..config }
}

async fn operator(server: &Server, method: &str, path: &str, body: Value) -> (u16, Value) {
    let request = server.request(method, &format!("/operator/v1{path}")).bearer_auth(OPERATOR).json(&body);
    crate::server::answer(request).await
}

async fn token(server: &Server, id: &str, secret: &str) -> (u16, Value) {
    let form = format!("client_id={id}&client_secret={secret}");
    let request = server.request("POST", "/oauth/client_credential/accesstoken?grant_type=client_credentials");
    crate::server::answer(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
}

impl<'a> Api<'a> {
    /// Of the demo account.
    async fn demo(server: &'a Server) -> Self {
        Self::of(server, "demo-client", "demo-secret").await
    }

    async fn of(server: &'a Server, id: &str, secret: &str) -> Self {
        let (status, body) = token(server, id, secret).await;
        assert_eq!(status, 200, "{body}");
        Self { server, token: body["access_token"].as_str().unwrap().to_owned() }
    }

    /// Of an account that the operator makes.
    async fn account(server: &'a Server, id: &str, wish: Value) -> Self {
        let mut account = json!({"accountId": id, "domain": format!("{id}.example")});
        account.as_object_mut().unwrap().extend(wish.as_object().unwrap().clone());
        let (status, body) = operator(server, "POST", "/accounts", account).await;
        assert_eq!(status, 201, "{body}");
        let (status, client) = operator(server, "POST", &format!("/accounts/{id}/clients"), json!({})).await;
        assert_eq!(status, 201, "{client}");
        Self::of(server, client["clientId"].as_str().unwrap(), client["clientSecret"].as_str().unwrap()).await
    }

    fn request(&self, method: &str, path: &str) -> RequestBuilder {
        self.server.request(method, &format!("{BASE}{path}")).bearer_auth(&self.token)
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        crate::server::answer(self.request(method, path).json(&body)).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        crate::server::answer(self.request("GET", path)).await
    }

    async fn order(&self, kind: &str, quantity: i64) -> (u16, Value) {
        self.send("POST", "/order", json!({"type": kind, "product": PRODUCT, "quantity": quantity})).await
    }

    /// total, used, available, pending
    async fn stock(&self) -> [i64; 4] {
        let (status, body) = self.get("/inventory").await;
        assert_eq!(status, 200, "{body}");
        ["total", "used", "available", "pending"].map(|name| body["products"][0][name].as_i64().unwrap())
    }
}

fn name(body: &Value) -> &str {
    body["name"].as_str().unwrap_or_default()
}
