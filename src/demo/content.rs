//! The demo's content, read from the files beside this one.

use serde::Deserialize;

use crate::{
    error::{Error, Result},
    identity::{
        account::{AccountStatus, Standing},
        contact::ContactRole,
        staff::{NewStaff, StaffRole},
    },
};

/// Everything that the demo is made of.
#[derive(Debug, Deserialize)]
pub struct Content {
    /// The vendor.
    pub desk: DeskRow,
    /// Its teams.
    pub team: Vec<TeamRow>,
    /// Its categories.
    pub category: Vec<CategoryRow>,
    /// Its severities.
    pub severity: Vec<SeverityRow>,
    /// Its tags.
    pub tag: Vec<TagRow>,
    /// Its shared replies.
    pub reply: Vec<ReplyRow>,
    /// Its customers.
    pub account: Vec<AccountRow>,
    /// Their people.
    pub contact: Vec<ContactRow>,
    /// The desk's people.
    pub staff: Vec<StaffRow>,
    /// Closed cases.
    pub closed_case: Vec<ClosedCaseRow>,
    /// Solutions.
    #[serde(default)]
    pub solution: Vec<SolutionRow>,
}

/// The vendor.
#[derive(Debug, Deserialize)]
pub struct DeskRow {
    /// The company.
    pub vendor: String,
    /// What a visitor reads first.
    pub greeting: String,
    /// The brand's colour.
    pub color: String,
}

/// A team.
#[derive(Debug, Deserialize)]
pub struct TeamRow {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The key of the team that helps it.
    #[serde(default)]
    pub overflow: String,
}

/// A tag.
#[derive(Debug, Deserialize)]
pub struct TagRow {
    /// Its name.
    pub name: String,
}

/// A shared reply.
#[derive(Debug, Deserialize)]
pub struct ReplyRow {
    /// What is typed after the slash.
    pub shortcut: String,
    /// What it is about.
    pub title: String,
    /// What is said.
    pub text: String,
}

/// A category.
#[derive(Debug, Deserialize)]
pub struct CategoryRow {
    /// Its key.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its team's key.
    pub team: String,
}

/// A severity.
#[derive(Debug, Deserialize)]
pub struct SeverityRow {
    /// 1 to 4.
    pub level: i16,
    /// Its name.
    pub name: String,
    /// When it applies.
    pub definition: String,
}

/// A customer account.
#[derive(Debug, Deserialize)]
pub struct AccountRow {
    /// The customer number.
    pub number: String,
    /// The company.
    pub name: String,
    /// Active or closed.
    pub status: AccountStatus,
    /// Good or bad.
    pub standing: Standing,
}

/// A contact at an account.
#[derive(Debug, Deserialize)]
pub struct AtAccount {
    /// The customer number.
    pub number: String,
    /// What the person is there.
    pub role: ContactRole,
}

/// A contact.
#[derive(Debug, Deserialize)]
pub struct ContactRow {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// Where.
    pub accounts: Vec<AtAccount>,
    /// The call-in PIN; only a demo knows it.
    pub pin: String,
}

/// A person of the desk.
#[derive(Debug, Deserialize)]
pub struct StaffRow {
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// What the person may do.
    pub role: StaffRole,
    /// 1 to 4.
    pub tier: i16,
    /// The teams' keys.
    pub teams: Vec<String>,
    /// How many chats at once.
    pub capacity: i16,
    /// The password; only a demo knows it.
    pub password: String,
}

impl StaffRow {
    /// As the verb wants it.
    pub fn to_new(&self) -> NewStaff {
        NewStaff {
            name: self.name.clone(),
            email: self.email.clone(),
            password: self.password.clone(),
            role: self.role,
            tier: self.tier,
            capacity: self.capacity,
            teams: self.teams.clone(),
        }
    }
}

/// A closed case.
#[derive(Debug, Deserialize)]
pub struct ClosedCaseRow {
    /// Customer number.
    pub account: String,
    /// The contact's address.
    pub contact: String,
    /// The category's key.
    pub category: String,
    /// 1 to 4.
    pub severity: i16,
    /// What it was about.
    pub subject: String,
    /// What the customer wrote.
    pub description: String,
    /// What solved it.
    pub resolution: String,
    /// The owner's address.
    pub owner: String,
    /// How long ago it was closed.
    pub days_ago: i64,
    /// The linked solution's title.
    pub solution: String,
}

/// A solution.
#[derive(Debug, Deserialize)]
pub struct SolutionRow {
    /// What a customer looks for.
    pub title: String,
    /// The category's key.
    pub category: String,
    /// The answer.
    pub body: String,
}

#[derive(Deserialize)]
struct Solutions {
    solution: Vec<SolutionRow>,
}

/// Reads it all.
pub fn read() -> Result<Content> {
    let mut content: Content = toml::from_str(include_str!("data/desk.toml")).map_err(Error::internal)?;
    let solutions: Solutions = toml::from_str(include_str!("data/solutions.toml")).map_err(Error::internal)?;
    content.solution = solutions.solution;
    Ok(content)
}

#[cfg(test)]
mod tests {
    #[test]
    fn run_01_the_demo_has_what_a_newcomer_needs() {
        let content = super::read().unwrap();
        assert!(content.solution.len() >= 80 && content.team.len() == 2 && content.closed_case.len() > 5);
        assert!(
            content.tag.len() > 3 && content.reply.len() > 3 && content.team.iter().any(|t| !t.overflow.is_empty())
        );
        assert!(content.account.iter().any(|a| a.standing == super::Standing::Bad));
    }
}
