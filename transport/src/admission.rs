//! How many connections one address, and everybody together, may hold. Owns the counts, not what happens with the rest.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// Connections of one address (IPv6: one /64 network); an office behind one address fits.
const PER_ADDRESS: usize = 256;
/// Connections in all.
const IN_ALL: usize = 8192;

/// The counts. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Admissions {
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One connection's place; it is free again when this goes.
#[derive(Debug)]
pub(crate) struct Admission {
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
    network: IpAddr,
}

impl Admissions {
    /// A place for a connection from `address`, or `None` when it has enough of them.
    pub(crate) fn admit(&self, address: IpAddr) -> Option<Admission> {
        let network = network_of(address);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.values().sum::<usize>() >= IN_ALL {
            return None;
        }
        let count = counts.entry(network).or_default();
        if *count >= PER_ADDRESS {
            return None;
        }
        *count += 1;
        Some(Admission {
            counts: self.counts.clone(),
            network,
        })
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.network);
            }
        }
    }
}

fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => std::net::Ipv6Addr::from(u128::from(address) & (!0 << 64)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_gets_so_many_places_and_no_more_and_others_still_get_theirs() {
        let admissions = Admissions::default();
        let one: IpAddr = "10.0.0.1".parse().unwrap();
        let mut held: Vec<_> = (0..PER_ADDRESS)
            .map(|_| admissions.admit(one).unwrap())
            .collect();
        assert!(
            admissions
                .admit("::ffff:10.0.0.1".parse().unwrap())
                .is_none()
        );
        assert!(admissions.admit("10.0.0.2".parse().unwrap()).is_some());
        held.pop();
        assert!(admissions.admit(one).is_some());
    }

    #[test]
    fn one_ipv6_network_is_one_address() {
        assert_eq!(
            network_of("2001:db8::1".parse().unwrap()),
            network_of("2001:db8::ffff:2".parse().unwrap())
        );
    }
}
