// Logs each problem once when it starts and once when it ends, so that a long outage does not flood the log.

import type { Logger } from './log.ts';

export interface OngoingProblem {
  /** Identifies the problem for its whole duration. */
  about: string;
  level: 'debug' | 'warn' | 'error';
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

/**
 * Logs each further fault code of a lasting problem once, too: a host that timed out may turn out to have another
 * key.
 *
 * @returns a function to call with all current problems after each scrape
 */
export function createProblemLog(log: Logger): (current: readonly OngoingProblem[]) => void {
  let lasting = new Map<string, { level: OngoingProblem['level']; loggedCodes: Set<unknown> }>();
  return (current) => {
    const now: typeof lasting = new Map();
    for (const { about, level, fields, message } of current) {
      const { loggedCodes } = lasting.get(about) ?? { loggedCodes: new Set() };
      if (!loggedCodes.has(fields['code'])) log[level](fields, message);
      now.set(about, { level, loggedCodes: loggedCodes.add(fields['code']) });
    }
    for (const [about, { level }] of lasting) {
      if (!now.has(about)) log[level]({ about }, 'the problem is no longer observed');
    }
    lasting = now;
  };
}
