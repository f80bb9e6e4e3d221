// hls.js and a room of livefair-media: `play_room.mjs {media url}/hls/{room} [OTHER]`. Plays some seconds, then, with OTHER, some of that
// rendition (audio). Prints what it saw as JSON.
// The page claims the media program's own address, so that it may load from it.
import { readFileSync } from 'node:fs';
import { launch } from './browser.mjs';

const [room, other] = process.argv.slice(2);
const player = new URL('/player.html', room).href;
const hlsScript = readFileSync(new URL('../../web/node_modules/hls.js/dist/hls.min.js', import.meta.url), 'utf8');
const html = `<!doctype html><video id="video" muted></video><script>${hlsScript}</script>`;

async function openPage(browser) {
  const page = await browser.newPage();
  await page.setRequestInterception(true);
  page.on('request', (request) => {
    if (request.url() === player) request.respond({ contentType: 'text/html', body: html });
    else request.continue();
  });
  await page.goto(player);
  return page;
}

/** Plays `url` for some seconds with low latency, switching to `then` half way; tells what hls.js did. */
function play(url, then) {
  return new Promise((resolve) => {
    const seen = { levels: [], errors: [], audioFragments: 0, played: 0, width: 0 };
    const video = document.getElementById('video');
    const hls = new Hls({ lowLatencyMode: true });
    hls.on(Hls.Events.MANIFEST_PARSED, (_, data) => seen.levels.push(...data.levels.map((level) => level.url[0])));
    hls.on(Hls.Events.ERROR, (_, data) => seen.errors.push(`${data.details}${data.fatal ? ' (fatal)' : ''}`));
    // Of a fragment, or of each of its parts: a fragment that isn't complete yet has no address of its own.
    hls.on(Hls.Events.FRAG_BUFFERED, (_, data) => { if ((data.part?.url ?? data.frag.url).includes('/audio/')) seen.audioFragments += 1; });
    hls.loadSource(url);
    hls.attachMedia(video);
    video.play().catch(() => {});
    const end = () => {
      seen.played = video.currentTime - (video.played.length ? video.played.start(0) : 0);
      seen.width = video.videoWidth;
      hls.destroy();
      resolve(seen);
    };
    setTimeout(() => {
      if (!then) return end();
      seen.width = video.videoWidth;
      hls.loadSource(then);
      video.play().catch(() => {});
      setTimeout(end, 5000);
    }, 6000);
  });
}

const { browser, close } = await launch();
try {
  const page = await openPage(browser);
  const chosen = await page.evaluate(play, `${room}/index.m3u8`, null);
  const switched = other && await page.evaluate(play, `${room}/index.m3u8`, `${room}/${other}/index.m3u8`);
  console.log(JSON.stringify({ chosen, switched }));
} finally {
  await close();
}
