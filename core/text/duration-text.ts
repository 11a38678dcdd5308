// Formats durations: as measured, as configured, and rounded for planning (in English and Chinese).

import { countText, quantityText } from './quantity-text.ts';

type Language = 'en' | 'zh';

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** @returns a measured duration with three significant digits: `850 µs`, `4.2 ms`, `1,800 s`, `3.5 h` */
export function durationText(seconds: number, language: Language = 'en'): string {
  const isChinese = language === 'zh';
  const rounded = Number(seconds.toPrecision(3));
  if (rounded >= 2 * day) return `${quantityText(seconds / day)} ${isChinese ? '天' : 'days'}`;
  if (rounded >= 2 * hour) return `${quantityText(seconds / hour)} ${isChinese ? '小时' : 'h'}`;
  if (rounded >= 1 || rounded === 0) return `${quantityText(seconds)} ${isChinese ? '秒' : 's'}`;
  return rounded >= 1e-3 ? `${quantityText(seconds * 1e3)} ms` : `${quantityText(seconds * 1e6)} µs`;
}

const larger = [
  [day, 'd'],
  [hour, 'h'],
  [minute, 'min'],
] as const;

/** @returns a configured duration, exact, in the largest unit that gives at least two: `90 s`, `36 h` */
export function exactDurationText(seconds: number): string {
  const [size, unit] = larger.find(([each]) => seconds >= 2 * each && seconds % each === 0) ?? [1, 's'];
  return `${countText(seconds / size)} ${unit}`;
}

const units = [
  ['days', day],
  ['hours', hour],
  ['minutes', minute],
  ['seconds', 1],
] as const;
type Unit = (typeof units)[number][0];

/** Own symbols: the product writes `40 s`, CLDR `40 sec`. */
const symbols: Record<Language, Record<Unit, (amount: number) => string>> = {
  en: {
    days: (amount) => `${amount} ${amount === 1 ? 'day' : 'days'}`,
    hours: (amount) => `${amount} h`,
    minutes: (amount) => `${amount} min`,
    seconds: (amount) => `${amount} s`,
  },
  zh: {
    days: (amount) => `${amount} 天`,
    hours: (amount) => `${amount} 小时`,
    minutes: (amount) => `${amount} 分钟`,
    seconds: (amount) => `${amount} 秒`,
  },
};

/**
 * @param seconds rounded to tenths below 10 s, to seconds below 2 min, to 10 s below 10 min, to minutes below a day, then to hours
 * @returns at most two units: `4.3 s`, `2 min 10 s`, `1 day 12 h`
 */
export function roundedDurationText(seconds: number, language: Language = 'en'): string {
  if (seconds < 2 * minute) {
    return symbols[language].seconds(seconds < 10 ? Math.round(10 * seconds) / 10 : Math.round(seconds));
  }
  const step = seconds < 10 * minute ? 10 : seconds < day ? minute : hour;
  let rest = Math.round(seconds / step) * step;
  const parts: string[] = [];
  for (const [unit, length] of units) {
    const amount = Math.floor(rest / length);
    rest -= amount * length;
    if (amount > 0) parts.push(symbols[language][unit](amount));
  }
  return parts.join(' ');
}

/** @returns one unit, rounded down: `5 min` for 330 s */
export function spanText(seconds: number, language: Language = 'en'): string {
  const [unit, length] = units.find(([, each]) => seconds >= each) ?? (['seconds', 1] as const);
  return symbols[language][unit](Math.floor(Math.max(0, seconds) / length));
}
