//! How fast something falls, where that is certain.

/// Fewer steps than this are taken as noise, where there are more to look at.
const CERTAIN_STEPS: usize = 3;

/// A fall counts when it is at least this part of all movement up and down.
const CERTAIN_FALL: f64 = 0.8;

/// How much the last value of a lag fell per bucket, since the last gap; null where it does not clearly fall. A restart
/// leaves a gap, and the lag is highest just after it: so the few buckets since then are enough.
pub(super) fn falling_speed(recent: &[f64], steps: usize) -> f64 {
    let start = recent.iter().rposition(|lag| lag.is_nan()).map_or(0, |gap| gap + 1);
    let recent = &recent[start..];
    let (Some(first), Some(last)) = (recent.first(), recent.last()) else { return f64::NAN };
    let taken = recent.len() - 1;
    let movement: f64 = recent.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum();
    let fall = first - last;
    let is_certain = taken >= steps.min(CERTAIN_STEPS) && fall > 0.0 && fall >= CERTAIN_FALL * movement;
    if is_certain { fall / taken as f64 } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_fall_has_a_speed() {
        let nan = f64::NAN;
        assert_eq!(falling_speed(&[600.0, 500.0, 400.0, 300.0, 200.0, 100.0], 5), 100.0);
        assert_eq!(falling_speed(&[nan, nan, 400.0, 300.0, 200.0, 100.0], 5), 100.0);
        let unclear: [&[f64]; 5] = [
            &[nan, nan, nan, nan, 200.0, 100.0],
            &[100.0, 200.0, 300.0, 400.0, 500.0, 600.0],
            &[5.0, 5.0, 5.0, 5.0, 5.0, 5.0],
            &[260.0, 200.0, 250.0, 190.0, 240.0, 210.0],
            &[nan],
        ];
        for recent in unclear {
            assert!(falling_speed(recent, 5).is_nan(), "{recent:?}");
        }
        // At a long period one step must do.
        assert_eq!(falling_speed(&[300.0, 100.0], 1), 200.0);
    }
}
