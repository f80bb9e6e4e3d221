// Sums over the lines of several shows. Everything is integer: fen, grams, pieces.
import { create } from '@bufbuild/protobuf';
import { type Total, TotalSchema } from './gen/livefair/v1/order_pb';

const SUMMED = ['ordersReserved', 'ordersPaid', 'unitsReserved', 'unitsPaid', 'reservedFen', 'paidFen', 'refundDueFen', 'weightPaidG', 'refundedFen'] as const;

function added(to: Total, line: Total): Total {
  const sum = { ...to };
  for (const field of SUMMED) sum[field] = to[field] + line[field];
  return sum;
}

/** One line per key, the most paid first; ties by name, so that lines do not jump about. */
export function ranking(lines: readonly Total[]): Total[] {
  const byKey = new Map<string, Total>();
  for (const line of lines) {
    const before = byKey.get(line.key);
    byKey.set(line.key, before ? added(before, line) : line);
  }
  return [...byKey.values()].sort((a, b) => (a.paidFen === b.paidFen ? a.name.localeCompare(b.name, 'zh') : a.paidFen < b.paidFen ? 1 : -1));
}

export function sumOf(lines: readonly Total[]): Total {
  return lines.reduce(added, create(TotalSchema));
}
