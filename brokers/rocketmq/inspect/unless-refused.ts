// Turns a broker's refusal into an absent answer, such as for a topic deleted since it was listed.

import { AppError } from '../../../core/errors.ts';

export async function unlessRefused<Answer>(read: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'broker-refused') return undefined;
    throw cause;
  }
}
