//! Whether a program needs anything beside the kernel, which is a dynamic loader or a shared library; and for which
//! processor it is.

use object::Endianness;
use object::elf::{DT_NEEDED, EM_AARCH64, EM_X86_64, FileHeader64, PT_INTERP};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use xtask::architecture::Architecture;
use xtask::failure::{Doing, Failure, Outcome};

type Header = FileHeader64<Endianness>;

/// An error that says what the program needs, if it needs anything.
pub fn must_be_static(file: &[u8]) -> Outcome<()> {
    let header = Header::parse(file).doing("read the binary")?;
    let endian = header.endian().doing("read the binary")?;
    for segment in header.program_headers(endian, file).doing("read the binary's segments")? {
        if segment.p_type(endian) == PT_INTERP {
            return Err(Failure::new("the binary asks for a dynamic loader, so it is not static"));
        }
        // A position-independent static program has a dynamic table too.
        let table = segment.dynamic(endian, file).doing("read the binary's dynamic table")?.unwrap_or_default();
        if table.iter().any(|entry| entry.tag(endian) == DT_NEEDED) {
            return Err(Failure::new("the binary needs a shared library, so it is not static"));
        }
    }
    Ok(())
}

/// An error unless the program is for this kind of processor.
pub fn must_be_for(file: &[u8], architecture: Architecture) -> Outcome<()> {
    let header = Header::parse(file).doing("read the binary")?;
    let found = header.e_machine(header.endian().doing("read the binary")?);
    let wanted = match architecture {
        Architecture::Amd64 => EM_X86_64,
        Architecture::Arm64 => EM_AARCH64,
    };
    if found == wanted {
        return Ok(());
    }
    Err(Failure::new(format!("the binary is for processors of kind {found:?}, not {wanted:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERP: u8 = 3;
    const DYNAMIC: u8 = 2;
    const NEEDED: u8 = 1;
    const AARCH64: u8 = 183;
    /// The size of the file's header, and of a program header behind it.
    const HEADER: usize = 0x40;
    const SEGMENT: usize = 56;

    /// A file for 64-bit ARM with one segment and a dynamic table of two entries, of which the last ends it.
    fn elf(segment: u8, dynamic_tag: u8) -> Vec<u8> {
        let mut file = vec![0; HEADER + SEGMENT + 32];
        file[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
        file[0x12] = AARCH64;
        // Offset, size and count of the program headers.
        (file[0x20], file[0x36], file[0x38]) = (HEADER as u8, SEGMENT as u8, 1);
        // Type, offset and size of the segment.
        (file[HEADER], file[HEADER + 8], file[HEADER + 32]) = (segment, (HEADER + SEGMENT) as u8, 32);
        file[HEADER + SEGMENT] = dynamic_tag;
        file
    }

    #[test]
    fn a_loader_or_a_library_is_found() {
        assert!(must_be_static(&elf(INTERP, 0)).is_err());
        assert!(must_be_static(&elf(DYNAMIC, NEEDED)).is_err());
        assert!(must_be_static(&elf(DYNAMIC, 0)).is_ok());
        assert!(must_be_static(&elf(1, 0)).is_ok());
    }

    #[test]
    fn a_program_for_another_processor_is_found() {
        assert!(must_be_for(&elf(1, 0), Architecture::Arm64).is_ok());
        assert!(must_be_for(&elf(1, 0), Architecture::Amd64).is_err());
    }

    #[test]
    fn a_short_or_foreign_file_is_an_error() {
        assert!(must_be_static(b"#!/bin/sh\n").is_err());
        assert!(must_be_static(&elf(INTERP, 0)[..HEADER]).is_err());
    }

    #[test]
    fn this_test_needs_the_c_library() {
        let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(must_be_static(&file).is_err());
    }
}
