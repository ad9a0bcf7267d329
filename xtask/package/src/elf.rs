//! Reads from an ELF file whether it needs anything beside the kernel: a dynamic loader or a shared
//! library. Layouts: the ELF-64 object file format, little endian.

use crate::failure::{Failure, Outcome};

const MACHINE: usize = 0x12;
const PROGRAM_HEADERS_OFFSET: usize = 0x20;
const PROGRAM_HEADER_SIZE: usize = 0x36;
const PROGRAM_HEADER_COUNT: usize = 0x38;
/// Segment that names the dynamic loader.
const PT_INTERP: u64 = 3;
/// Segment with the dynamic table; a position-independent static program has one too.
const PT_DYNAMIC: u64 = 2;
/// Entry of the dynamic table that names a shared library.
const DT_NEEDED: u64 = 1;
const DT_NULL: u64 = 0;

/// An error that says what the program needs, if it needs anything.
pub fn must_be_static(file: &[u8]) -> Outcome<()> {
    if !file.starts_with(b"\x7fELF\x02\x01") {
        return Err(Failure::new("the binary is not a 64-bit little-endian ELF file"));
    }
    let table = number(file, PROGRAM_HEADERS_OFFSET, 8)?;
    let size = number(file, PROGRAM_HEADER_SIZE, 2)?;
    let count = number(file, PROGRAM_HEADER_COUNT, 2)?;
    for header in (0..count).map(|index| table + index * size) {
        match number(file, header, 4)? as u64 {
            PT_INTERP => return Err(Failure::new("the binary asks for a dynamic loader, so it is not static")),
            PT_DYNAMIC => must_need_no_library(file, number(file, header + 8, 8)?, number(file, header + 32, 8)?)?,
            _ => {}
        }
    }
    Ok(())
}

/// An error unless the program is for this kind of processor, by its number in the format.
pub fn must_be_for(file: &[u8], machine: u16) -> Outcome<()> {
    let found = number(file, MACHINE, 2)?;
    if found == usize::from(machine) {
        return Ok(());
    }
    Err(Failure::new(format!("the binary is for processors of kind {found}, not {machine}")))
}

fn must_need_no_library(file: &[u8], start: usize, size: usize) -> Outcome<()> {
    for entry in (start..start.saturating_add(size)).step_by(16) {
        match number(file, entry, 8)? as u64 {
            DT_NEEDED => return Err(Failure::new("the binary needs a shared library, so it is not static")),
            DT_NULL => break,
            _ => {}
        }
    }
    Ok(())
}

fn number(file: &[u8], at: usize, width: usize) -> Outcome<usize> {
    let bytes = at.checked_add(width).and_then(|end| file.get(at..end));
    let Some(bytes) = bytes else {
        return Err(Failure::new("the ELF file ends too early"));
    };
    Ok(bytes.iter().rev().fold(0, |value, byte| value << 8 | usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with one program header and a dynamic table of one entry.
    fn elf(segment: u8, dynamic_tag: u8) -> Vec<u8> {
        let mut file = vec![0; 0x40 + 56 + 32];
        file[..6].copy_from_slice(b"\x7fELF\x02\x01");
        file[PROGRAM_HEADERS_OFFSET] = 0x40;
        file[PROGRAM_HEADER_SIZE] = 56;
        file[PROGRAM_HEADER_COUNT] = 1;
        file[0x40] = segment;
        file[0x40 + 8] = 0x40 + 56;
        file[0x40 + 32] = 32;
        file[0x40 + 56] = dynamic_tag;
        file
    }

    #[test]
    fn a_loader_or_a_library_is_found() {
        assert!(must_be_static(&elf(PT_INTERP as u8, 0)).is_err());
        assert!(must_be_static(&elf(PT_DYNAMIC as u8, DT_NEEDED as u8)).is_err());
        assert!(must_be_static(&elf(PT_DYNAMIC as u8, DT_NULL as u8)).is_ok());
        assert!(must_be_static(&elf(1, 0)).is_ok());
    }

    #[test]
    fn a_program_for_another_processor_is_found() {
        let mut file = elf(1, 0);
        file[MACHINE] = 183;
        assert!(must_be_for(&file, 183).is_ok());
        assert!(must_be_for(&file, 62).is_err());
    }

    #[test]
    fn a_short_or_foreign_file_is_an_error() {
        assert!(must_be_static(b"#!/bin/sh\n").is_err());
        assert!(must_be_static(&elf(PT_INTERP as u8, 0)[..0x40]).is_err());
    }

    #[test]
    fn this_test_needs_the_c_library() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(must_be_static(&file).is_err());
    }
}
