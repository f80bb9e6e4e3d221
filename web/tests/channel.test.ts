import { expect, it } from 'vitest';
import { channelName, titleWithChannel } from '../shared/channel';
import { Channel } from '../shared/gen/livefair/v1/catalog_pb';

it('a show says its channel unless it is a broadcast, or of a server that does not say', () => {
  const titled = (channel: Channel) => titleWithChannel({ title: '工会专场', channel });
  expect(titled(Channel.BULK)).toBe('【集采】工会专场');
  expect(titled(Channel.STALL)).toBe('【摊位】工会专场');
  expect(titled(Channel.SHOW)).toBe('工会专场');
  expect(titled(Channel.UNSPECIFIED)).toBe('工会专场');
  expect(channelName(99)).toBeUndefined();
});
