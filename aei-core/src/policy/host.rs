use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

/// Whom one entry of `hosts` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostRule {
    who: Who,
    ports: Option<RangeInclusive<u16>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Who {
    Everyone,
    Name(String),
    /// All names below one, with its leading dot.
    Below(String),
    Network(IpAddr, u8),
}

impl HostRule {
    /// Reads an entry; an error says what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (host, ports) = split(text)?;
        let who = match host.strip_prefix("*.") {
            _ if host == "*" => Who::Everyone,
            Some(domain) => Who::Below(format!(".{}", name(domain)?)),
            None => match network(host) {
                Some(network) => {
                    let (address, bits) = network?;
                    Who::Network(address, bits)
                }
                None => Who::Name(name(host)?),
            },
        };
        Ok(Self { who, ports })
    }

    /// Whether it means a name (or the spelling of an address) and port.
    pub(super) fn names(&self, host: &str, port: u16) -> bool {
        self.port(port)
            && match &self.who {
                Who::Everyone => true,
                Who::Name(name) => host == name,
                Who::Below(domain) => host.ends_with(domain.as_str()),
                Who::Network(..) => false,
            }
    }

    /// Whether it means an address and port by a network.
    pub(super) fn holds(&self, address: IpAddr, port: u16) -> bool {
        self.port(port)
            && match self.who {
                Who::Network(base, bits) => within(address, base, bits),
                Who::Everyone => true,
                Who::Name(_) | Who::Below(_) => false,
            }
    }

    /// Whether it means some addresses at a port, whatever they are called.
    pub(super) fn is_network(&self, port: u16) -> bool {
        self.port(port) && matches!(self.who, Who::Network(..))
    }

    /// Whether it is for everything.
    pub(super) const fn is_for_all(&self) -> bool {
        matches!(self.who, Who::Everyone)
    }

    fn port(&self, port: u16) -> bool {
        self.ports.as_ref().is_none_or(|ports| ports.contains(&port))
    }
}

/// A host name as rules compare it.
pub(super) fn plain(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// An address as rules compare it: IPv4 in its own spelling, however it came.
pub(super) fn unmapped(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.segments() {
            // `::ffff:a.b.c.d`, mapped, and `64:ff9b::a.b.c.d`, translated (RFC 6052).
            [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                IpAddr::V4(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
            }
            _ => address,
        },
    }
}

/// Whether an address leads to this machine, or to a service that only its network card sees.
pub(super) fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_link_local() || v4.octets()[0] == 0,
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unspecified() || v6.is_unicast_link_local(),
    }
}

/// What an address may be called besides itself: connecting to `0.0.0.0` reaches `127.0.0.1`.
pub(super) fn aliases(address: IpAddr) -> [IpAddr; 2] {
    let other = match address {
        IpAddr::V4(v4) if v4.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(v6) if v6.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        same => same,
    };
    [address, other]
}

type Ports = Option<RangeInclusive<u16>>;

/// Splits `host:ports`; `[…]` holds an address of IPv6.
fn split(text: &str) -> Result<(&str, Ports), String> {
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or("a `]` is missing")?;
        let (bits, rest) = rest.find(':').map_or((rest, ""), |at| rest.split_at(at));
        if !bits.is_empty() {
            return Err("the length of a network belongs into the brackets: `[fd00::/8]:80`".into());
        }
        return Ok((host, rest.strip_prefix(':').map(ports).transpose()?));
    }
    match text.split_once(':') {
        None => Ok((text, None)),
        // More than one colon without brackets is an address of IPv6 without ports.
        Some((_, rest)) if rest.contains(':') => Ok((text, None)),
        Some((host, rest)) => Ok((host, Some(ports(rest)?))),
    }
}

fn ports(text: &str) -> Result<RangeInclusive<u16>, String> {
    let wrong = || format!("`{text}` is no port and no range of ports such as `8000-8999`");
    let port = |text: &str| text.trim().parse::<u16>().map_err(|_| wrong());
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (port(first)?, port(last)?);
    if first > last {
        return Err(wrong());
    }
    Ok(first..=last)
}

fn name(text: &str) -> Result<String, String> {
    let text = plain(text);
    let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if text.contains('*') {
        return Err("`*` stands alone or at the start: `*`, `*.shop.test`".into());
    }
    if text.is_empty() || !text.chars().all(good) || text.contains("..") {
        return Err("it is no host name, address or network".into());
    }
    // `10.1` or `0x7f.1` would be resolved as an address of another spelling.
    if text.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_digit())) {
        return Err("it is no address; write all its parts: `10.0.0.7`, `10.0.0.0/8`".into());
    }
    Ok(text)
}

/// An address or a network; `None` when the text is meant as a name.
fn network(text: &str) -> Option<Result<(IpAddr, u8), String>> {
    let (base, bits) = match text.split_once('/') {
        Some((base, bits)) => (base, Some(bits)),
        None => (text, None),
    };
    let Ok(address) = base.parse::<IpAddr>() else {
        return bits.map(|_| Err(format!("`{base}` is no address")));
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits.map(str::parse::<u8>) {
        None => most,
        Some(Ok(bits)) if bits <= most => bits,
        Some(_) => return Some(Err(format!("a network's length is from 0 to {most}"))),
    };
    if unmapped(address) != address {
        return Some(Err(format!(
            "write it as the IPv4 address it stands for: `{}`",
            unmapped(address)
        )));
    }
    Some(Ok((address, bits)))
}

fn within(address: IpAddr, base: IpAddr, bits: u8) -> bool {
    match (address, base) {
        (IpAddr::V4(address), IpAddr::V4(base)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            u32::from(address) & mask == u32::from(base) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(base)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            u128::from(address) & mask == u128::from(base) & mask
        }
        _ => false,
    }
}
