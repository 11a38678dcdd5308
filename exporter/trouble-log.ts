// Which trouble is new and which is over? Said once each: a broker that is down for a day must not fill a disk with it.

import type { Logger } from '../core/log.ts';

export interface Trouble {
  /** What it is about: the same text while it lasts. */
  about: string;
  level: 'debug' | 'warn' | 'error';
  message: string;
  fields: Readonly<Record<string, unknown>>;
}

/** @returns to be called with all there is at each scrape */
export function createTroubleLog(log: Logger): (current: readonly Trouble[]) => void {
  let lasting = new Map<string, Trouble>();
  return (current) => {
    const now = new Map(current.map((trouble) => [trouble.about, trouble]));
    for (const [about, { level, fields, message }] of now) if (!lasting.has(about)) log[level](fields, message);
    for (const [about, { level }] of lasting) {
      if (!now.has(about)) log[level]({ about }, 'the trouble is over');
    }
    lasting = now;
  };
}
