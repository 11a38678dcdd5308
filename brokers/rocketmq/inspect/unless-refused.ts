// Is it worth the others' answers that one was refused? A topic deleted since it was listed has none, and the others still do.

import { AppError } from '../../../core/errors.ts';

export async function unlessRefused<Answer>(read: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof AppError && cause.code === 'broker-refused') return undefined;
    throw cause;
  }
}
