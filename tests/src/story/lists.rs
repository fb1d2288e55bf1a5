//! How soon an open list shows what happened: the desk's answer to a change against the moment at which the row's text changed in the
//! page. Owns this one measurement.

use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use serde_json::json;

use super::report::Spread;
use super::{PATIENCE, Story};

const SAMPLES: usize = 30;

/// Remembers when each text came into the list's rows, by the clock that we have, too.
const WATCH: &str = r#"
  window.__mayday_seen = {};
  const look = () => {
    const at = performance.timeOrigin + performance.now();
    for (const row of document.querySelectorAll('[data-testid^="session-row-"]'))
      for (const word of row.textContent.matchAll(/Sample \d+\b/g)) window.__mayday_seen[word[0]] ??= at;
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
"#;

impl Story {
    /// The session in the open list gets other names; each has to show without a reload.
    pub(super) async fn lists_are_live(&mut self) -> Result<()> {
        self.begin("events reach the list");
        self.browser.script(WATCH).await?;
        let mut samples = Vec::with_capacity(SAMPLES);
        for number in 0..SAMPLES {
            let name = format!("Sample {number}.");
            let began = now_ms()?;
            self.rename(&name)?;
            let script = format!(
                "return window.__mayday_seen['{}'] ?? null",
                name.trim_end_matches('.')
            );
            let seen = self
                .browser
                .script_until("the new name in the list", &script, PATIENCE, |at| {
                    !at.is_null()
                })
                .await?;
            samples.push(seen.as_f64().context("a moment")? - began);
            sleep(Duration::from_millis(30 + (number as u64 * 37) % 90));
        }
        self.report.event_to_list_ms = Spread::of(samples);
        self.rename("Printer on the second floor")?;
        self.done().await;
        Ok(())
    }

    fn rename(&self, name: &str) -> Result<()> {
        let path = format!("/sessions/{}", self.session);
        self.cast
            .company
            .technician
            .patch(&path, &json!({"name": name}))?;
        Ok(())
    }
}

/// Milliseconds since 1970, as the browser counts them on the same machine.
fn now_ms() -> Result<f64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1e3)
}
