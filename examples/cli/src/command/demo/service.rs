use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A request body larger than this is nobody's order.
const MAX_BODY: u64 = 64 * 1024;

/// What the shop remembers.
#[derive(Default)]
struct Shop {
    orders: AtomicU32,
    reports: AtomicU32,
}

/// Opens a small shop on a free port of the loopback address, and gives its base URL. It stays
/// open until the program ends.
pub(super) fn start() -> io::Result<String> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let base = format!("http://{}", listener.local_addr()?);
    let shop = Arc::new(Shop::default());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let shop = Arc::clone(&shop);
            std::thread::spawn(move || shop.serve(&stream));
        }
    });
    Ok(base)
}

struct Request {
    method: String,
    path: String,
    token: bool,
    body: String,
}

impl Shop {
    /// Answers one request after the other, until the other side hangs up.
    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        let mut reader = BufReader::new(stream);
        while let Some(request) = read(&mut reader)? {
            let (status, body) = self.answer(&request);
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\n\r\n{body}",
                body.len()
            );
            (&mut (&*stream)).write_all(answer.as_bytes())?;
        }
        Ok(())
    }

    fn answer(&self, request: &Request) -> (&'static str, String) {
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", "/health") => ("200 OK", r#"{"status":"up"}"#.to_owned()),
            ("POST", "/login") if request.body.contains("\"password\":\"open sesame\"") => {
                ("200 OK", format!("{{\"token\":\"{TOKEN}\"}}"))
            }
            ("POST", "/login") => problem("401 Unauthorized", "wrong password"),
            ("GET", "/items") => ("200 OK", ITEMS.to_owned()),
            ("POST", "/orders") if !request.token => problem("401 Unauthorized", "log in first"),
            ("POST", "/orders") => {
                let number = self.orders.fetch_add(1, Ordering::Relaxed) + 1;
                ("201 Created", format!("{{\"order\":{number},\"state\":\"paid\"}}"))
            }
            ("GET", "/report") if self.reports.fetch_add(1, Ordering::Relaxed) == 0 => {
                problem("503 Service Unavailable", "the report is being made")
            }
            ("GET", "/report") => {
                let orders = self.orders.load(Ordering::Relaxed);
                ("200 OK", format!("{{\"orders\":{orders}}}"))
            }
            _ => problem("404 Not Found", "no such page"),
        }
    }
}

const TOKEN: &str = "5e5a3e0f9b1d4c7788aa22bb44cc66dd";
const ITEMS: &str = r#"{"items":[{"name":"tea","price":4.5},{"name":"cup","price":12}]}"#;

fn problem(status: &'static str, title: &str) -> (&'static str, String) {
    (status, format!("{{\"title\":\"{title}\"}}"))
}

fn read(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
    let mut length = 0;
    let mut token = false;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "authorization" => token = value.trim() == format!("Bearer {TOKEN}"),
            _ => {}
        }
    }
    let mut body = Vec::new();
    reader.take(u64::min(length, MAX_BODY)).read_to_end(&mut body)?;
    let body = String::from_utf8_lossy(&body).replace("\": \"", "\":\"");
    Ok(Some(Request { method, path, token, body }))
}
