//! How many typing mistakes lie between two words: the edit distance of Damerau and Levenshtein.

/// Letters of the longest word that is compared.
pub const MAX_LETTERS: usize = 32;
/// Edits allowed at most.
pub const MAX_EDITS: usize = 2;

/// What tells most pairs of words too far apart without comparing them letter by letter.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// The set of letters, bit `letter % 32`.
    letters: u32,
    length: u32,
}

impl Shape {
    /// The shape of a word.
    pub fn of(word: impl Iterator<Item = char>) -> Self {
        word.fold(Shape { letters: 0, length: 0 }, |shape, letter| Shape {
            letters: shape.letters | 1 << (u32::from(letter) % 32),
            length: shape.length + 1,
        })
    }

    /// Whether a word of this shape may be within `edits` of one of the other shape or, when `open`, of its
    /// beginning. An edit takes away and brings in at most one letter, hence may be wrong, but only with true.
    pub fn may_reach(self, other: Shape, edits: usize, open: bool) -> bool {
        let length = edits as u32;
        // All of it is worked out for each word: no guess of the processor's is right often enough.
        let beginning = (self.length <= other.length + length) & has_at_most(self.letters & !other.letters, edits);
        let rest = (other.length <= self.length + length) & has_at_most(other.letters & !self.letters, edits);
        beginning & (open | rest)
    }
}

/// Whether no more than so many bits are set, up to [`MAX_EDITS`]. Not every processor counts them; taking the lowest away is quick.
fn has_at_most(bits: u32, count: usize) -> bool {
    let once = bits & bits.wrapping_sub(1);
    let twice = once & once.wrapping_sub(1);
    (if count == 0 {
        bits
    } else if count == 1 {
        once
    } else {
        twice
    }) == 0
}

/// The edits from one word to the other or, when `open`, to the beginning of the other nearest to it, if no more
/// than `most`. An edit inserts, deletes or replaces a letter or swaps two neighbours.
///
/// Looks at the first `MAX_LETTERS` of `word` and as many and `MAX_EDITS` of `other`.
pub fn distance(word: &[char], other: &[char], most: usize, open: bool) -> Option<usize> {
    const WIDTH: usize = MAX_LETTERS + MAX_EDITS + 1;
    let word = &word[..word.len().min(MAX_LETTERS)];
    let other = &other[..other.len().min(WIDTH - 1)];
    // Entry j of a row: the edits from the letters of the word so far to the first j letters of the other.
    let mut before = [0; WIDTH];
    let mut above: [u8; WIDTH] = std::array::from_fn(|j| j as u8);
    for (i, &letter) in word.iter().enumerate() {
        let mut row = [i as u8 + 1; WIDTH];
        let mut nearest = row[0];
        for (j, &wanted) in other.iter().enumerate() {
            let replaced = above[j] + u8::from(letter != wanted);
            let mut edits = replaced.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && letter == other[j - 1] && wanted == word[i - 1] {
                edits = edits.min(before[j - 1] + 1);
            }
            row[j + 1] = edits;
            nearest = nearest.min(edits);
        }
        // No later row comes nearer than this one.
        if usize::from(nearest) > most {
            return None;
        }
        (before, above) = (above, row);
    }
    let row = &above[..=other.len()];
    let edits = if open { row.iter().min() } else { row.last() };
    edits.map(|&edits| usize::from(edits)).filter(|&edits| edits <= most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edits(word: &str, other: &str, open: bool) -> Option<usize> {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        distance(&letters(word), &letters(other), MAX_EDITS, open)
    }

    #[test]
    fn every_kind_of_mistake_is_one_edit() {
        assert_eq!(edits("card", "card", false), Some(0));
        for typo in ["cards", "crd", "cars", "crad", "acrd", "xcard"] {
            assert_eq!(edits(typo, "card", false), Some(1), "{typo}");
        }
        assert_eq!(edits("cadr", "crda", false), Some(2));
        assert_eq!(edits("card", "money", false), None);
        assert_eq!(edits("", "abc", false), None);
    }

    #[test]
    fn letters_count_not_bytes() {
        assert_eq!(edits("пороль", "пароль", false), Some(1));
        assert_eq!(edits("密码", "码密", false), Some(1));
    }

    #[test]
    fn an_open_word_is_compared_with_beginnings() {
        assert_eq!(edits("transfre", "transferring", true), Some(1));
        assert_eq!(edits("transfre", "transferring", false), None);
        assert_eq!(edits("", "abc", true), Some(0));
    }

    proptest! {
        #[test]
        fn shapes_never_exclude_a_near_word(word in "[a-e]{0,7}|\\PC{0,40}", other in "[a-e]{0,7}", open: bool) {
            if let Some(edits) = edits(&word, &other, open) && word.chars().count() <= MAX_LETTERS {
                let (word, other) = (Shape::of(word.chars()), Shape::of(other.chars()));
                prop_assert!(word.may_reach(other, edits, open));
            }
        }

        #[test]
        fn distance_is_symmetric(word in "[a-d]{0,6}", other in "[a-d]{0,6}") {
            prop_assert_eq!(edits(&word, &other, false), edits(&other, &word, false));
        }
    }
}
