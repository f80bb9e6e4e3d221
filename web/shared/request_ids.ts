// Ids that make a request safe to repeat: the same one until there is an answer, another one after it.
import { ApiError } from './api';
import { newOrderId } from './checkout';

/** A refusal that says for sure that nothing was done for this request. */
const isFinal = (error: unknown) => error instanceof ApiError && error.status >= 400 && error.status < 500;

export class RequestIds {
  readonly #ids = new Map<string, string>();

  /** `about`: what is asked for; one request about it is under way at a time. */
  async ask<T>(about: string, request: (id: string) => Promise<T>): Promise<T> {
    const id = this.#ids.get(about) ?? newOrderId();
    this.#ids.set(about, id);
    try {
      const answer = await request(id);
      this.#ids.delete(about);
      return answer;
    } catch (error) {
      if (isFinal(error)) this.#ids.delete(about);
      throw error;
    }
  }
}
