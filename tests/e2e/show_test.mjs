// One broadcast through the three pages in a real browser, on the real system: a host makes a stream key, goes live, pins; a viewer
// watches, chats, signs in, buys, pays; the operator's paid amount is the ledger's, to the fen; the order is sent, received and
// refunded. Any failure ends it with status 1.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openPerson } from './browser.mjs';
import { Api, sayInRoom, startPublisher, startSystem } from './system.mjs';

const room = 'e2e';
const show = 'e2e-show';
const offer = 'e2e-offer';
const priceFen = 4_680;
const hostPassword = 'a-password-of-the-test';
const desktop = { width: 1280, height: 800 };
const phone = { width: 390, height: 844 };
const pictures = fileURLToPath(new URL('../../build/logs', import.meta.url));

const step = (text) => console.log(`- ${text}`);

async function prepareShow(system) {
  const operator = new Api(system.site);
  await operator.signInStaff('operator', system.password);
  await operator.post('/api/v1/organisations', { id: 'wf', name: '怀化市妇女联合会', kind: 'womens_federation', regionCode: '431200' });
  await operator.post('/api/v1/hosts', { id: 'host', name: '测试主播', title: '怀化市妇联主席', organisationId: 'wf', regionCode: '431200', regionName: '怀化市' });
  await operator.post('/api/v1/products', {
    id: 'beef', title: '新晃黄牛肉', unit: '袋', netWeightG: '250', originCode: '431227', originName: '新晃',
    supplierName: '测试供应商', supplierContact: '0745-0000000',
  });
  await operator.post('/api/v1/shows', { id: show, roomId: room, title: '浏览器测试专场', startsMs: String(Date.now()), organisationId: 'wf' });
  await operator.post(`/api/v1/shows/${show}/segments`, { id: 'segment', showId: show, position: 1, hostId: 'host', regionCode: '431200', regionName: '怀化市' });
  await operator.post(`/api/v1/shows/${show}/stocks`, { id: 'stock', showId: show, productId: 'beef', total: '10' });
  await operator.post(`/api/v1/shows/${show}/offers`, {
    id: offer, showId: show, number: 1, title: '新晃黄牛肉 1 袋', kind: 'OFFER_KIND_NORMAL', priceFen: String(priceFen), limitPerBuyer: '5',
    holdMs: '600000', segmentId: 'segment', lines: [{ stockId: 'stock', quantity: '1' }],
  });
  await operator.post('/api/v1/staff', { name: 'e2e-host', password: hostPassword, nickname: '测试主播', grants: [{ role: 'ROLE_HOST', roomId: room }] });
}

async function goLive(host) {
  await host.type('host-name', 'e2e-host');
  await host.type('host-password', hostPassword);
  await host.click('host-sign-in');
  await host.click('start-show');
  await host.data('show-state', 'state', (state) => state === 'live');
  await host.click(`open-${offer}`);
  await host.click('create-key');
  const publisher = startPublisher(await host.text('rtmp-url'), await host.text('stream-key'));
  await host.data('stream-status', 'state', (state) => state === 'live');
  return publisher;
}

const playback = (viewer) => viewer.page.$eval('video', (video) => ({ at: video.currentTime, errors: Number(video.dataset.fatalErrors ?? 0) }));

/** currentTime moves on for five seconds, at about the speed of time. */
async function checkPlays(viewer) {
  await viewer.until(() => document.querySelector('video')?.currentTime > 0.5, 40_000);
  const before = await playback(viewer);
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const after = await playback(viewer);
  assert.ok(after.at - before.at > 3, `the picture moved from ${before.at} to ${after.at} s in 5 s`);
  assert.equal(after.errors, 0, 'hls.js met a fatal error');
}

async function checkChat(system, viewer) {
  const other = new Api(system.site);
  await other.signInBuyer('10000000001', '另一位观众');
  const line = `大家好 ${Date.now()}`;
  await sayInRoom(system.site, other.token, room, line);
  await viewer.until((text) => [...document.querySelectorAll('[data-testid="chat-line"]')].some((node) => node.textContent.includes(text)), 15_000, line);
}

