//! YAML to nodes.

use std::collections::HashMap;

use granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span as Place, StrInput,
    StructureStyle, Tag, options,
};

use super::entries::{Gathered, MapBuilder, exact};
use super::limits::{MAX_ALIASED_BYTES, MAX_NESTING};
use super::yaml_words::words;
use super::{Diagnostic, Key, Node, NodeValue, SourceFile, Span, scalar};

type Fallible<T> = Result<T, Box<Diagnostic>>;

/// Reads the text of a file that holds one document. An empty file is `null`.
pub(super) fn parse(file: &SourceFile) -> Result<Node, Diagnostic> {
    let mut reader = Reader {
        file,
        events: Parser::new_from_str_with_options(&file.text, limits()),
        anchors: HashMap::new(),
        weight: 0,
        aliased: 0,
        deepest: 0,
        end: 0,
        open: Vec::new(),
    };
    reader.document().map_err(|diagnostic| *diagnostic)
}

fn limits() -> Options {
    // The parser counts lists and maps of each style apart; `Reader::node` counts them together.
    options! {
        emit_comments: false,
        flow_nesting_limit: MAX_NESTING,
        block_nesting_limit: MAX_NESTING,
        simple_key_max_lookahead: 4096,
    }
}

struct Reader<'f> {
    file: &'f SourceFile,
    events: Parser<'f, StrInput<'f>>,
    anchors: HashMap<usize, Anchored>,
    /// Bytes of all nodes so far.
    weight: usize,
    /// Bytes of nodes that aliases made.
    aliased: usize,
    /// The deepest nesting seen since it was last reset.
    deepest: usize,
    /// Where the last token with content ended.
    end: usize,
    /// Where the brackets stand that are still open.
    open: Vec<usize>,
}

/// A node that aliases may repeat.
struct Anchored {
    node: Node,
    weight: usize,
    /// How many levels of lists and maps it has.
    height: usize,
}

impl<'f> Reader<'f> {
    fn document(&mut self) -> Fallible<Node> {
        let mut root = None;
        loop {
            let (event, place) = self.next()?;
            match event {
                Event::DocumentStart(..) if root.is_some() => {
                    let start = offset(&place.start);
                    let marker = self.file.text[start..].starts_with("---");
                    let span = self.file.span(start, start + if marker { 3 } else { 0 });
                    let message = "a file holds one document, a second one starts here";
                    return Err(Diagnostic::error("several-documents", message, span)
                        .help("put it into a file of its own")
                        .into());
                }
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                Event::StreamEnd => break,
                event => root = Some(self.node(event, place, 0)?),
            }
        }
        Ok(root.unwrap_or_else(|| Node::new(NodeValue::Null, self.file.span(0, 0))))
    }

