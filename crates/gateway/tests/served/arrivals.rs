//! A client that comes and goes while somebody writes: it hears everything, in order, and drops what it knows.

use std::collections::BTreeSet;

use kandy_gateway::Config;
use kandy_switch::Policy;
use serde_json::json;

use crate::{
    people::{Client, Flavour},
    place::Folder,
    restart::keeping,
    server::{Server, Socket},
};

/// Fewer than a user may have waiting, because here nobody stays for long enough to prove anything.
const MESSAGES: usize = 150;

struct Draw(u64);

impl Draw {
    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// What a receiver has seen by now.
#[derive(Default)]
struct Heard {
    ids: BTreeSet<u64>,
    texts: Vec<String>,
    again: usize,
}

impl Heard {
    /// Reads up to so many frames. The ids of one socket grow.
    async fn read(&mut self, socket: &mut Socket, most: usize) {
        let mut last = 0;
        for frame in socket.rest().await.into_iter().take(most) {
            let message = &frame["notificationMessage"];
            let id: u64 = message["eventId"].as_str().unwrap().parse().unwrap();
            assert!(id > last, "{id} after {last}");
            last = id;
            if self.ids.insert(id) {
                self.texts.push(message["imnotificationParams"]["msgText"].as_str().unwrap().to_owned());
            } else {
                self.again += 1;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_comes_and_goes_misses_nothing() {
    let folder = Folder::new("arrivals");
    // Nothing is ever proven, however slow this machine is.
    let policy = Policy { proof_age: 600_000, ..Policy::default() };
    let config = || Config { policy: policy.clone(), ..keeping(&folder) };
    for seed in 1..=4 {
        let server = std::sync::Arc::new(Server::configured(config()).await);
        let sender = Client::subscribed(&server, "alice", Flavour::Link).await;
        let writing = tokio::spawn({
            let server = server.clone();
            async move {
                for number in 1..=MESSAGES {
                    let wish = json!({"toUrl": "bob@example.com", "message": format!("{seed}/{number}")});
                    assert_eq!(sender.send_im(&server, wish).await.0, 200);
                }
            }
        });
        let (mut draw, mut heard, mut logins) = (Draw(seed), Heard::default(), 0);
        while !writing.is_finished() && logins < 15 {
            logins += 1;
            let (bob, mut socket) = Client::login(&server, "bob", Flavour::Link).await;
            let most = draw.below(MESSAGES);
            heard.read(&mut socket, most).await;
            match draw.below(3) {
                // The page is gone.
                0 => drop(socket),
                1 => socket.close().await,
                _ => assert_eq!(bob.ask(&server, "DELETE", &bob.subscription, None).await.0, 200),
            }
        }
        writing.await.unwrap();
        let (_, mut socket) = Client::login(&server, "bob", Flavour::Link).await;
        heard.read(&mut socket, usize::MAX).await;
        let mut wanted: Vec<String> = (1..=MESSAGES).map(|number| format!("{seed}/{number}")).collect();
        let mut got: Vec<String> =
            heard.texts.into_iter().filter(|text| text.starts_with(&format!("{seed}/"))).collect();
        eprintln!("seed {seed}: {logins} logins, {} heard once more", heard.again);
        wanted.sort();
        got.sort();
        assert_eq!(got, wanted, "seed {seed}");
        drop(socket);
        std::sync::Arc::into_inner(server).unwrap().stop().await;
    }
}
