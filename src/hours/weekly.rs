//! The ordinary week: the opening windows of each weekday, written as a person would write them.

use chrono::Weekday;
use serde::{Deserialize, Serialize};

use super::window::{InvalidHours, MinuteOfDay, Window};

/// The windows of one day, in order and without overlap; none means closed all day.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Window>", into = "Vec<Window>")]
pub struct Windows(Vec<Window>);

impl Windows {
    /// The windows of a day.
    ///
    /// # Errors
    /// [`InvalidHours::OutOfOrder`] if a window starts before the one listed ahead of it is over.
    pub fn new(windows: Vec<Window>) -> Result<Self, InvalidHours> {
        for (earlier, later) in windows.iter().zip(windows.iter().skip(1)) {
            if later.opens() < earlier.closes() {
                return Err(InvalidHours::OutOfOrder { earlier: *earlier, later: *later });
            }
        }
        Ok(Self(windows))
    }

    /// Closed all day.
    #[must_use]
    pub fn closed() -> Self {
        Self::default()
    }

    /// Open from 00:00 to 24:00.
    #[must_use]
    pub fn all_day() -> Self {
        Self(vec![Window::ALL_DAY])
    }

    /// The windows in the order of the day.
    #[must_use]
    pub fn as_slice(&self) -> &[Window] {
        &self.0
    }

    /// Whether the day is closed throughout.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the wall-clock minute lies in one of the windows.
    #[must_use]
    pub fn contains(&self, minute: MinuteOfDay) -> bool {
        self.0.iter().any(|window| window.opens() <= minute && minute < window.closes())
    }

    /// Whether every minute of `other` lies in these windows as well.
    #[must_use]
    pub fn cover(&self, other: &Self) -> bool {
        other.0.iter().all(|wanted| {
            let covered_until = self.0.iter().fold(wanted.opens(), |until, window| {
                if window.opens() <= until { until.max(window.closes()) } else { until }
            });
            covered_until >= wanted.closes()
        })
    }
}

impl TryFrom<Vec<Window>> for Windows {
    type Error = InvalidHours;

    fn try_from(windows: Vec<Window>) -> Result<Self, InvalidHours> {
        Self::new(windows)
    }
}

impl From<Windows> for Vec<Window> {
    fn from(windows: Windows) -> Self {
        windows.0
    }
}

/// The windows of each weekday; in JSON `{"mon": [["09:00", "17:00"]], …}`, closed days left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Weekly {
    /// Monday.
    #[serde(skip_serializing_if = "Windows::is_empty")]
    pub mon: Windows,
    /// Tuesday.
    #[serde(skip_serializing_if = "Windows::is_empty")]
    pub tue: Windows,
    /// Wednesday.
    #[serde(skip_serializing_if = "Windows::is_empty")]
    pub wed: Windows,
    /// Thursday.
    #[serde(skip_serializing_if = "Windows::is_empty")]
    pub thu: Windows,
    /// Friday.
    #[serde(skip_serializing_if = "Windows::is_empty")]
    pub fri: Windows,
    /// Saturday.
    #[serde(skip_serializing_if = "Windows::is_empty")]
    pub sat: Windows,
    /// Sunday.
    #[serde(skip_serializing_if = "Windows::is_empty")]
    pub sun: Windows,
}

impl Weekly {
    /// The windows of one weekday.
    #[must_use]
    pub fn on(&self, weekday: Weekday) -> &Windows {
        match weekday {
            Weekday::Mon => &self.mon,
            Weekday::Tue => &self.tue,
            Weekday::Wed => &self.wed,
            Weekday::Thu => &self.thu,
            Weekday::Fri => &self.fri,
            Weekday::Sat => &self.sat,
            Weekday::Sun => &self.sun,
        }
    }
}
