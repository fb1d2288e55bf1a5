//! After the session: asks the end user how it was and brings the answer to the gateway. Owns that it can be skipped, is given once, and
//! never keeps the program from ending.

use std::time::Duration;

use mayday_protocol::control::FromAgent;
use mayday_protocol::limits::RATING_CHARS;
use mayday_transport::KeyPin;

use super::attend::Session;
use super::reach::NotJoined;
use super::{ANSWER, Core, reach};
use crate::cli::{Exit, Gateway};
use crate::face::{Scene, UserAction};
use crate::sentence::Sentence;

const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// What the gateway said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RatingWanted {
    pub question: String,
    pub token: String,
}

impl Core {
    /// Asks, if the gateway wants it; gives the sentence that is shown after it.
    pub(super) async fn ask_for_rating(
        &mut self,
        to: &Gateway,
        key: KeyPin,
        session: &Session,
        sentence: Sentence,
    ) -> Result<Sentence, Exit> {
        let Some(wanted) = session.rating.clone().filter(|_| !self.exit_on_failure) else {
            return Ok(sentence);
        };
        self.sharing.close();
        self.stage.scene(Scene::Rating {
            sentence: sentence.clone(),
            question: wanted.question.clone(),
        });
        loop {
            match self.action().await? {
                UserAction::SkipRating => return Ok(sentence),
                UserAction::Rate { stars, words } => {
                    let rating = FromAgent::Rate {
                        version: mayday_protocol::VERSION,
                        token: wanted.token,
                        stars,
                        words: words.trim().chars().take(RATING_CHARS).collect(),
                    };
                    let arrived = self.bring(to, key, rating).await?;
                    return Ok(if arrived {
                        Sentence::new("rated")
                    } else {
                        Sentence::new("not-rated")
                    });
                }
                _ => {} // nothing else belongs to this scene
            }
        }
    }

    async fn bring(&mut self, to: &Gateway, key: KeyPin, rating: FromAgent) -> Result<bool, Exit> {
        let prefer = self.prefer;
        for _ in 0..TRIES {
            let attempt =
                tokio::time::timeout(ANSWER, reach::rate(to, key, rating.clone(), prefer));
            match self.unless_left(attempt).await? {
                Ok(Ok(())) => return Ok(true),
                Ok(Err(NotJoined::Refused(_))) => return Ok(false),
                Ok(Err(error)) => tracing::debug!("not rated yet: {}", error.kind()),
                Err(_) => tracing::debug!("not rated yet: no answer"),
            }
            self.unless_left(tokio::time::sleep(PAUSE)).await?;
        }
        Ok(false)
    }
}
