//! The figures that were aimed for: each one's goal, and where the benches' objects say it. Owns the goals' numbers.

use mayday_tests::linkem::Profile;

use super::part::Part;
use crate::latency::scene::Arm;
use crate::latency::workload::Workload;
use crate::peers::moving::Show;
use crate::peers::{Peer, Work};

/// What a measured number may be at most or must be at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// Nothing was aimed for.
    Told,
}

impl Bound {
    #[must_use]
    pub fn holds(self, number: f64) -> bool {
        match self {
            Self::AtMost(most) => number <= most,
            Self::AtLeast(least) => number >= least,
            Self::Told => true,
        }
    }
}

/// One number of a figure.
#[derive(Clone, Debug)]
pub struct Measure {
    pub name: &'static str,
    /// In the bench's object.
    pub field: &'static str,
    pub unit: &'static str,
    pub digits: usize,
    /// What is taken off, and what the rest is divided by.
    pub less: f64,
    pub by: f64,
    pub bound: Bound,
}

/// Where in an object: a list's entry with these words, or the only entry.
#[derive(Clone, Debug)]
pub struct Place {
    pub pointer: &'static str,
    pub words: Vec<(&'static str, String)>,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Figure {
    pub part: Part,
    pub name: &'static str,
    pub goal: &'static str,
    pub place: Place,
    pub measures: Vec<Measure>,
    /// Fields that count the samples, and those that never came.
    pub counts: Option<(&'static str, &'static str)>,
    /// Whom it is compared with: the name to read, and the word of the place that is his instead.
    pub other: Option<(&'static str, (&'static str, String))>,
}

fn ms(name: &'static str, field: &'static str, bound: Bound) -> Measure {
    Measure {
        name,
        field,
        unit: " ms",
        digits: 1,
        less: 0.0,
        by: 1.0,
        bound,
    }
}

use Bound::{AtLeast, AtMost, Told};

/// All of them, in the order of the goals.
#[must_use]
pub fn all() -> Vec<Figure> {
    let mut all = vec![typing()];
    all.extend(on_the_screen());
    all.extend(moving());
    all.extend(["wan", "far", "bad"].map(far_away));
    all.push(beside_a_page());
    all.extend(thinnest());
    all.extend(exact());
    all.extend([idle(), relay()]);
    all
}

fn latency(profile: &str, workload: Workload) -> Place {
    Place {
        pointer: "/cells",
        words: vec![
            ("profile", profile.to_owned()),
            ("workload", workload.name().to_owned()),
            ("arm", Arm::Ours.name().to_owned()),
        ],
    }
}

fn full_frame() -> Option<(&'static str, (&'static str, String))> {
    Some(("full frame", ("arm", Arm::FullFrame.name().to_owned())))
}

fn precise(measures: Vec<Measure>) -> Vec<Measure> {
    let precise = |measure| Measure {
        digits: 2,
        ..measure
    };
    measures.into_iter().map(precise).collect()
}

fn typing() -> Figure {
    Figure {
        part: Part::Typing,
        name: "typing, LAN: key → decoded pixel",
        goal: "p50 ≤ 1.5 ms, p99 ≤ 8 ms",
        place: latency("lan", Workload::Type),
        measures: precise(vec![
            ms("p50", "p50_ms", AtMost(1.5)),
            ms("p99", "p99_ms", AtMost(8.0)),
        ]),
        counts: Some(("n", "timeouts")),
        other: full_frame(),
    }
}

