//! The bill of materials in CycloneDX 1.6: what is linked into the programs and bundled into the front end.

use serde_json::{Value, json};

use crate::part::Part;
use crate::release::Release;
use xtask::failure::{Doing, Outcome};

/// Its name in the package.
pub const NAME: &str = "sbom.cdx.json";

pub fn render(release: &Release, parts: &[Part]) -> Outcome<String> {
    let own = format!("pkg:generic/{}@{}", release.id, release.version);
    let component = |part: &Part| {
        json!({
            "type": "library", "bom-ref": part.purl, "purl": part.purl, "name": part.name, "version": part.version,
            "licenses": [{"expression": part.licence}],
        })
    };
    let bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {
            "timestamp": format!("{}T00:00:00Z", release.date),
            "component": {
                "type": "application", "bom-ref": own, "purl": own, "name": release.id, "version": release.version,
                "licenses": [{"expression": "Apache-2.0"}],
            },
        },
        "components": parts.iter().map(component).collect::<Vec<Value>>(),
        "dependencies": dependencies(&own, parts),
    });
    serde_json::to_string_pretty(&bill).doing("write the bill of materials").map(|text| text + "\n")
}

/// Who uses whom.
fn dependencies(own: &str, parts: &[Part]) -> Vec<Value> {
    let direct: Vec<&str> = parts.iter().filter(|part| part.is_named).map(|part| part.purl.as_str()).collect();
    let rows = parts.iter().map(|part| json!({"ref": part.purl, "dependsOn": part.needs}));
    std::iter::once(json!({"ref": own, "dependsOn": direct})).chain(rows).collect()
}
