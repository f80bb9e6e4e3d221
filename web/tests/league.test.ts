import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { LeagueDesk, type LeagueSource, percent } from '../operator/league';
import { ApiError } from '../shared/api';
import { LeagueSchema, SalesFlagSchema } from '../shared/gen/livefair/v1/totals_pb';

class Source implements LeagueSource {
  readonly asked: string[] = [];
  async league(fromMs: bigint, asOfMs: bigint, show: string) {
    this.asked.push(`league ${fromMs} ${asOfMs} ${show}`);
    if (asOfMs > 1000n) throw new ApiError(400, 'invalid_input', '必须是至少 1 秒以前的时间', '');
    return create(LeagueSchema, { asOfMs: asOfMs || 500n });
  }
  async salesFlags(show: string, asOfMs: bigint) {
    this.asked.push(`flags ${show} ${asOfMs}`);
    return [create(SalesFlagSchema, { kind: 'repeated_refunds' })];
  }
}

describe('the league', () => {
  it('and the flags are of one moment, that of the league’s answer', async () => {
    const source = new Source();
    const desk = new LeagueDesk(source);
    await desk.count({ show: 's', ofShow: false, fromMs: 0n, asOfMs: 0n });
    await desk.count({ show: 's', ofShow: true, fromMs: 7n, asOfMs: 300n });
    expect(source.asked).toEqual(['league 0 0 ', 'flags s 500', 'league 7 300 s', 'flags s 300']);
    expect(desk.flags.value).toHaveLength(1);
  });

  it('says what the server says, and keeps what it had', async () => {
    const desk = new LeagueDesk(new Source());
    await desk.count({ show: 's', ofShow: false, fromMs: 0n, asOfMs: 0n });
    await desk.count({ show: 's', ofShow: false, fromMs: 0n, asOfMs: 2000n });
    expect(desk.problem.value).toBe('必须是至少 1 秒以前的时间');
    expect(desk.league.value?.asOfMs).toBe(500n);
    expect(desk.busy.value).toBe(false);
  });
});

it('thousandths are said as a percentage', () => {
  expect(percent(1045n)).toBe('104.5%');
  expect(percent(0n)).toBe('0.0%');
});
