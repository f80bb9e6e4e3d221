// Glass to glass of the demo show, measured on the picture itself: scripts/demo-picture draws the wall clock into each frame as a strip
// of boxes before it is encoded; here the viewer's page plays it in Chromium, and the strip is read back from the frame on the screen.
// Both clocks are this machine's. Prints one line of JSON; what the player itself believes is beside it.
import { openPerson } from '../e2e/browser.mjs';
import { quantile, readStrip } from './strip.mjs';

const url = process.argv[2];
const samplesWanted = 100;

const viewer = await openPerson('viewer', url, { width: 390, height: 844 });
await viewer.until(() => document.querySelector('video')?.currentTime > 1, 60_000);
await new Promise((resolve) => setTimeout(resolve, 15_000)); // the player settles at its distance from the edge
const samples = [];
for (let i = 0; i < samplesWanted; i++) {
  const ageMs = await viewer.page.evaluate(readStrip);
  const shown = await viewer.page.evaluate(() => document.querySelector('[data-testid="latency"]')?.dataset.latencyMs);
  if (ageMs !== null) samples.push({ ageMs, shownMs: shown === undefined ? null : Number(shown) });
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
