//! The main job of docs/product.md, played by real parts: what happens, in which order, and the report of it. Owns no product rule.

mod caller;
mod cast;
mod endings;
mod help;
mod lists;
mod office;
mod report;
mod session;
mod work;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;

pub use caller::{Request, fill_in, send};
pub use cast::{Cast, Company, TECHNICIAN, TECHNICIAN_NAME};
pub use office::Office;
pub use report::{Report, Step};

use crate::agent::Agent;
use crate::browser::Browser;

/// How long anything that a person waits for may take before the story calls it a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The story in the making.
pub struct Story {
    pub(crate) out: PathBuf,
    pub(crate) cast: Cast,
    /// The technician's browser.
    pub(crate) browser: Browser,
    pub(crate) agent: Option<Agent>,
    pub(crate) session: String,
    /// The session's link, which nobody shows any more once it is over.
    pub(crate) link: String,
    /// The session of one minute, and its link.
    pub(crate) short_lived: (String, String),
    pub(crate) report: Report,
    begun: Instant,
}

impl Story {
    /// Plays it all, and writes `report.json` and screenshots into `out` whatever happens.
    ///
    /// # Errors
    /// When a step failed; the report names it.
    pub async fn play(out: &Path) -> Result<Report> {
        let _ = std::fs::remove_dir_all(out);
        std::fs::create_dir_all(out)?;
        let cast = Cast::gather(out)?;
        let browser = Browser::start(
            &out.join("technician-profile"),
            &out.join("technician-downloads"),
            &[],
            &out.join("logs/technician"),
        )
        .await?;
        let report = Report::new(cast.company.gateway.started_in)?;
        let mut story = Self {
            out: out.to_owned(),
            cast,
            browser,
            agent: None,
            session: String::new(),
            link: String::new(),
            short_lived: Default::default(),
            report,
            begun: Instant::now(),
        };
        let played = story.scenes().await;
        if let Err(error) = &played {
            story.report.fail(&format!("{error:#}"));
            story.pictures("failed").await;
        }
        story.report.write(&out.join("report.json"))?;
        let report = story.report.clone();
        played.map(|()| report)
    }

    async fn scenes(&mut self) -> Result<()> {
        self.sign_in().await?;
        self.new_session().await?;
        self.lists_are_live().await?;
        self.short_lived_session().await?;
        self.invite_page().await?;
        self.agent_joins().await?;
        self.ask_and_allow().await?;
        self.type_and_click().await?;
        self.technician_cannot_stop().await?;
        self.measure().await?;
        self.resolution_changes().await?;
        self.view_only().await?;
        self.stop_key().await?;
        self.reject().await?;
        self.close().await?;
        self.reconnect().await?;
        self.expired().await?;
        self.second_act().await
    }

    pub(crate) fn begin(&mut self, name: &str) {
        eprintln!("· {name}");
        self.begun = Instant::now();
        self.report.begin(name);
    }

    pub(crate) async fn done(&mut self) {
        let name = self.report.done(self.begun.elapsed());
        self.pictures(&name).await;
    }

    /// Screenshots of both sides; a missing one is no failure of the step.
    async fn pictures(&self, name: &str) {
        let file = name.replace([' ', ','], "-");
        let number = self.report.steps.len();
        let path = |side: &str| self.out.join(format!("{number:02}-{file}-{side}.png"));
        let _ = self.browser.screenshot(path("console")).await;
        if let Ok(image) = self.cast.desktop.screenshot() {
            let _ = image.save(&path("desktop"));
        }
    }
}
