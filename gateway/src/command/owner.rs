//! `mayday-gateway owner create`: the only way to the first account. Works on the data folder, beside a running gateway or without one.

use std::io::{BufRead, Write};

use mayday_session::permission::Role;

use crate::accounts::{self, Accounts};
use crate::cli::OwnerCreate;
use crate::data::DataFolder;
use crate::directory::Directory;
use crate::settings;
use crate::store::Store;

/// Makes the account; prints the set-up link, or takes the password from standard input.
///
/// # Errors
/// With a sentence for the person at the command line.
pub async fn create(create: OwnerCreate) -> anyhow::Result<()> {
    let password = create.password_stdin.then(read_password).transpose()?;
    if let Some(password) = &password {
        accounts::acceptable(password)?;
    }
    let data = DataFolder::open(&create.data)?;
    let store = Store::open(data.path()).await?;
    let directory = Directory::open(store.clone()).await?;
    let accounts = Accounts::new(store.clone(), directory);
    let (account, token) = accounts
        .create(&create.name, &create.email, Role::Owner, "machine")
        .await?;
    match password {
        Some(password) => {
            accounts.set_password(&account, &password).await?;
            writeln!(std::io::stdout(), "owner {} created", account.email)?;
        }
        None => {
            let known = settings::get(&store, settings::PUBLIC_URL).await?;
            let base = create.public_url.map(|url| url.to_string()).or(known);
            let base = base.unwrap_or_else(|| "https://localhost:8443".to_owned());
            writeln!(std::io::stdout(), "owner {} created", account.email)?;
            writeln!(
                std::io::stdout(),
                "open this link once, within 7 days, to choose a password:\n{base}/setup/{token}"
            )?;
        }
    }
    store.close().await;
    Ok(())
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    anyhow::ensure!(!password.is_empty(), "no password came on standard input");
    Ok(password)
}
