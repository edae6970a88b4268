//! Tokens, and what every answer says (provisioning §9).

use super::*;

#[tokio::test]
async fn a_token_is_told_in_texts() {
    let server = start().await;
    let (status, body) = token(&server, "demo-client", "demo-secret").await;
    assert_eq!(status, 200);
    let wanted = json!({
        "token_type": "Bearer", "expires_in": "3599", "client_id": "demo-client", "application_name": "demo",
        "developer_email": "demo@example.com", "organization_name": "kandy-gateway", "api_product_list": "[kandy-webrtc]",
        "api_product_list_json": ["kandy-webrtc"], "scope": "", "status": "approved", "refresh_token_expires_in": "0",
        "refresh_count": "0", "level": "demo"});
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&body[field], value, "{field}");
    }
    assert!(body["issued_at"].as_str().unwrap().parse::<u64>().unwrap() > 1_700_000_000_000);
    assert!(body["access_token"].as_str().unwrap().len() >= 28);

    let path = "/oauth/client_credential/accesstoken";
    let form = |query: &str, body: &'static str| {
        let request = server.request("POST", &format!("{path}{query}"));
        crate::server::answer(request.header("content-type", "application/x-www-form-urlencoded").body(body))
    };
    let rows = [
        ("?grant_type=client_credentials", "client_id=demo-client&client_secret=wrong", 401, "invalid_client"),
        ("?grant_type=client_credentials", "client_id=nobody&client_secret=demo-secret", 401, "invalid_client"),
        ("?grant_type=client_credentials", "", 401, "invalid_client"),
        ("?grant_type=password", "client_id=demo-client&client_secret=demo-secret", 400, "unsupported_grant_type"),
        ("", "client_id=demo-client&client_secret=demo-secret", 400, "invalid_request"),
    ];
    for (query, body, status, code) in rows {
        let answered = form(query, body).await;
        assert_eq!((answered.0, answered.1["ErrorCode"].as_str()), (status, Some(code)), "{query} {body}");
    }
    let (status, _) = form("", "grant_type=client_credentials&client_id=demo-client&client_secret=demo-secret").await;
    assert_eq!(status, 200, "the type may stand in the form");
    let basic = server.request("POST", &format!("{path}?grant_type=client_credentials"));
    let (status, _) = crate::server::answer(basic.basic_auth("demo-client", Some("demo-secret"))).await;
    assert_eq!(status, 200, "the secret may come as Basic");
    server.stop().await;
}

#[tokio::test]
async fn tokens_are_limited_and_outlive_no_approval() {
    let server = start().await;
    let api = Api::demo(&server).await;
    assert_eq!(api.get("/inventory").await.0, 200);
    let (status, body) = operator(&server, "PUT", "/clients/demo-client", json!({"entitled": false})).await;
    assert_eq!((status, &body["entitled"]), (200, &json!(false)));
    let (status, body) = api.get("/inventory").await;
    assert_eq!((status, name(&body)), (403, "Forbidden"));
    let (status, _) =
        operator(&server, "PUT", "/clients/demo-client", json!({"entitled": true, "approved": false})).await;
    assert_eq!(status, 200);
    assert_eq!(api.get("/inventory").await.0, 401, "its tokens are void");
    assert_eq!(token(&server, "demo-client", "demo-secret").await.0, 401);
    let (_, changed) =
        operator(&server, "PUT", "/clients/demo-client", json!({"approved": true, "newSecret": true})).await;
    assert_eq!(token(&server, "demo-client", "demo-secret").await.0, 401);
    let api = Api::of(&server, "demo-client", changed["clientSecret"].as_str().unwrap()).await;
    assert_eq!(api.get("/inventory").await.0, 200);
    // Thirty a minute, and a minute may begin in between. Wrong ones are not among them, or others could use them up; those cost
    // their address time.
    let secret = changed["clientSecret"].as_str().unwrap();
    for (secret, good, most) in [(secret, 200, 61), ("wrong", 401, 21)] {
        let mut count = 0;
        let refused = loop {
            let (status, body) = token(&server, "demo-client", secret).await;
            if status != good {
                break (status, body["ErrorCode"].as_str().map(str::to_owned));
            }
            count += 1;
            assert!(count <= most, "{good}");
        };
        assert_eq!(refused, (429, Some("rate_limit_exceeded".into())));
    }
    server.stop().await;
}

/// Provisioning §9.2: the headers of the table on every kind of answer.
#[tokio::test]
async fn every_answer_has_the_headers_of_the_table() {
    let server = start().await;
    let api = Api::account(&server, "acme", json!({"quota": {"limit": 5, "interval": 1, "timeUnit": "month"}})).await;
    let headers = |response: &Response| -> BTreeMap<String, String> {
        response.headers().iter().map(|(k, v)| (k.to_string(), v.to_str().unwrap().to_owned())).collect()
    };
    let send = async |request: RequestBuilder| {
        let response = request.header("x-request-id", "req-1").send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), headers(&response));
        (status, headers, response.json::<Value>().await.unwrap())
    };
    let rows = [
        (api.request("GET", "/inventory"), 200, "1", ""),
        (api.request("GET", "/nothing"), 404, "2", "NotFound"),
        (api.request("PUT", "/order"), 405, "3", "MethodNotAllowed"),
        (api.request("POST", "/order").body("{"), 400, "4", "BadRequest"),
        (api.request("GET", "/inventory").header("api-version", "v7"), 400, "0", "InvalidField"),
        (server.request("GET", &format!("{BASE}/inventory")), 401, "0", "Unauthorized"),
        (server.request("GET", &format!("{BASE}/nothing")).bearer_auth("wrong"), 401, "0", "Unauthorized"),
        (api.request("GET", "/inventory"), 200, "5", ""),
        (api.request("GET", "/inventory"), 429, "5", "QuotaExceeded"),
        (api.request("GET", "/nothing"), 429, "5", "QuotaExceeded"),
    ];
    for (request, status, used, word) in rows {
        let (answered, headers, body) = send(request).await;
        assert_eq!(answered, status, "{word} {body}");
        let value = |name: &str| headers.get(name).map(String::as_str);
        assert_eq!(value("sunset"), Some("n/a"));
        assert_eq!(value("api-version"), Some("v1"));
        assert_eq!(value("x-request-id"), Some("req-1"));
        assert_eq!(value("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(value("strict-transport-security"), Some("max-age=31536000; includeSubDomains; preload"));
        assert_eq!(value("access-control-allow-origin"), None);
        assert_eq!(value("quota-used"), Some(used), "{word}");
        for name in ["quota-limit", "quota-interval", "quota-time-unit", "quota-reset-utc"] {
            assert!(value(name).is_some(), "{name}");
        }
        assert!(value("quota-reset-utc").unwrap().ends_with('Z'));
        assert_eq!(value("www-authenticate"), (status == 401).then_some(r#"Bearer error="invalid_token""#));
        assert_eq!(value("allow"), (status == 405).then_some("GET, POST"));
        assert_eq!(value("retry-after").is_some(), status == 429);
        if status != 200 {
            assert_eq!((name(&body), &body["transactionId"]), (word, &json!("req-1")));
            assert_eq!(body["status"], json!(status.to_string()), "a text");
            assert!(body["message"].as_str().unwrap().ends_with('.') && body["info"].is_string());
        }
    }
    let no_redirects =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let base = no_redirects.get(format!("http://{}{BASE}", server.address)).send().await.unwrap();
    assert_eq!((base.status().as_u16(), base.headers()["location"].to_str().unwrap()), (302, "/openapi.json"));
    server.stop().await;
}