    fn next(&mut self) -> Fallible<(Event<'f>, Place)> {
        match self.events.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(self.explain(&error).into()),
            None => {
                let end = self.file.text.len();
                let span = self.file.span(end, end);
                Err(Diagnostic::error("syntax", "the document breaks off", span).into())
            }
        }
    }

    fn node(&mut self, event: Event<'f>, place: Place, depth: usize) -> Fallible<Node> {
        let (outer_weight, outer_deepest) = (self.weight, self.deepest);
        self.deepest = depth;
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                (self.scalar(&text, style, tag.as_deref(), &place)?, anchor)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", &place)?;
                (self.list(style, &place, depth)?, anchor)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", &place)?;
                (self.map(style, &place, depth)?, anchor)
            }
            Event::Alias(id) => (self.alias(id, &place, depth)?, 0),
            _ => {
                let span = self.span(&place);
                return Err(Diagnostic::error("syntax", "expected a value", span).into());
            }
        };
        if anchor != 0 {
            let (weight, height) = (self.weight - outer_weight, self.deepest - depth);
            self.anchors.insert(anchor, Anchored { node: node.clone(), weight, height });
        }
        self.deepest = self.deepest.max(outer_deepest);
        Ok(node)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        tag: Option<&Tag>,
        place: &Place,
    ) -> Fallible<Node> {
        self.weight += size_of::<Node>() + text.len();
        let span = self.scalar_span(place);
        let value = match tag.map(|tag| (tag, tag.core_suffix())) {
            None if style == ScalarStyle::Plain => scalar::plain(text),
            None | Some((_, Some("str"))) => NodeValue::String(text.into()),
            // `!` alone says: no guessing.
            Some((tag, None)) if tag.original() == "!" => NodeValue::String(text.into()),
            Some((_, Some("null"))) if scalar::is_null(text) => NodeValue::Null,
            Some((_, Some("bool"))) if scalar::boolean(text).is_some() => {
                NodeValue::Bool(text.eq_ignore_ascii_case("true"))
            }
            Some((tag, kind)) => match (kind, scalar::number(text)) {
                (Some("int"), Some(whole @ NodeValue::Int(_))) => whole,
                #[expect(clippy::cast_precision_loss, reason = "the tag asks for it")]
                (Some("float"), Some(NodeValue::Int(whole))) => NodeValue::Float(whole as f64),
                (Some("float"), Some(float)) => float,
                _ => return Err(self.wrong_tag(tag, "this value", place).into()),
            },
        };
        if matches!(value, NodeValue::Float(number) if !number.is_finite()) {
            let message = format!("`{text}` has no spelling in JSON, so it is no value here");
            return Err(Diagnostic::error("syntax", message, span)
                .help("if text is meant, put it in quotes")
                .into());
        }
        Ok(Node::new(value, span))
    }

    fn list(&mut self, style: StructureStyle, place: &Place, depth: usize) -> Fallible<Node> {
        self.check_depth(place, depth)?;
        self.weight += size_of::<Node>();
        let start = self.collection_start(style, place);
        let mut items = Gathered::new();
        loop {
            let (event, place) = self.next()?;
            if event == Event::SequenceEnd {
                self.close(style, &place);
                break;
            }
            items.push(self.node(event, place, depth + 1)?);
        }
        let span = self.file.span(start, self.end.max(start));
        Ok(Node::new(NodeValue::List(exact(items)), span))
    }

    fn map(&mut self, style: StructureStyle, place: &Place, depth: usize) -> Fallible<Node> {
        self.check_depth(place, depth)?;
        self.weight += size_of::<Node>();
        let start = self.collection_start(style, place);
        let mut entries = MapBuilder::default();
        let mut merges: Vec<(Span, Node)> = Vec::new();
        loop {
            let (event, place) = self.next()?;
            if event == Event::MappingEnd {
                self.close(style, &place);
                break;
            }
            let merge = matches!(&event, Event::Scalar(t, ScalarStyle::Plain, _, _) if t == "<<");
            let key = self.key(event, &place)?;
            if !merge {
                entries.check(&key)?;
            }
            let (event, place) = self.next()?;
            let node = self.node(event, place, depth + 1)?;
            if merge {
                merges.push((key.span, node));
            } else {
                self.weight += size_of::<Key>() + key.name.len();
                entries.push(key, node);
            }
        }
        for (span, node) in merges {
            merge(&mut entries, node, span)?;
        }
        let span = self.file.span(start, self.end.max(start));
        Ok(Node::new(entries.finish(), span))
    }

    /// A key. Numbers, booleans and `null` count as their text, since all keys are strings.
    fn key(&mut self, event: Event<'f>, place: &Place) -> Fallible<Key> {
        match event {
            Event::Scalar(text, _, anchor, _) => {
                let span = self.scalar_span(place);
                if place.start == place.end {
                    let message = "expected a key before `:`";
                    return Err(Diagnostic::error("syntax", message, span).into());
                }
                if anchor != 0 {
                    let node = Node::new(NodeValue::String(text.as_ref().into()), span);
                    let weight = size_of::<Node>() + text.len();
                    self.anchors.insert(anchor, Anchored { node, weight, height: 0 });
                }
                Ok(Key { name: text.into(), span })
            }
            Event::Alias(id) => {
                let node = self.alias(id, place, 0)?;
                match node.value {
                    NodeValue::String(name) => Ok(Key { name, span: node.span }),
                    _ => Err(not_a_key(&node).into()),
                }
            }
            event => {
                let node = self.node(event, *place, MAX_NESTING - 1)?;
                Err(not_a_key(&node).into())
            }
        }
    }

    fn alias(&mut self, id: usize, place: &Place, depth: usize) -> Fallible<Node> {
        let span = self.span(place);
        self.end = offset(&place.end);
        let Some(anchored) = self.anchors.get(&id) else {
            let message = "this alias stands inside the node it names";
            return Err(Diagnostic::error("alias", message, span).into());
        };
        if depth + anchored.height > MAX_NESTING {
            return Err(super::limits::too_deep(span).into());
        }
        self.aliased = self.aliased.saturating_add(anchored.weight);
        if self.aliased > MAX_ALIASED_BYTES {
            let message = format!(
                "the aliases of this file unfold to more than {} MiB",
                MAX_ALIASED_BYTES >> 20
            );
            return Err(Diagnostic::error("too-large", message, span).into());
        }
        self.weight = self.weight.saturating_add(anchored.weight);
        self.deepest = self.deepest.max(depth + anchored.height);
        Ok(Node::new(anchored.node.value.clone(), span))
    }

    fn check_depth(&mut self, place: &Place, depth: usize) -> Fallible<()> {
        self.deepest = self.deepest.max(depth + 1);
        if depth < MAX_NESTING {
            return Ok(());
        }
        let start = offset(&place.start);
        Err(super::limits::too_deep(self.file.span(start, start)).into())
    }

    fn check_tag(&self, tag: Option<&Tag>, own: &str, place: &Place) -> Fallible<()> {
        match tag {
            Some(tag) if tag.core_suffix() != Some(own) && tag.original() != "!" => {
                let what = if own == "map" { "a map" } else { "a list" };
                Err(self.wrong_tag(tag, what, place).into())
            }
            _ => Ok(()),
        }
    }

    fn wrong_tag(&self, tag: &Tag, what: &str, place: &Place) -> Diagnostic {
        let message = format!("the tag `{}` does not fit {what}", tag.original());
        let span = self.span(&place.tag_span().unwrap_or(*place));
        Diagnostic::error("syntax", message, span)
            .help("the tags known are `!!str`, `!!int`, `!!float`, `!!bool`, `!!null`, `!!seq` and `!!map`")
    }

    fn span(&self, place: &Place) -> Span {
        self.file.span(offset(&place.start), offset(&place.end))
    }

    fn scalar_span(&mut self, place: &Place) -> Span {
        let (start, end) = (offset(&place.start), offset(&place.end));
        if start == end {
            // Nothing is written; the parser has already looked past it, maybe some lines down.
            self.end = self.end.max(start.min(self.after_indicator()));
            return self.file.span(self.end, self.end);
        }
        let written = self.file.text.get(start..end).unwrap_or_default();
        self.end = start + written.trim_end().len();
        self.file.span(start, self.end)
    }

    /// The place behind a `:` or `-` that follows the last content.
    fn after_indicator(&self) -> usize {
        let mut at = self.end;
        loop {
            let rest = &self.file.text[at..];
            at += rest.len() - rest.trim_start().len();
            match self.file.text.as_bytes().get(at) {
                Some(b'#') => at = self.line_end(at),
                Some(b':' | b'-' | b'?') => return at + 1,
                _ => return self.end,
            }
        }
    }

    fn line_end(&self, at: usize) -> usize {
        let rest = &self.file.text.as_bytes()[at..];
        memchr::memchr(b'\n', rest).map_or(self.file.text.len(), |length| at + length)
    }

    fn collection_start(&mut self, style: StructureStyle, place: &Place) -> usize {
        let start = offset(&place.start);
        if style == StructureStyle::Flow {
            self.end = start + 1;
            self.open.push(start);
        }
        start
    }

    fn close(&mut self, style: StructureStyle, place: &Place) {
        // The end of a block is seen only where the next thing starts.
        if style == StructureStyle::Flow {
            self.end = self.end.max(offset(&place.end));
            self.open.pop();
        }
    }

    fn explain(&self, error: &ScanError) -> Diagnostic {
        let text = &self.file.text;
        let at = error.marker().byte_offset().unwrap_or(text.len()).min(text.len());
        let rest = text.get(at..).unwrap_or_default();
        let span = self.file.span(at, at + rest.chars().next().map_or(0, char::len_utf8));
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            return super::limits::too_deep(span);
        }
        let (message, help) = words(error.kind(), rest);
        let mut diagnostic = Diagnostic::error("syntax", message, span);
        diagnostic.help = help.map(str::to_owned);
        if let Some(&open) = self.open.last().filter(|&&open| open < at) {
            let words = "this bracket is still open".to_owned();
            diagnostic.related.push((self.file.span(open, open + 1), words));
        }
        diagnostic
    }
}

