//! Times of day in whole minutes, and the opening windows between two of them.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

/// A wall-clock time in whole minutes since midnight, 00:00 to 24:00 (the end of the day).
///
/// In JSON it is a string such as `"09:30"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MinuteOfDay(u16);

impl MinuteOfDay {
    /// Midnight at the start of the day.
    pub const START: Self = Self(0);
    /// Midnight at the end of the day, 24:00.
    pub const END: Self = Self(24 * 60);

    /// The time `minutes` after midnight.
    ///
    /// # Errors
    /// [`InvalidHours::MinuteTooLarge`] over 1440 (24:00).
    pub fn new(minutes: u16) -> Result<Self, InvalidHours> {
        if minutes > Self::END.0 {
            return Err(InvalidHours::MinuteTooLarge(minutes));
        }
        Ok(Self(minutes))
    }

    /// The minute a clock shows at `time`, its seconds left off.
    #[must_use]
    pub fn shown_at(time: NaiveTime) -> Self {
        // At most 1439, so the conversion cannot fail.
        Self(u16::try_from(time.num_seconds_from_midnight() / 60).unwrap_or(0))
    }

    /// Minutes since midnight, 0 to 1440.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl fmt::Display for MinuteOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for MinuteOfDay {
    type Err = InvalidHours;

    /// Reads exactly `HH:MM`.
    fn from_str(text: &str) -> Result<Self, InvalidHours> {
        let two_digits = |part: &str| -> Option<u16> {
            let digits = part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        };
        text.split_once(':')
            .and_then(|(hours, minutes)| Some((two_digits(hours)?, two_digits(minutes)?)))
            .filter(|(_, minutes)| *minutes < 60)
            .and_then(|(hours, minutes)| Self::new(hours * 60 + minutes).ok())
            .ok_or_else(|| InvalidHours::NotATime(text.to_owned()))
    }
}

impl TryFrom<String> for MinuteOfDay {
    type Error = InvalidHours;

    fn try_from(text: String) -> Result<Self, InvalidHours> {
        text.parse()
    }
}

impl From<MinuteOfDay> for String {
    fn from(minute: MinuteOfDay) -> Self {
        minute.to_string()
    }
}

/// One opening window of a day, from `opens` up to but without `closes`.
///
/// In JSON it is a pair such as `["09:00", "17:00"]`; a window until midnight closes at `"24:00"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "(MinuteOfDay, MinuteOfDay)", into = "(MinuteOfDay, MinuteOfDay)")]
pub struct Window {
    opens: MinuteOfDay,
    closes: MinuteOfDay,
}

impl Window {
    /// From 00:00 to 24:00.
    pub const ALL_DAY: Self = Self { opens: MinuteOfDay::START, closes: MinuteOfDay::END };

    /// The window `[opens, closes)`.
    ///
    /// # Errors
    /// [`InvalidHours::ClosesTooEarly`] unless it closes after it opens.
    pub fn new(opens: MinuteOfDay, closes: MinuteOfDay) -> Result<Self, InvalidHours> {
        if closes <= opens {
            return Err(InvalidHours::ClosesTooEarly { opens, closes });
        }
        Ok(Self { opens, closes })
    }

    /// The first minute of the window.
    #[must_use]
    pub fn opens(self) -> MinuteOfDay {
        self.opens
    }

    /// The minute at which the window is over.
    #[must_use]
    pub fn closes(self) -> MinuteOfDay {
        self.closes
    }
}

impl TryFrom<(MinuteOfDay, MinuteOfDay)> for Window {
    type Error = InvalidHours;

    fn try_from((opens, closes): (MinuteOfDay, MinuteOfDay)) -> Result<Self, InvalidHours> {
        Self::new(opens, closes)
    }
}

impl From<Window> for (MinuteOfDay, MinuteOfDay) {
    fn from(window: Window) -> Self {
        (window.opens, window.closes)
    }
}

/// Why opening hours were refused, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InvalidHours {
    /// The text is not a time of day.
    NotATime(String),
    /// More minutes than a day has.
    MinuteTooLarge(u16),
    /// A window that is over before it starts, or empty.
    ClosesTooEarly {
        /// When the window opens.
        opens: MinuteOfDay,
        /// When it closes.
        closes: MinuteOfDay,
    },
    /// Two neighbouring windows overlap or stand in the wrong order.
    OutOfOrder {
        /// The window listed first.
        earlier: Window,
        /// The window listed after it.
        later: Window,
    },
}

impl fmt::Display for InvalidHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotATime(text) => {
                write!(f, "\"{text}\" is not a time of day; write HH:MM, from \"00:00\" to \"24:00\"")
            }
            Self::MinuteTooLarge(minutes) => {
                write!(f, "{minutes} is past the end of the day; give at most 1440 minutes")
            }
            Self::ClosesTooEarly { opens, closes } => write!(
                f,
                "a window cannot open at {opens} and close at {closes}; close it later the same \
                 day, at \"24:00\" at the latest, and put hours after midnight on the next day"
            ),
            Self::OutOfOrder { earlier, later } => write!(
                f,
                "the window from {} starts before the one from {} to {} is over; list the \
                 windows of a day in order and join those that overlap",
                later.opens, earlier.opens, earlier.closes
            ),
        }
    }
}

impl std::error::Error for InvalidHours {}
