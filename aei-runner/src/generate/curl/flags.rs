//! The options of curl 8: which take a value, and what one letter stands for.

/// Options that take a value, by long name.
const WITH_VALUE: &str = " abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers \
    config connect-timeout connect-to continue-at cookie cookie-jar create-file-mode crlfile curves \
    data data-ascii data-binary data-raw data-urlencode delegation dns-interface dns-ipv4-addr \
    dns-ipv6-addr dns-servers doh-url dump-ca-embed dump-header ech egd-file engine etag-compare etag-save \
    expect100-timeout form form-string ftp-account ftp-method ftp-port happy-eyeballs-timeout-ms \
    haproxy-clientip header help hostpubmd5 hostpubsha256 hsts interface ip-tos ipfs-gateway json \
    keepalive-cnt keepalive-time key key-type krb libcurl limit-rate local-port login-options mail-auth \
    mail-from mail-rcpt max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer output \
    output-dir parallel-max pass pinnedpubkey preproxy proto proto-default proto-redir proxy \
    proxy-cacert proxy-capath proxy-cert proxy-cert-type proxy-ciphers proxy-crlfile proxy-header \
    proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name proxy-tls13-ciphers \
    proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey quote random-file \
    range rate referer request request-target resolve retry retry-delay retry-max-time sasl-authzid \
    service-name sigalgs socks4 socks4a socks5 socks5-gssapi-service socks5-hostname speed-limit \
    speed-time stderr telnet-option tftp-blksize time-cond tls-max tls13-ciphers tlsauthtype \
    tlspassword tlsuser trace trace-ascii trace-config unix-socket upload-file upload-flags url url-query user \
    user-agent variable vlan-priority write-out ";

/// Short options and their long names.
const SHORT: [(char, &str); 52] = [
    ('#', "progress-bar"),
    (':', "next"),
    ('0', "http1.0"),
    ('1', "tlsv1"),
    ('2', "sslv2"),
    ('3', "sslv3"),
    ('4', "ipv4"),
    ('6', "ipv6"),
    ('a', "append"),
    ('A', "user-agent"),
    ('b', "cookie"),
    ('B', "use-ascii"),
    ('c', "cookie-jar"),
    ('C', "continue-at"),
    ('d', "data"),
    ('D', "dump-header"),
    ('e', "referer"),
    ('E', "cert"),
    ('f', "fail"),
    ('F', "form"),
    ('g', "globoff"),
    ('G', "get"),
    ('h', "help"),
    ('H', "header"),
    ('i', "show-headers"),
    ('I', "head"),
    ('j', "junk-session-cookies"),
    ('J', "remote-header-name"),
    ('k', "insecure"),
    ('K', "config"),
    ('l', "list-only"),
    ('L', "location"),
    ('m', "max-time"),
    ('M', "manual"),
    ('n', "netrc"),
    ('N', "no-buffer"),
    ('o', "output"),
    ('O', "remote-name"),
    ('p', "proxytunnel"),
    ('P', "ftp-port"),
    ('q', "disable"),
    ('Q', "quote"),
    ('r', "range"),
    ('R', "remote-time"),
    ('s', "silent"),
    ('S', "show-error"),
    ('t', "telnet-option"),
    ('T', "upload-file"),
    ('u', "user"),
    ('U', "proxy-user"),
    ('v', "verbose"),
    ('V', "version"),
];

const MORE_SHORT: [(char, &str); 8] = [
    ('w', "write-out"),
    ('x', "proxy"),
    ('X', "request"),
    ('y', "speed-time"),
    ('Y', "speed-limit"),
    ('z', "time-cond"),
    ('Z', "parallel"),
    ('@', "at"),
];

/// The long name of a letter.
pub(super) fn long_name(letter: char) -> Option<&'static str> {
    SHORT.iter().chain(&MORE_SHORT).find(|(short, _)| *short == letter).map(|(_, long)| *long)
}

/// Whether an option takes a value.
pub(super) fn takes_value(long: &str) -> bool {
    WITH_VALUE.contains(&format!(" {long} "))
}
