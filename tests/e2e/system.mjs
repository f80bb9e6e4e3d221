// The real system under test, started as a person starts it: scripts/run --bare with free ports and a folder of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

const isFree = (port) => new Promise((resolve) => {
  const server = createServer().once('error', () => resolve(false));
  server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
});

/** Five free ports in a row, below the range that the kernel gives to outgoing connections. */
async function freePortBase() {
  for (;;) {
    const base = 15_000 + 5 * Math.floor(Math.random() * 3000);
    const free = await Promise.all([0, 1, 2, 3, 4].map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
}

/** Resolves when `pattern` appears in the child's output; rejects when the child ends before. */
function waitForOutput(child, output, pattern) {
  return new Promise((resolve, reject) => {
    const look = () => {
      const match = output.text.match(pattern);
      if (match) resolve(match);
    };
    child.stdout.on('data', look);
    child.on('exit', (code) => reject(new Error(`scripts/run ended with status ${code}:\n${output.text}`)));
  });
}

export async function startSystem() {
  const base = await freePortBase();
  const data = mkdtempSync(join(tmpdir(), 'livefair-e2e-'));
  const child = spawn(join(root, 'scripts/run'), ['--bare', '--port-base', String(base), '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { text: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { output.text += bytes; });
  const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
  await waitForOutput(child, output, /Ctrl-C/);
  return {
    site: `http://127.0.0.1:${base}`,
    media: `http://127.0.0.1:${base + 1}`,
    data,
    ledger: join(data, 'ledger.sqlite3'),
    password: output.text.match(/operator，密码 (\S+)/)[1],
    output,
    /** SIGTERM to the script, as Ctrl-C: it must stop everything and end by itself. Returns its exit status. */
    stop: async () => {
      child.kill('SIGTERM');
      const status = await ended;
      rmSync(data, { recursive: true, force: true });
      return status;
    },
  };
}

/** ffmpeg as a host's encoder; ends with this program. */
export function startPublisher(rtmpUrl, streamKey, { keyFrameEveryS = 2 } = {}) {
  const child = spawn('ffmpeg', ['-nostdin', '-loglevel', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=30',
    '-re', '-f', 'lavfi', '-i', 'sine=frequency=330:sample_rate=48000', '-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency',
    '-g', String(30 * keyFrameEveryS), '-keyint_min', String(30 * keyFrameEveryS), '-sc_threshold', '0', '-bf', '0', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-f', 'flv', `${rtmpUrl}/${streamKey}`], { stdio: 'ignore' });
  process.on('exit', () => child.kill('SIGKILL'));
  return { stop: () => child.kill('SIGTERM') };
}

/** A caller of the HTTP API. */
export class Api {
  constructor(site, token = '') { Object.assign(this, { site, token }); }

  async post(path, body = {}) {
    const headers = { 'content-type': 'application/json', ...(this.token && { authorization: `Bearer ${this.token}` }) };
    const answer = await fetch(this.site + path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  async signInStaff(name, password) {
    this.token = (await this.post('/api/v1/auth/staff', { name, password })).token;
  }

  async signInBuyer(phone, nickname) {
    const { sandboxCode } = await this.post('/api/v1/auth/code', { phone });
    this.token = (await this.post('/api/v1/auth/sign-in', { phone, code: sandboxCode, nickname })).token;
  }
}

/** Says one line in a room, over a WebSocket in JSON, as a program of someone else's would. */
export function sayInRoom(site, token, roomId, text) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${site.replace('http', 'ws')}/ws`, 'livefair.v1.json');
    const send = (requestId, body) => socket.send(JSON.stringify({ requestId, ...body }));
    socket.onerror = () => reject(new Error('the WebSocket failed'));
    socket.onopen = () => send(1, { hello: { token } });
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (message.failure) reject(new Error(`${message.failure.code}: ${message.failure.messageEn}`));
      if (message.requestId === 1) send(2, { join: { roomId } });
      if (message.requestId === 2) send(3, { say: { roomId, text } });
      if (message.requestId === 3) {
        socket.close();
        resolve();
      }
    };
  });
}
