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
    let files = protox::compile(["proto/backend.proto", "proto/controller.proto"], ["proto"])?;
    tonic_prost_build::configure()
        // The clients are for tests, which bring their own channel.
        .build_transport(false)
        .codec_path("crate::plugin::codec::Codec")
        .skip_debug(HOLD_SECRETS)
        .compile_fds(files)?;
    Ok(())
}
