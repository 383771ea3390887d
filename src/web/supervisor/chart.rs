//! Charts of the history as numbers for an inline SVG: bars on a ground of 100 units, with words that say the same.

use crate::figures::{
    facts::RangeFigures,
    history::{History, Row},
};

use super::history::{duration, percent};

/// The width of the ground.
const WIDTH: f64 = 720.0;
/// Its height.
const HEIGHT: f64 = 100.0;

/// A row of bars.
pub struct Chart {
    /// What it shows.
    pub title: &'static str,
    /// The same for who cannot see it.
    pub words: String,
    /// What the top line stands for.
    pub top: String,
    /// The bars.
    pub bars: Vec<Bar>,
}

/// A bar from the bottom, and a part of it that is marked.
pub struct Bar {
    /// What it says.
    pub title: String,
    /// From the left.
    pub x: String,
    /// The width.
    pub width: String,
    /// The top.
    pub y: String,
    /// The height.
    pub height: String,
    /// The top and height of the marked part; empty: none.
    pub marked: Option<(String, String)>,
}

/// Arrivals (marked: abandoned), the service level, and the mean wait.
pub fn charts(history: &History) -> [Chart; 3] {
    let whole = |value: f64| format!("{value:.0}");
    [
        draw(
            history,
            "Chats that arrived; red: abandoned",
            |figures| Some((f64::from(figures.arrived), f64::from(figures.abandoned))),
            |row| format!("{}: {} arrived, {} abandoned", row.name, row.figures.arrived, row.figures.abandoned),
            whole,
        ),
        draw(
            history,
            "Answered in time",
            |figures| figures.service_level.map(|level| (100.0 * level, 0.0)),
            |row| format!("{}: {}", row.name, percent(&row.figures.service_level)),
            |_| "100 %".into(),
        ),
        draw(
            history,
            "Mean wait for the answer",
            |figures| figures.answer_seconds.map(|seconds| (seconds, 0.0)),
            |row| format!("{}: {}", row.name, duration(&row.figures.answer_seconds)),
            |seconds| duration(&Some(seconds)),
        ),
    ]
}

fn draw(
    history: &History,
    title: &'static str,
    value: impl Fn(&RangeFigures) -> Option<(f64, f64)>,
    words: impl Fn(&Row) -> String,
    top: impl Fn(f64) -> String,
) -> Chart {
    let values: Vec<Option<(f64, f64)>> = history.rows.iter().map(|row| value(&row.figures)).collect();
    let most = values.iter().flatten().map(|(value, _)| *value).fold(0.0, f64::max);
    let label = top(most);
    // A share is drawn on the whole, a number on the greatest.
    let scale = if label == "100 %" { 100.0 } else { most.max(1.0) };
    let step = WIDTH / f64::from(u32::try_from(history.rows.len().max(1)).unwrap_or(u32::MAX));
    let number = |value: f64| format!("{value:.2}");
    let mut left = 0.0;
    let mut bars = Vec::new();
    for (row, value) in history.rows.iter().zip(&values) {
        if let Some((value, marked)) = value {
            let height = |value: f64| HEIGHT * value / scale;
            bars.push(Bar {
                title: words(row),
                x: number(left + step * 0.1),
                width: number(step * 0.8),
                y: number(HEIGHT - height(*value)),
                height: number(height(*value)),
                marked: (*marked > 0.0).then(|| (number(HEIGHT - height(*marked)), number(height(*marked)))),
            });
        }
        left += step;
    }
    let highest = history.rows.iter().zip(&values).filter_map(|(row, value)| value.map(|(value, _)| (row, value)));
    let highest = highest.max_by(|a, b| a.1.total_cmp(&b.1)).map_or_else(
        || format!("{title}: nothing in this range."),
        |(row, _)| format!("{title}. The most: {}. All numbers are in the table.", words(row)),
    );
    Chart { title, words: highest, top: label, bars }
}
