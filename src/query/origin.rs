//! Who asks.

/// Who asks. An alert never gets the open bucket, and gets an error instead of partial data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    Panel,
    Alert,
}
