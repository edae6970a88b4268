//! The description at `/openapi.json`: it is served to everybody, and what it names is there.

use kandy_gateway::{Config, Secret};

use crate::server::{Server, answer};

const OPERATOR: &str = "an-operators-long-key";

async fn start() -> Server {
    let config = Config { demo: true, operator_key: Some(Secret::new(OPERATOR)), ..Config::default() };
    Server::configured(config).await
}

/// The path with something in place of every name.
fn filled(path: &str) -> String {
    let mut parts = path.split('{');
    let mut filled = parts.next().unwrap().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap();
        filled.push_str(match name {
            "user" => "alice@example.com",
            "provider" => "apple",
            _ => "x",
        });
        filled.push_str(rest);
    }
    filled
}

#[tokio::test]
async fn it_is_served_to_everybody_and_is_that_of_the_docs() {
    let server = start().await;
    let response =
        server.request("GET", "/openapi.json").header("origin", "https://docs.example").send().await.unwrap();
    assert_eq!(response.status(), 200);
    for (name, value) in [
        ("content-type", "application/json"),
        ("cache-control", "public, max-age=300"),
        ("access-control-allow-origin", "*"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(response.headers()[name], value, "{name}");
    }
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    assert!(response.text().await.unwrap() == std::fs::read_to_string(file).unwrap(), "see crates/gateway/src/openapi");
    assert_eq!(server.request("POST", "/openapi.json").send().await.unwrap().status(), 405);
    server.stop().await;
}

#[tokio::test]
async fn every_operation_is_there_and_answers_as_described() {
    let server = start().await;
    let (_, description) = answer(server.request("GET", "/openapi.json")).await;
    let token = server
        .request("POST", "/oauth/client_credential/accesstoken?grant_type=client_credentials")
        .body("client_id=demo-client&client_secret=demo-secret");
    let (_, token) = answer(token).await;
    let token = token["access_token"].as_str().unwrap();
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let mut asked = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let method = method.to_uppercase();
            let url = format!("http://{}{}", server.address, filled(path));
            let request = http.request(method.parse().unwrap(), url);
            let request = match operation["security"][0].as_object().and_then(|needed| needed.keys().next()) {
                Some(scheme) if scheme == "provisioning" => request.bearer_auth(token),
                Some(scheme) if scheme == "operator" => request.bearer_auth(OPERATOR),
                Some(_) => request.basic_auth("alice@example.com", Some("alice-password-1")),
                None => request,
            };
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            let told = &operation["responses"][status.to_string()];
            assert!(told.is_object(), "{method} {path}: {status} is not described");
            let body = response.text().await.unwrap();
            assert!(
                status != 405 && !body.contains("There is nothing at this address."),
                "{method} {path}: {status} {body}"
            );
            asked += 1;
        }
    }
    assert!(asked > 60, "{asked}");
    server.stop().await;
}
