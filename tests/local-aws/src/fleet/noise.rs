//! Noise without state: the same arguments always give the same value.

/// The seed that belongs to a name.
pub fn seed(name: &str) -> u64 {
    // FNV-1a: short and stable across Rust versions, which `std`'s hasher does not promise.
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A hash of a seed and a number (the finalizer of SplitMix64).
pub fn mix(seed: u64, number: i64) -> u64 {
    let mut z = seed.wrapping_add(number.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Evenly spread over 0..1.
pub fn unit(seed: u64, number: i64) -> f64 {
    (mix(seed, number) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Wanders between -1 and 1, with a knot every `step` seconds and a straight line between knots.
pub fn wander(seed: u64, time: f64, step: f64) -> f64 {
    let place = time / step;
    let knot = place.floor();
    let at = |knot: i64| 2.0 * unit(seed, knot) - 1.0;
    let (left, right) = (at(knot as i64), at(knot as i64 + 1));
    left + (right - left) * (place - knot)
}
