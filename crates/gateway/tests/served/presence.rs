//! Presence and event subscriptions over real sockets (protocol §6, §9.2).

use serde_json::{Value, json};

use crate::{
    people::{Client, Flavour, heard},
    server::{Server, Socket},
};

async fn says(server: &Server, client: &Client, activity: &str) {
    let path = format!("/rest/version/1/user/{}@example.com/presence", client.user);
    let body = json!({"presenceRequest": {"status": "open", "activity": activity, "note": "ö"}});
    let done = json!({"presenceResponse": {"statusCode": 0}});
    assert_eq!(client.ask(server, "POST", &path, Some(body)).await, (200, done));
}

async fn watch(server: &Server, client: &Client, action: &str, users: &[&str]) {
    let path = format!("/rest/version/1/user/{}@example.com/presenceWatcher", client.user);
    let body = json!({"presenceWatcherRequest": {"userList": users, "action": action}});
    let done = json!({"presenceWatcherResponse": {"statusCode": 0}});
    assert_eq!(client.ask(server, "POST", &path, Some(body)).await, (200, done));
}

async fn told(socket: &mut Socket) -> Value {
    let told = heard(socket).await;
    assert_eq!(told["eventType"], "presenceWatcher");
    assert!(told["eventId"].is_string() && told["time"].is_u64());
    told["presenceWatcherNotificationParams"].clone()
}

#[tokio::test]
async fn presence_goes_from_one_client_to_another() {
    let server = Server::start().await;
    for (ours, theirs) in [(Flavour::Link, Flavour::Uc), (Flavour::Uc, Flavour::Link)] {
        let (alice, mut socket) = Client::login(&server, "alice", ours).await;
        let (bob, bobs) = Client::login(&server, "bob", theirs).await;
        watch(&server, &alice, "watch", &["Bob@example.com"]).await;
        let unknown = json!({"name": "Bob@example.com", "status": "closed", "activity": "unknown"});
        assert_eq!(told(&mut socket).await, unknown);
        for activity in ["active", "on-the-phone", "busy"] {
            says(&server, &bob, activity).await;
            let wanted = json!({"name": "Bob@example.com", "status": "open", "activity": activity, "note": "ö"});
            assert_eq!(told(&mut socket).await, wanted);
        }
        bobs.close().await;
        assert_eq!(bob.ask(&server, "DELETE", &bob.subscription.clone(), None).await.0, 200);
        assert_eq!(told(&mut socket).await, unknown, "what he said went with his client");
        socket.close().await;
        assert_eq!(alice.ask(&server, "DELETE", &alice.subscription.clone(), None).await.0, 200);
    }
    server.stop().await;
}

#[tokio::test]
async fn thousands_are_watched_without_choking_the_socket() {
    const MANY: usize = 5_000;
    let server = Server::start().await;
    let (alice, mut socket) = Client::login(&server, "alice", Flavour::Uc).await;
    let users: Vec<String> = (0..MANY).map(|n| format!("user{n}@example.com")).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    watch(&server, &alice, "watch", &users).await;
    let mut names = std::collections::BTreeSet::new();
    while names.len() < MANY {
        names.insert(told(&mut socket).await["name"].as_str().unwrap().to_owned());
    }
    assert_eq!(socket.rest().await, [] as [Value; 0], "each once");
    let body = json!({"presenceWatcherRequest": {"userList": ["one@more.com"], "action": "watch"}});
    let path = "/rest/version/1/user/alice@example.com/presenceWatcher";
    let (status, body) = alice.ask(&server, "POST", path, Some(body)).await;
    assert_eq!((status, &body["presenceWatcherResponse"]["statusCode"]), (429, &json!(37)));
    socket.close().await;
    server.stop().await;
}

#[tokio::test]
async fn calls_of_others_are_told_to_who_asks() {
    let server = Server::start().await;
    let wish = json!({"subscribeRequest": {"expires": 3600, "service": ["call", "event:dialog"], "localization": "x",
        "useTurn": true, "notificationType": "WebSocket", "supported": ["RingingFeedback"]}});
    let (mut alice, first) = Client::login(&server, "alice", Flavour::Link).await;
    first.close().await;
    alice.ask(&server, "DELETE", &alice.subscription.clone(), None).await;
    let (_, body) = alice.ask(&server, "POST", "/rest/version/1/user/alice@example.com/subscription", Some(wish)).await;
    let params = &body["subscribeResponse"]["subscriptionParams"];
    assert_eq!(params["service"], json!(["call", "event:dialog"]));
    alice.channel = params["notificationChannel"].as_str().unwrap().to_owned();
    let mut socket = alice.socket(&server).await;
    let path = "/rest/version/v2.0/user/alice@example.com/eventSubscription";
    let body = json!({"eventSubscriptionRequest": {"subscribeUserList": ["bob@example.com"], "clientCorrelator": "c",
        "eventType": "event:dialog", "expires": 600, "customParameters": []}});
    let (status, body) = alice.ask(&server, "POST", path, Some(body)).await;
    assert_eq!((status, &body["eventSubscriptionResponse"]["expires"]), (200, &json!(600)));
    let id = body["eventSubscriptionResponse"]["sessionData"].as_str().unwrap().to_owned();
    let document = async |socket: &mut Socket| {
        let told = heard(socket).await;
        let params = &told["genericNotificationParams"];
        assert_eq!((&told["eventType"], &params["sender"]), (&json!("event:dialog"), &json!("bob@example.com")));
        assert_eq!(
            (&params["sessionData"], &params["contentType"]),
            (&json!(id), &json!("application/dialog-info+xml"))
        );
        params["eventData"].as_str().unwrap().to_owned()
    };
    assert!(!document(&mut socket).await.contains("<dialog "));
    let (bob, _bobs) = Client::login(&server, "bob", Flavour::Uc).await;
    let start =
        json!({"callControlRequest": {"type": "callStart", "to": "sip:bob@example.com", "from": "", "sdp": "v=0"}});
    let (carol, _carols) = Client::login(&server, "carol", Flavour::Uc).await;
    let (_, body) = carol.ask(&server, "POST", "/rest/version/1/user/carol@example.com/callControl", Some(start)).await;
    let session = body["callControlResponse"]["sessionData"].as_str().unwrap();
    assert!(document(&mut socket).await.contains(r#"direction="recipient"><state>early</state>"#));
    let path = format!("/rest/version/1/user/carol@example.com/callControl/callSessions/{session}");
    assert_eq!(carol.ask(&server, "DELETE", &path, None).await.0, 200);
    assert!(!document(&mut socket).await.contains("<dialog "));
    let path = format!("/rest/version/1/user/alice@example.com/eventSubscription/{id}");
    let others = format!("/rest/version/1/user/bob@example.com/eventSubscription/{id}");
    assert_eq!(bob.ask(&server, "DELETE", &others, None).await.0, 404, "another's");
    let done = json!({"eventSubscriptionResponse": {"statusCode": 0}});
    assert_eq!(alice.ask(&server, "DELETE", &path, None).await, (200, done));
    socket.close().await;
    server.stop().await;
}
