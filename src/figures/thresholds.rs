//! From where on a figure is late, and from where on it is bad, as the wallboard shows it; what admins set is in `desk`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::desk::thresholds as desk;

/// One figure's limits; what is absent is never reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Threshold {
    /// Late from here on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warn: Option<f64>,
    /// Bad from here on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bad: Option<f64>,
    /// True: low values are the bad ones.
    pub low_is_bad: bool,
}

/// The limits of all figures that have some.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
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
    /// Seconds since the case came to its tier.
    pub escalation_age: Threshold,
    /// Cases that nobody acknowledged in time.
    pub acknowledgements_late: Threshold,
}

impl From<&[desk::Threshold]> for Thresholds {
    fn from(set: &[desk::Threshold]) -> Self {
        let mut limits = Self::default();
        for threshold in set {
            let place = match threshold.figure.key {
                "waiting_now" => &mut limits.waiting_now,
                "longest_wait" => &mut limits.longest_wait,
                "abandoned_percent" => &mut limits.abandoned_percent,
                "service_level" => &mut limits.service_level,
                "average_speed_of_answer" => &mut limits.average_speed_of_answer,
                "handle_time" => &mut limits.handle_time,
                "at_risk" => &mut limits.at_risk,
                "escalation_age" => &mut limits.escalation_age,
                "acknowledgements_late" => &mut limits.acknowledgements_late,
                _ => continue,
            };
            #[expect(clippy::cast_precision_loss, reason = "limits are small numbers")]
            let number = |limit: Option<i64>| limit.map(|limit| limit as f64);
            *place = Threshold {
                warn: number(threshold.warn),
                bad: number(threshold.bad),
                low_is_bad: threshold.figure.low_is_bad,
            };
        }
        limits
    }
}
