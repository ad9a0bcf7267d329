//! Buckets of one series that follow each other.
//!
//! A segment shares the memory of the answer that brought it, until it grows.

use std::ops::Range;
use std::sync::Arc;

/// Room that a growing segment gets in advance, in buckets, so that it is not copied with every refresh.
const SPARE: usize = 64;

#[derive(Debug, Clone)]
pub(super) struct Segment {
    /// Epoch second of the first bucket.
    pub start: i64,
    values: Arc<Vec<f64>>,
    /// The first so many of the values are its own.
    length: usize,
}

impl Segment {
    /// The first buckets of a column, at most as many as it has.
    pub(super) fn new(start: i64, values: &Arc<Vec<f64>>, length: usize) -> Self {
        Self { start, values: Arc::clone(values), length: length.min(values.len()) }
    }

    /// Its first buckets.
    pub(super) fn first(&self, length: usize) -> Self {
        Self { length: length.min(self.length), ..self.clone() }
    }

    pub(super) fn values(&self) -> &[f64] {
        &self.values[..self.length]
    }

    pub(super) fn end(&self, period: i64) -> i64 {
        self.start + i64::try_from(self.length).unwrap_or(0) * period
    }

    pub(super) fn contains(&self, second: i64, period: i64) -> bool {
        (self.start..self.end(period)).contains(&second)
    }

    pub(super) fn bytes(&self) -> usize {
        self.values.capacity() * size_of::<f64>()
    }

    /// Puts other values after the first `kept` ones.
    pub(super) fn continue_with(&mut self, kept: usize, values: &[f64], rest: &[f64]) {
        let kept = kept.min(self.length);
        let length = kept + values.len() + rest.len();
        if self.values.capacity() < length || Arc::get_mut(&mut self.values).is_none() {
            let mut larger = Vec::with_capacity(length + SPARE);
            larger.extend_from_slice(&self.values[..kept]);
            self.values = Arc::new(larger);
        }
        let own = Arc::make_mut(&mut self.values);
        own.truncate(kept);
        own.extend_from_slice(values);
        own.extend_from_slice(rest);
        self.length = length;
    }

    /// Gives up all buckets but these, by their positions.
    pub(super) fn keep(&mut self, kept: Range<usize>, period: i64) {
        if kept.len() < self.length {
            self.start += i64::try_from(kept.start).unwrap_or(0) * period;
            self.length = kept.len();
            self.values = Arc::new(self.values[kept].to_vec());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: i64 = 60;

    fn column() -> Arc<Vec<f64>> {
        Arc::new(vec![1.0, 2.0, 3.0, 4.0])
    }

    #[test]
    fn it_is_the_answer_until_it_grows() {
        let answer = column();
        let mut segment = Segment::new(600, &answer, 3);
        assert!(std::ptr::eq(segment.values(), &answer[..3]));
        assert_eq!((segment.end(PERIOD), segment.contains(780, PERIOD)), (780, false));

        segment.continue_with(2, &[7.0], &[8.0, 9.0]);
        assert_eq!(segment.values(), [1.0, 2.0, 7.0, 8.0, 9.0]);
        assert_eq!(*answer, [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn growing_again_needs_no_copy() {
        let mut segment = Segment::new(600, &column(), 4);
        segment.continue_with(4, &[5.0], &[]);
        let (place, bytes) = (segment.values().as_ptr(), segment.bytes());
        segment.continue_with(4, &[6.0, 7.0], &[]);
        assert_eq!(segment.values(), [1.0, 2.0, 3.0, 4.0, 6.0, 7.0]);
        assert_eq!((segment.values().as_ptr(), segment.bytes()), (place, bytes));
    }

    #[test]
    fn what_is_given_up_is_freed() {
        let mut segment = Segment::new(600, &column(), 4);
        segment.keep(1..3, PERIOD);
        assert_eq!((segment.start, segment.values(), segment.bytes()), (660, &[2.0, 3.0][..], 16));
    }
}
