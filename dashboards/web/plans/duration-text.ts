// How long is that, in two units at most? A span that is planned with is not rounded down to hours.

import type { Language } from '../strings.ts';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** @param seconds rounded to what is worth telling of so long a time: seconds, ten of them from two minutes on, minutes from ten, hours from two days */
export function durationText(seconds: number, language: Language): string {
  const format = new Intl.DurationFormat(language, { style: 'short' });
  if (seconds < 2 * minute) {
    return new Intl.NumberFormat(language, {
      style: 'unit',
      unit: 'second',
      unitDisplay: 'short',
      maximumFractionDigits: seconds < 10 ? 1 : 0,
    }).format(seconds);
  }
  const unit = seconds < 10 * minute ? 10 : seconds < 2 * day ? minute : hour;
  const whole = Math.round(seconds / unit) * unit;
  return format.format({
    ...(whole >= day && { days: Math.floor(whole / day) }),
    ...(whole % day >= hour && { hours: Math.floor((whole % day) / hour) }),
    ...(whole % hour >= minute && { minutes: Math.floor((whole % hour) / minute) }),
    ...(whole % minute > 0 && { seconds: whole % minute }),
  });
}
