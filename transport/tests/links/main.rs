//! Links over every carrier, between a real listener and real clients on loopback. Owns only which tests there are.

mod browser;
mod carriers;
mod connecting;
mod hostile;
mod pair;
