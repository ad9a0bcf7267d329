//! The built plugin as a process of its own, started as Grafana starts it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::Duration;

use tonic::transport::{Channel, Endpoint};

pub const PLUGIN: &str = env!("CARGO_BIN_EXE_gpx_flinkwatch");

/// A started plugin; killed when a test ends without stopping it.
pub struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    /// The first line of stdout.
    pub handshake: String,
}

/// What a process left behind.
pub struct Remains {
    pub status: ExitStatus,
    /// Beyond the handshake.
    pub stdout: String,
    pub stderr: String,
}

impl Process {
    /// Starts the plugin with the cookie and these variables, and reads the handshake.
    pub fn start(variables: &[(&str, &str)]) -> Self {
        let mut command = command();
        command.envs(variables.iter().copied());
        Self::started(command)
    }

    /// Starts the plugin where no folder for short-lived files can be written; None where this user may not mount any.
    pub fn start_without_folders(variables: &[(&str, &str)]) -> Option<Self> {
        let hide = "for f in /tmp /var/tmp /dev/shm; do mount -t tmpfs -o ro none $f || exit 1; done; ";
        let isolated = |script: &str| {
            let mut isolated = Command::new("unshare");
            isolated.args(["--map-root-user", "--mount", "sh", "-c", script, PLUGIN]);
            as_grafana_starts(isolated)
        };
        if !isolated(hide).status().is_ok_and(|status| status.success()) {
            return None;
        }
        let mut inside = isolated(&format!("{hide} exec \"$0\""));
        inside.env_remove("TMPDIR").env_remove("XDG_RUNTIME_DIR").envs(variables.iter().copied());
        Some(Self::started(inside))
    }

    fn started(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut handshake = String::new();
        stdout.read_line(&mut handshake).unwrap();
        Self { child, stdout, handshake }
    }

    /// The address of the handshake: `127.0.0.1:…` or a path.
    pub fn address(&self) -> &str {
        self.handshake.split('|').nth(3).unwrap()
    }

    pub async fn connect(&self) -> Channel {
        let network = self.handshake.split('|').nth(2).unwrap();
        let address = match network {
            "unix" => format!("unix://{}", self.address()),
            _ => format!("http://{}", self.address()),
        };
        let endpoint = Endpoint::from_shared(address).unwrap();
        endpoint.connect().await.unwrap()
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for the end, at most so long. Asynchronous, because a client in this test must
    /// be able to answer while the plugin says goodbye.
    pub async fn wait(mut self, limit: Duration) -> Remains {
        let ended = async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let ended = tokio::time::timeout(limit, ended).await;
        let status = ended.expect("the plugin should have ended by now");
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.stdout.read_to_string(&mut stdout).unwrap();
        let mut pipe = self.child.stderr.take().unwrap();
        pipe.read_to_string(&mut stderr).unwrap();
        Remains { status, stdout, stderr }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has usually ended already, which is an error that says just that.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The plugin with Grafana's cookie and pipes, not yet started.
pub fn command() -> Command {
    as_grafana_starts(Command::new(PLUGIN))
}

fn as_grafana_starts(mut command: Command) -> Command {
    command
        .env("grafana_plugin_type", "datasource")
        .env_remove("PLUGIN_UNIX_SOCKET_DIR")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

pub fn signal(process: u32, name: &str) {
    let kill = format!("kill -{name} {process}");
    let status = Command::new("sh").args(["-c", &kill]).status().unwrap();
    assert!(status.success(), "{kill}");
}
