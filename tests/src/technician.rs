//! A technician in front of the console: a browser of their own, signed in, and hands that find things by the console's test names. Owns
//! no expectation of what the desk does.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use fantoccini::Locator;
use fantoccini::elements::Element;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::gateway::{Gateway, PASSWORD};
use crate::world::PATIENCE;

/// Where pictures go besides the test's own folder, which goes when the test passes: for who wants to look at a day's work.
const PICTURES: &str = "MAYDAY_PICTURES";
/// What slides or fades has come to rest.
const AT_REST: Duration = Duration::from_millis(300);

/// Control and A, let go, as WebDriver spells it.
const SELECT_ALL: &str = "\u{e009}a\u{e000}";

/// How somebody has set up their screen.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub scheme: &'static str,
    pub size: (u32, u32),
}

pub const LIGHT: Look = Look {
    scheme: "light",
    size: (1440, 900),
};
pub const DARK: Look = Look {
    scheme: "dark",
    size: (1440, 900),
};
pub const PHONE: Look = Look {
    scheme: "dark",
    size: (390, 844),
};

pub struct Technician {
    pub browser: Browser,
    base: String,
    name: String,
    folder: PathBuf,
}

impl Technician {
    /// Opens a browser for `email`, whose password is the usual one, and signs in.
    ///
    /// # Errors
    /// When the browser does not start or the sign-in fails.
    pub async fn arrive(gateway: &Gateway, folder: &Path, email: &str, look: Look) -> Result<Self> {
        let name = email.split('@').next().unwrap_or(email).to_owned();
        let profile = folder.join(format!("profile-{name}"));
        let downloads = folder.join(format!("downloads-{name}"));
        let logs = folder.join("logs").join(&name);
        let browser = Browser::start(&profile, &downloads, &[], &logs).await?;
        browser.resize(look.size.0, look.size.1).await?;
        let technician = Self {
            browser,
            base: gateway.listening.http_loopback.clone(),
            name,
            folder: folder.to_owned(),
        };
        technician.sign_in(email, look.scheme).await?;
        Ok(technician)
    }

    async fn sign_in(&self, email: &str, scheme: &str) -> Result<()> {
        self.go("/").await?;
        let theme = format!("localStorage.setItem('mayday-theme', '{scheme}')");
        self.browser.script(&theme).await?;
        self.reload().await?;
        self.fill("sign-in-email", email).await?;
        self.fill("sign-in-password", PASSWORD).await?;
        self.click("sign-in-submit").await?;
        self.browser.find("nav").await?;
        Ok(())
    }

    /// # Errors
    /// When the page cannot be opened.
    pub async fn go(&self, path: &str) -> Result<()> {
        self.browser.open(&format!("{}{path}", self.base)).await
    }

    /// # Errors
    /// When the browser is gone.
    pub async fn reload(&self) -> Result<()> {
        Ok(self.browser.client.refresh().await?)
    }

