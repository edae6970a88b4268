//! Every recording, replayed (see `replay.rs`), each as a test of its own; and that none is left out.

use std::collections::BTreeSet;

use crate::{differences::ALL, recording, replay::replay};

macro_rules! recordings {
    ($($name:ident: $file:literal,)+) => {
        const FILES: &[&str] = &[$($file),+];
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let (count, met) = replay($file).await;
            eprintln!("{}: {} pre-flights, {} responses, {} client frames, {} notifications", $file, count.preflights,
                count.responses, count.frames, count.notifications);
            eprintln!("{}: {met:?}", $file);
        })+
    };
}

recordings! {
    login_uc: "login.json",
    login_link: "login.link-uc.json",
    login_bad_password_uc: "login-bad-password.json",
    login_bad_password_link: "login-bad-password.link-uc.json",
    audio_call_uc_uc: "audio-call.json",
    audio_call_link_uc: "audio-call.link-uc.json",
    audio_call_uc_link: "audio-call.uc-link.json",
    audio_call_link_link: "audio-call.link-link.json",
    video_call_uc_uc: "video-call.json",
    video_call_link_uc: "video-call.link-uc.json",
    video_call_uc_link: "video-call.uc-link.json",
    video_call_audio_answer_uc_uc: "video-call-audio-answer.json",
    video_call_audio_answer_link_uc: "video-call-audio-answer.link-uc.json",
    reject_uc_uc: "reject.json",
    reject_link_uc: "reject.link-uc.json",
    reject_uc_link: "reject.uc-link.json",
    im_uc_uc: "im.json",
    im_link_link: "im.link-link.json",
    im_link_uc: "im.link-uc.json",
    im_uc_link: "im.uc-link.json",
    im_group_uc_uc: "im-group.json",
    im_history_uc_uc: "im-history.json",
    im_rich_uc_uc: "im-rich.json",
    im_unknown_user_uc_uc: "im-unknown-user.json",
    im_unknown_user_link_uc: "im-unknown-user.link-uc.json",
    call_history_uc_uc: "call-history.json",
    call_history_link_uc: "call-history.link-uc.json",
    contacts_uc_uc: "contacts.json",
    contacts_link_uc: "contacts.link-uc.json",
    presence_uc_uc: "presence.json",
    presence_link_link: "presence.link-link.json",
    presence_link_uc: "presence.link-uc.json",
    presence_uc_link: "presence.uc-link.json",
    services_partial_uc_uc: "services-partial.json",
    sip_events_uc_uc: "sip-events.json",
    sip_events_link_uc: "sip-events.link-uc.json",
    users_uc_uc: "users.json",
    users_link_uc: "users.link-uc.json",
    voicemail_uc_uc: "voicemail.json",
    voicemail_link_uc: "voicemail.link-uc.json",
    ignore_uc_uc: "ignore.json",
    ignore_link_uc: "ignore.link-uc.json",
    cancel_uc_uc: "cancel.json",
    cancel_link_uc: "cancel.link-uc.json",
    cancel_uc_link: "cancel.uc-link.json",
    call_end_by_callee_uc_uc: "call-end-by-callee.json",
    call_end_by_callee_link_uc: "call-end-by-callee.link-uc.json",
    call_end_by_callee_uc_link: "call-end-by-callee.uc-link.json",
    multi_device_uc_uc: "multi-device.json",
    multi_device_link_uc: "multi-device.link-uc.json",
    multi_device_uc_link: "multi-device.uc-link.json",
    add_media_uc_uc: "add-media.json",
    add_media_link_uc: "add-media.link-uc.json",
    add_media_uc_link: "add-media.uc-link.json",
    call_audit_uc_uc: "call-audit.json",
    call_offline_user_uc_uc: "call-offline-user.json",
    call_options_uc_uc: "call-options.json",
    call_unknown_user_uc_uc: "call-unknown-user.json",
    call_unknown_user_link_uc: "call-unknown-user.link-uc.json",
    cancel_callend_uc_uc: "cancel-callend.json",
    click_to_call_uc_uc: "click-to-call.json",
    click_to_call_link_uc: "click-to-call.link-uc.json",
    consultative_transfer_uc_uc: "consultative-transfer.json",
    consultative_transfer_link_uc: "consultative-transfer.link-uc.json",
    consultative_transfer_uc_link: "consultative-transfer.uc-link.json",
    direct_transfer_uc_uc: "direct-transfer.json",
    direct_transfer_link_uc: "direct-transfer.link-uc.json",
    dtmf_uc_uc: "dtmf.json",
    dtmf_link_uc: "dtmf.link-uc.json",
    forward_uc_uc: "forward.json",
    forward_link_uc: "forward.link-uc.json",
    forward_uc_link: "forward.uc-link.json",
    get_stats_uc_uc: "get-stats.json",
    hold_after_remote_video_uc_uc: "hold-after-remote-video.json",
    hold_by_both_uc_uc: "hold-by-both.json",
    hold_by_both_link_uc: "hold-by-both.link-uc.json",
    hold_by_both_uc_link: "hold-by-both.uc-link.json",
    hold_by_callee_uc_uc: "hold-by-callee.json",
    hold_by_callee_link_uc: "hold-by-callee.link-uc.json",
    hold_by_callee_uc_link: "hold-by-callee.uc-link.json",
    hold_by_caller_uc_uc: "hold-by-caller.json",
    hold_by_caller_link_link: "hold-by-caller.link-link.json",
    hold_by_caller_link_uc: "hold-by-caller.link-uc.json",
    hold_by_caller_uc_link: "hold-by-caller.uc-link.json",
    join_uc_uc: "join.json",
    join_link_uc: "join.link-uc.json",
    mute_uc_uc: "mute.json",
    remove_media_uc_uc: "remove-media.json",
    remove_media_link_uc: "remove-media.link-uc.json",
    replace_track_uc_uc: "replace-track.json",
    sdp_format_compressed_uc_uc: "sdp-format-compressed.json",
    sdp_format_url_uc_uc: "sdp-format-url.json",
    slow_start_uc_uc: "slow-start.json",
    turn_credentials_uc_uc: "turn-credentials.json",
    two_calls_uc_uc: "two-calls.json",
    ws_drop_in_call_uc_uc: "ws-drop-in-call.json",
    link_login_authname_link_uc: "link-login-authname.link-uc.json",
    link_login_hmac_link_uc: "link-login-hmac.link-uc.json",
    link_update_connection_link_uc: "link-update-connection.link-uc.json",
    login_oauth_uc: "login-oauth.json",
    login_refresh_token_uc: "login-refresh-token.json",
    login_token_uc: "login-token.json",
    push_uc: "push.json",
    push_link: "push.link-uc.json",
    reconnect_uc_uc: "reconnect.json",
    reconnect_link_uc: "reconnect.link-uc.json",
    resubscription_uc: "resubscription.json",
    resubscription_link: "resubscription.link-uc.json",
    token_refresh_uc: "token-refresh.json",
    update_token_uc: "update-token.json",
    ws_drop_uc_uc: "ws-drop.json",
    ws_drop_link_uc: "ws-drop.link-uc.json",
    ws_lost_uc: "ws-lost.json",
    ws_pingpong_uc: "ws-pingpong.json",
    ws_server_ping_uc: "ws-server-ping.json",
}

#[test]
fn every_recording_of_a_server_that_behaves_is_replayed() {
    let all = recording::files("recordings").into_iter().chain(recording::files("quirks"));
    let behaves: BTreeSet<String> = all.filter(|file| !file.starts_with("quirk-")).collect();
    assert_eq!(behaves, FILES.iter().map(|file| (*file).to_owned()).collect());
    assert!(behaves.len() >= 115, "{} recordings", behaves.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_difference_in_the_list_is_met() {
    let mut met = BTreeSet::new();
    for file in FILES {
        met.extend(replay(file).await.1);
    }
    assert_eq!(met, BTreeSet::from(ALL));
}
