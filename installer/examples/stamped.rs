//! The smallest program that carries a stamp: prints what the agent's own code reads. The tests stamp it.

#[path = "../../agent/src/stamp.rs"]
mod stamp;

fn main() {
    match stamp::read() {
        stamp::Stamp::Unstamped => println!("unstamped"),
        stamp::Stamp::Altered => println!("altered"),
        stamp::Stamp::Stamped(fields) => println!(
            "{} {} {} {}",
            fields.gateway, fields.organisation, fields.version, fields.pin[0]
        ),
    }
}
