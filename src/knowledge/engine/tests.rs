//! The engine as a whole, on a few solutions.

use std::sync::OnceLock;

use proptest::prelude::*;

use crate::knowledge::language::Language;

use super::*;

const SOLUTIONS: [[&str; 2]; 5] = [
    ["Reset your password", "Open the sign-in page, choose Forgot password and follow the link."],
    ["Change your address", "Under Profile you can change where your invoices are sent."],
    ["Download an invoice", "Every invoice is a PDF under Billing. Open it there."],
    ["Refunds", "A refund reaches your card within five days."],
    ["Where is my parcel?", "Orders shows the date of delivery and a link to the carrier."],
];

fn model() -> &'static Model {
    Model::get().unwrap()
}

/// What each solution means; it is worked out once.
fn meanings() -> &'static [Vector] {
    static MEANINGS: OnceLock<Vec<Vector>> = OnceLock::new();
    MEANINGS.get_or_init(|| SOLUTIONS.map(|[title, body]| model().solution(title, body)).to_vec())
}

fn document(id: usize, cases: &str) -> Document<'_, usize> {
    let [title, body] = SOLUTIONS[id];
    Document { id, title, body, category: "", cases, language: Language::English }
}

fn engine(known: bool) -> Engine<usize> {
    let meaning = |id| known.then(|| &meanings()[id]);
    let entries: Vec<_> = (0..SOLUTIONS.len())
        .map(|id| Entry {
            document: document(id, ""),
            meaning: meaning(id),
            cases: &[],
            help: 0.0,
            audience: Audience::Everyone,
        })
        .collect();
    Engine::build(Some(model()), &entries)
}

fn queries(engine: &Engine<usize>, text: &str) -> [Query; 3] {
    let Some(meant) = engine.wording(text, model()) else { return [const { Query::Words }; 3] };
    [Query::Words, Query::Average(engine.average(&meant, model())), Query::Meaning(model().typed(&meant))]
}

fn first(engine: &Engine<usize>, text: &str) -> [Option<usize>; 3] {
    queries(engine, text).map(|query| {
        engine
            .rank(text, &query, Some(model()), &Wish::typed(Audience::Everyone, 3), &mut Scratch::default())
            .first()
            .map(|hit| hit.id)
    })
}

#[test]
fn what_a_text_means_finds_what_its_words_do_not() {
    let engine = engine(true);
    assert_eq!(first(&engine, "I cannot log in any more")[2], Some(0));
    assert_eq!(first(&engine, "the package has not arrived")[2], Some(4));
    assert_eq!(first(&engine, "give me my money back")[2], Some(3));
    assert_eq!(first(&engine, "downl"), [Some(2); 3]);
}

#[test]
fn portal_09_a_solution_is_found_by_its_words_before_anybody_knows_what_it_means() {
    let mut engine = engine(false);
    assert_eq!(first(&engine, "refund to my card"), [Some(3); 3]);
    engine.mean(3, &meanings()[3]);
    assert_eq!(first(&engine, "refund to my card"), [Some(3); 3]);
}

#[test]
fn a_closed_case_teaches_and_an_edit_counts_at_once() {
    let mut engine = engine(true);
    let asked = "the carrier rang but nobody was at home";
    assert_ne!(first(&engine, asked)[2], Some(1));
    let case = [model().case(asked)];
    let taught = Entry {
        document: document(1, asked),
        meaning: Some(&meanings()[1]),
        cases: &case,
        help: 0.0,
        audience: Audience::Everyone,
    };
    engine.put(Some(model()), &taught);
    let [words, _, meaning] = first(&engine, asked);
    assert_eq!([words, meaning], [Some(1); 2]);
    assert_eq!(first(&engine, "the carrier rang but no")[2], Some(1));
    assert_eq!(first(&engine, "I cannot log in any more")[2], Some(0), "others are not buried");
    engine.remove(1);
    assert!(!first(&engine, asked).contains(&Some(1)));
    assert_eq!((engine.count(), engine.waste()), (4, 2));
}

