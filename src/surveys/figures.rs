//! What customers answered: by agent, team and category, and in their own words.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::{error::Result, store::Db};

use super::{answers::LOW, queries};

/// How far back the page looks.
pub const SPAN: TimeDelta = TimeDelta::days(90);

/// An answer.
#[derive(Debug, Clone, Serialize, sqlx::FromRow)]
pub struct Answer {
    /// When.
    pub at: DateTime<Utc>,
    /// 1 (bad) to 5 (good).
    pub score: i16,
    /// In the customer's words.
    pub comment: String,
    /// The case's number.
    pub number: i64,
    /// Who was asked.
    pub contact: String,
    /// Whose case it was.
    pub agent: String,
    /// The team's name.
    pub team: String,
    /// The category's name.
    pub category: String,
}

/// Answers added up.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sum {
    /// Of whom or what.
    pub name: String,
    /// How many.
    pub answers: u32,
    /// Their mean; nothing without answers.
    pub mean: Option<f64>,
    /// How many are low.
    pub low: u32,
}

/// All of it.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// How many were asked.
    pub asked: i64,
    /// Of all.
    pub total: Sum,
    /// Of each agent, by name.
    pub agents: Vec<Sum>,
    /// Of each team.
    pub teams: Vec<Sum>,
    /// Of each category.
    pub categories: Vec<Sum>,
    /// The answers, newest first.
    pub answers: Vec<Answer>,
}

/// What was answered since `SPAN` before now.
pub async fn report(db: &Db, now: DateTime<Utc>) -> Result<Report> {
    let answers = queries::answers(db, now - SPAN).await?;
    Ok(Report {
        asked: queries::asked(db, now - SPAN).await?,
        total: sum(String::new(), answers.iter().map(|answer| answer.score)),
        agents: by(&answers, |answer| &answer.agent),
        teams: by(&answers, |answer| &answer.team),
        categories: by(&answers, |answer| &answer.category),
        answers,
    })
}

/// How many were asked within `SPAN` before now, and what their answers come to.
pub async fn short(db: &Db, now: DateTime<Utc>) -> Result<(i64, Sum)> {
    let asked = queries::asked(db, now - SPAN).await?;
    let (answers, points, low) = queries::sums(db, now - SPAN, LOW).await?;
    let count = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    let (answers, points, low) = (count(answers), count(points), count(low));
    let mean = (answers > 0).then(|| f64::from(points) / f64::from(answers));
    Ok((asked, Sum { name: String::new(), answers, mean, low }))
}

fn by(answers: &[Answer], name: impl Fn(&Answer) -> &str) -> Vec<Sum> {
    let mut names: Vec<&str> = answers.iter().map(&name).collect();
    names.sort_unstable();
    names.dedup();
    let of = |wanted: &str| {
        answers.iter().filter(|answer| name(answer) == wanted).map(|answer| answer.score).collect::<Vec<_>>()
    };
    names.iter().map(|wanted| sum((*wanted).to_owned(), of(wanted).into_iter())).collect()
}

fn sum(name: String, scores: impl Iterator<Item = i16> + Clone) -> Sum {
    let (answers, points) =
        scores.clone().fold((0_u32, 0_u32), |(n, all), score| (n + 1, all + u32::from(score.unsigned_abs())));
    let low = u32::try_from(scores.filter(|score| *score <= LOW).count()).unwrap_or(u32::MAX);
    Sum { name, answers, mean: (answers > 0).then(|| f64::from(points) / f64::from(answers)), low }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agree_05_answers_are_added_up_by_whom_they_are_about() {
        let answer = |agent: &str, score| Answer {
            at: DateTime::UNIX_EPOCH,
            score,
            comment: String::new(),
            number: 1,
            contact: String::new(),
            agent: agent.into(),
            team: "Claims".into(),
            category: String::new(),
        };
        let all = [answer("Priya", 5), answer("Owen", 1), answer("Priya", 2)];
        let sums = by(&all, |answer| &answer.agent);
        let of = |name: &str, answers, mean, low| Sum { name: name.into(), answers, mean: Some(mean), low };
        assert_eq!(sums, [of("Owen", 1, 1.0, 1), of("Priya", 2, 3.5, 1)]);
        assert_eq!(by(&all, |answer| &answer.team).len(), 1);
        assert_eq!(sum(String::new(), std::iter::empty()), Sum::default());
    }
}
