//! `mayday-gateway owner`: the only way to the first account, and the way back in for an owner whose link or password is lost. Works on
//! the data folder, beside a running gateway or without one.

use std::io::{BufRead, Write};
use std::path::Path;

use anyhow::Context;
use mayday_session::permission::Role;

use crate::accounts::{self, AccountError, Accounts};
use crate::cli::{OwnerCreate, OwnerLink};
use crate::data::DataFolder;
use crate::directory::Directory;
use crate::remembered;
use crate::settings::SystemSettings;
use crate::site::PublicUrl;
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
    let (store, accounts) = open(&create.data).await?;
    let created = accounts.create(&create.name, &create.email, Role::Owner, "machine");
    let (account, token) = created.await.map_err(|error| match error {
        AccountError::EmailTaken => anyhow::anyhow!(
            "an account with the address {} exists; `mayday-gateway owner link` makes an owner a new set-up link",
            create.email
        ),
        other => other.into(),
    })?;
    writeln!(std::io::stdout(), "owner {} created", account.email)?;
    match password {
        Some(password) => accounts.set_password(&account, &password).await?,
        None => print_link(&store, create.public_url, &token).await?,
    }
    store.close().await;
    Ok(())
}

/// Prints a new set-up link for an owner; the one before ends.
///
/// # Errors
/// With a sentence for the person at the command line.
pub async fn link(link: OwnerLink) -> anyhow::Result<()> {
    let known = link.data.join(Store::FILE).is_file();
    anyhow::ensure!(
        known,
        "there is no gateway's database in {}; give the folder that the gateway runs on with --data",
        link.data.display()
    );
    let (store, accounts) = open(&link.data).await?;
    let token = accounts.new_owner_link(&link.email).await?;
    print_link(&store, link.public_url, &token).await?;
    store.close().await;
    Ok(())
}

async fn open(folder: &Path) -> anyhow::Result<(Store, Accounts)> {
    let data = DataFolder::open(folder)?;
    let store = Store::open(data.path()).await?;
    let directory = Directory::open(store.clone()).await?;
    let system = SystemSettings::open(store.clone(), None).await?;
    Ok((store.clone(), Accounts::new(store, directory, system)))
}

async fn print_link(store: &Store, base: Option<PublicUrl>, token: &str) -> anyhow::Result<()> {
    let known = remembered::get(store, remembered::PUBLIC_URL).await?;
    let base = match (base.map(|url| url.to_string()), known) {
        // Before the first start, so that the next link needs not be told again.
        (Some(url), None) => {
            remembered::set(store, remembered::PUBLIC_URL, &url).await?;
            url
        }
        (Some(url), Some(_)) | (None, Some(url)) => url,
        (None, None) => "https://localhost:8443".to_owned(),
    };
    writeln!(
        std::io::stdout(),
        "open this link once, within 7 days and while the gateway runs, to choose a password:\n{base}/setup/{token}"
    )
    .context("the link cannot be printed")
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    anyhow::ensure!(!password.is_empty(), "no password came on standard input");
    Ok(password)
}