#[test]
fn an_engine_that_changed_ranks_like_one_built_anew() {
    let mut changed = engine(true);
    let case = [model().case("the total is wrong")];
    let mut entries: Vec<_> = (0..SOLUTIONS.len())
        .map(|id| Entry {
            document: document(id, ""),
            meaning: Some(&meanings()[id]),
            cases: &[],
            help: 0.0,
            audience: Audience::Everyone,
        })
        .collect();
    entries[2] = Entry { document: document(2, "the total is wrong"), cases: &case, help: 0.5, ..entries[2] };
    changed.put(Some(model()), &entries[2]);
    let anew = Engine::build(Some(model()), &entries);
    for text in ["my total is too high", "where is the invo", "passwort", "re"] {
        // How much a word tells is counted when an engine is built, and the average goes by that.
        let [words, _, meaning] = queries(&changed, text);
        let [words_anew, _, meaning_anew] = queries(&anew, text);
        for (one, other) in [(words, words_anew), (meaning, meaning_anew)] {
            let ids = |engine: &Engine<usize>, query| -> Vec<usize> {
                let hits = engine.rank(
                    text,
                    query,
                    Some(model()),
                    &Wish::typed(Audience::Everyone, 9),
                    &mut Scratch::default(),
                );
                hits.iter().map(|hit| hit.id).collect()
            };
            assert_eq!(ids(&changed, &one), ids(&anew, &other), "{text}");
        }
    }
}

#[test]
fn what_is_about_nothing_finds_nothing() {
    let mut engine = engine(true);
    engine.hide_below(0.2, 0.4);
    assert_eq!(first(&engine, "what is the weather like today?")[2], None);
    assert_eq!(first(&engine, "hello, good morning")[2], None);
    assert_eq!(first(&engine, "I cannot log in any more")[2], Some(0));
    // What may still become something is shown while it is typed, and not when it is all that was asked.
    let text = "do you sell gift cards for a birthday";
    let [_, _, meaning] = queries(&engine, text);
    let found = |finished| {
        let wish = Wish { finished, ..Wish::typed(Audience::Everyone, 9) };
        engine.rank(text, &meaning, Some(model()), &wish, &mut Scratch::default()).len()
    };
    assert!(found(false) > 0 && found(true) == 0, "{} {}", found(false), found(true));
    // How near the desk's own cases are says what is little.
    let near = Vector::of(&model().typed("I cannot log in any more"));
    let far = Vector::of(&model().typed("what is the weather like today?"));
    let nearness = engine.nearness(&[&near, &far], model().unit());
    assert!(nearness[0] > 0.4 && nearness[1] < 0.3, "{nearness:?}");
}

#[test]
fn what_the_model_does_not_read_goes_by_its_words() {
    let mut engine = engine(true);
    let [title, body] = ["Passwort zurücksetzen", "Unter Anmeldung auf Passwort vergessen klicken."];
    let meaning = model().solution(title, body);
    let german = Entry {
        document: Document { id: 9, title, body, category: "", cases: "", language: Language::German },
        meaning: Some(&meaning),
        cases: &[],
        help: 0.0,
        audience: Audience::Everyone,
    };
    engine.put(Some(model()), &german);
    assert_eq!(engine.wording("wie kann ich die Passwörter zurücksetzen", model()), None);
    assert_eq!(engine.wording("how can I reset the passw", model()).as_deref(), Some("how can I reset the password"));
    assert_eq!(first(&engine, "wie kann ich Passwörter zurücksetzen"), [Some(9); 3]);
    assert_eq!(first(&engine, "I cannot log in any more")[2], Some(0));
    assert_eq!(first(&engine, "Passwort"), [Some(9); 3]);
}

#[test]
fn help_counts_for_the_first_letters_only() {
    let gain = |text: &str| {
        let mut engine = engine(true);
        let mut score = |help| {
            engine.help(3, help);
            let [_, _, meaning] = queries(&engine, text);
            let hits = engine.rank(
                text,
                &meaning,
                Some(model()),
                &Wish::typed(Audience::Everyone, 9),
                &mut Scratch::default(),
            );
            hits.iter().find(|hit| hit.id == 3).map_or(0.0, |hit| hit.score)
        };
        score(1.0) - score(0.0)
    };
    assert!(gain("ref") > 0.09, "{}", gain("ref"));
    assert!(gain("refund to my card please") < 0.01);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn hits_are_ranked_and_limited_on_every_rung(text in "\\PC{0,60}|([a-z]{1,9}[ ?]){0,9}", limit in 0..6_usize) {
        let engine = engine(true);
        for query in queries(&engine, &text) {
            let hits = engine.rank(&text, &query, Some(model()), &Wish::typed(Audience::Everyone, limit), &mut Scratch::default());
            prop_assert!(hits.len() <= limit);
            prop_assert!(hits.is_sorted_by(|a, b| a.score > b.score || a.score == b.score && a.id < b.id));
        }
    }
}
