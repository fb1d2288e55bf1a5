//! Sign-ins as time goes on: what those opened that run out ends with them, as if their owner had signed out; when the others were
//! used is written down.

use std::time::Duration;

use crate::app::App;

/// How long a console or a remote view may outlive its sign-in.
const LOOK: Duration = Duration::from_secs(5);
/// Looks between two writings of when sign-ins were used: a minute.
const LOOKS: u32 = 12;

/// Runs for as long as the gateway does.
pub async fn keep(app: App) {
    for look in 0_u32.. {
        match app.accounts.take_run_out().await {
            Ok(ended) => {
                for sign_in in ended {
                    app.events.end_sign_in(&sign_in);
                    app.desk.sign_in_ended(&sign_in).await;
                }
            }
            Err(error) => tracing::error!(%error, "sign-ins that ran out could not be ended"),
        }
        if look % LOOKS == 0
            && let Err(error) = app.accounts.write_uses().await
        {
            tracing::error!(%error, "when sign-ins were used could not be written");
        }
        tokio::time::sleep(LOOK).await;
    }
}
