//! BM25F: what a term is worth in a document, given where it stands there and how rare it is (Robertson and
//! Zaragoza, The Probabilistic Relevance Framework, 2009).

/// The fields of a document: title, body, category and the words of its cases.
pub const FIELDS: usize = 4;

/// How much an occurrence in each field counts.
const WEIGHTS: [f32; FIELDS] = [4.0, 1.0, 1.0, 1.0];
/// How far the length of each field takes from that, 0 to 1 (b).
const LENGTHS: [f32; FIELDS] = [0.3, 0.6, 0.3, 0.6];
/// The weighted occurrences that earn half of what a term can earn (k1).
const SATURATION: f32 = 2.0;

/// The terms of each field of a document, in their order.
pub type Fields = [Vec<u32>; FIELDS];

/// A document that a term occurs in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posting {
    /// The place of the document.
    pub document: u32,
    /// The share of the term's rarity that the document earns: above 0, below 1.
    pub score: f32,
}

/// How much it tells that a document has a term which `having` of all `documents` have; above 0.
pub fn rarity(documents: usize, having: usize) -> f32 {
    let (documents, having) = (documents as f32, having.min(documents) as f32);
    ((documents - having + 0.5) / (having + 0.5)).ln_1p()
}

/// How long each field is on the average, in words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lengths([f32; FIELDS]);

impl Lengths {
    /// Those of some documents.
    pub fn of(documents: &[Fields]) -> Self {
        Self(std::array::from_fn(|field| {
            let total: usize = documents.iter().map(|fields| fields[field].len()).sum();
            total as f32 / documents.len().max(1) as f32
        }))
    }

    /// What each term of a document earns there.
    pub fn earnings(&self, fields: &Fields) -> Vec<(u32, f32)> {
        let mut earnings: Vec<(u32, f32)> = Vec::with_capacity(fields.iter().map(Vec::len).sum());
        for (field, terms) in fields.iter().enumerate() {
            let length = terms.len() as f32 / self.0[field].max(1.0);
            let weight = WEIGHTS[field] / (1.0 - LENGTHS[field] + LENGTHS[field] * length);
            earnings.extend(terms.iter().map(|term| (*term, weight)));
        }
        earnings.sort_by_key(|(term, _)| *term);
        earnings.dedup_by(|(later, more), (first, weight)| {
            let same = first == later;
            *weight += if same { *more } else { 0.0 };
            same
        });
        for (_, weight) in &mut earnings {
            *weight /= *weight + SATURATION;
        }
        earnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_term_tells_more() {
        assert!(rarity(100, 1) > rarity(100, 50));
        assert!(rarity(100, 100) > 0.0);
        assert!(rarity(0, 0) > 0.0);
        assert!(rarity(3, 9) > 0.0);
    }

    #[test]
    fn titles_and_short_bodies_count_more() {
        let documents: [Fields; 3] = [
            [vec![0], vec![1], vec![], vec![]],
            [vec![1], vec![0], vec![], vec![]],
            [vec![2], vec![0, 2, 2, 2], vec![], vec![]],
        ];
        let lengths = Lengths::of(&documents);
        let earned = documents.map(|fields| {
            let earnings = lengths.earnings(&fields);
            assert!(earnings.is_sorted_by(|a, b| a.0 < b.0) && earnings.iter().all(|e| e.1 > 0.0 && e.1 < 1.0));
            earnings.iter().find(|(term, _)| *term == 0).unwrap().1
        });
        assert!(earned.is_sorted_by(|a, b| a > b), "{earned:?}");
    }

    #[test]
    fn nothing_earns_nothing() {
        assert!(Lengths::of(&[]).earnings(&Fields::default()).is_empty());
    }
}
