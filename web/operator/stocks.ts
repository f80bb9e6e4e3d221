// What a show may sell of each product, and how that is raised and lowered, also while it sells.
import { signal } from '@preact/signals';
import type { Product, Stock } from '../shared/gen/livefair/v1/catalog_pb';
import type { AllocationChange, ListStocksResponse } from '../shared/gen/livefair/v1/inventory_pb';
import { RequestIds } from '../shared/request_ids';
import { explain } from '../shared/ui/parts';
import { countOf, unfit } from './fields';

/** Units to add, or below 0 to take away; or all that is neither sold nor held. */
export interface StockChange {
  amount: bigint;
  allUnsold: boolean;
  why: string;
}

export interface StockSource {
  stocks(show: string): Promise<ListStocksResponse>;
  products(): Promise<readonly Product[]>;
  changeStock(show: string, stock: string, change: StockChange & { id: string }): Promise<AllocationChange>;
}

export interface StockLine {
  stock: Stock;
  title: string;
  unit: string;
  /** Units that are neither sold nor held. */
  left: bigint;
}

export type Way = 'raise' | 'lower' | 'allUnsold';

/** What was typed as a change. Throws what to say when there is no amount. */
export function changeOf({ way, amount, why }: { way: Way; amount: string; why: string }): StockChange {
  if (way === 'allUnsold') return { amount: 0n, allUnsold: true, why: why.trim() };
  const units = countOf(amount);
  if (units === 0n) throw unfit('请填写数量', 'Please give the number of units');
  return { amount: way === 'raise' ? units : -units, allUnsold: false, why: why.trim() };
}

export class StockDesk {
  /** Nothing until the first answer about a show. */
  readonly lines = signal<readonly StockLine[] | undefined>(undefined);
  readonly asOfMs = signal(0n);
  readonly problem = signal('');
  readonly #ids = new RequestIds();
  #show = '';
  #asked = 0;

  constructor(private readonly source: StockSource) {}

  async load(show: string): Promise<void> {
    const asked = ++this.#asked;
    if (show !== this.#show) this.lines.value = undefined;
    this.#show = show;
    try {
      const [{ stocks, asOfMs }, products] = await Promise.all([this.source.stocks(show), this.source.products()]);
      if (asked !== this.#asked) return; // of a show that is not looked at any more
      const known = new Map(products.map((product) => [product.id, product]));
      this.lines.value = stocks.map((stock) => {
        const product = known.get(stock.productId);
        return { stock, title: product?.title ?? stock.productId, unit: product?.unit ?? '', left: stock.total - stock.committed };
      });
      this.asOfMs.value = asOfMs;
      this.problem.value = '';
    } catch (error) {
      if (asked === this.#asked) this.problem.value = explain(error);
    }
  }

  /** Throws what the server says when it refuses. A change whose answer was lost is the same one when as much is asked for again. */
  async change({ showId, id }: Stock, change: StockChange): Promise<void> {
    try {
      await this.#ids.ask(`${id} ${change.amount}`, (request) => this.source.changeStock(showId, id, { ...change, id: request }));
    } finally {
      if (this.#show === showId) await this.load(showId); // refused because some have just been sold: what is left now
    }
  }
}
