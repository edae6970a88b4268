//! Devices that say, watch and leave at random, beside a list of all that is true.

use kandy_wire::presence::{Activity, Presence, Status};

use super::Board;
use crate::{SubscriptionId, accounts::UserKey};

const BOUND: usize = 5;

/// Everything that was said and is not over, and who watches whom by which name.
#[derive(Default)]
struct Model {
    said: Vec<(UserKey, Option<SubscriptionId>, u64, Presence)>,
    watches: Vec<(SubscriptionId, UserKey, String)>,
}

impl Model {
    fn current(&self, user: &UserKey) -> Presence {
        let said = self.said.iter().filter(|(whose, ..)| whose == user);
        said.max_by_key(|(_, _, version, _)| *version).map_or(Presence::UNKNOWN, |(.., presence)| presence.clone())
    }
}

#[test]
fn a_board_tells_what_a_list_of_everything_tells() {
    for seed in 1..=300 {
        let mut random = seed;
        let (mut board, mut model) = (Board::default(), Model::default());
        for version in 1..=120 {
            step(&mut random, version, &mut board, &mut model);
            for user in 0..3 {
                let user = person(user);
                assert_eq!(*board.current(&user), model.current(&user), "seed {seed}, step {version}");
                let mut told: Vec<(SubscriptionId, String)> = board
                    .watchers(&user)
                    .flat_map(|(id, names)| names.iter().map(move |name| (id, name.clone())))
                    .collect();
                let watches = model.watches.iter().filter(|(_, whom, _)| *whom == user);
                let mut wanted: Vec<(SubscriptionId, String)> =
                    watches.map(|(id, _, name)| (*id, name.clone())).collect();
                told.sort();
                wanted.sort();
                assert_eq!(told, wanted, "seed {seed}, step {version}");
            }
        }
        for device in 0..4 {
            leave(device, &mut board, &mut model);
        }
        for user in 0..3 {
            board.withdraw(&person(user), None);
        }
        assert_eq!(board, Board::default(), "seed {seed}: nothing is left behind");
    }
}

fn step(random: &mut u64, version: u64, board: &mut Board, model: &mut Model) {
    let (user, device) = (person(draw(random, 3)), SubscriptionId(draw(random, 4)));
    let name = ["", "sip:"].map(|scheme| format!("{scheme}{}", user.as_str()))[draw(random, 2) as usize].clone();
    match draw(random, 10) {
        0..4 => {
            // A device is one user's; a tenth of what comes is what was stored.
            let owner = Some(device).filter(|_| draw(random, 10) > 0);
            let user = owner.map_or(user, |owner| person(owner.0 % 3));
            if owner.is_none() && model.said.iter().any(|(whose, ..)| *whose == user) {
                return;
            }
            let presence = Presence { activity: activity(draw(random, 3)), ..Presence::UNKNOWN };
            let before = model.current(&user);
            model.said.retain(|(whose, by, ..)| *whose != user || (by.is_some() && *by != owner));
            model.said.push((user.clone(), owner, version, presence.clone()));
            let changed = board.publish(&user, owner, version, presence.clone());
            assert_eq!(changed, model.current(&user) != before);
            // The one that was stored first comes to the board last.
            assert!(!board.publish(&user, owner, version - 1, Presence { status: Status::Open, ..presence }));
        }
        4..7 => {
            let fresh = !model.watches.contains(&(device, user.clone(), name.clone()));
            let count = model.watches.iter().filter(|(id, ..)| *id == device).count();
            let fits = !fresh || count < BOUND;
            assert_eq!(board.watch(device, &[(user.clone(), name.clone())], BOUND), fits);
            if fresh && fits {
                model.watches.push((device, user, name));
            }
        }
        7..9 => {
            let watch = (device, user.clone(), name.clone());
            assert_eq!(board.unwatch(device, &user, &name), model.watches.contains(&watch));
            model.watches.retain(|known| *known != watch);
        }
        _ => leave(device.0, board, model),
    }
}

fn leave(device: u64, board: &mut Board, model: &mut Model) {
    let (id, user) = (SubscriptionId(device), person(device % 3));
    let before = model.said.iter().filter(|(whose, ..)| *whose == user).max_by_key(|said| said.2).map(|said| said.1);
    model.said.retain(|(whose, by, ..)| *whose != user || *by != Some(id));
    model.watches.retain(|(by, ..)| *by != id);
    board.forget(id);
    assert_eq!(board.withdraw(&user, Some(id)), before == Some(Some(id)));
}

fn person(number: u64) -> UserKey {
    UserKey::of(&format!("user{number}@example.com"))
}

fn activity(number: u64) -> Activity {
    [Activity::Active, Activity::Busy, Activity::Away][number as usize]
}

/// Draws a number below `bound`.
fn draw(random: &mut u64, bound: u64) -> u64 {
    *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*random >> 33) % bound
}
