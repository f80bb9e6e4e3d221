import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { LOOKS_A_PAGE, LooksDesk } from '../operator/looks';
import { StatementDesk } from '../operator/statement';
import { ApiError } from '../shared/api';
import { PersonalLookSchema } from '../shared/gen/livefair/v1/order_pb';
import { type SupplierStatement, SupplierStatementSchema } from '../shared/gen/livefair/v1/payment_pb';

const away = () => new ApiError(503, 'ledger_unavailable', '账本暂时不可用', 'The ledger is away');

describe('looks at personal data', () => {
  /** Looks 1 to `newest`, as the server lists them. */
  const source = (newest: number) => ({
    newest,
    isAway: false,
    async personalLooks(before: bigint, count: number) {
      if (this.isAway) throw away();
      const first = before > 0n ? Number(before) - 1 : this.newest;
      return Array.from({ length: Math.min(count, first) }, (_, i) => create(PersonalLookSchema, { id: BigInt(first - i) }));
    },
  });

  it('are read page by page from the newest, each once', async () => {
    const desk = new LooksDesk(source(LOOKS_A_PAGE + 3), () => 7000);
    await desk.load();
    expect(desk.looks.value).toHaveLength(LOOKS_A_PAGE);
    expect(desk.hasMore.value).toBe(true);
    await desk.more();
    expect(desk.looks.value?.map(({ id }) => Number(id))).toEqual(Array.from({ length: LOOKS_A_PAGE + 3 }, (_, i) => LOOKS_A_PAGE + 3 - i));
    expect(desk.hasMore.value).toBe(false);
  });

  it('are as of when the newest were asked for, and stay when the server is away', async () => {
    let now = 7000;
    const server = source(2);
    const desk = new LooksDesk(server, () => now);
    await desk.load();
    now = 8000;
    server.isAway = true;
    await desk.load();
    expect([desk.asOfMs.value, desk.looks.value?.length, desk.problem.value]).toEqual([7000, 2, '账本暂时不可用']);
    server.isAway = false;
    await desk.load();
    expect([desk.asOfMs.value, desk.problem.value]).toEqual([8000, '']);
  });
});

describe('a supplier statement', () => {
  it('is never another show’s, also when that one’s comes late or none comes', async () => {
    const open = new Map<string, (statement: SupplierStatement) => void>();
    const desk = new StatementDesk({
      statement: (show) => (show === 'away' ? Promise.reject(away()) : new Promise((done) => open.set(show, done))),
    });
    const answer = (showId: string) => open.get(showId)!(create(SupplierStatementSchema, { showId }));
    const first = desk.load('a');
    const second = desk.load('b');
    answer('b');
    answer('a');
    await Promise.all([first, second]);
    expect(desk.statement.value?.showId).toBe('b');
    await desk.load('away');
    expect([desk.statement.value, desk.problem.value]).toEqual([undefined, '账本暂时不可用']);
  });
});
