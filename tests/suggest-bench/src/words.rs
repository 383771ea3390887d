//! A text that is being typed, as a search field takes it apart before it asks an engine.

/// Words of grammar and courtesy that no search is about. PostgreSQL has a list like it; the others leave that to the user.
const STOP_WORDS: &str = "\
    a about also am an and any are as at be because been being but by can cannot could d did do does doing don for from get had \
    has have having he hello help her here hey hi him his how i if im in into is isn it its ive just like ll m me my no not of on \
    or our please re really s she should so some still t than thank thanks that the their them then there these they this those to \
    too up us ve very want was we were what when where which while who why will with would you your";

/// The words of a text, lowercase.
#[derive(Debug, Default, PartialEq)]
pub struct Words {
    /// Those that are whole, without stop words unless there is nothing else.
    pub whole: Vec<String>,
    /// The last one, while nothing separates it from the end.
    pub open: Option<String>,
}

impl Words {
    /// Takes a text apart.
    pub fn of(text: &str) -> Self {
        let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let mut whole: Vec<String> = words.map(str::to_lowercase).collect();
        let open = if text.ends_with(char::is_alphanumeric) { whole.pop() } else { None };
        let is_telling = |word: &String| !STOP_WORDS.split(' ').any(|stop| stop == word);
        if open.is_some() || whole.iter().any(is_telling) {
            whole.retain(is_telling);
        }
        Self { whole, open }
    }
}
