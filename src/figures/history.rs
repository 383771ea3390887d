//! The figures of any range.
