import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { adviceOn } from '../host/health';
import { StreamStateSchema, StreamStatus } from '../shared/gen/livefair/v1/media_pb';

const good = { status: StreamStatus.LIVE, bitrateBps: 2_500_000n, fps: 30, keyFrameIntervalMs: 2000n };
const advice = (more: MessageInitShape<typeof StreamStateSchema>) => adviceOn(create(StreamStateSchema, { ...good, ...more }));

describe('advice to the host', () => {
  it('is nothing but praise for a good signal', () => expect(advice({})).toEqual(['adviceOk']));
  it('names key frames that are too far apart', () => expect(advice({ keyFrameIntervalMs: 8000n })).toEqual(['adviceKeyFrames']));
  it('names a weak uplink and a slow encoder together', () => expect(advice({ bitrateBps: 300_000n, fps: 9 })).toEqual(['adviceBitrate', 'adviceFps']));
  it('does not judge figures that are not measured yet', () => expect(advice({ bitrateBps: 0n, fps: 0, keyFrameIntervalMs: 0n })).toEqual(['adviceOk']));
  it('says what to do when nothing arrives', () => {
    expect(adviceOn(undefined)).toEqual(['adviceOffline']);
    expect(advice({ status: StreamStatus.RECONNECTING })).toEqual(['adviceReconnecting']);
  });
});
