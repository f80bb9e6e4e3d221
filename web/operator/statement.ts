// What is due to each supplier of a show. Every figure is the server's; nothing is added up here.
import { signal } from '@preact/signals';
import type { SupplierStatement } from '../shared/gen/livefair/v1/payment_pb';
import { explain } from '../shared/ui/parts';

export interface StatementSource {
  statement(show: string): Promise<SupplierStatement>;
}

export class StatementDesk {
  /** Nothing until the first answer about a show. */
  readonly statement = signal<SupplierStatement | undefined>(undefined);
  readonly problem = signal('');
  #asked = 0;

  constructor(private readonly source: StatementSource) {}

  async load(show: string): Promise<void> {
    const asked = ++this.#asked;
    if (this.statement.peek()?.showId !== show) this.statement.value = undefined; // never another show's money under this one's name
    try {
      const statement = await this.source.statement(show);
      if (asked !== this.#asked) return;
      this.statement.value = statement;
      this.problem.value = '';
    } catch (error) {
      if (asked === this.#asked) this.problem.value = explain(error);
    }
  }
}