    /// Waits for what has this test name.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn find(&self, id: &str) -> Result<Element> {
        let found = self.browser.find(&named(id)).await;
        self.or_picture(found).await
    }

    /// Clicks what has this test name, once nothing that moves is in its way.
    ///
    /// # Errors
    /// When it does not appear or stays covered.
    pub async fn click(&self, id: &str) -> Result<()> {
        self.click_css(&named(id)).await
    }

    /// # Errors
    /// When it does not appear or stays covered.
    pub async fn click_css(&self, css: &str) -> Result<()> {
        let mut last = None;
        for _ in 0..60 {
            match self.browser.find(css).await?.click().await {
                Ok(()) => return Ok(()),
                Err(error) => last = Some(error),
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("{css} cannot be clicked: {last:?}")
    }

    /// Types over what is in the field.
    ///
    /// # Errors
    /// When the field does not appear.
    pub async fn fill(&self, id: &str, text: &str) -> Result<()> {
        let field = self.find(id).await?;
        field.send_keys(SELECT_ALL).await?;
        Ok(field.send_keys(text).await?)
    }

    /// Opens a choice and takes what is called so.
    ///
    /// # Errors
    /// When there is no such option.
    pub async fn choose(&self, id: &str, option: &str) -> Result<()> {
        self.choose_css(&named(id), option).await
    }

    /// # Errors
    /// When there is no such option.
    pub async fn choose_css(&self, css: &str, option: &str) -> Result<()> {
        self.click_css(css).await?;
        let path = format!("//*[@role='option'][normalize-space(.)='{option}']");
        self.browser.find_xpath(&path).await?;
        // Other choices on the page may have such an option, too, out of sight.
        for _ in 0..60 {
            for one in self.browser.client.find_all(Locator::XPath(&path)).await? {
                if one.click().await.is_ok() {
                    return Ok(());
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("{option} cannot be chosen in {css}")
    }

    /// What is typed into a field or chosen in it.
    ///
    /// # Errors
    /// When it does not appear.
    pub async fn value(&self, id: &str) -> Result<String> {
        let value = self.find(id).await?.prop("value").await?;
        Ok(value.unwrap_or_default())
    }

    /// # Errors
    /// When it does not appear.
    pub async fn text(&self, id: &str) -> Result<String> {
        Ok(self.find(id).await?.text().await?.trim().to_owned())
    }

    /// Waits until what matches has these words in it, without a reload.
    ///
    /// # Errors
    /// When it does not.
    pub async fn sees(&self, css: &str, words: &str) -> Result<()> {
        self.reads(css, words, |text| text.contains(words)).await
    }

    /// Waits until nothing that matches has these words in it any more, without a reload.
    ///
    /// # Errors
    /// When it stays.
    pub async fn sees_no(&self, css: &str, words: &str) -> Result<()> {
        let what = format!("an end of {words}");
        self.reads(css, &what, |text| !text.contains(words)).await
    }

    async fn reads(&self, css: &str, what: &str, ready: impl Fn(&str) -> bool) -> Result<()> {
        let css = json!(css);
        let script = format!(
            "return [...document.querySelectorAll({css})].map((one) => one.innerText).join('\\n')"
        );
        let what = format!("{what:?} in {css} for {}", self.name);
        let seen = |value: &Value| value.as_str().is_some_and(&ready);
        let read = self.browser.script_until(&what, &script, PATIENCE, seen);
        let read = read.await;
        self.or_picture(read).await?;
        Ok(())
    }

    /// Waits until this script says true.
    ///
    /// # Errors
    /// When it does not.
    pub async fn until(&self, what: &str, script: &str) -> Result<Value> {
        let done = |value: &Value| value == &Value::Bool(true);
        let true_now = self.browser.script_until(what, script, PATIENCE, done);
        let true_now = true_now.await;
        self.or_picture(true_now).await
    }

    /// What was shown when something did not come.
    async fn or_picture<T>(&self, result: Result<T>) -> Result<T> {
        if result.is_err() {
            let _ = self.picture("failed").await;
        }
        result
    }

    /// From a session's page: chooses this from its menu.
    ///
    /// # Errors
    /// When it is not offered.
    pub async fn act(&self, action: &str) -> Result<()> {
        self.click("action-menu").await?;
        self.click(&format!("action-{action}")).await
    }

    /// What is shown, once it has stopped moving.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn picture(&self, name: &str) -> Result<()> {
        tokio::time::sleep(AT_REST).await;
        let file = format!("{}-{name}.png", self.name);
        self.browser
            .screenshot(self.folder.join("pictures").join(&file))
            .await?;
        keep(&self.folder, &file)
    }

    /// # Errors
    /// When the browser is gone.
    pub async fn leave(self) -> Result<()> {
        Ok(self.browser.client.clone().close().await?)
    }
}

/// A picture in the folder's `pictures` is copied to where somebody wants to look at all of them.
///
/// # Errors
/// When it cannot be copied.
pub fn keep(folder: &Path, file: &str) -> Result<()> {
    let Some(all) = std::env::var_os(PICTURES) else {
        return Ok(());
    };
    let world = folder.file_name().context("a folder has a name")?;
    let place = Path::new(&all).join(world);
    std::fs::create_dir_all(&place)?;
    std::fs::copy(folder.join("pictures").join(file), place.join(file))?;
    Ok(())
}

fn named(id: &str) -> String {
    format!("[data-testid=\"{id}\"]")
}
