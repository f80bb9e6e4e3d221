import { describe, expect, it } from 'vitest';
import { beatAt } from '../shared/beacon';
import { chapterAt, MediaTokens, newestClips, type PlacedClip, RoomMedia, withFreshToken } from '../shared/media';

const clip = (id: string, offerId: string, startMs: number): PlacedClip => ({ id, offerId, title: id, priceFen: 1, startMs, endMs: startMs + 20, recordingId: 'rec' });
const show = { playlistUrl: 'http://media.test/hls/tea/index.m3u8', roomId: 'tea' };

describe('addresses of a room’s media', () => {
  it('of a public room carry no token', () => {
    expect(new RoomMedia({ ...show, isPrivate: false }).replay('20260101T000000Z').url).toBe('http://media.test/replay/tea/20260101T000000Z/index.m3u8');
  });
  it('of a private room have a place for it', () => {
    const { url, tokens } = new RoomMedia({ ...show, isPrivate: true }).live();
    expect(withFreshToken(url, 'new')).toBe('http://media.test/hls/tea/~new/index.m3u8');
    expect(tokens).toBeDefined();
  });
  it('get a fresh token in place of the old one', () => {
    expect(withFreshToken('http://m/hls/tea/~1.w.ab/seg_1.m4s?x=1', '2.w.cd')).toBe('http://m/hls/tea/~2.w.cd/seg_1.m4s?x=1');
    expect(withFreshToken('http://m/hls/tea/seg_1.m4s', '2')).toBe('http://m/hls/tea/seg_1.m4s');
  });
});

describe('a room’s token', () => {
  it('is asked for once, and renewed a minute before it expires', async () => {
    let now = 0;
    let asked = 0;
    const tokens = new MediaTokens(async () => ({ token: `t${++asked}`, expiresMs: BigInt(now + 600_000) }), () => now);
    expect(await Promise.all([tokens.get(), tokens.get()])).toEqual(['t1', 't1']);
    now = 530_000;
    expect(await tokens.get()).toBe('t1');
    now = 545_000;
    expect(await tokens.get()).toBe('t1'); // still holds while the new one is on its way
    await Promise.resolve();
    await new Promise((resolve) => setTimeout(resolve));
    expect(await tokens.get()).toBe('t2');
    expect(asked).toBe(2);
  });
  it('that has expired is never given out', async () => {
    let now = 0;
    let fails = false;
    const ask = async () => {
      if (fails) throw new Error('away');
      return { token: 't', expiresMs: 100n };
    };
    const tokens = new MediaTokens(ask, () => now);
    await tokens.get();
    now = 200;
    fails = true;
    await expect(tokens.get()).rejects.toThrow('away');
  });
});

describe('clips', () => {
  it('of an offer: the newest counts', () => expect(newestClips([clip('a', 'tea', 100), clip('b', 'tea', 300), clip('c', 'rice', 200)]).get('tea')?.id).toBe('b'));
  it('are chapters from pin to unpin', () => {
    const chapters = [clip('a', 'tea', 100), clip('b', 'rice', 130)];
    expect(chapterAt(chapters, 119)?.id).toBe('a');
    expect(chapterAt(chapters, 120)).toBeUndefined();
    expect(chapterAt(chapters, undefined)).toBeUndefined();
  });
});

describe('the beacon', () => {
  it('speaks at once when the picture moves, then every 30 s', () => {
    expect(beatAt(true, false, 0, 1_000_000)).toBe('playing');
    expect(beatAt(true, false, 1_000_000, 1_029_000)).toBe('none');
    expect(beatAt(true, false, 1_000_000, 1_030_000)).toBe('playing');
  });
  it('is silent while the picture stands', () => expect(beatAt(false, false, 0, 1_000_000)).toBe('none'));
  it('takes leave only if it was counted', () => {
    expect(beatAt(true, true, 1_000_000, 1_001_000)).toBe('left');
    expect(beatAt(false, true, 0, 1_001_000)).toBe('none');
  });
});
