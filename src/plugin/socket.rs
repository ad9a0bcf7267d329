//! The unix socket on which the process listens: a file that only its own user can open.
//!
//! A port on loopback answers every user of the machine, with the AWS identity of Grafana. So the socket lies in a
//! folder of its own that nobody else can enter, as those of Grafana's Go plugins do; or in the folder that the host
//! names (go-plugin's `PLUGIN_UNIX_SOCKET_DIR`, with `PLUGIN_UNIX_SOCKET_GROUP` for a host that runs as another user).
//! The surprise: a path of a socket has room for some 100 bytes only, so a deep temporary folder is passed over for a
//! shorter one.

use std::collections::hash_map::RandomState;
use std::fs::{self, DirBuilder, Permissions};
use std::hash::{BuildHasher, Hasher};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::net::{UnixListener, UnixStream};

use super::Environment;

/// Where the host wants the socket, and which group may open it.
const DIRECTORY_VARIABLE: &str = "PLUGIN_UNIX_SOCKET_DIR";
const GROUP_VARIABLE: &str = "PLUGIN_UNIX_SOCKET_GROUP";

/// How the names of our folders begin: so those of dead processes are found again.
const PREFIX: &str = "gpx_flinkwatch-";
const SOCKET: &str = "grpc.sock";

/// `sun_path` holds 108 bytes on Linux and 104 on macOS, a zero at the end included.
const LONGEST_PATH: usize = 103;

/// A folder that is younger may belong to a process that has not begun to listen.
const YOUNGEST_STALE: Duration = Duration::from_secs(60);

/// A process that lives answers at once; one that is busy counts as alive.
const ANSWER_LIMIT: Duration = Duration::from_millis(100);

/// Leftovers that are looked at in one start.
const STALE_LIMIT: usize = 32;

/// A listening socket and what of it must be removed at the end.
#[derive(Debug)]
pub(super) struct Socket {
    pub(super) listener: UnixListener,
    pub(super) files: SocketFiles,
}

/// The file of a socket and its own folder, removed when the process ends in order.
#[derive(Debug)]
pub struct SocketFiles {
    pub(super) path: PathBuf,
    folder: Option<PathBuf>,
}

impl Drop for SocketFiles {
    fn drop(&mut self) {
        remove(&self.path, self.folder.as_deref());
    }
}

/// Only what we made: a file and an empty folder. Already gone is as good.
fn remove(socket: &Path, folder: Option<&Path>) {
    let removed = fs::remove_file(socket).and_then(|()| folder.map_or(Ok(()), fs::remove_dir));
    if let Err(error) = removed
        && error.kind() != ErrorKind::NotFound
    {
        tracing::debug!(%error, "could not remove the socket's file");
    }
}

