// Formats durations that people plan with, in English and Chinese.

import type { Language } from './strings.ts';

const units = [
  ['days', 86_400],
  ['hours', 3600],
  ['minutes', 60],
  ['seconds', 1],
] as const;
type Unit = (typeof units)[number][0];

/** As in the rest of the product: `40 s`, not the `40 sec` of CLDR. */
const symbols: Record<Language, Record<Unit, (amount: number) => string>> = {
  en: {
    days: (amount) => `${amount} ${amount === 1 ? 'day' : 'days'}`,
    hours: (amount) => `${amount} h`,
    minutes: (amount) => `${amount} min`,
    seconds: (amount) => `${amount} s`,
  },
  zh: {
    days: (amount) => `${amount}天`,
    hours: (amount) => `${amount}小时`,
    minutes: (amount) => `${amount}分钟`,
    seconds: (amount) => `${amount}秒`,
  },
};
const separators: Record<Language, string> = { en: ' ', zh: '' };

const [[, day], , [, minute]] = units;

/**
 * @param seconds rounded to tenths below 10 s, to seconds below 2 min, to 10 s below 10 min, to minutes below 2 days, then to hours
 * @returns at most two units: `4.3 s`, `2 min 10 s`, `1 day 1 h`
 */
export function durationText(seconds: number, language: Language): string {
  if (seconds < 2 * minute) {
    return symbols[language].seconds(seconds < 10 ? Math.round(10 * seconds) / 10 : Math.round(seconds));
  }
  const step = seconds < 10 * minute ? 10 : seconds < 2 * day ? minute : 3600;
  let rest = Math.round(seconds / step) * step;
  const parts: string[] = [];
  for (const [unit, length] of units) {
    const amount = Math.floor(rest / length);
    rest -= amount * length;
    if (amount > 0) parts.push(symbols[language][unit](amount));
  }
  return parts.join(separators[language]);
}

/** @returns one unit, rounded down: `5 min` for 330 s */
export function spanText(seconds: number, language: Language): string {
  const [unit, length] = units.find(([, each]) => seconds >= each) ?? (['seconds', 1] as const);
  return symbols[language][unit](Math.floor(Math.max(0, seconds) / length));
}
