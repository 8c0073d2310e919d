//! Networks of addresses: `203.0.113.0/24`, `2001:db8::/32`.

use core::net::IpAddr;

/// The addresses that begin with the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    address: IpAddr,
    bits: u32,
}

impl Net {
    /// Reads an address and the number of bits. Bits after those do not count, as on a command line.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/')?;
        let (address, bits) = (address.parse().ok()?, bits.parse().ok()?);
        let most = match address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        };
        (bits <= most).then_some(Self { address, bits })
    }

    /// Whether an address is in it. What is no address is in none.
    pub fn holds(&self, text: &str) -> bool {
        let Ok(address) = text.parse::<IpAddr>() else {
            return false;
        };
        let differ = match (self.address, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => u128::from(a.to_bits() ^ b.to_bits()) << 96,
            (IpAddr::V6(a), IpAddr::V6(b)) => a.to_bits() ^ b.to_bits(),
            _ => return false,
        };
        differ.leading_zeros() >= self.bits
    }
}

#[cfg(test)]
mod tests {
    use super::Net;

    #[test]
    fn a_network_holds_what_begins_like_it() {
        for (net, address, held) in [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.9/24", "203.0.113.7", true),
            ("203.0.113.0/24", "203.0.114.1", false),
            ("0.0.0.0/0", "198.51.100.1", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("203.0.113.7/32", "203.0.113.7", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::/0", "::1", true),
            ("10.0.0.0/8", "10.0.0.0.evil", false),
        ] {
            assert_eq!(Net::parse(net).unwrap().holds(address), held, "{net} {address}");
        }
        for bad in [
            "203.0.113.0",
            "203.0.113.0/33",
            "::/129",
            "x/8",
            "1.2.3/8",
            "1.2.3.4/-1",
            "1.2.3.4/",
        ] {
            assert_eq!(Net::parse(bad), None, "{bad}");
        }
    }
}
