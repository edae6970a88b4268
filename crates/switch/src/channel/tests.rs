use super::*;

fn id(text: &str) -> SessionId {
    SessionId(text.into())
}

fn kept(event: u64, text: &str, session: &str, kind: Kind) -> Kept {
    Kept::new(text.into(), event, id(session), kind, 0)
}

fn bounds(length: usize, bytes: usize, resume_for: Option<u64>) -> Bounds {
    Bounds { length, bytes, resume_for }
}

fn texts(written: Vec<(SocketId, String)>) -> Vec<(u64, String)> {
    written.into_iter().map(|(socket, text)| (socket.0, text)).collect()
}

#[test]
fn what_is_not_proven_is_written_again_on_the_next_socket() {
    let mut channel = Channel::new(0, bounds(10, 1000, None));
    channel.push(kept(1, "1", "s", Kind::Middle));
    assert_eq!(texts(channel.write(0)), [], "no socket");
    assert_eq!(channel.open(SocketId(1)), None);
    assert_eq!(texts(channel.write(10)), [(1, "1".into())]);
    assert_eq!(texts(channel.write(11)), [], "once per socket");
    channel.push(kept(2, "2", "s", Kind::Middle));
    assert_eq!(texts(channel.write(20)), [(1, "2".into())]);
    channel.heard(SocketId(1), 20, 5);
    channel.heard(SocketId(9), 99, 5);
    assert_eq!(channel.open(SocketId(2)), Some(SocketId(1)));
    assert_eq!(texts(channel.write(30)), [(2, "2".into())], "1 was proven, 2 was not");
    channel.close(SocketId(1), 40);
    assert_eq!((channel.socket(), channel.away(45)), (Some(SocketId(2)), 0), "an older socket's end is no news");
    channel.close(SocketId(2), 50);
    assert_eq!((channel.socket(), channel.away(55)), (None, 5));
}

#[test]
fn the_queue_is_bounded_by_number_and_size() {
    let mut channel = Channel::new(0, bounds(3, 10, None));
    (0..9).for_each(|n| channel.push(kept(n, &n.to_string(), "s", Kind::Middle)));
    channel.open(SocketId(1));
    assert_eq!(texts(channel.write(0)), [(1, "6".into()), (1, "7".into()), (1, "8".into())]);
    channel.push(kept(10, &"a".repeat(20), "s", Kind::Middle));
    assert_eq!(channel.queue.len(), 1, "the newest is kept whatever its size");
    assert_eq!(channel.bytes, 20);
}

#[test]
fn calls_can_be_withdrawn_as_long_as_nobody_saw_them() {
    let mut channel = Channel::new(0, bounds(10, 1000, None));
    channel.push(kept(1, "call", "s", Kind::Call));
    channel.push(kept(2, "call", "t", Kind::Call));
    assert!(channel.holds_unseen_call(&id("s")));
    channel.withdraw(&id("t"), None);
    channel.open(SocketId(1));
    assert_eq!(texts(channel.write(0)), [(1, "call".into())]);
    assert!(!channel.holds_unseen_call(&id("s")));
    assert_eq!(channel.offered_and_ended(), []);
    channel.push(kept(3, "end", "s", Kind::End));
    assert_eq!(channel.offered_and_ended(), [id("s")]);
    channel.withdraw(&id("s"), Some(Kind::End));
    assert_eq!(channel.offered_and_ended(), []);
    assert_eq!(channel.bytes, 4);
}

/// A channel of a client that resumes and has a socket, with these events written at their numbers' times.
fn resuming(events: &[u64]) -> Channel {
    let mut channel = Channel::new(0, bounds(10, 1000, Some(100)));
    channel.open(SocketId(1));
    for event in events {
        channel.push(Kept { at: *event, ..kept(*event, &event.to_string(), "s", Kind::Middle) });
        channel.write(*event);
    }
    channel
}

fn resumed(mut channel: Channel, now: u64, after: Option<u64>) -> (bool, Vec<String>) {
    let complete = channel.resume(now, after);
    channel.open(SocketId(9));
    (complete, channel.write(now).into_iter().map(|(_, text)| text).collect())
}

#[test]
fn a_client_names_what_it_has_and_gets_the_rest() {
    let rows: [(Option<u64>, &[&str]); 5] = [
        (Some(1), &["2", "3"]),
        (Some(3), &[]),
        (Some(2), &["3"]),
        (None, &["1", "2", "3"]),
        (Some(7), &["1", "2", "3"]),
    ];
    for (after, wanted) in rows {
        assert_eq!(resumed(resuming(&[1, 2, 3]), 4, after), (true, wanted.iter().map(|t| (*t).to_owned()).collect()));
    }
}

#[test]
fn what_is_lost_beyond_the_named_one_is_told() {
    // What happens to the three events, then whether each may be the last one that the client has.
    type Happens = fn(&mut Channel);
    let rows: [(&str, Happens, [bool; 4]); 8] = [
        ("nothing", |_| {}, [true; 4]),
        ("the oldest gave way", |c| assert!(c.drop_oldest()), [false, true, true, true]),
        ("two are believed to have arrived", |c| c.heard(SocketId(1), 102, 0), [false, false, true, true]),
        ("all are", |c| c.heard(SocketId(1), 200, 0), [false, false, false, true]),
        ("a guess is not enough", |c| c.heard(SocketId(1), 50, 2), [true; 4]),
        ("all were withdrawn", |c| c.withdraw(&id("s"), None), [true; 4]),
        ("all were given up", |c| c.drop_session(&id("s")), [false, false, false, true]),
        ("the first two were named before", |c| assert!(c.resume(4, Some(2))), [false, false, true, true]),
    ];
    for (what, happens, wanted) in rows {
        for (after, complete) in [None, Some(1), Some(2), Some(3)].into_iter().zip(wanted) {
            let mut channel = resuming(&[1, 2, 3]);
            happens(&mut channel);
            assert_eq!(resumed(channel, 60, after).0, complete, "{what}, after {after:?}");
        }
    }
}

#[test]
fn without_a_socket_nothing_is_kept_longer_than_promised() {
    for (back, now, complete) in [(150, 150, true), (151, 151, false)] {
        let mut channel = resuming(&[1, 2, 3]);
        channel.close(SocketId(1), 50);
        channel.push(Kept { at: 120, ..kept(120, "120", "s", Kind::Middle) });
        assert_eq!(channel.queue.len(), 4, "the time counts from the loss of the socket");
        let (told, texts) = resumed(channel, now, Some(2));
        assert_eq!((told, texts.len()), (complete, if complete { 2 } else { 1 }), "back at {back}");
    }
    let mut channel = resuming(&[1]);
    channel.close(SocketId(1), 50);
    (0..5).for_each(|n| channel.push(Kept { at: 1000 + n * 60, ..kept(10 + n, "x", "s", Kind::Middle) }));
    assert_eq!(channel.queue.len(), 2, "nor does it pile up");
}

#[test]
fn only_so_many_places_are_remembered() {
    let mut channel = resuming(&[]);
    for event in 1..=1_000 {
        channel.push(kept(event, "x", "s", Kind::Middle));
        channel.write(0);
        assert!(channel.resume(1, Some(event)));
    }
    assert_eq!((channel.past.len(), channel.queue.len(), channel.bytes), (REMEMBERED, 0, 0));
    assert!(channel.resume(1, Some(1_000)));
    assert!(!channel.resume(1, Some(1)), "too long ago");
    channel.skip(1_001);
    assert!(!channel.resume(1, Some(1_000)), "there was something that never came into the queue");
}
