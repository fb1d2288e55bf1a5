//! After a change of who may do what: everybody whom it concerns is told, and what they may not do any more ends.

use crate::app::App;
use crate::directory::Snapshot;

/// Compares `before` with what holds now.
pub async fn changed(app: &App, before: &Snapshot) {
    let after = app.directory.now();
    app.events.access_changed(before, &after);
    app.desk.access_changed(before, &after).await;
}
