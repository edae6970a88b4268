use kandy_core::{
    Input, TrackId,
    input::{Kind, TrackFact},
};
use kandy_wasm::web::tracks::Tracks;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{MediaStream, MediaStreamTrack};

use crate::world::{Reports, local_tracks, of_kind, run};

async fn fresh(kind: Kind) -> (MediaStreamTrack, MediaStream) {
    let (tracks, infos) = local_tracks().await;
    let (track, _) = tracks.get(&of_kind(&infos, kind).id).unwrap();
    // The browser's own `clone`: a track that the table does not know.
    let track: MediaStreamTrack = run("return it.clone()", &track).into();
    let stream = MediaStream::new().unwrap();
    stream.add_track(&track);
    (track, stream)
}

fn state(track: &MediaStreamTrack) -> String {
    run("return it.readyState", track).as_string().unwrap()
}

fn facts(inputs: &[Input]) -> Vec<(TrackId, TrackFact)> {
    let fact = |input: &Input| if let Input::Track(id, fact) = input { Some((id.clone(), *fact)) } else { None };
    inputs.iter().filter_map(fact).collect()
}

#[wasm_bindgen_test]
async fn what_a_track_says_is_reported_until_it_is_stopped() {
    let (track, stream) = fresh(Kind::Audio).await;
    // Firefox does not deliver events that a page makes up to a track: its listeners are kept here and called.
    run(
        "it.heard = {};
         it.addEventListener = (kind, heard) => { it.heard[kind] = heard; };
         it.removeEventListener = (kind, heard) => { if (it.heard[kind] === heard) delete it.heard[kind]; };",
        &track,
    );
    let say_all = "for (const kind of ['mute', 'unmute', 'ended']) it.heard[kind]?.(new Event(kind))";
    let (report, mut reports) = Reports::new();
    let tracks = Tracks::new(report);
    let info = tracks.adopt_local(Clone::clone(&track), &stream);
    assert_eq!((info.kind, info.stream.0.as_str()), (Kind::Audio, stream.id().as_str()));
    run(say_all, &track);
    let told = facts(&reports.now());
    let all = [TrackFact::Muted(true), TrackFact::Muted(false), TrackFact::Ended];
    assert_eq!(told, all.map(|fact| (info.id.clone(), fact)));

    tracks.stop(std::slice::from_ref(&info.id));
    assert!(tracks.get(&info.id).is_none());
    run(say_all, &track);
    assert!(reports.rest().await.is_empty());
}

#[wasm_bindgen_test]
async fn only_local_tracks_are_stopped() {
    let (tracks, infos) = local_tracks().await;
    let (local, stream) = tracks.get(&infos[0].id).unwrap();
    let remote = tracks.adopt_remote(run("return it.clone()", &local).into(), &stream);
    let (remote_track, _) = tracks.get(&remote.id).unwrap();
    tracks.forget(std::slice::from_ref(&infos[0].id));
    tracks.stop(&[infos[0].id.clone(), remote.id.clone()]);
    assert_eq!((state(&local).as_str(), state(&remote_track).as_str()), ("ended", "live"));
    assert!(tracks.get(&remote.id).is_some(), "a remote track cannot be stopped");
    tracks.forget(std::slice::from_ref(&remote.id));
    assert!(tracks.get(&remote.id).is_none());
    remote_track.stop();
}

#[wasm_bindgen_test]
async fn tracks_can_be_switched_off_and_dropping_the_table_frees_the_devices() {
    let (tracks, infos) = local_tracks().await;
    let all: Vec<_> = infos.iter().map(|info| tracks.get(&info.id).unwrap().0).collect();
    tracks.enable(&infos[0].id, false);
    assert_eq!((all[0].enabled(), all[1].enabled()), (false, true));
    tracks.enable(&infos[0].id, true);
    assert!(all[0].enabled());
    tracks.enable(&TrackId::from("unknown"), false);
    drop(tracks);
    assert!(all.iter().all(|track| state(track) == "ended"));
}

#[wasm_bindgen_test]
async fn h9_one_track_keeps_its_id_and_another_never_gets_it() {
    let (tracks, infos) = local_tracks().await;
    let (track, stream) = tracks.get(&infos[0].id).unwrap();
    assert_eq!(tracks.adopt_remote(Clone::clone(&track), &stream).id, infos[0].id, "the same track");
    let double =
        run("const double = it.clone(); Object.defineProperty(double, 'id', { value: it.id }); return double", &track);
    let double = tracks.adopt_remote(double.into(), &stream).id;
    assert_ne!(double, infos[0].id, "another one that says it had the same id");
    tracks.stop(&[double, infos[0].id.clone()]);
    assert_eq!(state(&track), "ended");
}

#[wasm_bindgen_test]
async fn a_stream_that_comes_back_as_another_object_goes_on_in_the_first() {
    let (track, stream) = fresh(Kind::Video).await;
    let (report, _reports) = Reports::new();
    let tracks = Tracks::new(report);
    let info = tracks.adopt_remote(Clone::clone(&track), &stream);
    stream.remove_track(&track);
    let again = MediaStream::new().unwrap();
    again.add_track(&track);
    run(&format!("Object.defineProperty(it, 'id', {{ value: '{}' }})", stream.id()), &again);
    assert_eq!(tracks.adopt_remote(Clone::clone(&track), &again), info);
    assert_eq!(tracks.get(&info.id).unwrap().1, stream);
    assert!(stream.get_track_by_id(&track.id()).is_some());

    // Another stream is another matter.
    let other = MediaStream::new().unwrap();
    tracks.adopt_remote(Clone::clone(&track), &other);
    assert_eq!(tracks.get(&info.id).unwrap().1, other);
}
