use std::fmt::Write;
use std::time::Duration;

/// A length of time for people: `12 ms`, `1.42 s`, `3 min 05 s`.
pub(crate) fn duration(time: Duration) -> String {
    let micros = time.as_micros();
    let seconds = time.as_secs();
    match micros {
        0..1_000 => format!("{micros} µs"),
        1_000..10_000 => format!("{:.1} ms", time.as_secs_f64() * 1e3),
        10_000..1_000_000 => format!("{} ms", time.as_millis()),
        1_000_000..60_000_000 => format!("{:.2} s", time.as_secs_f64()),
        _ if seconds < 3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds / 60 % 60),
    }
}

/// `1 case`, `2 cases`, `10,000 cases`.
pub(crate) fn plural(count: usize, word: &str) -> String {
    format!("{} {word}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// Digits in groups of three.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// At most so many characters of one line; a cut is marked with `…`. What would move the cursor
/// is shown as a replacement mark.
pub(crate) fn one_line(text: &str, width: usize) -> String {
    let mut line: String = text
        .chars()
        .take(width + 1)
        .map(|c| match c {
            '\n' | '\r' | '\t' => ' ',
            c if c.is_control() => '\u{fffd}',
            c => c,
        })
        .collect();
    if line.chars().count() > width {
        let keep = line.char_indices().nth(width.saturating_sub(1)).map_or(0, |(at, _)| at);
        line.truncate(keep);
        line.push('…');
    }
    line
}

/// A text as lines of at most so many characters, broken at blanks.
fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = &lines[lines.len() - 1];
        let length = line.chars().count();
        if length > 0 && length + 1 + word.chars().count() > width {
            lines.push(String::new());
        }
        let last = lines.len() - 1;
        if !lines[last].is_empty() {
            lines[last].push(' ');
        }
        lines[last].push_str(word);
    }
    lines
}

/// A line without control characters, tabs kept.
pub(crate) fn harmless(line: &str) -> String {
    line.chars().map(|c| if c.is_control() && c != '\t' { '\u{fffd}' } else { c }).collect()
}

/// A word for a shell, quoted when it must be.
pub(crate) fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Columns, as wide as they need to be; the last takes what is left.
#[derive(Debug)]
pub(crate) struct Table {
    head: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    wraps: bool,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new(head: &[&'static str]) -> Self {
        Self { head: head.to_vec(), rows: Vec::new(), wraps: false }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    /// Breaks the last column into lines instead of cutting it.
    pub(crate) const fn wrap(mut self) -> Self {
        self.wraps = true;
        self
    }

    /// The table as lines; with a width, the last column is cut or broken to fit.
    pub(crate) fn render(&self, paint: super::Paint, width: Option<usize>) -> String {
        let columns = self.head.len();
        let widest = |column: usize| {
            let cells = self.rows.iter().map(|row| row[column].chars().count());
            cells.chain([self.head[column].chars().count()]).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(widest).collect();
        let before: usize = widths[..columns - 1].iter().map(|width| width + 2).sum();
        let last = width.map_or(usize::MAX - 1, |width| width.saturating_sub(before).max(10));
        let line = |cells: &[&str]| {
            let mut line = String::new();
            for (cell, width) in cells.iter().zip(&widths).take(columns - 1) {
                let _ = write!(line, "{cell:width$}  ");
            }
            if self.wraps {
                line.push_str(&lines(cells[columns - 1], last).join(&format!("\n{:before$}", "")));
            } else {
                line.push_str(&one_line(cells[columns - 1], last));
            }
            line.truncate(line.trim_end().len());
            line
        };
        let mut text = paint.bold(line(&self.head)) + "\n";
        for row in &self.rows {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            text += &line(&cells);
            text.push('\n');
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::Paint;

    #[test]
    fn times_are_short() {
        for (micros, text) in [
            (7, "7 µs"),
            (1_500, "1.5 ms"),
            (12_300, "12 ms"),
            (1_420_000, "1.42 s"),
            (185_000_000, "3 min 05 s"),
            (7_260_000_000, "2 h 01 min"),
        ] {
            assert_eq!(duration(Duration::from_micros(micros)), text);
        }
    }

    #[test]
    fn counts_agree_with_their_nouns() {
        assert_eq!(plural(1, "case"), "1 case");
        assert_eq!(plural(10_000, "case"), "10,000 cases");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }

    #[test]
    fn lines_are_cut_and_cleaned() {
        assert_eq!(one_line("abcdef", 4), "abc…");
        assert_eq!(one_line("abcd", 4), "abcd");
        assert_eq!(one_line("a\nb\u{1b}[2J", 20), "a b\u{fffd}[2J");
    }

    #[test]
    fn shell_words_survive_a_shell() {
        assert_eq!(shell_word("login"), "login");
        assert_eq!(shell_word("login[user=ann]"), "'login[user=ann]'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
    }

    #[test]
    fn the_last_column_gives_way() {
        let mut table = Table::new(&["id", "name"]);
        table.row(["login".into(), "A user logs in and out again".into()]);
        let text = table.render(Paint::PLAIN, Some(20));
        assert_eq!(text, "id     name\nlogin  A user logs …\n");
        let text = table.wrap().render(Paint::PLAIN, Some(20));
        assert_eq!(text, "id     name\nlogin  A user logs\n       in and out\n       again\n");
    }
}
