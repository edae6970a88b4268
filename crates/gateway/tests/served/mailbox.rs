//! The operator's mailbox, which says how many messages wait.

use kandy_gateway::{Config, Secret};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::server::Server;

/// The key of the mailbox.
pub(crate) const KEY: &str = "the key of the operator's mailbox";

/// A gateway that knows the key.
pub(crate) async fn server() -> Server {
    Server::configured(Config { operator_key: Some(Secret::new(KEY)), ..Config::default() }).await
}

/// Says how many new and old voice messages a user has.
pub(crate) async fn says(server: &Server, user: &str, new: u32, old: u32) {
    let body = json!({"voice": {"newMessages": new, "oldMessages": old}});
    let request = server.request("PUT", &format!("/operator/v1/users/{user}/voicemail")).bearer_auth(KEY).json(&body);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

/// Says what the recorded server was told about a mailbox; returns whether the note is about one.
pub(crate) async fn fill(server: &Server, note: &str) -> bool {
    let Some(told) = note.strip_prefix("mock server told: ").and_then(|told| told.split_once(' ')) else {
        return false;
    };
    let told: Value = serde_json::from_str(told.1).unwrap();
    let params = [&told["data"], &told["message"]["mwiNotificationParams"]];
    let Some(params) = params.into_iter().find(|params| params["totalVoice"].is_string()) else { return false };
    let number = |name: &str| params[name].as_str().unwrap().parse::<u32>().unwrap();
    let (all, new) = (number("totalVoice"), number("unheardVoice"));
    says(server, told["userId"].as_str().unwrap(), new, all - new).await;
    true
}
