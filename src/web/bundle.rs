//! The widget's modules in one script, and its styles in one sheet: what a visitor's first click loads must be small, and a file
//! at a time neither compresses nor travels well. Made when it is first asked for, from the same plain modules that are
//! checked and tested; no tool is needed.
//!
//! It reads the way in which our modules are written: imports and exports by name, each on one line of its own.

use std::{collections::HashMap, fmt::Write};

/// A module's exports, by the number of the constant that holds them.
#[derive(Default)]
struct Bundle {
    text: String,
    /// Of the module that was added last.
    exports: Vec<String>,
    numbers: HashMap<String, usize>,
}

/// One script from the module at `entry` and all that it imports; `read` gives a file's text by its path.
pub fn script(entry: &str, read: &impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut bundle = Bundle::default();
    bundle.add(entry, read)?;
    Ok(bundle.text)
}

/// A script that is no module, without comments and indents.
pub fn classic(text: &str) -> String {
    lean(text, true)
}

/// The same as a module that a script imports when it needs it.
pub fn module(entry: &str, read: &impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut bundle = Bundle::default();
    let number = bundle.add(entry, read)?;
    let _ = writeln!(bundle.text, "export const {{{}}}=m{number};", bundle.exports.join(","));
    Ok(bundle.text)
}

/// One sheet from several, in their order.
pub fn sheet(paths: &[&str], read: &impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut text = String::new();
    for path in paths {
        let style = read(path).ok_or_else(|| format!("{path} is not there"))?;
        text.push_str(&lean(&style, false));
    }
    // Line breaks and the spaces around braces and colons mean nothing in a sheet of ours; those around selectors do.
    let mut text = text.replace('\n', " ");
    for (wide, narrow) in
        [(" {", "{"), ("{ ", "{"), (" }", "}"), ("} ", "}"), ("; ", ";"), (", ", ","), (": ", ":"), (";}", "}")]
    {
        text = text.replace(wide, narrow);
    }
    Ok(text)
}

impl Bundle {
    /// Adds a module after all that it imports; its number.
    fn add(&mut self, path: &str, read: &impl Fn(&str) -> Option<String>) -> Result<usize, String> {
        if let Some(number) = self.numbers.get(path) {
            return Ok(*number);
        }
        let source = read(path).ok_or_else(|| format!("{path} is not there"))?;
        let (mut body, mut exports) = (String::new(), Vec::new());
        for line in lean(&source, true).lines() {
            if let Some(import) = line.strip_prefix("import ") {
                let (names, from) =
                    named(import).ok_or_else(|| format!("{path}: this import cannot be read: {line}"))?;
                let number = self.add(&resolve(path, from), read)?;
                if let Some(names) = names {
                    let _ = writeln!(body, "const {{{}}}=m{number};", names.replace(" as ", ": "));
                }
            } else if let Some(export) = line.strip_prefix("export {") {
                let (names, rest) =
                    export.split_once('}').ok_or_else(|| format!("{path}: this export cannot be read: {line}"))?;
                if let Some((_, from)) = named(&format!("{{{names}}}{rest}")) {
                    let number = self.add(&resolve(path, from), read)?;
                    let _ = writeln!(body, "const {{{names}}}=m{number};");
                }
                exports.extend(names.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
            } else if let Some(declared) = line.strip_prefix("export ") {
                let name = declared.trim_start_matches("async ").split(|c: char| !is_name(c)).nth(1);
                exports.push(name.ok_or_else(|| format!("{path}: this export cannot be read: {line}"))?.to_owned());
                let _ = writeln!(body, "{declared}");
            } else {
                let _ = writeln!(body, "{line}");
            }
        }
        let number = self.numbers.len();
        self.numbers.insert(path.to_owned(), number);
        let _ = writeln!(self.text, "const m{number}=(()=>{{\n{body}return{{{}}}}})();", exports.join(","));
        self.exports = exports;
        Ok(number)
    }
}

/// The names of `{ a, b } from './x.js';`, and from where; no names for `'./x.js';`.
fn named(import: &str) -> Option<(Option<&str>, &str)> {
    let quoted = |text: &'_ str| -> Option<(usize, usize)> {
        let start = text.find('\'')?;
        let end = text[start + 1..].find('\'')? + start + 1;
        Some((start, end))
    };
    let (start, end) = quoted(import)?;
    let from = &import[start + 1..end];
    let names = import[..start]
        .trim()
        .strip_suffix("from")
        .map(|names| names.trim().trim_start_matches('{').trim_end_matches('}').trim());
    Some((names, from))
}