fn on_the_screen() -> [Figure; 4] {
    let figure = |peer: Peer, other: Peer, work: Work, name, goal, bounds: [Bound; 2]| Figure {
        part: match peer {
            Peer::Mayday => Part::Native,
            _ => Part::Chromium,
        },
        name,
        goal,
        place: Place {
            pointer: "/cells",
            words: vec![
                ("peer", peer.name().to_owned()),
                ("work", work.name().to_owned()),
            ],
        },
        measures: vec![
            ms("p50", "p50_ms", bounds[0]),
            ms("p99", "p99_ms", bounds[1]),
        ],
        counts: Some(("n", "timeouts")),
        other: Some((other.short_name(), ("peer", other.name().to_owned()))),
    };
    let native =
        |work, name, goal, bounds| figure(Peer::Mayday, Peer::Xtigervnc, work, name, goal, bounds);
    let chromium = |work, name, goal, bounds| {
        figure(Peer::MaydayChromium, Peer::Novnc, work, name, goal, bounds)
    };
    [
        native(
            Work::Change,
            "change → pixel on the technician's screen, native viewer",
            "p50 ≤ 3 ms, p99 ≤ 8 ms",
            [AtMost(3.0), AtMost(8.0)],
        ),
        chromium(
            Work::Change,
            "the same in Chromium with the console",
            "p50 ≤ 8 ms, p99 ≤ 20 ms",
            [AtMost(8.0), AtMost(20.0)],
        ),
        native(
            Work::Whole,
            "whole-screen change → all of it shown, native viewer",
            "p50 ≤ 25 ms",
            [AtMost(25.0), Told],
        ),
        chromium(
            Work::Whole,
            "the same in Chromium with the console",
            "-",
            [Told, Told],
        ),
    ]
}

fn moving() -> [Figure; 2] {
    let figure = |show: Show, name, goal, measures| Figure {
        part: Part::Native,
        name,
        goal,
        place: Place {
            pointer: "/moving",
            words: vec![
                ("peer", Peer::Mayday.name().to_owned()),
                ("work", show.name().to_owned()),
            ],
        },
        measures,
        counts: None,
        other: Some((
            Peer::Xtigervnc.short_name(),
            ("peer", Peer::Xtigervnc.name().to_owned()),
        )),
    };
    let shown = |least| Measure {
        unit: "/s",
        ..ms("shown", "shown_per_s", AtLeast(least))
    };
    let bytes = |most| Measure {
        unit: " kB",
        by: 1e3,
        ..ms("bytes a picture", "bytes_per_picture", AtMost(most))
    };
    [
        figure(
            Show::Film,
            "full motion 1080p, viewer on the same processors",
            "≥ 55/s, ≤ 100 kB, ≤ 14 ms agent + gateway CPU a frame, PSNR-Y ≥ 38 dB",
            vec![
                shown(55.0),
                bytes(100.0),
                ms("CPU", "cpu_ms_per_picture", AtMost(14.0)),
                Measure {
                    unit: " dB",
                    ..ms("PSNR-Y", "psnr_y_db", AtLeast(38.0))
                },
                ms("lag p50", "lag_p50_ms", Told),
                ms("lag p99", "lag_p99_ms", Told),
            ],
        ),
        figure(
            Show::Scroll,
            "scrolling text at 60/s",
            "≥ 58/s seen, ≤ 5 kB a step, lag ≤ 10 ms",
            vec![
                shown(58.0),
                bytes(5.0),
                ms("lag p50", "lag_p50_ms", AtMost(10.0)),
                ms("lag p99", "lag_p99_ms", Told),
            ],
        ),
    ]
}

fn round_trip_ms(profile: &str) -> f64 {
    Profile::named(profile).map_or(0.0, |profile| 1e3 * profile.rtt.as_secs_f64())
}

fn far_away(profile: &'static str) -> Figure {
    let beyond = |name, field, most| Measure {
        less: round_trip_ms(profile),
        ..ms(name, field, AtMost(most))
    };
    Figure {
        part: Part::Wan,
        name: match profile {
            "wan" => "typing, wan (50 ms, 0.5 % loss), beyond the round trip",
            "far" => "typing, far (100 ms, 1 % loss), beyond the round trip",
            _ => "typing, bad (100 ms, 3 % loss), beyond the round trip",
        },
        goal: "p50 +5 ms, p99 +20 ms",
        place: latency(profile, Workload::Type),
        measures: vec![beyond("p50", "p50_ms", 5.0), beyond("p99", "p99_ms", 20.0)],
        counts: Some(("n", "timeouts")),
        other: full_frame(),
    }
}

