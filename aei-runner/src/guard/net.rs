use std::io;
use std::net::{IpAddr, SocketAddr};

use aei_core::policy::{Guard, Refusal};

/// Why there is nowhere to connect to.
#[derive(Debug)]
pub enum NoAddress {
    /// The policy allows none of its addresses.
    Refused(Refusal),
    /// The name leads nowhere, or to nobody who answers.
    Unknown(io::Error),
}

/// The addresses of a host that may be connected to. Each was asked about as the address that it
/// is, so whoever connects to them needs to look nothing up again.
pub async fn addresses(
    guard: &dyn Guard,
    host: &str,
    port: u16,
) -> Result<Vec<SocketAddr>, NoAddress> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let found: Vec<SocketAddr> = match bare.parse::<IpAddr>() {
        Ok(address) => vec![SocketAddr::new(address, port)],
        Err(_) => {
            guard.check_lookup(bare, port).map_err(NoAddress::Refused)?;
            let found = tokio::net::lookup_host((bare, port)).await;
            found.map_err(NoAddress::Unknown)?.collect()
        }
    };
    if guard.is_open() {
        return Ok(found);
    }
    let mut refusal = None;
    let mut allowed = Vec::with_capacity(found.len());
    for address in found {
        match guard.check_host(bare, port, Some(address.ip())) {
            Ok(()) => allowed.push(address),
            Err(refused) => refusal = refusal.or(Some(refused)),
        }
    }
    match refusal {
        Some(refusal) if allowed.is_empty() => Err(NoAddress::Refused(refusal)),
        _ => Ok(allowed),
    }
}
