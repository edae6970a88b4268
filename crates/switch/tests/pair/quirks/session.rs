//! What comes over the socket, and what the server grants.

use kandy_core::Event;

use super::Player;

/// 7.20, defect 18: configured ICE servers are used although the server hands out no credentials.
#[test]
fn quirk_ice_servers() {
    let mut player = Player::new("quirk-ice-servers");
    player.play(10_000);
    player.same(&["a", "b"]);
    for page in &player.pages {
        let urls: Vec<&String> = page.ice_servers.iter().flat_map(|server| &server.urls).collect();
        assert_eq!(urls, ["stun:127.0.0.1:3478"], "{}", page.user);
    }
    player.nothing_left();
}

/// Link protocol 3.5: a server that answers no check is lost; the new socket takes the old one's place, which the recorded
/// client leaves open.
#[test]
fn quirk_silent_server() {
    let mut player = Player::new("quirk-silent-server");
    player.play(0);
    player.same(&["a"]);
    assert_eq!(player.closed.len(), 1, "the old socket is closed");
    let page = &player.pages[player.page("a")];
    assert_eq!(page.is_connected(), (true, false));
}

/// Link protocol 3.8: of two notifications with the same id the second is dropped. Those without an id are told apart by
/// nothing, so all are taken; the recorded client takes the first only. (`voicemail:change` comes with the voice mail.)
#[test]
fn quirk_event_ids() {
    for name in ["quirk-event-ids", "quirk-event-ids.link-uc"] {
        let mut player = Player::new(name);
        player.play(1_000);
        let events = player.pages[player.page("a")].events.iter().filter_map(|event| match event {
            Event::NotificationReceived { payload, .. } => Some(
                payload["notificationMessage"]["mwiNotificationParams"]["unheardVoice"].as_str().unwrap().to_owned(),
            ),
            _ => None,
        });
        assert_eq!(events.collect::<Vec<_>>(), ["1", "2", "3", "4", "6"], "{name}");
    }
}

/// 5.4, defect 7: a subscription that is gone ends the login; the recorded UC client does not listen.
#[test]
fn quirk_gone() {
    for name in ["quirk-gone", "quirk-gone.link-uc"] {
        let mut player = Player::new(name);
        player.play(10_000);
        assert_eq!(player.names("a"), ["ws:change", "auth:change GONE"], "{name}");
        if name.contains("link") {
            player.same(&["a"]);
        }
        assert_eq!((player.pages[0].is_connected(), player.closed.len()), ((false, false), 1), "{name}");
    }
}

/// Link protocol 3.5, defect 8: a socket that the server closes is opened again at once, not at the next check.
#[test]
fn quirk_ws_server_close() {
    let mut player = Player::new("quirk-ws-server-close");
    player.play_to(19);
    assert_eq!(player.pages[0].is_connected(), (false, true));
    let since = player.now;
    player.play_to(23);
    assert_eq!(player.now, since);
    assert_eq!(player.pages[0].is_connected(), (true, false));
    player.play(0);
    player.same(&["a"]);
}

/// Link protocol 3.4: frames that are no notifications, which crash the recorded client's handler, change nothing.
#[test]
fn quirk_ping_answered() {
    let mut player = Player::new("quirk-ping-answered");
    // A message of somebody, which comes with the messages.
    for n in [45, 49, 50, 51] {
        player.skip(n);
    }
    player.play(0);
    for page in &player.pages {
        assert_eq!(page.is_connected(), (true, false));
        let loud: Vec<&String> = page.log.iter().filter(|line| line.starts_with("Error")).collect();
        assert!(loud.is_empty(), "{loud:?}");
    }
    assert!(player.closed.is_empty() && player.names("a").is_empty() && player.names("b").is_empty());
}
