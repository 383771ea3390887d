//! Suggestions while the customer types: up to ten solutions, best first. Whoever asks does not wait for those who type elsewhere: when
//! many ask at once, lower rungs of the ladder answer; and what a customer has typed past is not looked for any more.

use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, Semaphore, watch},
    time::timeout,
};
use uuid::Uuid;

use crate::{app::App, chat::protocol::SuggestionView};

use super::{
    Tier,
    engine::{Query, Scratch, Wish},
    meaning::Model,
    shelf::Shelf,
    solution::Audience,
};

/// How many suggestions show at the most.
pub const MOST: usize = 10;
/// The longest text that is searched with, in characters: of a longer one the end counts, where the writer is.
const LONGEST: usize = 500;
/// How long the first to ask wait for the solutions to be read.
const PATIENCE: Duration = Duration::from_secs(2);
/// For each that is being answered, how many may wait before lower rungs answer: first averages, then words alone.
const WAITING_FOR_MEANING: usize = 4;
const WAITING_FOR_AVERAGES: usize = 16;

/// The desk's knowledge, ready to be asked.
pub struct Knowledge {
    shelf: RwLock<Shelf>,
    tier: Tier,
    ready: watch::Sender<bool>,
    asked: AtomicBool,
    look: Notify,
    /// As many as there are processors work at once.
    turns: Semaphore,
    at_once: usize,
    asking: AtomicUsize,
}

/// The texts of one connection: only the last one counts.
#[derive(Debug, Clone, Default)]
pub struct Typed(Arc<Typing>);

#[derive(Debug, Default)]
struct Typing {
    last: AtomicU64,
    /// What was shown last; nothing: nothing was looked for.
    shown: Mutex<Option<Vec<Uuid>>>,
}

/// One of them.
#[derive(Debug)]
pub struct Keystroke {
    typed: Typed,
    number: u64,
}

impl Typed {
    /// A new text; those before are past.
    pub fn next(&self) -> Keystroke {
        Keystroke { typed: self.clone(), number: self.0.last.fetch_add(1, Ordering::Relaxed) + 1 }
    }

    /// The solutions that were shown last; nothing: none were looked for since [`Self::forget_shown`].
    pub fn shown(&self) -> Option<Vec<Uuid>> {
        self.0.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The question was asked that they were shown for.
    pub fn forget_shown(&self) {
        self.0.shown.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Keystroke {
    fn is_past(&self) -> bool {
        self.typed.0.last.load(Ordering::Relaxed) != self.number
    }

    /// Remembers what is shown for it.
    fn show(&self, items: &[SuggestionView]) {
        if !self.is_past() {
            let shown = items.iter().map(|item| item.id).collect();
            *self.typed.0.shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown);
        }
    }
}

impl Knowledge {
    /// Nothing is known until the task of `learn` has read the solutions. No more than `tier` is asked of a text.
    pub fn new(tier: Tier) -> Self {
        let at_once = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            shelf: RwLock::new(Shelf::empty()),
            tier,
            ready: watch::Sender::new(false),
            asked: AtomicBool::new(false),
            look: Notify::new(),
            turns: Semaphore::new(at_once),
            at_once,
            asking: AtomicUsize::new(0),
        }
    }

    /// The model, if this server uses it.
    pub fn model(&self) -> Option<&'static Model> {
        if self.tier == Tier::Lexical { None } else { Model::get() }
    }

