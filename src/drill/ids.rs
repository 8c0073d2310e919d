//! Ids that follow from the seed and a name, so that adding one thing to a scenario leaves the ids of all others alone.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// A source of ids.
#[derive(Clone, Copy, Debug)]
pub struct Ids {
    seed: u64,
}

impl Ids {
    pub fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// 32 bytes that belong to this kind and name.
    fn bytes(self, kind: &str, name: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update(kind.as_bytes());
        hash.update([0]);
        hash.update(name.as_bytes());
        hash.finalize().into()
    }

    /// Up to 64 hex digits.
    pub fn hex(self, kind: &str, name: &str, digits: usize) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.bytes(kind, name) {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.truncate(digits);
        text
    }

    /// An EC2 id such as `i-0` and 16 hex digits.
    pub fn ec2(self, prefix: &str, name: &str) -> String {
        format!("{prefix}-0{}", self.hex(prefix, name, 16))
    }

    /// An IAM unique id: four letters and 16 characters of base 32.
    pub fn unique(self, prefix: &str, name: &str) -> String {
        let tail = self.draw(prefix, name, 16, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
        format!("{prefix}{tail}")
    }

    /// A secret access key of 40 characters.
    pub fn secret(self, name: &str) -> String {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let head = self.draw("secret-head", name, 20, alphabet);
        head + &self.draw("secret-tail", name, 20, alphabet)
    }

    fn draw(self, kind: &str, name: &str, length: usize, alphabet: &[u8]) -> String {
        self.bytes(kind, name)
            .iter()
            .take(length)
            .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]))
            .collect()
    }

    /// A number below `limit`, which must not be 0.
    pub fn below(self, kind: &str, name: &str, limit: u8) -> u8 {
        self.bytes(kind, name)[0] % limit.max(1)
    }

    /// A public IPv4 address of the ranges kept for documentation (RFC 5737).
    pub fn public_ip(self, name: &str) -> String {
        let net = ["192.0.2", "198.51.100", "203.0.113"][usize::from(self.below("net", name, 3))];
        format!("{net}.{}", self.below("host", name, 250) + 3)
    }

    /// A MAC address in the locally administered form that EC2 uses.
    pub fn mac(self, name: &str) -> String {
        let digits = self.hex("mac", name, 10);
        let pairs: Vec<&str> = (0..10).step_by(2).map(|at| &digits[at..at + 2]).collect();
        format!("02:{}", pairs.join(":"))
    }

    /// A UUID.
    pub fn uuid(self, name: &str) -> String {
        let d = self.hex("uuid", name, 32);
        format!(
            "{}-{}-4{}-a{}-{}",
            &d[..8],
            &d[8..12],
            &d[13..16],
            &d[17..20],
            &d[20..32]
        )
    }
}
