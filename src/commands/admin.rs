//! `admin`: the first teams, categories, people, customers and sites, from the command line.

use std::io::{IsTerminal, Read};

use clap::{Args, Subcommand};

use crate::{
    app::App,
    clock::Clock,
    config::Config,
    desk::sites::{self, SiteFields},
    error::{Error, Result},
    hours::setup,
    identity::{
        account::{self, Account, AccountStatus, Standing},
        contact::{self, Claim, Contact, ContactRole},
        directory, pin,
        staff::{self, NewStaff, StaffRole},
    },
    input,
    store::{self, Db},
};

use super::{Outcome, serve::ConfigArguments, words};

/// What to make, in which desk.
#[derive(Debug, Args)]
pub struct AdminArguments {
    #[command(flatten)]
    config: ConfigArguments,
    #[command(subcommand)]
    command: AdminCommand,
}

#[derive(Debug, Subcommand)]
enum AdminCommand {
    /// Add a team.
    Team {
        /// Short key, such as `billing`.
        key: String,
        /// Name that people read.
        name: String,
    },
    /// Add a category and the team that it leads to.
    Category {
        /// Short key.
        key: String,
        /// Name that customers read.
        name: String,
        /// The team's key.
        #[arg(long)]
        team: String,
    },
    /// Add a person of the desk. The password is read from standard input.
    Staff {
        /// The person's name.
        name: String,
        /// The address to sign in with.
        email: String,
        /// What the person may do.
        #[arg(long, value_enum, default_value = "agent")]
        role: StaffRole,
        /// 1 to 3: Support Specialist I to III; 4: development.
        #[arg(long, default_value_t = 1)]
        tier: i16,
        /// How many chats at once.
        #[arg(long, default_value_t = 3)]
        capacity: i16,
        /// Keys of the person's teams.
        #[arg(long = "team")]
        teams: Vec<String>,
    },
    /// Add a customer account.
    Account {
        /// Customer number.
        number: String,
        /// The company's name.
        name: String,
    },
    /// Add a contact to an account and print the call-in PIN, once.
    Contact {
        /// Customer number.
        account: String,
        /// The person's name.
        name: String,
        /// The person's address.
        email: String,
        /// What the person is at the account.
        #[arg(long, value_enum, default_value = "administrator")]
        role: RoleName,
    },
    /// Make a new call-in PIN for a contact and print it, once.
    Pin {
        /// The contact's address.
        email: String,
    },
    /// Give up a lost PIN key: the next server to start brings its own. All PINs made before stop fitting, so each contact
    /// needs a new one.
    NewPinKey,
    /// Add a site that may embed the widget and print its line of HTML.
    Site {
        /// The vendor's name, as visitors read it.
        name: String,
        /// Origins of the pages, such as `https://www.example.com`.
        #[arg(long = "origin", required = true)]
        origins: Vec<String>,
        /// The first words that a visitor reads.
        #[arg(long, default_value = "Hello! How can we help?")]
        greeting: String,
        /// The brand's colour.
        #[arg(long, default_value = "#1f6f5c")]
        color: String,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum RoleName {
    Representative,
    Administrator,
    User,
}

/// Does it.
pub async fn run(arguments: AdminArguments) -> Outcome {
    let config = arguments.config.read()?;
    if matches!(arguments.command, AdminCommand::NewPinKey) {
        return give_up_pin_key(&config).await.map_err(words);
    }
    let (app, _pending) = App::open(config, Clock::system()).await.map_err(|e| e.to_string())?;
    let done = async {
        setup::ship(&app).await?;
        make(&app, arguments.command).await
    };
    let said = done.await.map_err(words);
    app.db.close().await;
    println!("{}", said?);
    Ok(())
}

/// Without the parts of a server: none would start without the key.
async fn give_up_pin_key(config: &Config) -> Result<()> {
    let db = Db::open(&config.database.0, 0).await?;
    let forgotten = store::forget_pin_key(&db).await;
    db.close().await;
    forgotten?;
    println!(
        "The desk takes the key of the next server that starts: {} there, made anew if it is missing. The PINs made before \
         do not fit it. Give the other nodes the same file, and each contact a new PIN (`deskbell admin pin EMAIL`).",
        config.pin_key_file.display()
    );
    Ok(())
}

async fn make(app: &App, command: AdminCommand) -> Result<String> {
    match command {
        AdminCommand::NewPinKey => Err(Error::internal("this is done before the parts are made")),
        AdminCommand::Team { key, name } => {
            let mut tx = app.db.begin().await?;
            let added = directory::insert_team(
                &mut tx,
                app.clock.new_id(),
                &read_key(&key)?,
                &input::line("the name", &name, 80)?,
            )
            .await?;
            tx.commit().await?;
            new(added, format!("Team {key} is there."), format!("There is a team {key} already."))
        }
        AdminCommand::Category { key, name, team } => {
            let mut tx = app.db.begin().await?;
            let added = directory::insert_category(
                &mut tx,
                app.clock.new_id(),
                &read_key(&key)?,
                &input::line("the name", &name, 80)?,
                &team,
            )
            .await?;
            tx.commit().await?;
            new(
                added,
                format!("Category {key} is there."),
                format!("There is a category {key} already, or no team {team}."),
            )
        }
        AdminCommand::Staff { name, email, role, tier, capacity, teams } => {
            let password = read_password()?;
            let staff = staff::add(app, &NewStaff { name, email, password, role, tier, capacity, teams }).await?;
            Ok(format!("{} can sign in as {}.", staff.name, staff.email))
        }
        AdminCommand::Account { number, name } => {
            let number = input::line("the customer number", &number, 40)?;
            if account::find_by_number(&app.db, &number).await?.is_some() {
                return Err(Error::conflict("taken", format!("There is an account {number} already.")));
            }
            let row = Account {
                id: app.clock.new_id(),
                number,
                name: input::line("the name", &name, 120)?,
                status: AccountStatus::Active,
                standing: Standing::Good,
            };
            let mut tx = app.db.begin().await?;
            account::insert(&mut tx, &row).await?;
            tx.commit().await?;
            Ok(format!("Account {} is there.", row.number))
        }
        AdminCommand::Contact { account, name, email, role } => add_contact(app, &account, &name, &email, role).await,
        AdminCommand::Pin { email } => {
            let found = Claim::Email(input::fold(&email)).resolve(&app.db).await?;
            let contact =
                found.ok_or_else(|| Error::not_found(format!("There is no contact with the address {email}.")))?;
            Ok(format!(
                "The call-in PIN of {} is {}. It is shown only now.",
                contact.name,
                pin::renew(app, contact.id).await?
            ))
        }
        AdminCommand::Site { name, origins, greeting, color } => add_site(app, name, origins, greeting, color).await,
    }
}

async fn add_contact(app: &App, account: &str, name: &str, email: &str, role: RoleName) -> Result<String> {
    let account = account::find_by_number(&app.db, account)
        .await?
        .ok_or_else(|| Error::not_found(format!("There is no account {account}.")))?;
    let role = match role {
        RoleName::Representative => ContactRole::Representative,
        RoleName::Administrator => ContactRole::Administrator,
        RoleName::User => ContactRole::User,
    };
    let email = input::email(email)?;
    let known = Claim::Email(input::fold(&email)).resolve(&app.db).await?;
    let is_new = known.is_none();
    let contact = match known {
        Some(contact) => contact,
        None => Contact { id: app.clock.new_id(), name: input::line("the name", name, 120)?, email },
    };
    if contact::role_at(&app.db, account.id, contact.id).await?.is_some() {
        return Err(Error::conflict("taken", format!("{} is a contact of this account already.", contact.name)));
    }
    let mut tx = app.db.begin().await?;
    if is_new {
        contact::insert(&mut tx, &contact).await?;
    }
    contact::link(&mut tx, account.id, contact.id, role).await?;
    tx.commit().await?;
    if is_new {
        let pin = pin::renew(app, contact.id).await?;
        Ok(format!(
            "{} is a contact of {}. The call-in PIN is {pin}. It is shown only now.",
            contact.name, account.name
        ))
    } else {
        Ok(format!("{}, who keeps the PIN, is now a contact of {} too.", contact.name, account.name))
    }
}

async fn add_site(app: &App, name: String, origins: Vec<String>, greeting: String, color: String) -> Result<String> {
    let fields = SiteFields { name, origins: origins.join(" "), greeting, color };
    let site = sites::read(&fields, sites::new_token())?;
    let mut tx = app.db.begin().await?;
    crate::identity::site::insert(&mut tx, &site).await?;
    tx.commit().await?;
    Ok(sites::embedding(app, &site.token))
}

fn new(added: u64, yes: String, no: String) -> Result<String> {
    if added == 1 { Ok(yes) } else { Err(Error::conflict("taken", no)) }
}

fn read_key(key: &str) -> Result<String> {
    let fine = !key.is_empty()
        && key.len() <= 40
        && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fine {
        Ok(key.to_owned())
    } else {
        Err(Error::invalid("bad_key", "A key has small letters, digits and hyphens, like `claims-2`."))
    }
}

fn read_password() -> Result<String> {
    if std::io::stdin().is_terminal() {
        eprintln!("Type the password (ten characters or more), then Enter and Ctrl-D:");
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(Error::internal)?;
    let password = text.trim_end_matches(['\r', '\n']).to_owned();
    if password.chars().count() < 10 {
        return Err(Error::invalid(
            "short_password",
            "The password needs at least ten characters; give it on standard input.",
        ));
    }
    Ok(password)
}
