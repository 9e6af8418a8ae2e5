//! Services that misbehave: the step fails and says why, the other cases keep their results.

use std::net::TcpListener;

use super::bench::Bench;
use super::large::peak_kib;
use super::site::{Site, flood, hang, send};

fn asking(site: &Site, with: &str, more: &str) -> Bench {
    let url = site.url();
    Bench::step(&format!("{{ uses: http, with: {{ url: \"{url}\"{with} }}{more} }}"))
}

#[test]
fn a_service_that_hangs() {
    let silent = Site::start(hang);
    let words = "not done within 300ms, the timeout of the step";
    asking(&silent, "", ", timeout: 300ms").assert_storm("timed_out", words);
    asking(&silent, ", read_timeout: 200ms", ", timeout: 30s")
        .assert_storm("timed_out", "stayed silent for 200ms");
    let half = Site::start(|mut tcp| {
        send(&mut tcp, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
        hang(tcp);
    });
    asking(&half, "", ", timeout: 300ms").assert_storm("timed_out", words);
}

#[test]
fn a_service_that_hangs_however_often_it_is_asked() {
    let silent = Site::start(hang);
    let more = ", timeout: 100ms, retry: { attempts: 3, interval: 10ms }";
    let storm = asking(&silent, "", more).assert_storm("timed_out", "not done within 100ms");
    assert_eq!(storm["steps"][0]["attempts"], 3, "{storm:#}");
}

#[test]
fn a_service_that_drips() {
    let drips = Site::start(|mut tcp| {
        send(&mut tcp, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        while std::io::Write::write_all(&mut tcp, b"x").is_ok() {
            std::thread::park_timeout(std::time::Duration::from_millis(20));
        }
    });
    asking(&drips, ", read_timeout: 10s", ", timeout: 400ms")
        .assert_storm("timed_out", "not done within 400ms");
}

#[test]
fn nobody_listens() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let bench = Bench::step(&format!("{{ uses: http, with: {{ url: \"http://{address}/\" }} }}"));
    bench.assert_storm("errored", &format!("cannot connect to `{address}`: connection refused"));
}

#[test]
fn a_service_that_resets() {
    asking(&Site::resetting(), "", "").assert_storm("errored", "connection reset by peer");
    asking(&Site::start(drop), "", "").assert_storm("errored", "without a response");
}

#[test]
fn a_service_that_lies_about_content_length() {
    let short = Site::start(|mut tcp| {
        send(&mut tcp, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfour");
    });
    asking(&short, "", "").assert_storm("errored", "after 4 of 10 bytes of the body");
    let long = Site::start(|mut tcp| {
        send(&mut tcp, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour and more");
        hang(tcp);
    });
    asking(&long, "", "").assert_storm("errored", "more bytes after the end of its response");
    let both = Site::start(|mut tcp| {
        send(&mut tcp, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12");
        hang(tcp);
    });
    asking(&both, "", "").assert_storm("errored", "content-length");
    let nonsense = Site::start(|mut tcp| {
        send(&mut tcp, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n");
        hang(tcp);
    });
    asking(&nonsense, "", "").assert_storm("errored", "ontent-");
}

const TEN_GB: u64 = 10 << 30;

#[test]
fn a_service_that_sends_10_gb() {
    let announced = Site::start(|mut tcp| {
        send(&mut tcp, format!("HTTP/1.1 200 OK\r\nContent-Length: {TEN_GB}\r\n\r\n"));
        flood(&mut tcp, &[b'x'; 1 << 14], TEN_GB);
    });
    asking(&announced, "", "").assert_storm("errored", "10737418240 bytes are announced");
    let silent = Site::start(|mut tcp| {
        send(&mut tcp, "HTTP/1.1 200 OK\r\n\r\n");
        flood(&mut tcp, &[b'x'; 1 << 14], TEN_GB);
    });
    asking(&silent, "", "").assert_storm("errored", "`max_body` (10MiB)");
    let peak = peak_kib(&asking(&silent, "", ""), &["run", "t.aei.yaml"]);
    assert!(peak < 100 << 10, "{peak} KiB");
    let head = Site::start(|mut tcp| {
        send(&mut tcp, "HTTP/1.1 200 OK\r\n");
        flood(&mut tcp, &b"X-More: 0123456789\r\n".repeat(100), TEN_GB);
    });
    asking(&head, "", "").assert_storm("errored", "too large");
}

#[test]
fn a_service_that_sends_invalid_utf_8() {
    let bytes = Site::start(|mut tcp| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\n";
        send(&mut tcp, [head.as_bytes(), b"a\xff\xfe"].concat());
        hang(tcp);
    });
    let check = ", expect: [{ that: text, equals: ab }]";
    asking(&bytes, "", check).assert_storm("failed", "a\u{fffd}\u{fffd}");
    let json = Site::start(|mut tcp| {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n";
        send(&mut tcp, [head.as_bytes(), b"{\"a\":\"\xff\"}"].concat());
        hang(tcp);
    });
    asking(&json, "", ", expect: [{ that: json.a, equals: 1 }]").assert_storm("failed", "json.a");
    let head = Site::start(|mut tcp| {
        send(&mut tcp, b"HTTP/1.1 200 OK\r\nX-Name: \xff\xfe\r\nContent-Length: 0\r\n\r\n");
        hang(tcp);
    });
    let ended = asking(&head, "", "").run();
    ended.assert(0, &["3 passed"]);
}

#[test]
fn a_service_that_speaks_something_else() {
    let ssh = Site::start(|mut tcp| {
        send(&mut tcp, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
        hang(tcp);
    });
    asking(&ssh, "", "").assert_storm("errored", "is not HTTP");
    let url = ssh.url().replace("http:", "https:");
    let step =
        format!("{{ uses: http, timeout: 10s, with: {{ url: \"{url}\", connect_timeout: 1s }} }}");
    let bench = Bench::step(&step);
    bench.run().assert(1, &["2 passed"]);
}

#[test]
fn a_service_that_redirects_for_ever() {
    let round = Site::start(|mut tcp| {
        send(
            &mut tcp,
            "HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
    });
    asking(&round, "", "").assert_storm("errored", "redirect");
}

#[test]
fn a_service_that_floods_nonsense() {
    let flooding = Site::start(|mut tcp| flood(&mut tcp, &[b'x'; 1 << 14], TEN_GB));
    asking(&flooding, "", ", timeout: 5s").assert_storm("errored", "is not HTTP");
}
