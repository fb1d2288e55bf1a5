//! What the reports need to know of a session, kept beside it as it happens: when the end user came, when a technician turned to
//! them, when it ended. The meaning of each figure is in docs/reports.md; adding up is reports'.

use std::collections::HashMap;

use mayday_protocol::TechnicianId;
use mayday_session::Timestamp;
use mayday_session::desk::{By, Effect, Facts, Happening, Presence, What};

use sqlx::sqlite::SqliteRow;

use super::annals::{moment, number};
use super::record::Record;
use super::{Desk, DeskError};
use crate::reports::{self, Line, Report, Wanted};
use crate::store::{Statement, Store};
use crate::values;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// The end user's agent came in for the first time.
    pub arrived_at: Option<Timestamp>,
    /// A technician asked the end user, or wrote to them, for the first time.
    pub answered_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Who was assigned last.
    pub technician: Option<TechnicianId>,
}

impl Figures {
    /// After something happened at `now`.
    pub fn note(&mut self, facts: &Facts, effects: &[Effect], now: Timestamp) {
        for effect in effects {
            if let Effect::Happened(happening) = effect {
                self.happened(*happening, facts, now);
            }
        }
        if let Some(assigned) = facts.assigned() {
            self.technician = Some(assigned.technician);
        }
    }

    /// A technician turns to the end user, if they are or were there.
    pub fn answered(&mut self, now: Timestamp) {
        if self.arrived_at.is_some() {
            self.answered_at.get_or_insert(now);
        }
    }

    fn happened(&mut self, happening: Happening, facts: &Facts, now: Timestamp) {
        match (happening.by, happening.what) {
            (_, What::AgentJoined) => {
                self.arrived_at.get_or_insert(now);
            }
            (By::Technician(_), What::Asked { .. }) => self.answered(now),
            (_, What::Closed { .. }) => self.ended_at = Some(now),
            // Nobody closed it: it ended when the end user was there for the last time.
            (_, What::Expired) => {
                self.ended_at = Some(match facts.agent {
                    Presence::Left { at, .. } => at,
                    Presence::Never | Presence::Here { .. } | Presence::Lost { .. } => now,
                });
            }
            (_, What::Extended { .. }) => self.ended_at = None,
            _ => {}
        }
    }

    fn waiting_ms(&self) -> Option<u64> {
        let (from, to) = (self.arrived_at?, self.answered_at?);
        Some(to.0.saturating_sub(from.0))
    }

    fn handling_ms(&self) -> Option<u64> {
        let (from, to) = (self.answered_at?, self.ended_at?);
        Some(to.0.saturating_sub(from.0))
    }

    pub(super) async fn all(store: &Store) -> Result<HashMap<u64, Self>, sqlx::Error> {
        let rows = sqlx::query(
            "SELECT session_id, technician_id, arrived_at, answered_at, ended_at FROM session_figures",
        )
        .fetch_all(store.reads())
        .await?;
        let figures = rows
            .iter()
            .map(|row| (number(row, "session_id"), Self::read(row)));
        Ok(figures.collect())
    }

    pub(super) async fn of(store: &Store, session: u64) -> Result<Self, sqlx::Error> {
        let row = sqlx::query(
            "SELECT technician_id, arrived_at, answered_at, ended_at FROM session_figures WHERE session_id = $1",
        )
        .bind(i64::try_from(session).unwrap_or(0))
        .fetch_optional(store.reads())
        .await?;
        Ok(row.as_ref().map(Self::read).unwrap_or_default())
    }

    fn read(row: &SqliteRow) -> Self {
        Self {
            arrived_at: moment(row, "arrived_at"),
            answered_at: moment(row, "answered_at"),
            ended_at: moment(row, "ended_at"),
            technician: moment(row, "technician_id").map(|id| TechnicianId(id.0)),
        }
    }
}

/// What has to be written for the step from `before`; nothing for most steps.
pub fn statement(before: Option<&Record>, after: &Record) -> Option<Statement> {
    let (facts, annals) = (after.facts(), &after.annals);
    let id = facts.id.0;
    if facts.deleted_at.is_some() {
        let sql = "DELETE FROM session_figures WHERE session_id = $1";
        return Some(Statement::new(sql, values![id]));
    }
    let stars = |record: &Record| record.annals.rating.as_ref().map(|rating| rating.stars);
    let same = before.is_some_and(|before| {
        before.annals.figures == annals.figures
            && before.facts().channel == facts.channel
            && stars(before) == stars(after)
    });
    let figures = &annals.figures;
    (!same).then(|| {
        Statement::new(
            "INSERT INTO session_figures (session_id, channel_id, technician_id, created_at, arrived_at, \
             answered_at, ended_at, waiting_ms, handling_ms, stars) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
             ON CONFLICT (session_id) DO UPDATE SET channel_id = excluded.channel_id, \
             technician_id = excluded.technician_id, arrived_at = excluded.arrived_at, \
             answered_at = excluded.answered_at, ended_at = excluded.ended_at, \
             waiting_ms = excluded.waiting_ms, handling_ms = excluded.handling_ms, stars = excluded.stars",
            values![
                id,
                facts.channel.0,
                figures.technician.map(|one| one.0),
                facts.created_at,
                figures.arrived_at,
                figures.answered_at,
                figures.ended_at,
                figures.waiting_ms(),
                figures.handling_ms(),
                stars(after).map(u32::from)
            ],
        )
    })
}

impl Desk {
    /// Adds up what was done.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn report(&self, wanted: &Wanted) -> Result<Report, DeskError> {
        Ok(reports::report(&self.inner.store, wanted).await?)
    }

    /// The sessions themselves.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn report_lines(&self, wanted: &Wanted) -> Result<Vec<Line>, DeskError> {
        Ok(reports::lines(&self.inner.store, wanted).await?)
    }
}
