//! What editors write, what comes out, and what must not.

use proptest::prelude::*;

use super::*;

#[test]
fn what_editors_write_becomes_what_they_mean() {
    for (text, page) in [
        (
            "# A\n\nb *c* **d** ~~e~~ `f`",
            "<h2>A</h2><p>b <em>c</em> <strong>d</strong> <del>e</del> <code>f</code></p>",
        ),
        ("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>"),
        ("- a\n\n  b\n- c", "<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>"),
        (
            "| a | b |\n|---|---|\n| 1 | 2 |",
            "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody></table>",
        ),
        (
            "> a\n\n---\n\n```\n<b> https://x.example\n```",
            "<blockquote><p>a</p></blockquote><hr><pre>&lt;b&gt; https://x.example\n</pre>",
        ),
        ("a  \nb", "<p>a<br>b</p>"),
        (
            "see https://x.example/a?b=1.",
            "<p>see <a href=\"https://x.example/a?b=1\" rel=\"noopener noreferrer\">https://x.example/a?b=1</a>.</p>",
        ),
        (
            "[a](/help) [b](mailto:x@y.example)",
            "<p><a href=\"/help\" rel=\"noopener noreferrer\">a</a> <a href=\"mailto:x@y.example\" rel=\"noopener noreferrer\">b</a></p>",
        ),
        (
            "![The *menu*](/help/pictures/0197a1d0-0000-7000-8000-000000000000)",
            "<p><img src=\"/help/pictures/0197a1d0-0000-7000-8000-000000000000\" alt=\"The menu\" loading=\"lazy\"></p>",
        ),
    ] {
        assert_eq!(to_html(text), page);
    }
    assert_eq!(to_plain("# A\n\n1. b\n2. c **d**\n\n| e | f |\n|--|--|\n| g | h |"), "A\nb\nc d\ne f \ng h");
}

#[test]
fn a_script_is_words_and_a_picture_from_elsewhere_a_link() {
    for (text, page) in [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("a <img src=x onerror=alert(1)>", "<p>a &lt;img src=x onerror=alert(1)&gt;</p>"),
        ("[a](javascript:alert(1)) [b](//x.example) [c](/\\x.example) [d](data:text/html,x)", "<p>a b c d</p>"),
        (
            "![p](https://x.example/p.png)",
            "<p><a href=\"https://x.example/p.png\" rel=\"noopener noreferrer\">p</a></p>",
        ),
        (
            "[a](https://x.example/\"onclick=\"alert(1))",
            "<p><a href=\"https://x.example/&quot;onclick=&quot;alert(1)\" rel=\"noopener noreferrer\">a</a></p>",
        ),
    ] {
        assert_eq!(to_html(text), page);
    }
    // Neither building, writing nor dropping it goes as deep as somebody writes.
    assert!(to_html(&">".repeat(60_000)).len() < 2_000);
    assert!(to_html(&"*a ".repeat(20_000)).len() < 100_000);
}

proptest! {
    #[test]
    fn only_elements_of_ours_come_out(text in "([a-z<>&\"'\\[\\]()!*_`#|\\-\n :/.]|https://|javascript:|<script>|onerror=){0,80}") {
        let page = to_html(&text);
        for tag in page.split('<').skip(1) {
            let name: String = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            let ours = ["p", "h2", "h3", "h4", "ul", "ol", "li", "strong", "em", "del", "code", "pre", "blockquote", "a", "img",
                "br", "hr", "table", "thead", "tbody", "tr", "th", "td"];
            prop_assert!(ours.contains(&name.as_str()), "{page}");
            let attributes = tag.split('>').next().unwrap_or_default();
            prop_assert!(!attributes.contains(" onerror=") && !attributes.to_lowercase().contains("=\"javascript:"), "{page}");
        }
        // Its words are words of what was written.
        let words = |text: &str| text.chars().filter(|c| c.is_ascii_alphabetic()).count();
        prop_assert!(words(&to_plain(&text)) <= words(&text));
    }
}
