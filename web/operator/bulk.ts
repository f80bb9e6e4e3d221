// Bulk sales of a show: quotes, intents, agreements, and where the parts of an order go.
import { create } from '@bufbuild/protobuf';
import { signal } from '@preact/signals';
import { AgreementState, type Consignee, ConsigneeSchema, IntentState, type PurchaseIntent, type Quote, QuoteState, type SupplyAgreement } from '../shared/gen/livefair/v1/bulk_pb';
import type { Offer, Organisation, Product } from '../shared/gen/livefair/v1/catalog_pb';
import type { Supplier } from '../shared/gen/livefair/v1/supply_pb';
import { provinceCode } from '../shared/region';
import { RequestIds } from '../shared/request_ids';
import { explain } from '../shared/ui/parts';
import { countOf, unfit } from './fields';

const CONSIGNEES_MAX = 200;
const COLUMNS = 6;

function consigneeOf(line: string, number: number): Consignee {
  const cells = line.split(/\t|[,，]/).map((cell) => cell.trim());
  const wrong = (zh: string, en: string) => unfit(`第 ${number} 行：${zh}`, `Line ${number}: ${en}`);
  if (cells.length !== COLUMNS || cells.includes('')) throw wrong(`要有 ${COLUMNS} 列：单位、收件人、手机、地区、地址、数量`, `${COLUMNS} columns are needed: unit, recipient, phone, place, address, count`);
  const [unitName, recipient, phone, regionName, detail, count] = cells as [string, string, string, string, string, string];
  if (!/^1\d{10}$/.test(phone)) throw wrong(`“${phone}” 不是 11 位手机号`, `“${phone}” is no mobile number of 11 digits`);
  const regionCode = provinceCode(regionName);
  if (!regionCode) throw wrong(`“${regionName}” 请从省份写起，如 湖南省长沙市`, `“${regionName}” must begin with its province, in Chinese`);
  if (!/^\d+$/.test(count)) throw wrong(`“${count}” 不是数量`, `“${count}” is no count`);
  return create(ConsigneeSchema, { unitName, recipient, phone, regionCode, regionName, detail, count: countOf(count) });
}

/** Rows as they are copied out of a spreadsheet (tabs) or typed (commas). Throws what to say about the first line that is wrong. */
export function consigneesOf(text: string): Consignee[] {
  const lines = text.split('\n').map((line, i) => [line, i + 1] as const).filter(([line]) => line.trim() !== '');
  if (lines.length === 0 || lines.length > CONSIGNEES_MAX) throw unfit(`要有 1 到 ${CONSIGNEES_MAX} 行收货单位`, `From 1 to ${CONSIGNEES_MAX} lines are needed`);
  return lines.map(([line, number]) => consigneeOf(line, number));
}

export interface BulkSource {
  offers(show: string): Promise<readonly Offer[]>;
  organisations(): Promise<readonly Organisation[]>;
  products(): Promise<readonly Product[]>;
  suppliers(): Promise<readonly Supplier[]>;
  quotes(show: string): Promise<readonly Quote[]>;
  intents(show: string): Promise<readonly PurchaseIntent[]>;
  agreements(): Promise<readonly SupplyAgreement[]>;
}

/** All that a show's bulk sales are made of, as of one reading. */
export interface BulkBook {
  show: string;
  offers: readonly Offer[];
  organisations: readonly Organisation[];
  products: readonly Product[];
  suppliers: readonly Supplier[];
  quotes: readonly Quote[];
  intents: readonly PurchaseIntent[];
  agreements: readonly SupplyAgreement[];
}

export class BulkDesk {
  /** Nothing until the first answer. */
  readonly book = signal<BulkBook | undefined>(undefined);
  readonly problem = signal('');
  readonly ids = new RequestIds();
  #asked = 0;

  constructor(private readonly source: BulkSource) {}

  async load(show: string): Promise<void> {
    const asked = ++this.#asked;
    if (this.book.peek()?.show !== show) this.book.value = undefined;
    const { source } = this;
    try {
      const [offers, organisations, products, suppliers, quotes, intents, agreements] = await Promise.all([
        source.offers(show), source.organisations(), source.products(), source.suppliers(), source.quotes(show), source.intents(show), source.agreements(),
      ]);
      if (asked !== this.#asked) return; // of a show that is not looked at any more
      this.book.value = { show, offers, organisations, products, suppliers, quotes, intents, agreements };
      this.problem.value = '';
    } catch (error) {
      if (asked === this.#asked) this.problem.value = explain(error);
    }
  }

  /** Makes a change and reads the book anew. Throws what the server says when it refuses. */
  async change(show: string, work: Promise<unknown>): Promise<void> {
    await work;
    await this.load(show);
  }
}

/** The name under an id, or the id where there is none. */
export function nameIn(list: readonly { id: string; name?: string; title?: string }[], id: string): string {
  const found = list.find((each) => each.id === id);
  return found?.name ?? found?.title ?? id;
}

export const isOpenQuote = (quote: Quote, nowMs: number) => quote.state === QuoteState.OPEN && Number(quote.validUntilMs) > nowMs;
export const openIntents = (book: BulkBook) => book.intents.filter(({ state }) => state === IntentState.OPEN);
export const signedAgreements = (book: BulkBook) => book.agreements.filter(({ state }) => state === AgreementState.SIGNED);
