//! Which machine a host name stands for.

use std::net::IpAddr;

/// Whether a URL's host is this machine, or an address that means something else on each machine.
pub(super) fn is_this_machine(uri: &str) -> bool {
    let Some((_, rest)) = uri.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_link_local(),
        // fd00:ec2::/32 is where EC2 and EKS hand out credentials over IPv6.
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.segments()[..2] == [0xfd00, 0x0ec2],
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_and_metadata_addresses_are_reached_directly() {
        let direct = [
            "http://127.0.0.1:4566/",
            "https://localhost/x",
            "http://[::1]:80",
            "http://169.254.169.254/latest/api/token",
            "http://169.254.170.2",
            "http://[fd00:ec2::23]/v1/credentials",
        ];
        for uri in direct {
            assert!(is_this_machine(uri), "{uri}");
        }
        for uri in
            ["https://monitoring.eu-west-1.amazonaws.com/", "http://10.0.0.1/", "http://localhost.example.com", "x"]
        {
            assert!(!is_this_machine(uri), "{uri}");
        }
    }
}
