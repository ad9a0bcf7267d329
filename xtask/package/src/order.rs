//! What is wanted, beside what the sources say.

use xtask::architecture::Architecture;
use xtask::binaries::Profile;

use crate::sign::Signature;

pub struct Order<'a> {
    /// Below the build directory.
    pub dir: &'static str,
    pub profile: Profile,
    pub architectures: &'a [Architecture],
    /// Where the sources are public: links of the README lead there.
    pub repository: Option<&'a str>,
    pub signature: Option<Signature<'a>>,
}
