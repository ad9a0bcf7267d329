//! Makes the Rust types of the plugin protocol from `proto/`, without the protoc program.

/// Messages that hold settings, headers or a viewer's token get no `Debug`: then no
/// log line can print them, not even by accident.
const HOLD_SECRETS: [&str; 13] = [
    ".pluginv2.AppInstanceSettings",
    ".pluginv2.DataSourceInstanceSettings",
    ".pluginv2.PluginContext",
    ".pluginv2.DataQuery",
    ".pluginv2.QueryDataRequest",
    ".pluginv2.StringList",
    ".pluginv2.CallResourceRequest",
    ".pluginv2.CallResourceResponse",
    ".pluginv2.CheckHealthRequest",
    ".pluginv2.CollectMetricsRequest",
    ".pluginv2.SubscribeStreamRequest",
    ".pluginv2.PublishStreamRequest",
    ".pluginv2.RunStreamRequest",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=build.rs");
    pack_relocations();
    let files = protox::compile(["proto/backend.proto", "proto/controller.proto"], ["proto"])?;
    tonic_prost_build::configure()
        // The clients are for tests, which bring their own channel.
        .build_transport(false)
        .codec_path("crate::plugin::codec::Codec")
        .skip_debug(HOLD_SECRETS)
        .compile_fds(files)?;
    Ok(())
}

/// Packs the table of addresses that a static, position-independent program adjusts when it starts, which took 930 KiB.
/// Such a program reads its table itself; others leave it to a loader, which may be too old to know the packed form.
fn pack_relocations() {
    let says = |name: &str, word: &str| std::env::var(name).is_ok_and(|words| words.split(',').any(|one| one == word));
    if says("CARGO_CFG_TARGET_OS", "linux") && says("CARGO_CFG_TARGET_FEATURE", "crt-static") {
        println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
