// Converts a broker's refusal to an absent answer, such as for a topic deleted since it was listed.

import { AppError, type FaultCode } from '../../../core/errors.ts';

/** @param codes of faults that count as a refusal */
export async function unlessRefused<Answer>(
  read: () => Promise<Answer>,
  codes: readonly FaultCode[] = ['broker-refused'],
): Promise<Answer | undefined> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof AppError && codes.includes(cause.code)) return undefined;
    throw cause;
  }
}
