//! What the documents have scored in a search under way.

use super::bm25::Posting;

/// Looking one document up costs as much as passing so many postings.
const LOOK_UP: usize = 16;
/// The share of a sum that its rounding may take away, and more.
const ROUNDING: f32 = 1e-4;

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
    /// The best totals, to find out which are.
    best: Vec<f32>,
}

impl Scores {
    /// Makes room for as many documents as the index to be searched has.
    pub fn resize(&mut self, documents: usize) {
        self.totals.resize(documents, 0.0);
        self.gains.resize(documents, 0.0);
    }

    /// Offers documents a gain for the word at hand; each takes the largest it is offered.
    pub fn offer(&mut self, postings: &[Posting], weight: f32) {
        let Self { gains, gaining, .. } = self;
        append(gaining, postings, |posting| {
            let gain = &mut gains[posting.document as usize];
            let (is_new, offered) = (*gain == 0.0, weight * posting.score);
            *gain = if offered > *gain { offered } else { *gain };
            (posting.document, is_new)
        });
    }

    /// Adds what a word that can only mean one thing earns.
    pub fn add(&mut self, postings: &[Posting], weight: f32) {
        let Self { totals, found, .. } = self;
        append(found, postings, |posting| {
            let total = &mut totals[posting.document as usize];
            let is_new = *total == 0.0;
            *total += weight * posting.score;
            (posting.document, is_new)
        });
    }

    /// Adds the gains to the totals: the next offer is for another word.
    pub fn settle(&mut self) {
        let Self { totals, gains, gaining, found, .. } = self;
        append(found, gaining, |document| {
            let total = &mut totals[*document as usize];
            let is_new = *total == 0.0;
            *total += std::mem::take(&mut gains[*document as usize]);
            (*document, is_new)
        });
        gaining.clear();
    }

    /// Lets those go that cannot come among the best `limit`, though they earn `more` yet and the best do not; those that are not
    /// there do not count.
    pub fn keep_contenders(&mut self, limit: usize, more: f32, is_there: impl Fn(u32) -> bool) {
        let Self { totals, found, best, .. } = self;
        let mut least = 0.0;
        best.clear();
        for document in &*found {
            let total = totals[*document as usize];
            if total > least && is_there(*document) {
                best.insert(best.partition_point(|other| *other >= total), total);
                best.truncate(limit);
                least = if best.len() == limit { best.last().copied().unwrap_or(f32::MAX) } else { 0.0 };
            }
        }
        let least = least - more - (least + more) * ROUNDING;
        found.retain(|document| {
            let total = &mut totals[*document as usize];
            let stays = *total >= least;
            *total = if stays { *total } else { 0.0 };
            stays
        });
    }

    /// Adds to the totals of those documents that have scored already. The postings are in the order of their documents.
    pub fn refine(&mut self, postings: &[Posting], weight: f32) {
        if self.found.len() * LOOK_UP < postings.len() {
            for document in &self.found {
                if let Ok(at) = postings.binary_search_by_key(document, |posting| posting.document) {
                    self.totals[*document as usize] += weight * postings[at].score;
                }
            }
            return;
        }
        for posting in postings {
            let total = &mut self.totals[posting.document as usize];
            // Always added, if only nothing: see `append`.
            *total += if *total > 0.0 { weight * posting.score } else { 0.0 };
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

/// Appends those documents that are new. Each is written, and stays if it is: no guess of the processor's is right often enough.
#[inline(always)]
fn append<T>(list: &mut Vec<u32>, from: &[T], mut take: impl FnMut(&T) -> (u32, bool)) {
    let mut count = list.len();
    list.resize(count + from.len(), 0);
    for one in from {
        let (document, is_new) = take(one);
        list[count] = document;
        count += usize::from(is_new);
    }
    list.truncate(count);
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
        assert!(ranking.is_empty());
    }

    #[test]
    fn who_cannot_win_any_more_is_let_go() {
        let found = |limit, gone| {
            let (mut scores, mut ranking) = (Scores::default(), Vec::new());
            scores.resize(5);
            scores.add(&postings(&[(0, 1.0), (1, 5.0), (2, 2.0), (3, 4.0), (4, 1.6)]), 1.0);
            scores.keep_contenders(limit, 0.5, |document| document != gone);
            scores.refine(&postings(&[0, 1, 2, 3, 4].map(|document| (document, 0.5))), 1.0);
            scores.take(0.0, 1.0, &mut ranking);
            rank(&mut ranking, 9, |document| document);
            ranking.iter().map(|at| (at.document, at.score)).collect::<Vec<_>>()
        };
        assert_eq!(found(1, 9), [(1, 5.5)]);
        assert_eq!(found(3, 9), [(1, 5.5), (3, 4.5), (2, 2.5), (4, 2.1)]);
        assert_eq!(found(1, 1), [(1, 5.5), (3, 4.5)]);
        assert_eq!(found(9, 9).len(), 5);
    }

    #[test]
    fn refining_by_looking_up_is_the_same() {
        let list: Vec<(u32, f32)> =
            (0..200).filter(|document| document % 3 > 0).map(|document| (document, 0.5)).collect();
        let refined = |others: u32| {
            let (mut scores, mut ranking) = (Scores::default(), Vec::new());
            scores.resize(200);
            scores.add(&postings(&[(7, 1.0), (9, 1.0)]), 1.0);
            scores.add(&postings(&(0..others).map(|other| (100 + other, 1.0)).collect::<Vec<_>>()), 1.0);
            scores.refine(&postings(&list), 0.5);
            scores.take(0.0, 1.0, &mut ranking);
            ranking.into_iter().filter(|at| at.document < 100).collect::<Vec<_>>()
        };
        assert_eq!(refined(0), postings(&[(7, 1.25), (9, 1.0)]));
        assert_eq!(refined(0), refined(90));
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
