// How a show's goods are sold, in words. A show of a server that does not say is a broadcast.
import { Channel } from './gen/livefair/v1/catalog_pb';
import { type Pair, say } from './i18n';

const CHANNELS: Record<number, Pair> = {
  [Channel.SHOW]: ['直播', 'Show'],
  [Channel.MALL]: ['商城', 'Mall'],
  [Channel.BULK]: ['集采', 'Bulk'],
  [Channel.STALL]: ['摊位', 'Stall'],
};

export function channelName(channel: number): string | undefined {
  const name = CHANNELS[channel];
  return name && say(name);
}

/** The channel's name of a show that is not a broadcast. */
export function otherChannel({ channel }: { channel: Channel }): string | undefined {
  return channel > Channel.SHOW ? channelName(channel) : undefined;
}

/** The title, with the channel where it is not a broadcast. */
export function titleWithChannel(show: { title: string; channel: Channel }): string {
  const name = otherChannel(show);
  return name ? `【${name}】${show.title}` : show.title;
}
