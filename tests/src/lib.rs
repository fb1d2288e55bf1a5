//! The real parts on one machine: X servers, desktops, gateways, agents and browsers for tests, benches and the demo.
//! Everything binds to loopback on ports and displays that the system picks, and is stopped by process id.

pub mod agent;
pub mod board;
pub mod browser;
pub mod console;
pub mod desktop;
pub mod digits;
pub mod firefox;
pub mod folder;
pub mod gateway;
pub mod image;
pub mod link;
pub mod linkem;
pub mod painter;
pub mod process;
pub mod rest;
pub mod scenery;
pub mod story;
pub mod technician;
pub mod template;
pub mod viewer;
pub mod wait;
pub mod world;
pub mod xserver;
