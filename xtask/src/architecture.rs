//! Processors that the plugin is built for, on Linux: what Rust, Go and Debian call them.

use crate::failure::{Failure, Outcome};

#[derive(Debug, PartialEq, Clone, Copy)]
pub enum Architecture {
    Amd64,
    Arm64,
}

impl Architecture {
    pub const ALL: [Self; 2] = [Self::Amd64, Self::Arm64];

    /// That of this machine.
    pub fn host() -> Outcome<Self> {
        let own = Self::ALL.into_iter().find(|one| one.rust() == std::env::consts::ARCH);
        own.ok_or_else(|| Failure::new(format!("the plugin is not built for {}", std::env::consts::ARCH)))
    }

    pub fn triple(self) -> String {
        format!("{}-unknown-linux-gnu", self.rust())
    }

    /// The end of the program's name, by which Grafana finds it.
    pub fn go(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }

    /// The C compiler and linker on a machine of the other kind.
    pub fn cross_compiler(self) -> String {
        format!("{}-linux-gnu-gcc", self.rust())
    }

    /// Debian's packages with that compiler and its C library.
    pub fn cross_packages(self) -> [String; 2] {
        let compiler = format!("gcc-{}-linux-gnu", self.rust().replace('_', "-"));
        [compiler, format!("libc6-dev-{}-cross", self.go())]
    }

    /// What lets cargo and the build scripts of C libraries find that compiler.
    pub fn cross_environment(self) -> [(String, String); 2] {
        let name = self.triple().replace('-', "_");
        let linker = format!("CARGO_TARGET_{}_LINKER", name.to_uppercase());
        [(linker, self.cross_compiler()), (format!("CC_{name}"), self.cross_compiler())]
    }

    /// The program that runs programs of this kind on another machine.
    pub fn emulator(self) -> String {
        format!("qemu-{}-static", self.rust())
    }

    fn rust(self) -> &'static str {
        match self {
            Self::Amd64 => "x86_64",
            Self::Arm64 => "aarch64",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tool_has_its_own_name() {
        assert_eq!(Architecture::Arm64.triple(), "aarch64-unknown-linux-gnu");
        assert_eq!(Architecture::Amd64.cross_packages(), ["gcc-x86-64-linux-gnu", "libc6-dev-amd64-cross"]);
        let [(linker, compiler), (cc, _)] = Architecture::Arm64.cross_environment();
        assert_eq!(linker, "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER");
        assert_eq!((cc.as_str(), compiler.as_str()), ("CC_aarch64_unknown_linux_gnu", "aarch64-linux-gnu-gcc"));
    }
}
