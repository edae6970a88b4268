//! Where a client comes from: an address of its own, as the clients of a public gateway have.

use std::net::Ipv4Addr;

/// Clients that get an address of their own; further ones share theirs with an earlier one.
const OWN: usize = 255 * 254;

/// The source address of a client: one of 127.0.0.0/8, which all belong to the loopback device on Linux. A gateway that bounds
/// what comes from one address bounds each client then, not all of them together. `None` where only 127.0.0.1 is there.
pub(crate) fn of(client: usize) -> Option<Ipv4Addr> {
    let number = client % OWN;
    let part = |number: usize| u8::try_from(number).ok();
    // 127.0.0.1 to 127.0.0.254 stay free: servers listen there.
    cfg!(target_os = "linux").then_some(())?;
    Some(Ipv4Addr::new(127, 0, part(number / 254 + 1)?, part(number % 254 + 1)?))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everybody_has_an_address_of_their_own() {
        assert_eq!((of(0), of(254)), (Some(Ipv4Addr::new(127, 0, 1, 1)), Some(Ipv4Addr::new(127, 0, 2, 1))));
        assert_eq!((0..OWN).filter_map(of).collect::<BTreeSet<_>>().len(), OWN);
        assert_eq!(of(OWN), of(0));
    }
}
