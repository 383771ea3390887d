//! What the documents have scored in a search under way.

use super::bm25::Posting;

/// The scores of all documents; all zero between searches.
#[derive(Debug, Default)]
pub struct Scores {
    /// By document.
    totals: Vec<f32>,
    /// By document, for the word at hand; all zero between words.
    gains: Vec<f32>,
    /// Documents with a gain.
    gaining: Vec<u32>,
    /// Documents with a total.
    found: Vec<u32>,
}

impl Scores {
    /// Makes room for as many documents as the index to be searched has.
    pub fn resize(&mut self, documents: usize) {
        self.totals.resize(documents, 0.0);
        self.gains.resize(documents, 0.0);
    }

    /// Offers documents a gain for the word at hand; each takes the largest it is offered.
    pub fn offer(&mut self, postings: &[Posting], weight: f32) {
        for posting in postings {
            let gain = &mut self.gains[posting.document as usize];
            if *gain == 0.0 {
                self.gaining.push(posting.document);
            }
            let offered = weight * posting.score;
            *gain = if offered > *gain { offered } else { *gain };
        }
    }

    /// Adds what a word that can only mean one thing earns.
    pub fn add(&mut self, postings: &[Posting], weight: f32) {
        for posting in postings {
            let total = &mut self.totals[posting.document as usize];
            if *total == 0.0 {
                self.found.push(posting.document);
            }
            *total += weight * posting.score;
        }
    }

    /// Adds the gains to the totals: the next offer is for another word.
    pub fn settle(&mut self) {
        for document in self.gaining.drain(..) {
            let total = &mut self.totals[document as usize];
            if *total == 0.0 {
                self.found.push(document);
            }
            *total += std::mem::take(&mut self.gains[document as usize]);
        }
    }

    /// Whether no document has scored.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Adds to the totals of those documents that have scored already.
    pub fn refine(&mut self, postings: &[Posting], weight: f32) {
        for posting in postings {
            let total = &mut self.totals[posting.document as usize];
            if *total > 0.0 {
                *total += weight * posting.score;
            }
        }
    }

    /// Takes the totals of at least `least` out, in no particular order, each as a share of `best`. The totals return to zero.
    pub fn take(&mut self, least: f32, best: f32, found: &mut Vec<Posting>) {
        found.clear();
        for document in self.found.drain(..) {
            let score = std::mem::take(&mut self.totals[document as usize]);
            if score >= least {
                found.push(Posting { document, score: score / best });
            }
        }
    }
}

/// Keeps the best `limit`, best first, equal ones in the order of their keys.
pub fn rank<K: Ord>(ranking: &mut Vec<Posting>, limit: usize, key: impl Fn(u32) -> K) {
    let order =
        |a: &Posting, b: &Posting| b.score.total_cmp(&a.score).then_with(|| key(a.document).cmp(&key(b.document)));
    if ranking.len() > limit {
        ranking.select_nth_unstable_by(limit, order);
        ranking.truncate(limit);
    }
    ranking.sort_unstable_by(order);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn postings(scores: &[(u32, f32)]) -> Vec<Posting> {
        scores.iter().map(|&(document, score)| Posting { document, score }).collect()
    }

    #[test]
    fn a_document_takes_the_best_of_a_word_and_the_sum_of_all() {
        let (mut scores, mut ranking) = (Scores::default(), Vec::new());
        scores.resize(4);
        scores.offer(&postings(&[(0, 1.0), (3, 4.0)]), 1.0);
        scores.offer(&postings(&[(0, 4.0)]), 0.5);
        scores.settle();
        scores.add(&postings(&[(0, 1.0), (1, 1.0)]), 1.0);
        scores.refine(&postings(&[(1, 1.0), (2, 9.0)]), 0.5);
        scores.take(0.0, 2.0, &mut ranking);
        rank(&mut ranking, 9, |document| document);
        assert_eq!(ranking, postings(&[(3, 2.0), (0, 1.5), (1, 0.75)]));

        scores.take(0.0, 1.0, &mut ranking);
        assert!(scores.is_empty() && ranking.is_empty());
    }

    #[test]
    fn the_ranking_keeps_the_first_of_equals() {
        let (mut scores, mut ranking) = (Scores::default(), Vec::new());
        for (limit, expected) in [(2, &[(3, 2.0), (0, 1.0)][..]), (0, &[])] {
            scores.resize(5);
            scores.offer(&postings(&[(4, 1.0), (3, 2.0), (2, 0.1), (1, 1.0), (0, 1.0)]), 1.0);
            scores.settle();
            scores.take(0.5, 1.0, &mut ranking);
            rank(&mut ranking, limit, |document| document);
            assert_eq!(ranking, postings(expected));
        }
    }
}
