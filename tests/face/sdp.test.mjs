// The codec remover (api-behaviour 9).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers } from '../lib/covers.mjs';
import { face } from './lib/face.mjs';

const { createCodecRemover } = await face(['sdp.ts']);

const sdp = () => ({
  version: 0,
  media: [
    { type: 'audio', payloads: '111 0', rtp: [{ payload: 111, codec: 'opus' }, { payload: 0, codec: 'PCMU' }] },
    {
      type: 'video',
      payloads: '96 97 102 103 104 105',
      rtp: [
        { payload: 96, codec: 'VP8' }, { payload: 97, codec: 'rtx' }, { payload: 102, codec: 'H264' },
        { payload: 103, codec: 'rtx' }, { payload: 104, codec: 'H264' }, { payload: 105, codec: 'rtx' },
      ],
      fmtp: [
        { payload: 97, config: 'apt=96' },
        { payload: 102, config: 'level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f' },
        { payload: 103, config: 'apt=102' },
        { payload: 104, config: 'level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42001f' },
        { payload: 105, config: 'apt=104;rtx-time=125' },
      ],
      rtcpFb: [{ payload: 96, type: 'nack' }, { payload: 102, type: 'nack' }, { payload: 104, type: 'nack' }],
    },
  ],
});
const payloads = (result) => result.media.map((line) => line.payloads);

test('a codec goes with its formats, its feedback and its retransmission', () => {
  const given = sdp();
  const result = createCodecRemover(['H264'])(given, { type: 'offer', endpoint: 'local' }, given);
  assert.deepEqual(payloads(result), ['111 0', '96 97']);
  const video = result.media[1];
  assert.deepEqual(video.rtp.map(({ payload }) => payload), [96, 97]);
  assert.deepEqual(video.fmtp.map(({ payload }) => payload), [97]);
  assert.deepEqual(video.rtcpFb.map(({ payload }) => payload), [96]);
  assert.deepEqual(given, sdp(), 'what was given stays as it was');
});

test('only formats that have all parameters are removed', (t) => {
  const remove = createCodecRemover([{ name: 'H264', fmtpParams: ['packetization-mode=0', 'profile-level-id=42001f'] }]);
  assert.deepEqual(payloads(remove(sdp())), ['111 0', '96 97 102 103']);
  covers(t, 'sdpHandlers.createCodecRemover', 'sdpHandlers.createCodecRemover(codecs)');
});

test('names are compared letter by letter, and an empty list removes nothing', () => {
  assert.deepEqual(payloads(createCodecRemover(['h264', 'OPUS'])(sdp())), payloads(sdp()));
  assert.deepEqual(createCodecRemover()(sdp()), sdp());
});

test('the older style: one object with the description and the next handler', () => {
  const seen = createCodecRemover(['PCMU'])({ currentSdp: sdp(), next: (result) => ['next', result] });
  assert.equal(seen[0], 'next');
  assert.deepEqual(payloads(seen[1]), ['111', '96 97 102 103 104 105']);
});
