// Who looked at personal data: every look that the server has noted, the newest first, page by page.
import { signal } from '@preact/signals';
import type { PersonalLook } from '../shared/gen/livefair/v1/order_pb';
import { explain } from '../shared/ui/parts';

export const LOOKS_A_PAGE = 50;

export interface LooksSource {
  personalLooks(before: bigint, count: number): Promise<readonly PersonalLook[]>;
}

export class LooksDesk {
  /** Nothing until the first answer. */
  readonly looks = signal<readonly PersonalLook[] | undefined>(undefined);
  /** When the newest was asked for; older pages can't change. */
  readonly asOfMs = signal(0);
  readonly hasMore = signal(false);
  readonly problem = signal('');

  constructor(
    private readonly source: LooksSource,
    private readonly now: () => number,
  ) {}

  async load(): Promise<void> {
    const asOfMs = this.now();
    if (await this.#take(0n, [])) this.asOfMs.value = asOfMs;
  }

  async more(): Promise<void> {
    const known = this.looks.peek() ?? [];
    await this.#take(known.at(-1)?.id ?? 0n, known);
  }

  async #take(before: bigint, known: readonly PersonalLook[]): Promise<boolean> {
    try {
      const page = await this.source.personalLooks(before, LOOKS_A_PAGE);
      this.looks.value = [...known, ...page];
      this.hasMore.value = page.length === LOOKS_A_PAGE;
      this.problem.value = '';
      return true;
    } catch (error) {
      this.problem.value = explain(error);
      return false;
    }
  }
}
