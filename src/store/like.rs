//! Patterns of `LIKE … ESCAPE '\'`.

/// Matches what contains a text; `%%` for an empty one.
pub fn containing(text: &str) -> String {
    let escaped: String = text.chars().take(100).fold(String::new(), |mut all, c| {
        if matches!(c, '%' | '_' | '\\') {
            all.push('\\');
        }
        all.push(c);
        all
    });
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agree_06_what_means_something_in_a_pattern_means_itself() {
        assert_eq!(containing("50%_\\"), "%50\\%\\_\\\\%");
        assert_eq!(containing(""), "%%");
    }
}
