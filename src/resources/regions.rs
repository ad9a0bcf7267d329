//! The regions of AWS, for a drop-down.

use super::Choice;
use crate::catalog::regions::{Partition, REGIONS};
use crate::place::Region;

/// "default" first, then every region by name. Who works in an isolated one knows its name.
pub(super) fn regions(default_region: &Region) -> Vec<Choice> {
    let default = Choice::plain("default").described(format!("the data source's region, {default_region}"));
    let open = REGIONS.iter().filter(|region| region.partition != Partition::Isolated);
    let known = open.map(|region| Choice::plain(region.name).described(region.place));
    std::iter::once(default).chain(known).collect()
}
