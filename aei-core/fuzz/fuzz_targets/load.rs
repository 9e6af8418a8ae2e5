//! Any bytes are read, explained and written again without panic, hang or overflow; what is
//! written is read as the same document.
#![no_main]

use aei_core::source::{SourceMap, Syntax, from_node, parse, render, to_json, to_yaml};
use aei_core::template::Template;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for syntax in [Syntax::Json, Syntax::Yaml] {
        let mut map = SourceMap::default();
        match parse(&mut map, "fuzz", bytes.to_vec(), syntax) {
            Err(mistake) => drop(render(&[mistake], &map, false)),
            Ok(node) => {
                let value = node.to_value();
                for (text, syntax) in
                    [(to_json(&node), Syntax::Json), (to_yaml(&node), Syntax::Yaml)]
                {
                    match parse(&mut map, "again", text.clone().into(), syntax) {
                        Ok(again) => assert_eq!(again.to_value(), value, "{text}"),
                        Err(mistake) => panic!("{}", render(&[mistake], &map, false)),
                    }
                }
                let _ = from_node::<Template>(node);
            }
        }
    }
});
