//! What the project's commands are made of: programs that are built, started, asked and stopped, and what a fresh
//! machine lacks for it.
//!
//! Not part of the plugin: nothing here is shipped. Packaging and measuring are crates of their own beside `src`, which
//! use this one, so that nobody compiles what they need to see the demo.

#![expect(missing_debug_implementations, reason = "only the project's own commands use this")]

pub mod architecture;
pub mod arguments;
pub mod binaries;
pub mod clock;
pub mod command_line;
pub mod demo;
pub mod demo_page;
pub mod doc_commands;
pub mod failure;
pub mod front_end;
pub mod http;
pub mod node;
pub mod outdated;
pub mod output;
#[cfg(test)]
mod plugin_json;
pub mod process;
pub mod programs;
pub mod progress;
pub mod stack;
pub mod steps;
pub mod tools;
pub mod workspace;
