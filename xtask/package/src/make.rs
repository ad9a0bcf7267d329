//! Builds everything, and writes folder, zip, checksums and bill of materials.

use std::path::PathBuf;

use xtask::failure::{Doing, Outcome};
use xtask::workspace::Workspace;

use crate::order::Order;
use crate::release::Release;
use crate::{archive, checksums, contents, sbom, sign};

/// What users want beside the plugin, by the folder in which it is.
const MORE_ZIPS: [(&str, &str); 2] =
    [("flinkwatch-cloudwatch-dashboards", "provisioning/cloudwatch"), ("flinkwatch-provisioning", "provisioning")];

/// Returns the zip.
pub fn make(workspace: &Workspace, order: &Order) -> Outcome<PathBuf> {
    let release = Release::read(workspace)?;
    let mut contents = contents::gather(workspace, order, &release)?;
    let dir = workspace.empty_dir(order.dir)?;
    let folder = dir.join(&release.id);
    contents.write(&folder)?;
    if let Some(signature) = &order.signature {
        contents.add(sign::MANIFEST, signature.sign(workspace, &folder)?);
    }
    let zip = dir.join(release.zip_name());
    archive::write(&zip, &release.id, &contents, &release)?;
    let bill = dir.join(release.sbom_name());
    std::fs::write(&bill, contents.read(sbom::NAME)?).doing("write the bill of materials")?;
    let mut others = vec![bill];
    for (name, folder) in MORE_ZIPS {
        let zip = dir.join(format!("{name}-{}.zip", release.version));
        archive::write(&zip, name, &contents::all_of(&workspace.root.join(folder))?, &release)?;
        others.push(zip);
    }
    checksums::write(&dir, &zip, &others)?;
    Ok(zip)
}
