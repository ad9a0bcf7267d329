//! All that is wrong with the settings: who mends one field should not be told of the next one only then.

use super::SettingsError;

/// What was found so far, in the order of reading.
#[derive(Debug, Default)]
pub(super) struct Faults(Option<SettingsError>);

impl Faults {
    /// The value; where there is none, the fault is kept.
    pub(super) fn take<T>(&mut self, result: Result<T, SettingsError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.0 = Some(match self.0.take() {
                    Some(first) => first.and(error),
                    None => error,
                });
                None
            }
        }
    }

    /// What was made of the values, if none was at fault.
    pub(super) fn settle<T>(self, made: Option<T>) -> Result<T, SettingsError> {
        match self.0 {
            Some(error) => Err(error),
            None => Ok(made.expect("a value that is not there is a fault")),
        }
    }
}
