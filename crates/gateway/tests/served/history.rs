//! Call history and voicemail over HTTP (protocol §4.14, §9.1).

use serde_json::{Value, json};

use crate::{
    mailbox,
    people::{Client, Flavour, heard},
    server::{Server, Socket},
};

fn path(user: &str, resource: &str) -> String {
    format!("/rest/version/1/user/{user}@example.com/{resource}")
}

/// Alice calls bob, who takes the call or does not; either way she ends it.
async fn call(server: &Server, alice: &Client, bob: (&Client, &mut Socket), taken: bool) {
    let (bob, socket) = bob;
    let start =
        json!({"callControlRequest": {"type": "callStart", "to": "sip:bob@example.com", "from": "", "sdp": "v=0"}});
    let (status, body) = alice.ask(server, "POST", &path("alice", "callControl"), Some(start)).await;
    assert_eq!(status, 200, "{body}");
    let theirs = body["callControlResponse"]["sessionData"].as_str().unwrap().to_owned();
    let call = heard(socket).await;
    let ours = call["sessionParams"]["sessionData"].as_str().unwrap().to_owned();
    let mut asks = vec![json!({"type": "ringing"})];
    if taken {
        asks.push(json!({"type": "callAnswer", "sdp": "v=0"}));
    }
    for ask in asks {
        let resource = format!("callControl/callSessions/{ours}");
        let body = Some(json!({ "callControlRequest": ask }));
        assert_eq!(bob.ask(server, "PUT", &path("bob", &resource), body).await.0, 200);
    }
    let resource = format!("callControl/callSessions/{theirs}");
    assert_eq!(alice.ask(server, "DELETE", &path("alice", &resource), None).await.0, 200);
    while heard(socket).await["eventType"] != "callEnd" {}
}

async fn records(server: &Server, client: &Client, query: &str) -> Vec<Value> {
    let (status, body) = client.ask(server, "GET", &path(&client.user, &format!("logHistory{query}")), None).await;
    assert_eq!((status, &body["logHistory"]["statusCode"]), (200, &json!(0)), "{body}");
    let items = body["logHistory"]["logItems"].as_array().unwrap();
    assert!(items.iter().all(|item| item["type"] == "CallLog"));
    items.iter().map(|item| item["params"].clone()).collect()
}

