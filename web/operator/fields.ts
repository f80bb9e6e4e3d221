// What people type into forms, read exactly: money without floating point, times as Beijing's.
import { ApiError } from '../shared/api';

const BEIJING_MS = 8 * 3600_000;

/** Said beside the form, as a refusal of the server's. */
export const unfit = (zh: string, en: string) => new ApiError(0, 'invalid_input', zh, en);

/** Fen of "12", "12.3" or "1,234.50". Throws what to say when it is no amount. */
export function fenOf(text: string): bigint {
  const match = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text.trim().replace(/[,，¥￥]/g, ''));
  if (!match) throw unfit(`“${text}” 不是金额，请写成 12.34`, `“${text}” is no amount; write it as 12.34`);
  return BigInt(match[1]!) * 100n + BigInt((match[2] ?? '').padEnd(2, '0'));
}

/** A whole number from 0 on. Throws what to say when it is none. */
export function countOf(text: string): bigint {
  if (!/^\d{1,12}$/.test(text.trim())) throw unfit(`“${text}” 不是整数，请只写数字`, `“${text}” is no whole number; write digits alone`);
  return BigInt(text.trim());
}

/** Unix milliseconds of "2026-11-26T20:15", "2026-11-26T20:15:09" or "2026-11-26" in Beijing. Throws what to say when it is no time. */
export function timeOf(text: string): bigint {
  const ms = Date.parse(`${text.includes('T') ? text : `${text}T00:00`}Z`);
  if (Number.isNaN(ms)) throw unfit('请把日期和时间选完整', 'Please choose the whole date and time');
  return BigInt(ms - BEIJING_MS);
}

/** What a field of date and time shows for a moment: "2026-11-26T20:15:09" in Beijing. */
export function beijingField(ms: bigint | number): string {
  return new Date(Number(ms) + BEIJING_MS).toISOString().slice(0, 19);
}

/** "2026-11-26": a day of Beijing with its year, for terms that may run into the next one. */
export const dayOf = (ms: bigint | number) => beijingField(ms).slice(0, 10);

const ID_BYTES_MAX = 64;
const ID_LETTERS = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'; // as the ledger sorts them

/** The greatest id below `id`: a list that begins after it begins with `id`, or with the first that follows. */
export function justBefore(id: string): string {
  const place = ID_LETTERS.indexOf(id.at(-1) ?? '-');
  const head = id.slice(0, -1);
  return place > 0 ? (head + ID_LETTERS[place - 1]!).padEnd(ID_BYTES_MAX, 'z') : head;
}