/** A network that lets no WebSocket through. */
function breakWebSockets() {
  globalThis.WebSocket = class {
    constructor() { setTimeout(() => this.onclose?.({ code: 1006 }), 50); }
    send() {}
    close() {}
  };
}

const sees = (person, text) => person.until((wanted) => document.body.textContent.includes(wanted), 20_000, text);

/** A question gathers a vote and is answered; a line waits for the host's word. */
async function checkQuestionsAndReview(host, viewer, behindProxy) {
  await viewer.click('questions-open');
  await viewer.type('ask-input', '几天能发货？');
  await viewer.click('ask-send');
  await sees(behindProxy, '几天能发货？');
  await host.data('asked', 'votes', (votes) => votes === '1');
  await host.click('asked-answered');
  await host.until(() => !document.querySelector('[data-testid="asked"]'), 20_000);
  await behindProxy.until(() => !document.body.textContent.includes('几天能发货？'), 20_000);
  await viewer.click('sheet-close');

  await host.click('review-all');
  await host.until(() => document.querySelector('[data-testid="review-all"]').checked && !document.querySelector('[data-testid="review-all"]').disabled, 20_000);
  await viewer.type('chat-input', '这条先审');
  await viewer.click('chat-send');
  await sees(viewer, '已提交审核');
  await host.find('held-line');
  assert.equal(await behindProxy.page.evaluate(() => document.body.textContent.includes('这条先审')), false);
  await host.click('held-approve');
  await sees(behindProxy, '这条先审');
}

async function signIn(viewer) {
  await viewer.type('sign-in-phone', '10000000002');
  await viewer.click('sign-in-code-get');
  await viewer.find('sandbox-code');
  await viewer.type('sign-in-nickname', '买家');
  await viewer.click('sign-in-submit');
}

async function buyAndPay(viewer) {
  await viewer.click('buy');
  await signIn(viewer);
  await viewer.find('buy-sheet');
  await viewer.type('address-recipient', '王小满');
  await viewer.type('address-phone', '10000000002');
  await viewer.type('address-regionName', '湖南省长沙市芙蓉区');
  await viewer.type('address-detail', '演示路 1 号');
  await viewer.click('address-save');
  await viewer.click('buy-confirm');
  await viewer.data('buy-result', 'phase', (phase) => phase === 'accepted');
  const opened = new Promise((resolve) => viewer.browser.once('targetcreated', resolve));
  await viewer.click('pay');
  const payPage = await (await opened).page();
  await (await payPage.waitForSelector('form button, button[type=submit]', { timeout: 20_000 })).click();
  await viewer.data('order-state', 'state', (state) => state === 'paid');
  // A page behind another one is not drawn.
  await payPage.close();
  await viewer.page.bringToFront();
}

/** What the operator's wall says must be what the ledger's rows add up to. */
async function checkDashboard(system, operator) {
  await operator.type('operator-name', 'operator');
  await operator.type('operator-password', system.password);
  await operator.click('operator-sign-in');
  const sum = execFileSync('sqlite3', ['-readonly', system.ledger,
    'SELECT sum(l.amount_fen) FROM order_lines l JOIN orders o ON o.id = l.order_id WHERE o.state = 2'], { encoding: 'utf8' }).trim();
  assert.equal(sum, String(priceFen), 'the ledger has one paid order');
  await operator.data('paid-total', 'value', (value) => value === sum);
  await operator.data('totals-sum', 'value', (value) => value === sum);
  await operator.click('totals-line');
  assert.match(await operator.text('totals-order'), /¥46\.80/);
}

