//! Sign-ins that run out by themselves: what they opened ends with them, as if their owner had signed out.

use std::time::Duration;

use crate::app::App;

/// How long a console or a remote view may outlive its sign-in.
const LOOK: Duration = Duration::from_secs(5);

/// Runs for as long as the gateway does.
pub async fn keep(app: App) {
    loop {
        match app.accounts.take_run_out().await {
            Ok(ended) => {
                for sign_in in ended {
                    app.events.end_sign_in(&sign_in);
                    app.desk.sign_in_ended(&sign_in).await;
                }
            }
            Err(error) => tracing::error!(%error, "sign-ins that ran out could not be ended"),
        }
        tokio::time::sleep(LOOK).await;
    }
}
