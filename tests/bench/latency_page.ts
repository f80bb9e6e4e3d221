// The page's own player and nothing else, for the latency benchmark: ?url=...m3u8
import { effect } from '@preact/signals';
import { ServerClock } from '../../web/shared/clock';
import { LivePlayer } from '../../web/shared/player';

const video = document.createElement('video');
video.playsInline = true;
document.body.append(video);
const player = new LivePlayer(video, new ServerClock());
effect(() => {
  video.dataset.stalls = String(player.stalls.value);
  video.dataset.fatalErrors = String(player.fatalErrors.value);
});
player.load({ url: new URLSearchParams(location.search).get('url')!, live: true });
