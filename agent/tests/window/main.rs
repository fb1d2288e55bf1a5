//! Tests of the agent's window and stop key with real parts: X server, window manager, keys and clicks.

mod desktop;
mod requests;
mod scenes;
mod stop_key;
