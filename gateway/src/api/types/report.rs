//! Reports as JSON. What each figure means is in docs/reports.md.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Id;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// The first day, `2026-11-01`.
    pub from: String,
    /// The last day, included.
    pub to: String,
    /// The time zone whose days these are, by its IANA name; UTC when absent.
    pub zone: Option<String>,
    pub channel: Option<String>,
    pub technician: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportTable {
    #[default]
    Sessions,
    Days,
    Channels,
    Technicians,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportTableQuery {
    pub table: Option<ReportTable>,
}

/// Averages are null when there is nothing to average.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportFigures {
    pub sessions: u64,
    pub ended: u64,
    pub answered: u64,
    pub rated: u64,
    #[schema(required)]
    pub waiting_s: Option<f64>,
    #[schema(required)]
    pub handling_s: Option<f64>,
    /// 1 to 5.
    #[schema(required)]
    pub stars: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportRow {
    /// A day (`2026-11-22`) or an id; empty: nobody was assigned.
    pub key: String,
    pub name: String,
    #[serde(flatten)]
    pub figures: ReportFigures,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Report {
    pub total: ReportFigures,
    #[schema(required)]
    pub median_waiting_s: Option<f64>,
    #[schema(required)]
    pub longest_waiting_s: Option<f64>,
    #[schema(required)]
    pub median_handling_s: Option<f64>,
    /// How many gave one star, two, … five.
    pub ratings: Vec<u64>,
    /// One for each day of the period.
    pub days: Vec<ReportRow>,
    pub channels: Vec<ReportRow>,
    pub technicians: Vec<ReportRow>,
    /// Whom and what the report can be narrowed to.
    pub choices: ReportChoices,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportChoices {
    pub channels: Vec<ReportChoice>,
}

#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReportChoice {
    pub id: Id,
    pub name: String,
}
