// Money, weights, counts and times as people read them. Money comes in fen, weight in grams, time in Unix milliseconds.
import { lang } from './i18n';

const GROUPS = new Intl.NumberFormat('en-US');

/** "1,362.50" from 136250n; exact, never through a float. */
export function yuanDigits(fen: bigint): { whole: string; cents: string } {
  const sign = fen < 0n ? '-' : '';
  const size = fen < 0n ? -fen : fen;
  return { whole: sign + GROUPS.format(size / 100n), cents: String(size % 100n).padStart(2, '0') };
}

/** "¥12.34", exact to the fen. */
export function yuan(fen: bigint): string {
  const { whole, cents } = yuanDigits(fen);
  return `¥${whole}.${cents}`;
}

/** "¥12" when there are no cents, "¥12.34" otherwise: for prices on cards. */
export function price(fen: bigint): string {
  const { whole, cents } = yuanDigits(fen);
  return cents === '00' ? `¥${whole}` : `¥${whole}.${cents}`;
}

function trimmed(value: number, decimals: number): string {
  return GROUPS.format(Number(value.toFixed(decimals)));
}

/** A short amount for axes and cards: "¥980", "¥1.36万", "¥1362万", "¥1.2亿"; English uses k and M. */
export function shortYuan(fen: bigint): string {
  return '¥' + shortNumber(Number(fen) / 100);
}

/** "9,999", then "1.2万", "1.2亿"; in English "12.3k", "4.5M". Rounded down to one decimal: a count is never made bigger. */
export function shortNumber(value: number): string {
  const steps: [number, string][] =
    lang.value === 'zh' ? [[1e8, '亿'], [1e4, '万']] : [[1e9, 'B'], [1e6, 'M'], [1e4, 'k']];
  for (const [from, name] of steps) {
    if (value < from) continue;
    const size = name === 'k' ? 1e3 : from;
    return trimmed(Math.floor((value / size) * 10) / 10, 1) + name;
  }
  return trimmed(value, value < 100 ? 2 : 0);
}

/** The full number with thousands separators. */
export function count(value: bigint | number): string {
  return GROUPS.format(value);
}

const JIN_G = 500;

/** "250克", "3斤", "120公斤", "1.5吨"; in English g, kg and t. */
export function weight(grams: bigint): string {
  const g = Number(grams);
  const zh = lang.value === 'zh';
  if (g >= 1e6) return trimmed(g / 1e6, 2) + (zh ? '吨' : ' t');
  if (!zh) return g < 1000 ? `${g} g` : trimmed(g / 1000, 2) + ' kg';
  if (g >= 1e5) return trimmed(g / 1000, 1) + '公斤';
  return g >= JIN_G ? trimmed(g / JIN_G, 2) + '斤' : `${g}克`;
}

const UNITS_EN: Record<string, string> = {
  件: 'piece', 盒: 'box', 袋: 'bag', 斤: 'jin', 公斤: 'kg', 吨: 't', 份: 'set', 筒: 'tube', 箱: 'case', 瓶: 'bottle', 只: 'piece', 罐: 'jar',
  包: 'packet', 桶: 'tub', 个: 'piece', 条: 'piece', 提: 'carry pack', 篮: 'basket',
};

/** The unit a price is for, in the reader's language. */
export function unitName(unit: string): string {
  return lang.value === 'zh' ? unit : (UNITS_EN[unit] ?? unit);
}

const BEIJING_MS = 8 * 3600_000;
const two = (value: number) => String(value).padStart(2, '0');

/** "20:15" or "20:15:09" in Beijing time, whatever the device's zone is. */
export function timeOfDay(ms: bigint | number, seconds = false): string {
  const at = new Date(Number(ms) + BEIJING_MS);
  const short = `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  return seconds ? `${short}:${two(at.getUTCSeconds())}` : short;
}

/** "11-22 20:15" in Beijing time. */
export function dayAndTime(ms: bigint | number): string {
  const at = new Date(Number(ms) + BEIJING_MS);
  return `${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())} ${timeOfDay(ms)}`;
}

const MONTHS_EN = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** "11月22日", or "22 Nov" in English, in Beijing time. */
export function monthDay(ms: bigint | number): string {
  const at = new Date(Number(ms) + BEIJING_MS);
  return lang.value === 'zh' ? `${at.getUTCMonth() + 1}月${at.getUTCDate()}日` : `${at.getUTCDate()} ${MONTHS_EN[at.getUTCMonth()]}`;
}

/** "4:09", or "1:04:09" from an hour on; zero when it is over. Rounded up, so that 0:00 means over. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = two(seconds % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** "2.4 Mbps". */
export function bitrate(bps: bigint): string {
  const value = Number(bps);
  return value >= 1e6 ? `${trimmed(value / 1e6, 1)} Mbps` : `${trimmed(value / 1e3, 0)} kbps`;
}

/** "12 MB", "3.4 GB": decimal units, as disks are sold. */
export function bytes(value: bigint | number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let amount = Number(value);
  let unit = 0;
  for (; amount >= 1000 && unit < units.length - 1; ++unit) amount /= 1000;
  return `${amount < 10 && unit > 0 ? amount.toFixed(1) : amount.toFixed(0)} ${units[unit]}`;
}
