//! Subscribers: made, logged in, forced out.

use super::*;

#[tokio::test]
async fn a_subscriber_logs_in_and_is_forced_out() {
    let server = start().await;
    let api = Api::demo(&server).await;
    let (status, body) = api.send("POST", "/subscriber", json!({"userId": "anna"})).await;
    assert_eq!((status, name(&body)), (412, "InsufficientProducts"));
    assert_eq!(api.order("increment", 1).await.0, 201);
    let wish =
        json!({"userId": "Anna", "displayName": "Anna Visser", "email": "anna@mail.example", "customData": {"a": [1]}});
    let (status, anna) = api.send("POST", "/subscriber", wish).await;
    assert_eq!(status, 201, "{anna}");
    let port = server.address.port();
    let connection =
        json!({"subscriptionServer": "127.0.0.1", "websocketServer": "127.0.0.1", "protocol": "http", "port": port});
    let wanted = json!({"userId": "anna", "identity": "anna@example.com", "product": PRODUCT, "type": "persistent",
        "displayName": "Anna Visser", "email": "anna@mail.example", "customData": {"a": [1]}, "state": "active",
        "connection": connection});
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&anna[field], value, "{field}");
    }
    let password = anna["password"].as_str().unwrap();
    assert_eq!(password.len(), 24);
    let (status, body) = api.send("POST", "/subscriber", json!({"userId": "bert"})).await;
    assert_eq!((status, name(&body), &body["info"]), (412, "InsufficientProducts", &json!("total 1, used 1")));
    assert_eq!(api.order("increment", 1).await.0, 201);
    for taken in ["anna", "alice"] {
        let (status, body) = api.send("POST", "/subscriber", json!({"userId": taken})).await;
        assert_eq!((status, name(&body)), (412, "SubscriberExists"), "{taken}");
    }

    let id = anna["subscriberId"].as_str().unwrap();
    let (_, one) = api.get(&format!("/subscriber/{id}")).await;
    assert_eq!((&one["online"], &one["password"], &one["connection"]), (&json!(false), &Value::Null, &connection));
    let subscribe = |password: &str| {
        let path = "/rest/version/1/user/anna@example.com/subscription";
        let request = server.request("POST", path).basic_auth("anna@example.com", Some(password));
        crate::server::answer(request.json(&crate::server::subscribe()))
    };
    assert_eq!(subscribe("a-wrong-password").await.0, 401);
    let (status, body) = subscribe(password).await;
    assert_eq!(status, 200, "{body}");
    let channel = body["subscribeResponse"]["subscriptionParams"]["notificationChannel"].as_str().unwrap().to_owned();
    let mut socket = server.socket(&channel).await.unwrap();
    let (_, list) = api.get("/subscriber?state=active").await;
    assert_eq!((&list["total_items"], &list["subscribers"][0]["online"]), (&json!(1), &json!(true)));

    // Another password ends what was begun with the old one.
    let (status, changed) = api.send("PUT", &format!("/subscriber/{id}/password"), json!({})).await;
    assert_eq!((status, &changed["sessionsEnded"]), (200, &json!(1)));
    assert_eq!(socket.next().await.unwrap()["notificationMessage"]["eventType"], "gone");
    assert_eq!(subscribe(password).await.0, 401);
    let password = changed["password"].as_str().unwrap();
    let (status, body) = subscribe(password).await;
    assert_eq!(status, 200);
    let channel = body["subscribeResponse"]["subscriptionParams"]["notificationChannel"].as_str().unwrap().to_owned();
    let mut socket = server.socket(&channel).await.unwrap();

    let (status, deleted) = api.send("DELETE", "/subscriber?userId=ANNA", json!({})).await;
    assert_eq!(status, 200, "{deleted}");
    let wanted = json!({"subscriberId": id, "identity": "anna@example.com", "deleted": true, "product": PRODUCT,
        "sessionsEnded": 1, "callsEnded": 0});
    assert_eq!(deleted, wanted);
    let gone = socket.next().await.unwrap();
    assert_eq!(
        (&gone["notificationMessage"]["eventType"], &gone["notificationMessage"]["retryAfter"]),
        (&json!("gone"), &Value::Null)
    );
    assert_eq!(socket.next().await, Err(1000));
    assert_eq!(subscribe(password).await.0, 401);
    assert!(server.socket(&channel).await.is_err());
    assert_eq!(api.stock().await, [2, 0, 2, 0], "the piece is back");
    let rows = [
        ("DELETE", format!("/subscriber/{id}"), 404),
        ("GET", format!("/subscriber/{id}"), 404),
        ("DELETE", "/subscriber?identity=anna@example.com".into(), 404),
        ("DELETE", "/subscriber".into(), 400),
        ("PUT", format!("/subscriber/{id}/password"), 404),
    ];
    for (method, path, status) in rows {
        assert_eq!(api.send(method, &path, json!({})).await.0, status, "{method} {path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_temporary_subscriber_ends_by_themselves() {
    let server = start().await;
    let api = Api::demo(&server).await;
    assert_eq!(api.order("increment", 1).await.0, 201);
    // Whole seconds are told, so the one after the next is to come for sure.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let end = rfc3339(now + 2);
    let wish = json!({"userId": "tim", "password": "a-good-password", "type": "temporary", "expiresAt": end});
    let (status, tim) = api.send("POST", "/subscriber", wish).await;
    assert_eq!((status, &tim["expiresAt"], &tim["type"]), (201, &json!(end), &json!("temporary")), "{tim}");
    let path = "/rest/version/1/user/tim@example.com/subscription";
    let request = server.request("POST", path).basic_auth("tim@example.com", Some("a-good-password"));
    let (status, body) = crate::server::answer(request.json(&crate::server::subscribe())).await;
    assert_eq!(status, 200, "{body}");
    let channel = body["subscribeResponse"]["subscriptionParams"]["notificationChannel"].as_str().unwrap();
    let mut socket = server.socket(channel).await.unwrap();
    assert_eq!(socket.next().await.unwrap()["notificationMessage"]["eventType"], "gone");
    assert_eq!(socket.next().await, Err(1000));
    // Its record goes right after its sockets.
    while api.stock().await != [1, 0, 1, 0] {
        tokio::task::yield_now().await;
    }
    assert_eq!(api.get("/subscriber").await.1["total_items"], 0);
    server.stop().await;
}

/// Seconds since the epoch as RFC 3339, by the rule of its calendar: a day has 86400 of them.
fn rfc3339(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let (mut year, mut left) = (1970, days);
    while left >= 365 + u64::from(leap(year)) {
        left -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while left >= lengths[month] {
        left -= lengths[month];
        month += 1;
    }
    format!("{year:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", month + 1, left + 1, rest / 3_600, rest / 60 % 60, rest % 60)
}

#[tokio::test]
async fn whoever_comes_after_finds_nothing_of_the_one_before() {
    let server = start().await;
    let api = Api::demo(&server).await;
    assert_eq!(api.order("increment", 1).await.0, 201);
    let send = |password: &str, method: &str, path: &str, body: Value| {
        let request = server.request(method, &format!("/rest/version/1/user/anna@example.com/{path}"));
        crate::server::answer(request.basic_auth("anna@example.com", Some(password)).json(&body))
    };
    let create = async || {
        let (status, anna) = api.send("POST", "/subscriber", json!({"userId": "anna"})).await;
        assert_eq!(status, 201, "{anna}");
        anna["password"].as_str().unwrap().to_owned()
    };
    let first = create().await;
    let contact = json!({"addressBookRequest": {"addressBookEntries": [{"nickname": "secret", "primaryContact": "x@y.example"}]}});
    let (status, body) = send(&first, "POST", "addressbook/contacts/", contact).await;
    assert_eq!(status, 200, "{body}");
    let (_, book) = send(&first, "GET", "addressbook", json!({})).await;
    assert!(book.to_string().contains("secret"), "{book}");
    assert_eq!(api.send("DELETE", "/subscriber?userId=anna", json!({})).await.0, 200);
    let second = create().await;
    assert_eq!(send(&first, "GET", "addressbook", json!({})).await.0, 401);
    let (status, book) = send(&second, "GET", "addressbook", json!({})).await;
    assert!(status == 200 && !book.to_string().contains("secret"), "{book}");
    server.stop().await;
}

#[tokio::test]
async fn a_restart_voids_nothing_and_ends_what_was_begun() {
    let folder = Folder::new("provisioned");
    let first = Server::configured(with_demo(keeping(&folder))).await;
    let kept = {
        let api = Api::demo(&first).await;
        assert_eq!(api.order("increment", 2).await.0, 201);
        for user in ["anna", "bert"] {
            let wish = json!({"userId": user, "password": "a-good-password"});
            assert_eq!(api.send("POST", "/subscriber", wish).await.0, 201);
        }
        api.token
    };
    first.stop().await;
    // A gateway that is killed in the midst of it leaves this behind.
    sqlx::any::install_default_drivers();
    let mut db = sqlx::AnyConnection::connect(&folder.database()).await.unwrap();
    let begun = sqlx::query("UPDATE subscribers SET state = 'deleting' WHERE user_id = 'bert'");
    assert_eq!(begun.execute(&mut db).await.unwrap().rows_affected(), 1);
    db.close().await.unwrap();

    let second = Server::configured(with_demo(keeping(&folder))).await;
    let api = Api { server: &second, token: kept.clone() };
    assert_eq!(api.stock().await, [2, 1, 1, 0]);
    assert_eq!(api.get("/subscriber?userId=bert").await.1["total_items"], 0);
    for (user, wanted) in [("anna", 200), ("bert", 401)] {
        let path = format!("/rest/version/1/user/{user}@example.com/subscription");
        let request = second.request("POST", &path).basic_auth(format!("{user}@example.com"), Some("a-good-password"));
        let (status, body) = crate::server::answer(request.json(&crate::server::subscribe())).await;
        assert_eq!(status, wanted, "{user} {body}");
    }
    second.stop().await;

    // The demo's secret is good for nothing where the demo is not wanted.
    let third = Server::configured(Config { demo: false, ..with_demo(keeping(&folder)) }).await;
    assert_eq!(Api { server: &third, token: kept }.get("/inventory").await.0, 401);
    assert_eq!(token(&third, "demo-client", "demo-secret").await.0, 401);
    third.stop().await;
}
