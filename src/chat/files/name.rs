//! The name of a file from outside: what people see of it, and what their systems make a file of. Pure.

/// The longest name, in characters.
const MAX: usize = 120;
/// The longest ending that is kept when a name is cut, in characters.
const MAX_ENDING: usize = 12;

/// A name that can be shown and stored anywhere: without folders, and without characters that are not seen, that turn the
/// direction of writing (`exe.gpj` for `jpg.exe`), or that some system forbids.
pub fn clean(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_hidden(*c)).map(|c| if is_forbidden(c) { '_' } else { c }).collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    // A name that begins with a point hides, and one that ends with it is another one on Windows.
    let kept = kept.trim_matches(|c: char| c == '.' || c == ' ');
    if kept.is_empty() { "file".to_owned() } else { shortened(kept) }
}

fn is_hidden(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn is_forbidden(c: char) -> bool {
    matches!(c, ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// Cut before the ending, which says what opens it.
fn shortened(name: &str) -> String {
    let length = name.chars().count();
    if length <= MAX {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|e| e.chars().count() <= MAX_ENDING);
    let ending = ending.map_or(String::new(), |ending| format!(".{ending}"));
    let begin: String = name.chars().take(MAX - 1 - ending.chars().count()).collect();
    format!("{}…{ending}", begin.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_07_a_name_is_only_a_name() {
        for (sent, kept) in [
            ("Remittance 03.pdf", "Remittance 03.pdf"),
            ("C:\\Users\\me\\scan.png", "scan.png"),
            ("../../etc/passwd", "passwd"),
            ("rechnung\u{202e}gpj.exe", "rechnunggpj.exe"),
            ("a\r\nSet-Cookie: b=c", "a Set-Cookie_ b=c"),
            (".htaccess", "htaccess"),
            ("שלום.txt", "שלום.txt"),
            ("", "file"),
            ("…", "…"),
            (" \u{200b}. ", "file"),
        ] {
            assert_eq!(clean(sent), kept, "{sent:?}");
        }
    }

    #[test]
    fn live_07_a_long_name_keeps_its_ending() {
        let name = clean(&format!("{}.docx", "ä".repeat(400)));
        assert!(name.ends_with("….docx") && name.chars().count() <= MAX, "{name}");
        assert_eq!(clean(&"b".repeat(400)).chars().count(), MAX);
    }
}
