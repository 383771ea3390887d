//! BM25F: what a term is worth in a document, given where it stands there and how rare it is (Robertson and
//! Zaragoza, The Probabilistic Relevance Framework, 2009).

/// The fields of a document: title, body and category.
pub const FIELDS: usize = 4;

/// How much an occurrence in each field counts.
const WEIGHTS: [f32; FIELDS] = [4.0, 1.0, 1.0, 1.0];
/// How far the length of each field takes from that, 0 to 1 (b).
const LENGTHS: [f32; FIELDS] = [0.3, 0.6, 0.3, 0.6];
/// The weighted occurrences that earn half of what a term can earn (k1).
const SATURATION: f32 = 2.0;

/// A document that a term occurs in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posting {
    /// The place of the document.
    pub document: u32,
    /// What the term is worth there: above 0, below its rarity.
    pub score: f32,
}

/// How much it tells that a document has a term which `having` of all `documents` have; above 0.
pub fn rarity(documents: usize, having: usize) -> f32 {
    let (documents, having) = (documents as f32, having as f32);
    ((documents - having + 0.5) / (having + 0.5)).ln_1p()
}

/// The postings of each of `terms` terms, in the order of the documents, whose fields are given as their terms.
pub fn postings(documents: &[[Vec<u32>; FIELDS]], terms: usize) -> Vec<Box<[Posting]>> {
    let averages: [f32; FIELDS] = std::array::from_fn(|field| {
        let total: usize = documents.iter().map(|fields| fields[field].len()).sum();
        total as f32 / documents.len() as f32
    });
    let mut postings: Vec<Vec<Posting>> = vec![Vec::new(); terms];
    for (document, fields) in documents.iter().enumerate() {
        let document = document as u32;
        for (field, occurrences) in fields.iter().enumerate() {
            let length = occurrences.len() as f32 / averages[field].max(1e-9);
            let weight = WEIGHTS[field] / (1.0 - LENGTHS[field] + LENGTHS[field] * length);
            for &term in occurrences {
                let list = &mut postings[term as usize];
                match list.last_mut() {
                    Some(last) if last.document == document => last.score += weight,
                    _ => list.push(Posting { document, score: weight }),
                }
            }
        }
    }
    for list in &mut postings {
        let rarity = rarity(documents.len(), list.len());
        for posting in list {
            posting.score *= rarity / (posting.score + SATURATION);
        }
    }
    postings.into_iter().map(Vec::into_boxed_slice).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_term_tells_more() {
        assert!(rarity(100, 1) > rarity(100, 50));
        assert!(rarity(100, 100) > 0.0);
        assert!(rarity(0, 0) > 0.0);
    }

    #[test]
    fn titles_and_short_bodies_count_more() {
        let documents = [[vec![0], vec![1], vec![]], [vec![1], vec![0], vec![]], [vec![2], vec![0, 2, 2, 2], vec![]]];
        let postings = postings(&documents, 4);
        let [title, body, long] = *postings[0] else { panic!("{postings:?}") };
        assert_eq!([title.document, body.document, long.document], [0, 1, 2]);
        assert!(rarity(3, 3) > title.score && title.score > body.score && body.score > long.score);
        assert!(postings[3].is_empty());
    }

    #[test]
    fn nothing_has_no_postings() {
        assert!(postings(&[], 0).is_empty());
        assert!(postings(&[[vec![], vec![], vec![]]], 1).iter().all(|list| list.is_empty()));
    }
}
