// Sends requests to several processes concurrently and collects the answers, with an error message for each failure.

import { type AppError, faultOf } from '../core/errors.ts';
import type { Io } from './driver.ts';

/** @throws as faultOf */
export async function askEach<Item, Answer>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Answer>,
  io: Io,
): Promise<{ answers: Answer[]; notices: string[]; faults: Map<Item, AppError> }> {
  const ends = await Promise.all(
    items.map(async (item) => {
      try {
        return { item, answer: await ask(item) };
      } catch (cause) {
        return { item, fault: faultOf(cause, io) };
      }
    }),
  );
  const faults = new Map(ends.flatMap(({ item, fault }) => (fault === undefined ? [] : [[item, fault] as const])));
  return {
    answers: ends.flatMap((end) => (end.fault === undefined ? [end.answer] : [])),
    notices: Array.from(faults.values(), ({ message }) => message),
    faults,
  };
}

/** As `askEach`. @throws the first AppError if no process answered, because an empty list would be no answer */
export async function askSome<Item, Answer>(...request: Parameters<typeof askEach<Item, Answer>>) {
  const answer = await askEach(...request);
  const [fault] = answer.faults.values();
  if (answer.answers.length === 0 && fault !== undefined) throw fault;
  return answer;
}
