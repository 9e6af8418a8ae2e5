use std::sync::atomic::Ordering;

use super::{Node, ok, site};

#[test]
fn only_allowed_hosts_are_connected_to() {
    let (address, _) = site(|_| ok("hi"));
    let (other, count) = site(|_| ok("no"));
    let node = Node::new(&format!("[hosts]\nallow = [\"{address}\"]\n"));
    node.passes(&format!("{{ uses: http, with: {{ url: 'http://{address}/' }} }}"));
    node.passes(&format!("{{ uses: tcp, with: {{ address: '{address}' }} }}"));
    let port = other.port();
    let rule = "is not allowed (/policy.toml:4: hosts.allow)";
    let said = node.refused(&format!("{{ uses: http, with: {{ url: 'http://{other}/' }} }}"));
    assert_eq!(said, format!("connecting to `127.0.0.1:{port}` {rule}"));
    let said = node.refused(&format!("{{ uses: tcp, with: {{ address: 'localhost:{port}' }} }}"));
    assert!(said.ends_with(rule), "{said}");
    // All spellings of one address.
    for host in [
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.1",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "127.0.0.1.",
    ] {
        node.refused(&format!("{{ uses: http, with: {{ url: 'http://{host}:{port}/' }} }}"));
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        node.refused(&format!("{{ uses: tcp, with: {{ address: '{bare}:{port}' }} }}"));
        node.refused(&format!("{{ uses: wait, with: {{ port: '{bare}:{port}', up_to: 1h }} }}"));
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[test]
fn a_redirect_leads_nowhere_else() {
    let (other, count) = site(|_| ok("no"));
    let (address, _) = site(move |_| {
        format!(
            "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: http://{other}/\r\nContent-Length: 0\r\n\r\n"
        )
    });
    let node = Node::new(&format!("[hosts]\nallow = [\"{address}\"]\n"));
    let said = node.refused(&format!("{{ uses: http, with: {{ url: 'http://{address}/' }} }}"));
    let port = other.port();
    let rule = "is not allowed (/policy.toml:4: hosts.allow)";
    assert_eq!(said, format!("connecting to `127.0.0.1:{port}` {rule}"));
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[test]
fn a_name_is_asked_about_by_its_address_too() {
    let (address, count) = site(|_| ok("hi"));
    let port = address.port();
    // `localhost` is the one name that every machine resolves to a known address.
    let node = Node::new("[hosts]\nallow = [\"localhost\"]\ndeny = [\"127.0.0.0/8\", \"::1\"]\n");
    let said =
        node.refused(&format!("{{ uses: http, with: {{ url: 'http://localhost:{port}/' }} }}"));
    assert!(said.contains("(/policy.toml:5: hosts.deny)"), "{said}");
    node.refused(&format!("{{ uses: tcp, with: {{ address: 'localhost:{port}' }} }}"));
    assert_eq!(count.load(Ordering::SeqCst), 0);
    let node = Node::new("[hosts]\nallow = [\"localhost\"]\n");
    node.passes(&format!("{{ uses: http, with: {{ url: 'http://localhost:{port}/' }} }}"));
    // By the address of a rule, any name that has it.
    let node = Node::new("[hosts]\nallow = [\"127.0.0.1\", \"::1\"]\n");
    node.passes(&format!("{{ uses: http, with: {{ url: 'http://localhost:{port}/' }} }}"));
}

#[test]
fn a_proxy_is_a_host_and_hides_none() {
    let (proxy, count) = site(|_| ok("from the proxy"));
    let through = |node: &Node, url: &str| {
        node.step(&format!("{{ uses: http, with: {{ url: '{url}', proxy: 'http://{proxy}' }} }}"))
    };
    let node = Node::new("[hosts]\nallow = [\"shop.test\"]\n");
    let step = through(&node, "http://shop.test/");
    assert_eq!(step.status, aei_core::event::Status::Refused);
    let node = Node::new(&format!("[hosts]\nallow = [\"shop.test\", \"{proxy}\"]\n"));
    for url in ["http://other.test/", "https://other.test/", "http://10.0.0.1/"] {
        assert_eq!(through(&node, url).status, aei_core::event::Status::Refused, "{url}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
    assert_eq!(through(&node, "http://shop.test/").status, aei_core::event::Status::Passed);
}
