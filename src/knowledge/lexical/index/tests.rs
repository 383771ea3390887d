//! The index on a few solutions.

use proptest::prelude::*;

use super::*;

const SOLUTIONS: [[&str; 3]; 6] = [
    ["Reset your password", "Open the sign-in page, choose Forgot password and follow the link.", "Account"],
    ["Change your address", "Under Profile you can change where your invoices are sent.", "Account"],
    ["Download an invoice", "Every invoice is a PDF under Billing. How do you print it? Open it.", "Billing"],
    ["Refunds", "A refund reaches your card within five days.", "Billing"],
    ["Réinitialiser", "Mot de passe oublié ?", "Français"],
    ["Reset your password", "Open the sign-in page, choose Forgot password and follow the link.", "Account"],
];

fn index(solutions: &[[&str; 3]]) -> Index<usize> {
    let numbered = solutions.iter().enumerate();
    let documents: Vec<_> = numbered
        .map(|(id, &[title, body, category])| Document {
            id,
            title,
            body,
            category,
            cases: "",
            language: Language::English,
        })
        .collect();
    Index::build(&documents)
}

fn found(text: &str) -> Vec<usize> {
    let hits = index(&SOLUTIONS).search(text, 10, &mut Scratch::default(), |_| true);
    hits.iter().map(|hit| hit.id).collect()
}

#[test]
fn the_title_comes_before_the_body() {
    assert_eq!(found("invoices "), [2, 1]);
    assert_eq!(found("How do I get a refund?"), [3]);
}

#[test]
fn equal_scores_keep_the_order_of_the_documents() {
    assert_eq!(found("forgot my password"), [0, 5]);
}

#[test]
fn the_word_being_typed_is_completed() {
    assert_eq!(found("downl"), [2]);
    assert_eq!(found("downl "), [0; 0]);
    assert_eq!(found("reinit"), [4]);
}

#[test]
fn mistyped_words_are_repaired() {
    assert_eq!(found("dwonload it"), [2]);
    assert_eq!(found("forgotten pasword "), [0, 5]);
    assert_eq!(found("donwlo"), [2]);
}

#[test]
fn nothing_relevant_finds_nothing() {
    for text in ["", "  ?!", "how do you", "how do I", "asdfgh qwertyuiop", "12345", "日本語", "a"] {
        assert_eq!(found(text), [0; 0], "{text}");
    }
}

#[test]
fn a_faint_match_in_a_long_text_is_nothing() {
    let text = format!("{} page", "unheard ".repeat(40));
    assert_eq!(found(&text), [0; 0]);
}

#[test]
fn an_index_that_changes_finds_what_one_built_anew_finds() {
    let mut changing = index(&SOLUTIONS[..3]);
    let put = |index: &mut Index<usize>, id: usize, [title, body, category]: [&str; 3]| {
        index.put(&Document { id, title, body, category, cases: "", language: Language::English })
    };
    put(&mut changing, 0, ["Zebra crossings", "Stripes.", "Streets"]);
    put(&mut changing, 3, SOLUTIONS[3]);
    assert_eq!(changing.remove(1), Some(1));
    assert_eq!((changing.count(), changing.places(), changing.place(0)), (3, 5, Some(3)));
    let anew = index(&[["Zebra crossings", "Stripes.", "Streets"], ["", "", ""], SOLUTIONS[2], SOLUTIONS[3]]);
    for text in ["zebr", "stripes", "refund", "password ", "address", "print an invoice"] {
        let ids = |index: &Index<usize>| -> Vec<_> {
            index.search(text, 9, &mut Scratch::default(), |_| true).iter().map(|hit| hit.id).collect()
        };
        assert_eq!(ids(&changing), ids(&anew), "{text}");
    }
}

#[test]
fn the_words_of_cases_find_their_solution() {
    let [title, body, category] = SOLUTIONS[3];
    let mut index = index(&SOLUTIONS);
    assert!(index.search("money back", 9, &mut Scratch::default(), |_| true).is_empty());
    index.put(&Document { id: 3, title, body, category, cases: "I want my money back", language: Language::English });
    assert_eq!(index.search("money back", 9, &mut Scratch::default(), |_| true)[0].id, 3);
}

#[test]
fn scratch_serves_one_index_after_another() {
    let (large, small) = (index(&SOLUTIONS), index(&SOLUTIONS[..2]));
    let mut scratch = Scratch::default();
    let first = large.search("password invoice", 10, &mut scratch, |_| true);
    assert_eq!(
        small.search("password", 10, &mut scratch, |_| true),
        small.search("password", 10, &mut Scratch::default(), |_| true)
    );
    assert_eq!(large.search("password invoice", 10, &mut scratch, |_| true), first);
    assert!(index(&[]).search("password", 10, &mut scratch, |_| true).is_empty());
}

proptest! {
    #[test]
    fn hits_are_ranked_and_limited(
        texts in prop::collection::vec("\\PC{0,30}|([a-d]{1,9}[ é'1]){0,9}", 0..12),
        text in "\\PC*|([a-d]{1,9}[ é'1]){0,9}[a-d]{0,3}",
        limit in 0..9_usize,
    ) {
        let solutions: Vec<[&str; 3]> = texts.iter().map(|text| [text.as_str(), text, "a b"]).collect();
        let (index, mut scratch) = (index(&solutions), Scratch::default());
        let hits = index.search(&text, limit, &mut scratch, |_| true);
        index.score(&text, &mut scratch);
        prop_assert_eq!(&hits, &index.best(&mut scratch.found, limit), "the best of all");
        prop_assert!(hits.len() <= limit);
        prop_assert!(hits.iter().all(|hit| hit.score > 0.0 && hit.score < 1.0));
        prop_assert!(hits.is_sorted_by(|a, b| a.score > b.score || a.score == b.score && a.id < b.id));
    }
}