#[tokio::test]
async fn ended_calls_are_in_the_history_of_both_parties() {
    let server = Server::start().await;
    for flavour in [Flavour::Uc, Flavour::Link] {
        let (alice, alices) = Client::login(&server, "alice", flavour).await;
        let (bob, mut socket) = Client::login(&server, "bob", flavour).await;
        for taken in [true, false, true] {
            call(&server, &alice, (&bob, &mut socket), taken).await;
        }
        let [ours, theirs] = [records(&server, &alice, "").await, records(&server, &bob, "").await];
        let directions = |records: &[Value]| records.iter().map(|r| r["direction"].clone()).collect::<Vec<_>>();
        assert_eq!(directions(&ours), ["outgoing"; 3]);
        assert_eq!(directions(&theirs), ["incoming", "missed", "incoming"], "newest first");
        for record in ours.iter().chain(&theirs) {
            assert_eq!(
                [
                    &record["callerName"],
                    &record["callerDisplayNumber"],
                    &record["calleeName"],
                    &record["calleeDisplayNumber"]
                ],
                ["Alice Archer", "alice@example.com", "Bob Baker", "bob@example.com"]
            );
            let id = record["recordId"].as_str().unwrap();
            assert!(
                id.len() != 36 && record["resourceLocation"].as_str().unwrap().ends_with(&format!("/logRecord/{id}"))
            );
            let number = |name: &str| record[name].as_str().unwrap().parse::<u64>().unwrap();
            assert!(number("startTime") > 1_600_000_000_000 && number("duration") < 10_000);
        }
        assert_eq!(theirs[1]["duration"], "0");

        let id = |record: &Value| record["recordId"].as_str().unwrap().to_owned();
        let ids: Vec<String> = theirs.iter().map(id).collect();
        let part = records(&server, &bob, "?count=1&startIndex=1").await;
        assert_eq!(part.iter().map(id).collect::<Vec<_>>(), ids[1..2]);
        assert_eq!(records(&server, &bob, "?count=100000&startIndex=2").await.len(), 1);
        assert_eq!(records(&server, &bob, "?startIndex=3").await, [] as [Value; 0]);
        for query in ["?count=-1", "?count=x", "?startIndex=-1", "?startIndex=99999999999999999999"] {
            let (status, body) = bob.ask(&server, "GET", &path("bob", &format!("logHistory{query}")), None).await;
            assert_eq!((status, &body["logHistory"]["statusCode"]), (400, &json!(37)), "{query}");
        }

        let done = (200, json!({"logRecord": {"statusCode": 0}}));
        let one = format!("logRecord/{}", ids[1]);
        assert_eq!(alice.ask(&server, "DELETE", &path("alice", &one), None).await.0, 404, "another's");
        assert_eq!(bob.ask(&server, "DELETE", &path("bob", &one), None).await, done);
        for gone in [one.as_str(), "logRecord/x", "logRecord/-1"] {
            let (status, body) = bob.ask(&server, "DELETE", &path("bob", gone), None).await;
            assert_eq!((status, &body["logRecord"]["statusCode"]), (404, &json!(42)), "{gone}");
        }
        assert_eq!(records(&server, &bob, "").await.len(), 2);
        assert_eq!(bob.ask(&server, "DELETE", &path("bob", "logHistory"), None).await, done);
        assert_eq!(records(&server, &bob, "").await, [] as [Value; 0]);
        assert_eq!(records(&server, &alice, "").await, ours, "alice has hers");
        assert_eq!(alice.ask(&server, "DELETE", &path("alice", "logHistory"), None).await, done);
        for (client, socket) in [(alice, alices), (bob, socket)] {
            client.ask(&server, "DELETE", &client.subscription.clone(), None).await;
            drop(socket);
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn waiting_messages_are_told_to_every_client_of_the_user() {
    let server = mailbox::server().await;
    let (link, mut first) = Client::login(&server, "alice", Flavour::Link).await;
    let (uc, mut second) = Client::login(&server, "alice", Flavour::Uc).await;
    let (_bob, mut other) = Client::login(&server, "bob", Flavour::Uc).await;
    let none = (200, json!({"mwiresponse": {"statusCode": 52}}));
    assert_eq!(link.ask(&server, "GET", &path("alice", "voicemail"), None).await, none);
    for (new, old, mwi) in [(2_u32, 1_u32, "yes"), (0, 3, "no"), (0, 0, "no")] {
        mailbox::says(&server, "ALICE@example.com", new, old).await;
        let counts = json!({"newMessages": new.to_string(), "oldMessages": old.to_string(), "newUrgentMessages": "0",
            "oldUrgentMessages": "0"});
        let mut wanted = json!({"mwi": mwi, "totalVoice": (new + old).to_string(), "unheardVoice": new.to_string(),
            "voice": counts});
        for socket in [&mut first, &mut second] {
            let told = heard(socket).await;
            assert_eq!((&told["eventType"], &told["mwiNotificationParams"]), (&json!("mwi"), &wanted));
            assert!(told["time"].is_u64());
        }
        wanted["statusCode"] = json!(0);
        for client in [&link, &uc] {
            let (status, body) = client.ask(&server, "GET", &path("alice", "voicemail"), None).await;
            assert_eq!((status, &body["mwiresponse"]), (200, &wanted));
        }
    }
    let fax = json!({"fax": {"newMessages": 1, "newUrgentMessages": 1}, "multimedia": {"oldMessages": 2}});
    let request = server.request("PUT", "/operator/v1/users/alice%40example.com/voicemail").bearer_auth(mailbox::KEY);
    assert_eq!(request.json(&fax).send().await.unwrap().status(), 200);
    let told = heard(&mut first).await["mwiNotificationParams"].clone();
    assert_eq!(
        (&told["mwi"], &told["totalVoice"], &told["fax"]["newUrgentMessages"]),
        (&json!("yes"), &json!("0"), &json!("1"))
    );
    assert_eq!(other.rest().await, [] as [Value; 0], "and to nobody else");
    server.stop().await;
}
