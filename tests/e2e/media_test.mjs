// Recordings, clips, advice and private rooms in a real browser, on the real system. Any failure ends it with status 1.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openPerson } from './browser.mjs';
import { Api, startPublisher, startSystem } from './system.mjs';

const hostPassword = 'a-password-of-the-test';
const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
const pictures = fileURLToPath(new URL('../../build/logs', import.meta.url));
const pinnedMs = 20_000;
/** A clip begins at the key frame of the segment that holds the pin; the publisher sends one every 2 s. */
const segmentMs = 2_000, slackMs = 500;

const step = (text) => console.log(`- ${text}`);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A show with one product, and its host's account. Ids follow from `room`. */
async function prepareShow(system, operator, room, more = {}) {
  const show = `${room}-show`;
  await operator.post('/api/v1/products', { id: `${room}-beef`, title: '新晃黄牛肉', unit: '袋', netWeightG: '250', originCode: '431227', originName: '新晃' });
  await operator.post('/api/v1/shows', { id: show, roomId: room, title: '回放测试专场', startsMs: String(Date.now()), ...more });
  await operator.post(`/api/v1/shows/${show}/stocks`, { id: `${room}-stock`, showId: show, productId: `${room}-beef`, total: '10' });
  await operator.post(`/api/v1/shows/${show}/offers`, {
    id: `${room}-offer`, showId: show, number: 1, title: '新晃黄牛肉 1 袋', kind: 'OFFER_KIND_NORMAL', priceFen: '4680', limitPerBuyer: '5',
    lines: [{ stockId: `${room}-stock`, quantity: '1' }],
  });
  await operator.post('/api/v1/staff', { name: `${room}-host`, password: hostPassword, nickname: '测试主播', grants: [{ role: 'ROLE_HOST', roomId: room }] });
  await operator.post(`/api/v1/shows/${show}/state`, { state: 'SHOW_STATE_LIVE' });
}

async function goLive(host, room, publisherOptions) {
  await host.type('host-name', `${room}-host`);
  await host.type('host-password', hostPassword);
  await host.click('host-sign-in');
  await host.click('create-key');
  const publisher = startPublisher(await host.text('rtmp-url'), await host.text('stream-key'), publisherOptions);
  await host.data('stream-status', 'state', (state) => state === 'live');
  return publisher;
}

/** The picture moves on by a second. */
async function checkMoves(person, timeout = 40_000) {
  const before = await person.page.$eval('video', (video) => video.currentTime);
  await person.until((from) => document.querySelector('video').currentTime > from + 1, timeout, before);
}

/** Where the recording that plays begins, on the relay's clock. */
const beginningMs = (viewer) => viewer.until(() => {
  const video = document.querySelector('video');
  const playingMs = Number(video.dataset.playingMs);
  return playingMs > 0 && video.currentTime > 0.5 && !video.seeking ? playingMs - video.currentTime * 1000 : false;
}, 30_000).then((handle) => handle.jsonValue());

async function checkClip(host, viewer, offer) {
  await checkMoves(viewer);
  await host.click(`pin-${offer}`);
  await viewer.data('pinned-card', 'offer', (pinned) => pinned === offer);
  await pause(pinnedMs);
  await host.click('unpin');
  await viewer.click('shelf-open');
  const pinMs = Number(await viewer.data(`clip-${offer}`, 'startMs', (text) => Number(text) > 0, 60_000));
  await viewer.click(`clip-${offer}`);
  await viewer.data('replay', 'kind', (kind) => kind === 'clip');
  const early = pinMs - (await beginningMs(viewer));
  // The dataset is up to half a second older than currentTime.
  assert.ok(early > -slackMs - 500 && early < segmentMs + slackMs + 500, `the clip begins ${early} ms before the pin`);
  await viewer.data('replay-card', 'offer', (shown) => shown === offer);
  await checkMoves(viewer);
  await viewer.click('back-to-live');
  await viewer.data('latency', 'latencyMs', (behind) => Number(behind) < 10_000);
}

async function checkReplay(host, viewer) {
  await host.click('end-show');
  await viewer.click('watch-replay');
  await viewer.data('replay', 'kind', (kind) => kind === 'replay');
  await checkMoves(viewer);
  await viewer.find('chapters');
}

async function checkPrivate(system, person) {
  const host = await person('private-host', '/host/inner', desktop);
  const publisher = await goLive(host, 'inner', { keyFrameEveryS: 8 });
  step('key frames eight seconds apart are named, with what to do');
  await host.until(() => [...document.querySelectorAll('[data-advice="KEY_FRAMES_FAR"]')].some((node) => node.textContent.includes('关键帧间隔 8 秒')), 60_000);
  step('a private room plays for its host and for nobody without a token');
  await checkMoves(host, 60_000);
  const playlist = await fetch(`${system.media}/hls/inner/live.m3u8`);
  assert.ok(playlist.status === 401 || playlist.status === 403, `without a token: ${playlist.status}`);
  publisher.stop();
}

async function run(system, people) {
  const person = async (name, path, size) => {
    const opened = await openPerson(name, system.site + path, size);
    people.push(opened);
    return opened;
  };
  const operator = new Api(system.site);
  await operator.signInStaff('operator', system.password);
  await prepareShow(system, operator, 'clips');
  await prepareShow(system, operator, 'inner', { isPrivate: true });
  const host = await person('host', '/host/clips', desktop);
  const publisher = await goLive(host, 'clips');
  const viewer = await person('viewer', '/watch/clips', phone);
  step('a product is pinned for 20 s; its clip plays and begins within one segment of the pin');
  await checkClip(host, viewer, 'clips-offer');
  step('the show is over; its replay plays, with chapters');
  await checkReplay(host, viewer);
  publisher.stop();
  await checkPrivate(system, person);
  assert.deepEqual(people.flatMap((one) => one.problems), []);
}

const system = await startSystem();
const people = [];
let failed = false;
try {
  await run(system, people);
} catch (error) {
  failed = true;
  console.error(error);
  mkdirSync(pictures, { recursive: true });
  for (const one of people) {
    await one.page.screenshot({ path: `${pictures}/e2e-media-${one.name}.png` }).catch(() => {});
    console.error(`${one.name}'s page: ${pictures}/e2e-media-${one.name}.png`, ...one.problems);
  }
  console.error(execFileSync('sh', ['-c', 'tail -n 40 "$0"/log/*.log', system.data], { encoding: 'utf8' }));
}
await Promise.all(people.map((one) => one.close()));
const status = await system.stop();
if (status !== 0) console.error(`scripts/run ended with status ${status}:\n${system.output.text}`);
process.exit(failed || status !== 0 ? 1 : 0);
