//! How many connections there may be at a time, altogether and from one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use prometheus_client::metrics::{counter::Counter, gauge::Gauge};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::client::network;

/// The room that there is for connections.
#[derive(Clone)]
pub(crate) struct Room {
    places: Arc<Semaphore>,
    most: u32,
    per_address: u32,
    /// Those that have any, so there are no more of them than connections.
    addresses: Arc<Mutex<HashMap<IpAddr, Count>>>,
    /// How many connections there are.
    pub(crate) open: Gauge,
    /// How many were refused.
    pub(crate) refused: Counter,
}

#[derive(Default)]
struct Count {
    open: u32,
    /// The log has it that this address wants too many.
    told: bool,
}

/// The place of one connection, which is free again when this is dropped.
pub(crate) struct Place {
    _permit: Option<OwnedSemaphorePermit>,
    _seat: Option<Seat>,
    _open: Option<Open>,
}

/// One of those that are counted as open.
struct Open(Gauge);

/// One connection of those of an address.
struct Seat {
    address: IpAddr,
    room: Room,
}

impl Room {
    /// Room for this many connections, and for this many from one address, where 0 is no bound.
    pub(crate) fn new(most: u32, per_address: u32) -> Self {
        let places = Arc::new(Semaphore::new(usize::try_from(most).unwrap_or(usize::MAX)));
        Self {
            places,
            most,
            per_address,
            addresses: Arc::default(),
            open: Gauge::default(),
            refused: Counter::default(),
        }
    }

    /// A place for the connection that comes next, as soon as there is one.
    pub(crate) async fn place(&self) -> Place {
        // The semaphore is never closed; without a permit the connection would just not be counted.
        Place { _permit: self.places.clone().acquire_owned().await.ok(), _seat: None, _open: None }
    }

    /// Counts a connection to its address. Returns `None` when that has too many.
    pub(crate) fn seat(&self, place: Place, address: IpAddr) -> Option<Place> {
        if self.per_address == 0 {
            return Some(place);
        }
        let address = network(address);
        let mut addresses = self.lock();
        let count = addresses.entry(address).or_default();
        if count.open >= self.per_address {
            self.refused.inc();
            // Once, until the address has no connections left: a flood must not fill the log.
            if !std::mem::replace(&mut count.told, true) {
                tracing::warn!(%address, most = self.per_address, "an address has too many connections; more are closed");
            }
            return None;
        }
        count.open += 1;
        Some(Place { _seat: Some(Seat { address, room: self.clone() }), ..place })
    }

    /// The place is that of a connection from now on.
    pub(crate) fn taken(&self, place: Place) -> Place {
        self.open.inc();
        Place { _open: Some(Open(self.open.clone())), ..place }
    }

    /// Completes when there are no connections.
    pub(crate) async fn empty(&self) {
        drop(self.places.acquire_many(self.most).await);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Count>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut addresses = self.room.lock();
        if let Some(count) = addresses.get_mut(&self.address) {
            count.open = count.open.saturating_sub(1);
            if count.open == 0 {
                addresses.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn places_are_counted_and_given_back() {
        let room = Room::new(3, 2);
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let first = room.seat(room.place().await, ip("192.0.2.1")).unwrap();
        let second = room.seat(room.place().await, ip("::ffff:192.0.2.1")).unwrap();
        assert!(room.seat(room.place().await, ip("192.0.2.1")).is_none(), "it has two");
        let other = room.seat(room.place().await, ip("192.0.2.2")).unwrap();
        assert_eq!(room.places.available_permits(), 0, "the refused one gave its place back");
        drop((first, second));
        assert_eq!(room.lock().len(), 1);
        assert!(room.seat(room.place().await, ip("192.0.2.1")).is_some());
        drop(other);
        room.empty().await;
        assert!(room.lock().is_empty());
    }

    #[tokio::test]
    async fn nothing_is_counted_where_there_is_no_bound() {
        let room = Room::new(9, 0);
        let mut places = Vec::new();
        for _ in 0..9 {
            places.push(room.seat(room.place().await, IpAddr::from([192, 0, 2, 1])).unwrap());
        }
        assert!(room.lock().is_empty());
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let rows = [
            ("192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:db8:1:2::", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
            ("::1", "::"),
        ];
        for (address, wanted) in rows {
            assert_eq!(network(address.parse().unwrap()), wanted.parse::<IpAddr>().unwrap(), "{address}");
        }
    }
}
