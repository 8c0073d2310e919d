//! An address or a range of addresses, as a rule takes it.

use core::net::IpAddr;
use std::fmt;
use std::str::FromStr;

/// A range whose host bits are zero, as AWS writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    bits: u8,
}

/// The text is neither an address nor a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is neither an address nor a range; it should look like 203.0.113.7 or 2001:db8::/48")]
pub struct NotCidr;

impl Cidr {
    /// Whether it is of IPv6.
    pub fn is_v6(self) -> bool {
        self.address.is_ipv6()
    }

    /// How many bits are given.
    pub fn bits(self) -> u8 {
        self.bits
    }

    /// The address, where it is one alone.
    pub fn single(self) -> Option<IpAddr> {
        let all = if self.is_v6() { 128 } else { 32 };
        (self.bits == all).then_some(self.address)
    }

    /// Whether some address is in both.
    pub fn overlaps(self, other: Self) -> bool {
        let shorter = self.bits.min(other.bits);
        self.is_v6() == other.is_v6() && cut(self.address, shorter) == cut(other.address, shorter)
    }
}

/// Whether two texts name the same range. AWS writes an IPv6 address back in another way than it was given: WAF with every digit.
pub fn is_same(one: &str, other: &str) -> bool {
    match (one.parse::<Cidr>(), other.parse::<Cidr>()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// The address with all bits after the first `bits` zero.
fn cut(address: IpAddr, bits: u8) -> IpAddr {
    match address {
        IpAddr::V4(four) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits.min(32))).unwrap_or(0);
            IpAddr::V4((u32::from(four) & mask).into())
        }
        IpAddr::V6(six) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits.min(128))).unwrap_or(0);
            IpAddr::V6((u128::from(six) & mask).into())
        }
    }
}

impl FromStr for Cidr {
    type Err = NotCidr;

    fn from_str(text: &str) -> Result<Self, NotCidr> {
        let (address, bits) = match text.split_once('/') {
            None => (text, None),
            Some((address, bits)) => (address, Some(bits)),
        };
        let address: IpAddr = address.parse().map_err(|_| NotCidr)?;
        let most = if address.is_ipv6() { 128 } else { 32 };
        let bits: u8 = bits.map_or(Ok(most), str::parse).map_err(|_| NotCidr)?;
        if bits > most {
            return Err(NotCidr);
        }
        Ok(Self {
            address: cut(address, bits),
            bits,
        })
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_as_aws_writes_it() {
        for (text, written) in [
            ("203.0.113.7", "203.0.113.7/32"),
            ("203.0.113.7/24", "203.0.113.0/24"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("2001:DB8::1", "2001:db8::1/128"),
            ("2001:db8:1::/33", "2001:db8::/33"),
        ] {
            assert_eq!(text.parse::<Cidr>().unwrap().to_string(), written);
        }
        for bad in [
            "",
            "203.0.113",
            "203.0.113.7/33",
            "::/129",
            "203.0.113.7/",
            "10.0.0.1/-1",
            "example.com",
        ] {
            assert_eq!(bad.parse::<Cidr>(), Err(NotCidr), "{bad}");
        }
    }

    #[test]
    fn the_same_range_may_be_written_in_several_ways() {
        for (one, other, same) in [
            ("2001:db8::1/128", "2001:0db8:0000:0000:0000:0000:0000:0001/128", true),
            ("2001:DB8::/32", "2001:db8::/32", true),
            ("2001:db8::/32", "2001:db8::/48", false),
            ("203.0.113.7/32", "203.0.113.7/32", true),
            ("not one", "not one", true),
            ("not one", "203.0.113.7/32", false),
        ] {
            assert_eq!(is_same(one, other), same, "{one} {other}");
        }
    }

    #[test]
    fn ranges_overlap_where_one_is_in_the_other() {
        let overlap = |a: &str, b: &str| a.parse::<Cidr>().unwrap().overlaps(b.parse().unwrap());
        assert!(overlap("203.0.113.7", "0.0.0.0/0") && overlap("203.0.113.0/24", "203.0.113.7"));
        assert!(!overlap("203.0.113.7", "203.0.114.0/24") && !overlap("203.0.113.7", "::/0"));
    }
}
