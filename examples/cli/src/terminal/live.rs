use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::time::Duration;

use super::paint::Paint;
use super::text::{duration, grouped, one_line};

/// The few lines at the bottom of a terminal that change while a run goes on.
#[derive(Debug, Default)]
pub(crate) struct Live {
    drawn: usize,
}

/// What the lines show.
#[derive(Debug)]
pub(crate) struct Progress {
    pub(crate) finished: usize,
    pub(crate) total: usize,
    pub(crate) bad: usize,
    pub(crate) elapsed: Duration,
    /// The running cases with their current step and age, the oldest first.
    pub(crate) running: Vec<(String, Duration)>,
    /// How many run, shown or not.
    pub(crate) running_count: usize,
}

/// How many running cases are named.
pub(crate) const NAMED: usize = 4;
/// Cells of the bar.
const BAR: usize = 20;
/// An estimate made of less than this is a guess.
const ESTIMATE_AFTER: Duration = Duration::from_secs(2);

impl Live {
    /// Live lines, where there is a terminal that can show them.
    pub(crate) fn on_stderr() -> Option<Self> {
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        (io::stderr().is_terminal() && !dumb).then(Self::default)
    }

    /// Draws over what was drawn before, in one write.
    pub(crate) fn draw(&mut self, progress: &Progress, paint: Paint) {
        let size = terminal_size::terminal_size_of(io::stderr());
        let width = size.map_or(80, |(width, _)| usize::from(width.0)).max(20);
        let lines = progress.lines(width, paint);
        // Without wrapping, a line that turns out too wide cannot spoil the count of lines.
        let mut text = self.rewind() + "\x1b[?7l";
        for line in &lines {
            text.push_str(line);
            text.push('\n');
        }
        text.push_str("\x1b[?7h");
        self.drawn = lines.len();
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// Takes the lines away, so that something else can be printed.
    pub(crate) fn clear(&mut self) {
        if self.drawn > 0 {
            let text = self.rewind();
            self.drawn = 0;
            let _ = io::stderr().write_all(text.as_bytes());
        }
    }

    fn rewind(&self) -> String {
        match self.drawn {
            0 => String::new(),
            lines => format!("\r\x1b[{lines}A\x1b[J"),
        }
    }
}

impl Progress {
    fn lines(&self, width: usize, paint: Paint) -> Vec<String> {
        let mut first =
            format!("{} {}/{}", self.bar(paint), grouped(self.finished), grouped(self.total));
        if self.bad > 0 {
            let _ =
                write!(first, "  {}", paint.bad(format_args!("{} not passed", grouped(self.bad))));
        }
        let _ = write!(first, "  {}", clock(self.elapsed));
        if let Some(left) = self.left() {
            let _ = write!(first, "{}", paint.dim(format_args!(", about {} left", clock(left))));
        }
        let mut lines = vec![first];
        for (title, age) in self.running.iter().take(NAMED) {
            let age = if *age < Duration::from_secs(1) { String::new() } else { duration(*age) };
            let room = width.saturating_sub(age.chars().count() + 5);
            lines.push(format!("  {}  {}", one_line(title, room), paint.dim(age)));
        }
        if self.running_count > NAMED {
            let more = grouped(self.running_count - NAMED);
            lines.push(paint.dim(format_args!("  and {more} more")));
        }
        lines
    }

    fn bar(&self, paint: Paint) -> String {
        let full = (self.finished * BAR).checked_div(self.total).unwrap_or(0).min(BAR);
        let color = |text| if self.bad > 0 { paint.bad(text) } else { paint.good(text) };
        color("━".repeat(full)) + &paint.dim("╌".repeat(BAR - full))
    }

    /// As long again as it took so far, for what is left.
    fn left(&self) -> Option<Duration> {
        let left = self.total.checked_sub(self.finished).filter(|left| *left > 0)?;
        if self.finished == 0 || self.elapsed < ESTIMATE_AFTER {
            return None;
        }
        let millis = self.elapsed.as_millis() * left as u128 / self.finished as u128;
        u64::try_from(millis).ok().map(Duration::from_millis)
    }
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds / 3600 {
        0 => format!("{}:{:02}", seconds / 60, seconds % 60),
        hours => format!("{hours}:{:02}:{:02}", seconds / 60 % 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress() -> Progress {
        Progress {
            finished: 30,
            total: 120,
            bad: 2,
            elapsed: Duration::from_secs(10),
            running: vec![("login › POST /login".into(), Duration::from_millis(1200))],
            running_count: 1,
        }
    }

    #[test]
    fn counts_time_and_estimate_fit_on_a_line() {
        let lines = progress().lines(80, Paint::PLAIN);
        assert_eq!(lines[0], "━━━━━╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌ 30/120  2 not passed  0:10, about 0:30 left");
        assert_eq!(lines[1], "  login › POST /login  1.20 s");
    }

    #[test]
    fn never_more_than_a_few_lines() {
        let mut many = progress();
        many.running = vec![("x".repeat(200), Duration::ZERO); 50];
        many.running_count = 50;
        let lines = many.lines(40, Paint::PLAIN);
        assert_eq!(lines.len(), NAMED + 2);
        assert!(lines[1..].iter().all(|line| line.trim_end().chars().count() <= 40), "{lines:?}");
        assert_eq!(lines[NAMED + 1], "  and 46 more");
    }

    #[test]
    fn no_estimate_from_nothing() {
        let none = Progress { finished: 0, ..progress() };
        assert_eq!(none.left(), None);
        let over = Progress { finished: 121, ..progress() };
        assert_eq!(over.left(), None);
    }
}