/// Listens, where there is a folder for it. None where no folder at all can be written: then there can be no socket.
///
/// # Errors
/// When the host's folder cannot be used, or when a folder that can be written cannot hold a socket (a full disk).
pub(super) async fn listen(environment: Environment<'_>) -> io::Result<Option<Socket>> {
    let set = |name| environment(name).filter(|text| !text.is_empty());
    let group = set(GROUP_VARIABLE).map(|name| group_id(&name)).transpose()?;
    if let Some(folder) = set(DIRECTORY_VARIABLE) {
        return listen_in(Path::new(&folder), group).map(Some);
    }
    for base in bases(environment) {
        match own_folder(&base, group) {
            Ok(folder) => {
                remove_stale(&base, &folder).await;
                return listen_at(folder.join(SOCKET), Some(folder), group).map(Some);
            }
            Err(error) if is_not_for_us(error.kind()) => tracing::debug!(%error, folder = %base.display(), "no socket"),
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// The folder is not there or not ours to write in. Anything else (no space left, for one) is no reason to do without a
/// socket: another user could bring it about to get a port opened.
fn is_not_for_us(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem
    )
}

/// Folders for short-lived files, the usual one first. The last is there in containers whose own file system cannot be
/// written.
fn bases(environment: Environment<'_>) -> Vec<PathBuf> {
    let set = ["TMPDIR", "XDG_RUNTIME_DIR"].map(environment);
    let fixed = ["/tmp", "/var/tmp", "/dev/shm"].map(|path| Some(path.to_owned()));
    let bases = set.into_iter().chain(fixed).flatten().map(PathBuf::from);
    bases.filter(|base| base.is_absolute() && has_room(&base.join(folder_name(0)).join(SOCKET))).collect()
}

fn has_room(path: &Path) -> bool {
    path.as_os_str().len() <= LONGEST_PATH
}

/// Always of the same length: the process id for people, and something that nobody can guess and put in the way.
fn folder_name(chance: u64) -> String {
    format!("{PREFIX}{:010}-{:08x}", std::process::id(), chance & 0xffff_ffff)
}

/// A new folder that nobody else can enter; the group passes where the host names one.
fn own_folder(base: &Path, group: Option<u32>) -> io::Result<PathBuf> {
    let folder = base.join(folder_name(RandomState::new().build_hasher().finish()));
    // Fails where anything stands there already, a link among them.
    DirBuilder::new().mode(0o700).create(&folder)?;
    if let Some(group) = group {
        chown(&folder, None, Some(group))?;
        fs::set_permissions(&folder, Permissions::from_mode(0o710))?;
    }
    Ok(folder)
}

/// The host's folder: others may be able to enter it, so the file itself must keep them out.
fn listen_in(folder: &Path, group: Option<u32>) -> io::Result<Socket> {
    let path = folder.join(format!("gpx_flinkwatch_{}.sock", std::process::id()));
    // What an earlier process with the same id left behind.
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => listen_at(path, None, group),
    }
}

fn listen_at(path: PathBuf, folder: Option<PathBuf>, group: Option<u32>) -> io::Result<Socket> {
    let files = SocketFiles { path, folder };
    let listener = UnixListener::bind(&files.path)?;
    if let Some(group) = group {
        chown(&files.path, None, Some(group))?;
    }
    let mode = if group.is_some() { 0o660 } else { 0o600 };
    fs::set_permissions(&files.path, Permissions::from_mode(mode))?;
    Ok(Socket { listener, files })
}

/// By number, or by name from the machine's list of groups.
fn group_id(group: &str) -> io::Result<u32> {
    if let Ok(id) = group.parse() {
        return Ok(id);
    }
    let listed = fs::read_to_string("/etc/group").unwrap_or_default();
    let fields = |line: &str| line.split(':').map(str::to_owned).collect::<Vec<_>>();
    let mut of_name = listed.lines().map(fields).filter(|fields| fields.first().is_some_and(|name| name == group));
    let id = of_name.next().and_then(|fields| fields.get(2)?.parse().ok());
    let missing = || io::Error::new(ErrorKind::NotFound, format!("{GROUP_VARIABLE}: there is no group {group:?}"));
    id.ok_or_else(missing)
}

/// Removes the folders that killed processes of this user left beside `own`.
async fn remove_stale(base: &Path, own: &Path) {
    let (Ok(mine), Ok(entries)) = (fs::symlink_metadata(own), fs::read_dir(base)) else { return };
    let ours = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX));
    for folder in ours.map(|entry| entry.path()).filter(|folder| folder != own).take(STALE_LIMIT) {
        // Of another user, or a link to somewhere else.
        let is_mine = fs::symlink_metadata(&folder).is_ok_and(|found| found.is_dir() && found.uid() == mine.uid());
        if is_mine && is_old(&folder) && !is_alive(&folder.join(SOCKET)).await {
            // A process may also have ended before it listened.
            let _no_socket = fs::remove_file(folder.join(SOCKET));
            let _not_empty = fs::remove_dir(&folder);
        }
    }
}

fn is_old(folder: &Path) -> bool {
    let modified = fs::symlink_metadata(folder).and_then(|found| found.modified());
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > YOUNGEST_STALE))
}

/// Asked by a connection and not by the process id, which means something else in another container that shares the
/// folder.
async fn is_alive(socket: &Path) -> bool {
    match tokio::time::timeout(ANSWER_LIMIT, UnixStream::connect(socket)).await {
        Ok(Ok(_connected)) => true,
        Ok(Err(error)) => !matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound),
        Err(_elapsed) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases_of(variables: &[(&str, &str)]) -> Vec<String> {
        let environment = |name: &str| {
            let mut set = variables.iter().filter(|(of, _)| *of == name);
            set.next().map(|(_, text)| (*text).to_owned())
        };
        bases(&environment).iter().map(|base| base.display().to_string()).collect()
    }

    #[test]
    fn a_folder_that_is_too_deep_or_relative_is_passed_over() {
        let fixed = ["/tmp", "/var/tmp", "/dev/shm"];
        assert_eq!(bases_of(&[]), fixed);
        assert_eq!(bases_of(&[("TMPDIR", &"/deep".repeat(20))]), fixed);
        assert_eq!(bases_of(&[("TMPDIR", "here")]), fixed);
        assert_eq!(bases_of(&[("TMPDIR", "/t"), ("XDG_RUNTIME_DIR", "/run/user/1")])[..2], ["/t", "/run/user/1"]);
    }

    #[test]
    fn only_a_folder_that_cannot_be_written_is_a_reason_to_do_without() {
        assert!(is_not_for_us(ErrorKind::NotFound) && is_not_for_us(ErrorKind::ReadOnlyFilesystem));
        assert!(!is_not_for_us(ErrorKind::StorageFull) && !is_not_for_us(ErrorKind::AlreadyExists));
    }

    #[test]
    fn a_group_is_a_number_or_a_name() {
        assert_eq!(group_id("20123").unwrap(), 20123);
        assert_eq!(group_id("root").unwrap(), 0);
        assert!(group_id("no such group").unwrap_err().to_string().contains("no such group"));
    }

    #[test]
    fn others_cannot_enter_the_folder() {
        let base = tempfile::tempdir().unwrap();
        let folder = own_folder(base.path(), None).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
    }
}
