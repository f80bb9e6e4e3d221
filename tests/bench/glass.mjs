// Glass to glass of the demo show, measured on the picture itself: scripts/demo-picture draws the wall clock into each frame as a strip
// of boxes before it is encoded; here the viewer's page plays it in Chromium, and the strip is read back from the frame on the screen.
// Both clocks are this machine's. Prints one line of JSON; what the player itself believes is beside it.
import { openPerson } from '../e2e/browser.mjs';

const url = process.argv[2];
const samplesWanted = 100;

/** In the page: the strip's code of the frame shown now, or null when white and black can't be told apart. */
function readStrip() {
  const [bits, unitMs, boxes, sourceWidth, sourceY] = [14, 20, 32, 1280, 708];
  const video = document.querySelector('video');
  if (!video?.videoWidth) return null;
  const scale = video.videoWidth / sourceWidth;
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0);
  const nowMs = Date.now();
  const light = (box) => context.getImageData(Math.round((box + 0.5) * boxes * scale), Math.round(sourceY * scale), 1, 1).data[1];
  const [white, black] = [light(0), light(bits + 1)];
  if (white - black < 100) return null;
  let code = 0;
  for (let bit = 0; bit < bits; bit++) code = (code << 1) | (light(bit + 1) > (white + black) / 2 ? 1 : 0);
  for (let shift = 1; shift < bits; shift *= 2) code ^= code >> shift; // Gray code to binary
  const span = (1 << bits) * unitMs;
  const ageMs = (((nowMs - code * unitMs) % span) + span) % span;
  const shown = document.querySelector('[data-testid="latency"]')?.dataset.latencyMs;
  return { ageMs, shownMs: shown === undefined ? null : Number(shown) };
}

const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.floor(share * (values.length - 1))];

const viewer = await openPerson('viewer', url, { width: 390, height: 844 });
await viewer.until(() => document.querySelector('video')?.currentTime > 1, 60_000);
await new Promise((resolve) => setTimeout(resolve, 15_000)); // the player settles at its distance from the edge
const samples = [];
for (let i = 0; i < samplesWanted; i++) {
  const sample = await viewer.page.evaluate(readStrip);
  if (sample) samples.push(sample);
  await new Promise((resolve) => setTimeout(resolve, 137));
}
const fatalErrors = await viewer.page.$eval('video', (video) => Number(video.dataset.fatalErrors ?? 0));
await viewer.close();
if (samples.length < samplesWanted / 2) throw new Error(`the strip could be read in ${samples.length} of ${samplesWanted} frames`);
const ages = samples.map((sample) => sample.ageMs);
const shown = samples.map((sample) => sample.shownMs).filter((value) => value !== null);
console.log(JSON.stringify({
  glass_to_glass: { n: ages.length, p50_ms: quantile(ages, 0.5), p99_ms: quantile(ages, 0.99) },
  shown_by_the_page: { n: shown.length, p50_ms: shown.length ? quantile(shown, 0.5) : null },
  fatal_errors: fatalErrors,
}));
