use super::ExprError;

/// A part of a text: literal, or an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Which of the two.
    pub kind: PieceKind,
    /// The literal text, or what stands between `${{` and `}}` without the space around it.
    pub text: &'a str,
    /// The offset of the first byte of `text` in the whole.
    pub start: usize,
    /// The offset of the byte after the last.
    pub end: usize,
}

/// What a [`Piece`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceKind {
    /// Text that stands for itself.
    Literal,
    /// An expression.
    Expression,
}

const OPEN: &str = "${{";
const CLOSE: &str = "}}";

/// Splits a text into literal parts and expressions. `$${{` is a literal `${{`.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, ExprError> {
    let mut found = Vec::new();
    let literal = |found: &mut Vec<_>, start: usize, end: usize| {
        if start < end {
            let text = &text[start..end];
            found.push(Piece { kind: PieceKind::Literal, text, start, end });
        }
    };
    let mut from = 0;
    let mut search = 0;
    while let Some(open) = memchr::memmem::find(&text.as_bytes()[search..], OPEN.as_bytes()) {
        let open = search + open;
        let inner = open + OPEN.len();
        if open > from && text.as_bytes()[open - 1] == b'$' {
            literal(&mut found, from, open - 1);
            (from, search) = (open, inner);
            continue;
        }
        literal(&mut found, from, open);
        let close = closing(text, inner).ok_or_else(|| {
            ExprError::new("this `${{` is never closed by `}}`", open, inner)
                .help("write `$${{` for a literal `${{`")
        })?;
        let body = &text[inner..close];
        let expression = body.trim();
        if expression.is_empty() {
            return Err(ExprError::new("there is no expression here", open, close + CLOSE.len()));
        }
        let start = inner + (body.len() - body.trim_start().len());
        let end = start + expression.len();
        found.push(Piece { kind: PieceKind::Expression, text: expression, start, end });
        (from, search) = (close + CLOSE.len(), close + CLOSE.len());
    }
    literal(&mut found, from, text.len());
    Ok(found)
}

/// Where the `}}` is that ends an expression: outside of strings, and of maps written in it.
fn closing(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut quote = None;
    let mut at = from;
    while at < bytes.len() {
        match (bytes[at], quote) {
            (b'\\', Some(_)) => at += 1,
            (byte, Some(open)) if byte == open => quote = None,
            (byte @ (b'"' | b'\''), None) => quote = Some(byte),
            (b'{', None) => depth += 1,
            (b'}', None) if depth > 0 => depth -= 1,
            (b'}', None) if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

/// The expression of a text that is one, bare or wrapped in `${{ }}`, and its offset.
pub fn bare(text: &str) -> Result<(&str, usize), ExprError> {
    let trimmed = text.trim();
    let offset = text.len() - text.trim_start().len();
    if !trimmed.contains(OPEN) {
        return Ok((trimmed, offset));
    }
    match pieces(trimmed).map_err(|error| error.shifted(offset))?[..] {
        [Piece { kind: PieceKind::Expression, text, start, .. }] => Ok((text, offset + start)),
        _ => {
            Err(ExprError::new("this is more than one expression", offset, offset + trimmed.len())
                .help("write the whole expression bare, or the whole of it in one `${{ }}`"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<(PieceKind, &str)> {
        pieces(text).unwrap().into_iter().map(|piece| (piece.kind, piece.text)).collect()
    }

    #[test]
    fn texts_are_split() {
        use PieceKind::{Expression, Literal};
        assert_eq!(split("plain } text"), [(Literal, "plain } text")]);
        assert_eq!(split("${{a}}"), [(Expression, "a")]);
        assert_eq!(
            split("x ${{ a }}-${{ b }} y"),
            [
                (Literal, "x "),
                (Expression, "a"),
                (Literal, "-"),
                (Expression, "b"),
                (Literal, " y")
            ]
        );
        assert_eq!(split("${{ '}}' ~ \"\\\"}}\" }}"), [(Expression, "'}}' ~ \"\\\"}}\"")]);
        assert_eq!(split("${{ {'a': {'b': 1}} }}"), [(Expression, "{'a': {'b': 1}}")]);
        assert_eq!(split("a $${{ b }} ${{ c }}").last(), Some(&(Expression, "c")));
        assert_eq!(split("").len(), 0);
    }

    #[test]
    fn doubled_dollars_escape() {
        let text: String = pieces("$${{ a }} $$5").unwrap().iter().map(|p| p.text).collect();
        assert_eq!(text, "${{ a }} $$5");
    }

    #[test]
    fn mistakes_have_places() {
        let error = pieces("ab ${{ c").unwrap_err();
        assert_eq!((error.start, error.end), (3, 6));
        assert!(pieces("${{   }}").is_err());
    }

    #[test]
    fn conditions_are_bare_or_wrapped() {
        assert_eq!(bare(" a == 1 ").unwrap(), ("a == 1", 1));
        assert_eq!(bare(" ${{ a == 1 }}").unwrap(), ("a == 1", 5));
        assert!(bare("${{ a }} == 1").is_err());
    }
}