    /// The model, once somebody has asked: a server at rest does without its memory.
    pub fn model_in_use(&self) -> Option<&'static Model> {
        if self.asked.load(Ordering::Relaxed) { self.model() } else { None }
    }

    /// No more than this is asked of a text.
    pub fn tier(&self) -> Tier {
        self.tier
    }

    /// Something that counts has changed: look.
    pub fn look(&self) {
        self.look.notify_one();
    }

    /// Waits for a change.
    pub async fn changed(&self) {
        self.look.notified().await;
    }

    /// The engine as it is.
    pub fn shelf(&self) -> RwLockReadGuard<'_, Shelf> {
        // Whoever changes it cannot leave it half-way: a panic would be in what is read only.
        self.shelf.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the engine. Others wait meanwhile.
    pub fn change<R>(&self, change: impl FnOnce(&mut Shelf) -> R) -> R {
        let changed = change(&mut self.shelf.write().unwrap_or_else(PoisonError::into_inner));
        self.ready.send_replace(true);
        changed
    }

    /// Solutions for a text that a customer is typing, best first; none when it is past already.
    pub async fn suggest(app: &App, text: &str, keystroke: &Keystroke) -> Vec<SuggestionView> {
        let wish = Wish::typed(Audience::Customers, MOST);
        let items = Self::ask(app, searched(text), wish, || !keystroke.is_past()).await;
        keystroke.show(&items);
        items
    }

    /// The ids of solutions for words that somebody looks for, most relevant first.
    pub async fn search(app: &App, text: &str, reader: Audience, most: usize) -> Vec<Uuid> {
        let wish = Wish { reader, limit: most, finished: true };
        let items = Self::ask(app, searched(text), wish, || true).await;
        items.into_iter().map(|item| item.id).collect()
    }

    /// The ids of the solutions that helped most lately, first.
    pub async fn most_helpful(app: &App, reader: Audience, most: usize) -> Vec<Uuid> {
        if !app.knowledge.is_ready().await {
            return Vec::new();
        }
        app.knowledge.shelf().engine.most_helpful(reader, most)
    }

    /// Waits until the solutions are read, but nobody is kept from asking a person by some that cannot be.
    async fn is_ready(&self) -> bool {
        timeout(PATIENCE, self.ready.subscribe().wait_for(|ready| *ready)).await.is_ok()
    }

    async fn ask(app: &App, text: &str, wish: Wish, wanted: impl FnOnce() -> bool) -> Vec<SuggestionView> {
        let this = &app.knowledge;
        if !this.asked.swap(true, Ordering::Relaxed) {
            this.look();
        }
        if !this.is_ready().await {
            return Vec::new();
        }
        let asking = Asking::begin(&this.asking);
        let tier = this.tier.min(rung(asking.before / this.at_once));
        let Ok(_turn) = this.turns.acquire().await else { return Vec::new() };
        if !wanted() {
            return Vec::new();
        }
        let (app, text) = (app.clone(), text.to_owned());
        let answer = tokio::task::spawn_blocking(move || app.knowledge.answer(&text, tier, wish));
        answer.await.unwrap_or_default()
    }

    fn answer(&self, text: &str, tier: Tier, wish: Wish) -> Vec<SuggestionView> {
        thread_local! {
            static SCRATCH: RefCell<Scratch> = RefCell::default();
        }
        let model = self.model();
        let query = match (model, tier) {
            (Some(model), Tier::Full) => {
                let meant = self.shelf().engine.wording(text, model);
                // Nothing is held while the model works.
                meant.map_or(Query::Words, |meant| Query::Meaning(model.typed(&meant)))
            }
            (Some(model), Tier::Static) if self.shelf().engine.is_averaged() => {
                let shelf = self.shelf();
                let meant = shelf.engine.wording(text, model);
                meant.map_or(Query::Words, |meant| Query::Average(shelf.engine.average(&meant, model)))
            }
            _ => Query::Words,
        };
        let shelf = self.shelf();
        let rank = |scratch: &mut Scratch| shelf.engine.rank(text, &query, model, &wish, scratch);
        let hits = SCRATCH.with_borrow_mut(rank);
        hits.iter().filter_map(|hit| shelf.views.get(&hit.id).cloned()).collect()
    }
}

/// One of those who ask now.
struct Asking<'a> {
    count: &'a AtomicUsize,
    before: usize,
}

impl<'a> Asking<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        Self { count, before: count.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What is answered when so many wait for each that is being answered.
fn rung(waiting: usize) -> Tier {
    match waiting {
        ..WAITING_FOR_MEANING => Tier::Full,
        WAITING_FOR_MEANING..WAITING_FOR_AVERAGES => Tier::Static,
        _ => Tier::Lexical,
    }
}

/// The end of a text, with which is searched.
pub fn searched(text: &str) -> &str {
    let start = text.char_indices().rev().nth(LONGEST - 1).map_or(0, |(at, _)| at);
    text.get(start..).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_03_lower_rungs_answer_when_many_ask() {
        assert_eq!([0, 3, 4, 15, 16, 9_999].map(rung), {
            use Tier::{Full, Lexical, Static};
            [Full, Full, Static, Static, Lexical, Lexical]
        });
        assert_eq!(Tier::Static.min(rung(0)), Tier::Static, "no more is asked than the desk has set");
    }

    #[test]
    fn live_03_only_the_last_keystroke_of_a_connection_counts() {
        let (typed, other) = (Typed::default(), Typed::default());
        let (first, elsewhere, second) = (typed.next(), other.next(), typed.next());
        assert!(first.is_past() && !second.is_past() && !elsewhere.is_past());
    }

    #[test]
    fn of_a_long_text_the_end_counts() {
        let text = format!("{}é{}", "x".repeat(400), "y".repeat(LONGEST - 1));
        assert_eq!(searched(&text).chars().count(), LONGEST);
        assert!(searched(&text).starts_with('é'));
        assert_eq!(searched("short"), "short");
    }
}
