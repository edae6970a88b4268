//! Tokens that the application of a recording had from elsewhere: with our gateway somebody has to make them first.

use serde_json::Value;

use crate::{
    logins,
    server::{Server, answer, password},
};

/// Tokens for what an application logs in with, by the recorded ones. There is none for an OAuth token, which only those who
/// issue it could make.
pub(crate) async fn brought(server: &Server, credentials: &Value) -> Vec<(String, String)> {
    let kinds = [("accessToken", "access_token"), ("refreshToken", "refresh_token")];
    let mut tokens = Vec::new();
    for (ours, kind) in kinds {
        if let Some(recorded) = credentials[ours].as_str() {
            let made = made(server, credentials["username"].as_str().unwrap()).await;
            tokens.push((recorded.to_owned(), made[kind].as_str().unwrap().to_owned()));
        }
    }
    if let Some(recorded) = credentials["hmacToken"].as_str() {
        tokens.push((recorded.to_owned(), logins::TOKEN.to_owned()));
    }
    tokens
}

/// A login of a user, with its tokens.
async fn made(server: &Server, user: &str) -> Value {
    let request = server.request("GET", "/v2.0/auth/mk_token");
    let (status, body) = answer(request.basic_auth(user, Some(password(user.split('@').next().unwrap())))).await;
    assert_eq!(status, 200, "{body}");
    body["success"].clone()
}
