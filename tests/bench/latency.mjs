// Glass to glass: livefair-media with a Redis of its own, the demo's picture (1280x720, 30 frames a second, a key frame every 2 s) from
// ffmpeg, the page's player in Chromium. Several joins, each in a browser that has just started; the age of the picture on the screen
// is read eight times a second from the clock drawn into it. Prints a table. Usage: latency.mjs MEDIA_PROGRAM [JOINS] [SECONDS]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { openPerson } from '../e2e/browser.mjs';
import { quantile, readStrip } from './strip.mjs';

const [program, joins = '5', seconds = '60'] = process.argv.slice(2);
const root = fileURLToPath(new URL('../..', import.meta.url));
const [p50GoalMs, p95GoalMs, sampleMs] = [1200, 1600, 125];
const room = 'latency';
const key = 'key-of-the-latency-benchmark';
const folder = mkdtempSync(join(tmpdir(), 'livefair-latency-'));
const children = [];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function start(command, args, environment = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  return child;
}

/** The player bundled as the pages are, and a page for it. */
async function servePage() {
  const require = createRequire(new URL('../../web/package.json', import.meta.url));
  const { build } = await import(pathToFileURL(join(root, 'web/node_modules/vite/dist/node/index.js')).href);
  const out = join(folder, 'page');
  await build({
    configFile: false, root: join(root, 'web'), logLevel: 'error',
    resolve: { alias: { '@preact/signals': require.resolve('@preact/signals') } },
    build: { outDir: out, emptyOutDir: true, target: 'es2022', rollupOptions: { input: join(root, 'tests/bench/latency_page.ts'),
      output: { entryFileNames: 'page.js', chunkFileNames: '[name].js' } } },
  });
  const server = createServer((request, response) => {
    const name = new URL(request.url, 'http://localhost').pathname.slice(1);
    response.setHeader('Content-Type', name.endsWith('.js') ? 'text/javascript' : 'text/html');
    response.end(name.endsWith('.js') ? readFileSync(join(out, name)) : '<!doctype html><title>latency</title><script type="module" src="page.js"></script>');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

async function startMedia(origin) {
  const socket = join(folder, 'redis.sock');
  start('redis-server', ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '']);
  await pause(500);
  const hash = createHash('sha256').update(key).digest('hex');
  await once(start('redis-cli', ['-s', socket, 'HSET', 'lf:streamkeys', hash, room]), 'exit');
  const ports = { LIVEFAIR_MEDIA_HLS_PORT: '0', LIVEFAIR_MEDIA_RTMP_PORT: '0', LIVEFAIR_MEDIA_HEALTH_PORT: '0' };
  const media = start(program, [], { ...ports, LIVEFAIR_REDIS_SOCKET: socket, LIVEFAIR_SITE_ALLOWED_ORIGINS: origin, LIVEFAIR_RECORD_DIR: join(folder, 'record') });
  const [line] = await once(createInterface(media.stdout), 'line');
  return JSON.parse(line);
}

function startPicture(rtmpPort) {
  for (const [name, text] of [['city.txt', '测时'], ['host.txt', 'latency'], ['stream.key', key]]) writeFileSync(join(folder, name), text);
  start(join(root, 'scripts/demo-picture'), [folder, `rtmp://127.0.0.1:${rtmpPort}/live`]);
}

/** One viewer, from the first second of playing on. */
async function watch(url) {
  const viewer = await openPerson('viewer', url, { width: 1280, height: 720 });
  const begun = Date.now();
  await viewer.until(() => document.querySelector('video')?.currentTime > 0 && !document.querySelector('video').paused, 30_000);
  const startMs = Date.now() - begun;
  await pause(1000);
  const ages = [];
  const end = Date.now() + Number(seconds) * 1000;
  while (Date.now() < end) {
    const age = await viewer.page.evaluate(readStrip);
    if (age !== null) ages.push(age);
    await pause(sampleMs);
  }
  const { stalls, fatalErrors } = await viewer.page.$eval('video', (video) => ({ ...video.dataset }));
  await viewer.close();
  return { ages, startMs, stalls: Number(stalls) + Number(fatalErrors) };
}

const row = (name, ages, rest) => `| ${name} | ${quantile(ages, 0.5)} ms | ${quantile(ages, 0.95)} ms | ${quantile(ages, 1)} ms | ${rest}`;

async function main() {
  const page = await servePage();
  const { hls_port: hlsPort, rtmp_port: rtmpPort } = await startMedia(page.origin);
  startPicture(rtmpPort);
  await pause(12_000);
  const url = `${page.origin}/?url=${encodeURIComponent(`http://127.0.0.1:${hlsPort}/hls/${room}/index.m3u8`)}`;
  console.log('| join | p50 | p95 | longest | stalls | playing after |\n|---|---|---|---|---|---|');
  const all = [];
  let stalls = 0;
  for (let i = 1; i <= Number(joins); i++) {
    const seen = await watch(url);
    if (seen.ages.length < Number(seconds) * 2) throw new Error(`the clock could be read only ${seen.ages.length} times`);
    all.push(...seen.ages);
    stalls += seen.stalls;
    console.log(row(i, seen.ages, `${seen.stalls} | ${seen.startMs} ms |`));
  }
  const met = quantile(all, 0.5) <= p50GoalMs && quantile(all, 0.95) <= p95GoalMs && stalls === 0;
  console.log(row('all', all, `${stalls} | ${met ? 'met' : 'NOT MET'} |`));
  console.log(`| goal | ${p50GoalMs} ms | ${p95GoalMs} ms | | 0 | |`);
  page.close();
}

try {
  await main();
} finally {
  for (const child of children) child.kill('SIGTERM');
  await pause(1000);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
