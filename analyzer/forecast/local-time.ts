// Computes local time in the users' time zone, which determines the daily season.

import { AppError } from '../../core/errors.ts';
import { isTimeZone, wallClock } from '../../core/local-moment.ts';
import { getOrMake } from '../../core/get-or-make.ts';

export interface TimeZone {
  name: string;
  /** Milliseconds to add to UTC at this moment. */
  offsetAt(timeMs: number): number;
}

const day = 86_400_000;

/** @param name of the IANA database, such as Asia/Shanghai. @throws AppError usage */
export function timeZone(name: string): TimeZone {
  if (!isTimeZone(name)) {
    throw new AppError('usage', `${JSON.stringify(name)} is not a time zone`, {
      hint: 'take a name of the IANA database, such as UTC, Asia/Shanghai or Europe/Berlin',
    });
  }
  const exact = (timeMs: number): number => {
    const whole = Math.floor(timeMs / 1000) * 1000;
    return wallClock(whole, name) - whole;
  };
  // Called for every hour of years, so only days with a clock change are searched hour by hour.
  const known = new Map<number, number>();
  const atMidnight = (index: number) => getOrMake(known, index, () => exact(index * day));
  return {
    name,
    offsetAt(timeMs) {
      const index = Math.floor(timeMs / day);
      const offset = atMidnight(index);
      return atMidnight(index + 1) === offset ? offset : exact(timeMs);
    },
  };
}
