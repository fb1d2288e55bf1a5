//! The main job end to end in a real browser: the same story that `cargo xtask demo --auto` plays.

use mayday_tests::folder::Folder;
use mayday_tests::story::Story;

#[tokio::test(flavor = "multi_thread")]
async fn the_main_job_works_from_sign_in_to_expired() {
    let out = Folder::new("main-job").unwrap();
    let report = Story::play(&out).await.unwrap();
    assert!(report.ok, "{report:?}");
    assert_eq!(report.steps.len(), 26, "{report:?}");
    assert!(report.event_to_list_ms.is_some());
    assert!(report.allow_to_first_picture_ms.is_some());
    assert!(report.key_to_pixel_browser_ms.is_some());
}
