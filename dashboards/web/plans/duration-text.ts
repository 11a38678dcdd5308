// How long is that, in two units at most? A span that is planned with is not rounded down to hours.

import type { Language } from '../strings.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** @param seconds rounded to what is worth telling of so long a time: seconds, minutes or hours */
export function durationText(seconds: number, language: Language): string {
  const format = new Intl.DurationFormat(language, { style: 'short', hoursDisplay: 'auto' });
  if (seconds < 2 * minute) {
    return new Intl.NumberFormat(language, {
      style: 'unit',
      unit: 'second',
      unitDisplay: 'short',
      maximumFractionDigits: seconds < 10 ? 1 : 0,
    }).format(seconds);
  }
  const whole = seconds < 2 * day ? Math.round(seconds / minute) * minute : Math.round(seconds / hour) * hour;
  return format.format({
    ...(whole >= day && { days: Math.floor(whole / day) }),
    ...(whole % day >= hour && { hours: Math.floor((whole % day) / hour) }),
    ...(whole % hour >= minute && { minutes: Math.floor((whole % hour) / minute) }),
  });
}
