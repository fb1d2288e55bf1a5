//! From which address the work at hand was asked for, so that the audit can say it. It goes along with a task and is not an argument,
//! because every rule between a request and its record would only pass it on.

use std::net::IpAddr;

tokio::task_local! {
    static FROM: IpAddr;
}

/// Does `work` as asked for from `from`.
pub async fn at<W: Future>(from: IpAddr, work: W) -> W::Output {
    FROM.scope(from, work).await
}

/// `None` for what the gateway does by itself.
#[must_use]
pub fn current() -> Option<IpAddr> {
    FROM.try_with(|from| *from).ok()
}

/// For a task that goes on by itself: takes the address of the one that starts it along.
pub fn carried<W: Future>(work: W) -> impl Future<Output = W::Output> {
    let from = current();
    async move {
        match from {
            Some(from) => at(from, work).await,
            None => work.await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_of_its_own_keeps_the_address_only_if_it_is_carried() {
        let from: IpAddr = "192.0.2.7".parse().unwrap();
        let seen = at(from, async {
            let kept = tokio::spawn(carried(async { current() }));
            let lost = tokio::spawn(async { current() });
            (kept.await.unwrap(), lost.await.unwrap())
        });
        assert_eq!(seen.await, (Some(from), None));
        assert_eq!(current(), None);
    }
}