/** The order is packed and sent by the operator, received by the buyer, who asks for the money back; the operator agrees. */
async function checkAfterSale(operator, viewer) {
  await operator.click('orders-desk');
  await operator.click('order-open');
  await operator.click('order-pack');
  await operator.data('order-state', 'state', (state) => state === 'packed');
  await operator.click('order-ship');
  await operator.type('action-carrier', '顺丰');
  await operator.type('action-trackingNumber', 'SF1234567890');
  await operator.click('action-send');
  await operator.data('order-state', 'state', (state) => state === 'shipped');
  await viewer.click('my-orders');
  await viewer.click('order-received');
  await viewer.data('order-state', 'state', (state) => state === 'done');
  await viewer.click('after-sale');
  await viewer.until(() => {
    const steps = [...document.querySelectorAll('[data-testid="order-story"] li')];
    const keys = steps.map((step) => step.dataset.step).join(' ');
    return keys === 'storyPlaced storyPaid storyPacked storyShipped storyReceived' && steps[3].textContent.includes('SF1234567890');
  }, 20_000);
  await viewer.click('refund-ask');
  await viewer.type('refund-why', '收到时已损坏');
  await viewer.click('refund-send');
  await viewer.find('own-refunds');
  await operator.type('orders-text', '没有这个人');
  await operator.click('orders-find');
  await operator.until(() => document.querySelectorAll('[data-testid="orders-list"] > li').length === 0, 20_000);
  await operator.type('orders-text', 'sf1234567890');
  await operator.click('orders-find');
  await operator.until(() => document.querySelectorAll('[data-testid="orders-list"] > li').length === 1, 20_000);
  await operator.until(() => {
    document.querySelector('[data-testid^="agree-"]')?.click();
    return document.querySelector('[data-testid="decision-form"]');
  }, 20_000);
  await operator.click('decision-send');
  await operator.data('order-state', 'state', (state) => state === 'refunding' || state === 'refunded');
  await viewer.data('order-state', 'state', (state) => state === 'refunding' || state === 'refunded');
}

async function run(system, people) {
  const person = async (name, path, size, before) => {
    const opened = await openPerson(name, system.site + path, size, before);
    people.push(opened);
    return opened;
  };
  await prepareShow(system);
  step('the host signs in, starts the show, opens the sale and pushes a picture');
  const host = await person('host', `/host/${room}`, desktop);
  const publisher = await goLive(host);
  step('a viewer sees the picture move');
  const viewer = await person('viewer', `/watch/${room}`, phone);
  await checkPlays(viewer);
  step('and a chat line that someone else sends');
  await checkChat(system, viewer);
  step('and the card, once the host has pinned it');
  assert.equal(await viewer.page.$('[data-testid="pinned-card"]'), null);
  await host.click(`pin-${offer}`);
  await viewer.data('pinned-card', 'offer', (pinned) => pinned === offer);
  step('signs in, buys and pays');
  await buyAndPay(viewer);
  step('asks a question and says a line that waits for review; a viewer without WebSockets sees what comes of them');
  const behindProxy = await person('behind-proxy', `/watch/${room}`, desktop, breakWebSockets);
  await checkQuestionsAndReview(host, viewer, behindProxy);
  step('the operator sees the amount that is in the ledger, and the order behind it');
  const operator = await person('operator', '/operator', desktop);
  await checkDashboard(system, operator);
  step('packs and sends it; the buyer has received it, asks for the money back, and the operator agrees');
  await checkAfterSale(operator, viewer);
  if (process.env.LIVEFAIR_E2E_PICTURES) for (const one of people) await one.page.screenshot({ path: `/tmp/e2e-${one.name}.png` });
  assert.equal((await playback(viewer)).errors, 0, 'hls.js met a fatal error');
  assert.deepEqual(people.flatMap((one) => one.problems), []);
  publisher.stop();
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
    await one.page.screenshot({ path: `${pictures}/e2e-${one.name}.png` }).catch(() => {});
    console.error(`${one.name}'s page: ${pictures}/e2e-${one.name}.png`, ...one.problems);
  }
  console.error(execFileSync('sh', ['-c', 'tail -n 40 "$0"/log/*.log', system.data], { encoding: 'utf8' }));
}
await Promise.all(people.map((one) => one.close()));
const status = await system.stop();
if (status !== 0) console.error(`scripts/run ended with status ${status}:\n${system.output.text}`);
process.exit(failed || status !== 0 ? 1 : 0);
