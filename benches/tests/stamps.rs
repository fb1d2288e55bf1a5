//! Where a key's time went, with real programs over an emulated network: what the stages say adds up to the whole. A ratio of the same
//! samples, so that it does not depend on how fast the machine is.

use std::time::Duration;

use mayday_benches::latency::scene::{Arm, Leg};
use mayday_benches::latency::workload::Workload;
use mayday_benches::latency::{Bench, Measured, Plan};
use mayday_tests::folder::Folder;
use mayday_tests::linkem::Profile;
use mayday_viewer::Spread;
use mayday_viewer::why::Stage;

const SAMPLES: usize = 60;
const TRIES: usize = 3;
/// Of the whole, what no stage explains or two of them claim.
const MAY_MISS: f64 = 0.05;
/// Those that are never in no time.
const ALWAYS: [Stage; 6] = [
    Stage::Wait,
    Stage::Grab,
    Stage::Encode,
    Stage::Agent,
    Stage::Network,
    Stage::Decode,
];

#[test]
fn the_stages_of_a_key_add_up_to_the_time_until_its_pixel() {
    let folder = Folder::new("stamps").unwrap();
    let plan = Plan {
        profiles: vec![Profile::named("dsl").unwrap()],
        workloads: vec![Workload::Type],
        arms: vec![Arm::Ours],
        samples: SAMPLES,
        time: Duration::from_secs(300),
    };
    let mut bench = Bench::start(&plan.arms, &folder, |said| println!("{said}")).unwrap();
    // A stage without a stamp is missing each time; a busy machine's pings are slow when the keys are not, and the other way round.
    let adds_up = (0..TRIES).any(|_| {
        let measured = bench.run(&plan, |said| println!("{said}"));
        adds_up(&measured[0])
    });
    assert!(adds_up, "the stages do not add up, {TRIES} times");
}

fn adds_up(measured: &Measured) -> bool {
    let legs = &measured.legs;
    assert!(legs.len() >= 50, "{} of {SAMPLES} samples", legs.len());
    let p50 = |of: &dyn Fn(&Leg) -> f64| Spread::of(legs.iter().map(of).collect()).p50;
    let ms = |time: Duration| 1e3 * time.as_secs_f64();
    for (at, stage) in Stage::ALL.iter().enumerate() {
        let took = p50(&|leg| ms(leg.stages[at]));
        println!("{} {took:.2} ms", stage.name());
        let is_stamped = took > 0.0 || !ALWAYS.contains(stage);
        assert!(is_stamped, "{} is not stamped", stage.name());
    }
    let whole = p50(&|leg| ms(leg.whole()));
    let unexplained = p50(&Leg::unexplained_ms);
    println!("{unexplained:.2} of {whole:.2} ms are not explained");
    let told = measured.cell.unexplained_p50_ms.unwrap();
    assert!((told - unexplained).abs() < 1e-3, "the cell says {told}");
    unexplained.abs() <= MAY_MISS * whole
}