/// `<<: *base` or `<<: [*first, *second]`: adds the entries that are not there yet.
fn merge(entries: &mut MapBuilder, node: Node, at: Span) -> Fallible<()> {
    match node.value {
        NodeValue::Map(others) => {
            for (key, value) in others {
                if entries.get(&key.name).is_none() {
                    entries.push(key, value);
                }
            }
            Ok(())
        }
        NodeValue::List(maps) if maps.iter().all(|map| map.as_map().is_some()) => {
            maps.into_iter().try_for_each(|map| merge(entries, map, at))
        }
        _ => {
            let message = format!("`<<` merges maps, and this is {}", node.type_name());
            Err(Diagnostic::error("syntax", message, node.span).related(at, "merged here").into())
        }
    }
}

fn offset(marker: &granit_parser::Marker) -> usize {
    // Always there: the parser reads a text in memory.
    marker.byte_offset().unwrap_or_default()
}

fn not_a_key(node: &Node) -> Diagnostic {
    let message = format!("a key is a string, and this is {}", node.type_name());
    let diagnostic = Diagnostic::error("syntax", message, node.span);
    match node.value {
        // `{{ x }}` without quotes reads as a map in a map.
        NodeValue::Map(_) => diagnostic.help("put text that begins with `{` in quotes"),
        _ => diagnostic,
    }
}
