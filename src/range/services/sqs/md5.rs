//! MD5 (RFC 1321), which SQS gives of every message, and S3 of every object, so that a client can tell a damaged one.
//!
//! Owns: the sum. Must never: be taken for protection against anybody.

/// How far each step rotates, by round and step within four.
const SHIFTS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// The sum of a text or of bytes, as 32 hex digits.
pub fn hex(content: impl AsRef<[u8]>) -> String {
    let mut bytes = content.as_ref().to_vec();
    let bits = (bytes.len() as u64).wrapping_mul(8);
    bytes.push(0x80);
    while bytes.len() % 64 != 56 {
        bytes.push(0);
    }
    bytes.extend(bits.to_le_bytes());
    let mut state = [0x6745_2301_u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in bytes.chunks_exact(64) {
        let mut words = [0_u32; 16];
        for (word, four) in words.iter_mut().zip(block.chunks_exact(4)) {
            *word = four.iter().rev().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        }
        add(&mut state, &words);
    }
    let sum: Vec<u8> = state.iter().flat_map(|word| word.to_le_bytes()).collect();
    super::super::paging::hex(&sum)
}

fn add(state: &mut [u32; 4], words: &[u32; 16]) {
    let [mut a, mut b, mut c, mut d] = *state;
    for step in 0..64 {
        let (round, mixed, word) = match step / 16 {
            0 => (0, (b & c) | (!b & d), step),
            1 => (1, (d & b) | (!d & c), (5 * step + 1) % 16),
            2 => (2, b ^ c ^ d, (3 * step + 5) % 16),
            _ => (3, c ^ (b | !d), (7 * step) % 16),
        };
        let sum = a.wrapping_add(mixed).wrapping_add(sine(step)).wrapping_add(words[word]);
        (a, d, c) = (d, c, b);
        b = b.wrapping_add(sum.rotate_left(SHIFTS[round][step % 4]));
    }
    for (part, more) in state.iter_mut().zip([a, b, c, d]) {
        *part = part.wrapping_add(more);
    }
}

/// The RFC's table: the whole part of 2³² times the sine of the step's number, which counts from 1.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the step is below 65 and the product is from 0 to 2^32"
)]
fn sine(step: usize) -> u32 {
    (4_294_967_296.0 * ((step + 1) as f64).sin().abs()) as u32
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn the_sums_of_the_rfc() {
        for (text, sum) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                "57edf4a22be3c955ac49da2e2107b67a",
            ),
        ] {
            assert_eq!(hex(text), sum, "{text}");
        }
    }
}
