// Sends requests to several processes concurrently and collects the answers, with an error message for each failure.

import { faultOf } from '../core/errors.ts';
import type { Io } from './driver.ts';

/** @throws as faultOf */
export async function askEach<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
  io: Io,
): Promise<{ answers: Answer[]; notices: string[]; reasons: Map<Item, string> }> {
  const reasons = new Map<Item, string>();
  const answers = await Promise.all(
    items.map(async (item): Promise<Answer[]> => {
      try {
        return [await ask(item)];
      } catch (cause) {
        reasons.set(item, faultOf(cause, io).message);
        return [];
      }
    }),
  );
  return { answers: answers.flatMap((each) => each), notices: [...reasons.values()], reasons };
}