/// `./views/ask.js` seen from `widget/app.js` is `widget/views/ask.js`.
fn resolve(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Without comments that have lines of their own, type casts in comments, and indents. Line breaks stay.
fn lean(text: &str, script: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_comment = false;
    for line in text.lines() {
        let mut line = line.trim().to_owned();
        if in_comment {
            let Some((_, rest)) = line.split_once("*/") else { continue };
            line = rest.trim().to_owned();
            in_comment = false;
        }
        if script && line.starts_with("//") {
            continue;
        }
        let opening = if script { "/**" } else { "/*" };
        while let Some(start) = line.find(opening) {
            match line[start..].find("*/") {
                Some(end) => line.replace_range(start..start + end + 2, ""),
                None if line[..start].trim().is_empty() || !script => {
                    line.truncate(start);
                    in_comment = true;
                }
                None => break,
            }
        }
        let line = without_remark(line.trim(), script);
        if !line.is_empty() {
            out.push_str(&if script { narrow(line) } else { line.to_owned() });
            out.push('\n');
        }
    }
    out
}

/// A page without indents and empty lines.
pub fn page(html: &str) -> String {
    html.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// A line of a script with fewer spaces around operators. No text that people read has these in it.
fn narrow(line: &str) -> String {
    let mut line = line.to_owned();
    for operator in ["=>", "===", "!==", "&&", "||", "??"] {
        line = line.replace(&format!(" {operator} "), operator);
    }
    line.replace(") {", "){")
}

/// A line of a script without the remark at its end, where it is plain that it is one.
fn without_remark(line: &str, script: bool) -> &str {
    match line.rsplit_once(" // ") {
        Some((code, remark))
            if script && !remark.contains(['\'', '`', '"']) && code.ends_with([';', '{', '}', ',']) =>
        {
            code
        }
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(path: &str) -> Option<String> {
        let text = match path {
            "widget/app.js" => {
                "// The app.\nimport { two as zwei } from './lib/b.js';\nimport './lib/a.js';\n\nexport class App {\n  /** @type {number} */ x = 1; // kept\n}\n"
            }
            "widget/lib/a.js" => "/**\n * One.\n */\nexport const one = 1;\n",
            "widget/lib/b.js" => {
                "export { one } from './a.js';\nexport async function two() { return /** @type {any} */ (one); }\n"
            }
            _ => return None,
        };
        Some(text.to_owned())
    }

    #[test]
    fn modules_become_one_script_in_the_order_of_their_needs() {
        let expected = "const m0=(()=>{\nconst one = 1;\nreturn{one}})();\n\
             const m1=(()=>{\nconst { one}=m0;\nasync function two(){ return  (one); }\nreturn{one,two}})();\n\
             const m2=(()=>{\nconst {two: zwei}=m1;\nclass App {\nx = 1;\n}\nreturn{App}})();\n";
        assert_eq!(script("widget/app.js", &files).unwrap(), expected.replace("{ one}", "{ one }"));
    }

    #[test]
    fn a_module_has_the_exports_of_its_entry() {
        assert!(module("widget/app.js", &files).unwrap().ends_with("return{App}})();\nexport const {App}=m2;\n"));
    }

    #[test]
    fn operators_lose_their_spaces() {
        assert_eq!(narrow("if (a === b && c) { x = () => 'a ? b'; }"), "if (a===b&&c){ x = ()=>'a ? b'; }");
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(script("widget/none.js", &files).unwrap_err(), "widget/none.js is not there");
    }

    #[test]
    fn styles_lose_their_comments() {
        let read = |_: &str| Some("/* a\n b */\na { b: c; /* d */ }\n".to_owned());
        assert_eq!(sheet(&["x.css"], &read).unwrap(), "a{b:c}");
    }
}
