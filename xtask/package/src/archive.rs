//! A zip: one folder, sorted, with one time for all. The same contents are the same bytes.

use std::io::{Cursor, Read, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::contents::{Contents, Entry};
use crate::release::Release;
use xtask::failure::{Doing, Failure, Outcome};

/// All in one folder of this name.
pub fn write(path: &Path, folder: &str, contents: &Contents, release: &Release) -> Outcome<()> {
    let (year, month, day) = release.day()?;
    let time = DateTime::from_date_and_time(year, month, day, 0, 0, 0).doing("set the time of the zip")?;
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(time);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, entry) in contents.files() {
        zip.start_file(format!("{folder}/{name}"), options.unix_permissions(entry.mode))
            .doing(format_args!("put {name} into the zip"))?;
        zip.write_all(&entry.bytes).doing(format_args!("put {name} into the zip"))?;
    }
    let bytes = zip.finish().doing("finish the zip")?.into_inner();
    std::fs::write(path, bytes).doing(format_args!("write {}", path.display()))
}

/// What a user gets who unpacks the zip; an error unless all of it lies in the plugin's folder.
pub fn read(path: &Path, release: &Release) -> Outcome<Contents> {
    let bytes = std::fs::read(path).doing(format_args!("read {}", path.display()))?;
    let mut zip = ZipArchive::new(Cursor::new(bytes)).doing("read the zip")?;
    let mut contents = Contents::default();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).doing("read the zip")?;
        let full = file.name().doing("read a name in the zip")?.into_owned();
        let Some(name) = full.strip_prefix(&format!("{}/", release.id)).map(str::to_owned) else {
            return Err(Failure::new(format!("{full} lies outside of the plugin's folder")));
        };
        let mode = file.unix_mode().unwrap_or_default() & 0o7777;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).doing(format_args!("read {name}"))?;
        contents.insert(name, Entry { bytes, mode });
    }
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(workspace: &xtask::workspace::Workspace) -> Release {
        Release::read(workspace).unwrap()
    }

    #[test]
    fn what_was_written_is_read_and_the_same_bytes_come_out_again() {
        let workspace = xtask::workspace::Workspace::find().unwrap();
        let release = release(&workspace);
        let dir = workspace.empty_dir("archive-test").unwrap();
        let mut contents = Contents::default();
        contents.insert("gpx".to_owned(), Entry { bytes: vec![7; 100_000], mode: 0o755 });
        contents.add("img/logo.svg", "<svg/>");
        let [first, second] = ["first.zip", "second.zip"].map(|name| dir.join(name));
        write(&first, &release.id, &contents, &release).unwrap();
        assert_eq!(read(&first, &release).unwrap(), contents);
        write(&second, &release.id, &contents, &release).unwrap();
        assert_eq!(std::fs::read(first).unwrap(), std::fs::read(second).unwrap());
    }
}