fn beside_a_page() -> Figure {
    let beyond = |name, field, bound| Measure {
        less: round_trip_ms("thin"),
        ..ms(name, field, bound)
    };
    Figure {
        part: Part::PageLoads,
        name: "typing while a page loads, 1 Mbit/s, beyond the round trip",
        goal: "p95 ≤ +50 ms",
        place: latency("thin", Workload::TypeWhilePage),
        measures: vec![
            beyond("p50", "p50_ms", Told),
            beyond("p95", "p95_ms", AtMost(50.0)),
            beyond("p99", "p99_ms", Told),
        ],
        counts: Some(("n", "timeouts")),
        other: full_frame(),
    }
}

fn rest(
    part: Part,
    profile: &str,
    work: Workload,
    name: &'static str,
    goal: &'static str,
) -> Figure {
    Figure {
        part,
        name,
        goal,
        place: Place {
            pointer: "/exact",
            ..latency(profile, work)
        },
        measures: vec![
            ms("p50", "p50_ms", Told),
            ms("p90", "p90_ms", Told),
            ms("max", "max_ms", Told),
        ],
        counts: Some(("n", "never")),
        other: None,
    }
}

fn thinnest() -> [Figure; 3] {
    let hair = |work, name, goal| rest(Part::Hair, "hair", work, name, goal);
    let within_3_s = |measures: &mut Vec<Measure>| {
        for measure in measures {
            measure.bound = AtMost(3000.0);
            measure.digits = 0;
        }
    };
    let mut readable = hair(
        Workload::NewPage,
        "150 kbit/s: a page of text is readable",
        "in 3 s",
    );
    readable.measures = vec![
        ms("p50", "readable_p50_ms", Told),
        ms("max", "readable_max_ms", Told),
    ];
    within_3_s(&mut readable.measures);
    let mut dialog = hair(
        Workload::Menu,
        "150 kbit/s: a dialog of 300x400 is exact",
        "in 3 s",
    );
    within_3_s(&mut dialog.measures);
    let mut page = hair(Workload::NewPage, "150 kbit/s: the page is exact", "-");
    for measure in &mut page.measures {
        measure.digits = 0;
    }
    [readable, dialog, page]
}

fn exact() -> [Figure; 2] {
    let lan = |work, name| {
        let mut figure = rest(Part::Exact, "lan", work, name, "≤ 400 ms, 100 % of pixels");
        for measure in &mut figure.measures {
            measure.bound = AtMost(400.0);
        }
        figure
    };
    [
        lan(
            Workload::NewPage,
            "a page of text, LAN: every pixel exact after the change",
        ),
        lan(
            Workload::Photograph,
            "a photograph of 640x480, LAN: every pixel exact after the change",
        ),
    ]
}

fn idle() -> Figure {
    Figure {
        part: Part::Idle,
        name: "idle, at the agent",
        goal: "< 0.2 % of a core, < 50 bytes/s",
        place: Place {
            pointer: "",
            words: Vec::new(),
        },
        measures: vec![
            Measure {
                unit: " %",
                digits: 2,
                ..ms("CPU", "cpu_percent", AtMost(0.2))
            },
            Measure {
                unit: " bytes/s",
                digits: 0,
                ..ms("UDP payload, both ways", "bytes_per_s", AtMost(50.0))
            },
        ],
        counts: None,
        other: None,
    }
}

fn relay() -> Figure {
    Figure {
        part: Part::Relay,
        name: "relay: active sessions a core",
        goal: "≥ 500, added p99 < 2 ms",
        place: Place {
            pointer: "/best",
            words: Vec::new(),
        },
        measures: vec![
            Measure {
                unit: "",
                digits: 0,
                ..ms("a core", "sessions_per_core", AtLeast(500.0))
            },
            Measure {
                unit: "",
                digits: 0,
                ..ms("sessions at once", "active_sessions", Told)
            },
            ms("added p99", "added_p99_ms", AtMost(2.0)),
        ],
        counts: None,
        other: None,
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_part_has_a_figure_and_every_network_its_round_trip() {
        let all = all();
        for part in Part::value_variants() {
            assert!(all.iter().any(|figure| figure.part == *part), "{part:?}");
        }
        for profile in ["wan", "far", "bad", "thin"] {
            assert!(round_trip_ms(profile) >= 50.0, "{profile}");
        }
    }
}
