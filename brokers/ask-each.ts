// Asks several processes at once and collects the answers, with an error message for each one that failed.

import { AppError } from '../core/errors.ts';
import type { Io } from './driver.ts';

/** All at once. @throws as faultMessage */
export async function askEach<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
  io: Io,
): Promise<{ answers: Answer[]; notices: string[] }> {
  const notices: string[] = [];
  const answers = await Promise.all(
    items.map(async (item): Promise<Answer[]> => {
      try {
        return [await ask(item)];
      } catch (cause) {
        notices.push(faultMessage(cause, io));
        return [];
      }
    }),
  );
  return { answers: answers.flatMap((each) => each), notices };
}

/** For callers that continue without the answer. @throws the signal's reason once it aborted, and what is no fault */
export function faultMessage(cause: unknown, { signal }: Io): string {
  signal.throwIfAborted();
  if (!(cause instanceof AppError)) throw cause;
  return cause.message;
}
