//! Bugs planted on purpose, to prove that the crash harness catches them: `cargo test --test crash -- planted`. Only the
//! feature `planted-bugs` compiles them, and the environment's DESKBELL_PLANTED_BUG chooses one.

/// Code of a planted bug, by the bug's name. Without the feature it is nothing at all.
#[macro_export]
macro_rules! planted {
    ($bug:literal, $($code:tt)*) => {
        #[cfg(feature = "planted-bugs")]
        {
            if $crate::planted::is($bug) {
                $($code)*;
            }
        }
    };
}

#[cfg(feature = "planted-bugs")]
pub use chosen::{again, is, last, remember};

#[cfg(feature = "planted-bugs")]
mod chosen {
    use std::sync::LazyLock;

    use dashmap::{DashMap, DashSet};
    use uuid::Uuid;

    static CHOSEN: LazyLock<String> = LazyLock::new(|| std::env::var("DESKBELL_PLANTED_BUG").unwrap_or_default());
    static HEARD: LazyLock<DashSet<Uuid>> = LazyLock::new(DashSet::new);
    static LAST: LazyLock<DashMap<Uuid, i64>> = LazyLock::new(DashMap::new);

    /// Whether this bug was chosen.
    pub fn is(bug: &str) -> bool {
        *CHOSEN == bug
    }

    /// Whether this process heard of the message before.
    pub fn again(message: Uuid) -> bool {
        !HEARD.insert(message)
    }

    /// The last number of a chat that this process remembers.
    pub fn last(chat: Uuid) -> i64 {
        LAST.get(&chat).map_or(0, |last| *last)
    }

    /// Remembers the last number of a chat.
    pub fn remember(chat: Uuid, last: i64) {
        LAST.insert(chat, last);
    }
}
