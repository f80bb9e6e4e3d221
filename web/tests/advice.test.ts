import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { adviceOn, adviceWords, recordName } from '../shared/advice';
import { RecordStatus, StreamAdvice, StreamStateSchema, StreamStatus } from '../shared/gen/livefair/v1/media_pb';

const stream = (more: MessageInitShape<typeof StreamStateSchema>) => create(StreamStateSchema, { status: StreamStatus.LIVE, ...more });

describe('advice to the host', () => {
  it('is nothing but praise when the server has none', () => expect(adviceOn(stream({}))).toEqual(['OK']));
  it('is the server’s, in its order', () =>
    expect(adviceOn(stream({ advice: [StreamAdvice.UPLINK_WEAK, StreamAdvice.KEY_FRAMES_FAR] }))).toEqual(['UPLINK_WEAK', 'KEY_FRAMES_FAR']));
  it('judges no figure itself', () => expect(adviceOn(stream({ keyFrameIntervalMs: 8000n, fps: 5 }))).toEqual(['OK']));
  it('says nothing about advice that this page does not know', () => expect(adviceOn(stream({ advice: [99 as StreamAdvice] }))).toEqual(['OK']));
  it('names the interval of key frames', () => expect(adviceWords('KEY_FRAMES_FAR', stream({ keyFrameIntervalMs: 8000n }))).toContain('关键帧间隔 8 秒，建议 2 秒'));
  it('has words for every advice', () => {
    for (const value of Object.values(StreamAdvice).filter((one): one is StreamAdvice => typeof one === 'number' && one !== 0)) {
      const [name] = adviceOn(stream({ advice: [value] }));
      expect(adviceWords(name!, stream({})).length).toBeGreaterThan(5);
    }
  });
  it('says what to do when nothing arrives', () => {
    expect(adviceOn(undefined)).toEqual(['OFFLINE']);
    expect(adviceOn(stream({ status: StreamStatus.RECONNECTING }))).toEqual(['RECONNECTING']);
  });
});

describe('the recording', () => {
  it('is named by what the server says of it', () => {
    expect(recordName(stream({}))).toBe('off');
    expect(recordName(stream({ record: { status: RecordStatus.RECORDING } }))).toBe('recording');
    expect(recordName(stream({ record: { status: RecordStatus.FAILING } }))).toBe('failing');
  });
});
