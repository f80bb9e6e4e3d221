// Debian's Chromium under puppeteer-core (installed for the pages, in web/), with an empty profile of its own.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { default: puppeteer } = await import(pathToFileURL(require.resolve('puppeteer-core')).href);

export const testId = (id) => `[data-testid="${id}"]`;

/** A browser with nothing opened yet. */
export async function launch() {
  const profile = mkdtempSync(join(tmpdir(), 'livefair-chromium-'));
  const browser = await puppeteer.launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    userDataDir: profile,
    args: [
      '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', '--mute-audio',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
  const close = async () => {
    await browser.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { browser, close };
}

/**
 * One person with a browser of their own (a page behind another one is not drawn), and short ways to use elements by their test ids. `before` runs in
 * the page before its own scripts.
 */
export async function openPerson(name, url, { width, height }, before = () => {}) {
  const { browser, close } = await launch();
  const [page] = await browser.pages();
  await page.setViewport({ width, height });
  const problems = [];
  page.on('pageerror', (error) => problems.push(`${name}: ${error.message}`));
  page.on('dialog', (dialog) => dialog.accept());
  await page.evaluateOnNewDocument(before);
  await page.goto(url, { waitUntil: 'load' });
  const find = (id, timeout = 30_000) => page.waitForSelector(testId(id), { visible: true, timeout });
  return {
    name, browser, page, problems, close, find,
    click: async (id) => {
      await find(id);
      // By the element, not by coordinates: cards move while events come in. A person, too, waits until a button can be pressed.
      await page.waitForFunction((selector) => {
        const node = document.querySelector(selector);
        const ready = node && !node.disabled;
        if (ready) node.click();
        return ready;
      }, { timeout: 30_000, polling: 100 }, testId(id));
    },
    type: async (id, text) => {
      const element = await find(id);
      await element.evaluate((node) => { node.value = ''; });
      await element.type(text);
    },
    text: async (id) => (await find(id)).evaluate((node) => node.textContent.trim()),
    /** Waits until `check` holds in the page; not by its frames, which a busy machine draws late. */
    until: (check, timeout, ...values) => page.waitForFunction(check, { timeout, polling: 100 }, ...values),
    /** Waits until the element's data attribute satisfies `check`, a predicate over its text; returns that text. */
    data: async (id, key, check, timeout = 30_000) => {
      const end = Date.now() + timeout;
      let seen;
      for (;;) {
        seen = await page.$eval(testId(id), (node, name) => node.dataset[name], key).catch(() => undefined);
        if (seen !== undefined && check(seen)) return seen;
        if (Date.now() > end) throw new Error(`${name}: ${id}'s data-${key} is ${seen} and does not become what is wanted`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}
