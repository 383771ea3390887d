//! From where on a figure is a warning, and from where on it is bad.

use schemars::JsonSchema;
use serde::Serialize;

/// One figure's limits; where `bad` is the lower one, low values are the bad ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Threshold {
    /// A warning from here on.
    pub warn: f64,
    /// Bad from here on.
    pub bad: f64,
}

/// The limits of all figures that have some.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct Thresholds {
    /// Chats.
    pub waiting_now: Threshold,
    /// Seconds.
    pub longest_wait: Threshold,
    /// Of a hundred.
    pub abandoned_percent: Threshold,
    /// Of a hundred; low is bad.
    pub service_level: Threshold,
    /// Seconds.
    pub average_speed_of_answer: Threshold,
    /// Seconds.
    pub handle_time: Threshold,
    /// Chats.
    pub at_risk: Threshold,
    /// Hours since the case came to its tier.
    pub escalation_age: Threshold,
}

impl Default for Thresholds {
    fn default() -> Self {
        let limits = |warn, bad| Threshold { warn, bad };
        Self {
            waiting_now: limits(3.0, 6.0),
            longest_wait: limits(60.0, 180.0),
            abandoned_percent: limits(5.0, 10.0),
            service_level: limits(80.0, 60.0),
            average_speed_of_answer: limits(60.0, 120.0),
            handle_time: limits(900.0, 1800.0),
            at_risk: limits(1.0, 3.0),
            escalation_age: limits(4.0, 24.0),
        }
    }
}
