//! The real client against a loopback server that answers from a script.
