// Parses printed times, in the order, digits and words of any locale.

/** Counted from 1. */
export interface LocalDate {
  year: number;
  month: number;
  day: number;
}

/**
 * `13:52:55`, `01:52:55 PM`, `01:52:55 PM HKT`, `下午 01:52:55`, `13时52分55秒`, `13시 52분 55초`, `13.52.55`. A zone follows
 * after one space, a title in capitals after several.
 */
const clock =
  /(?:^|\s)(上午|下午|午前|午後)?\s*(\d{1,2})(?:[:.时時]|시\s?)(\d{2})(?:[:.分]|분\s?)(\d{2})[秒초]?(?:\s*([AaPp])\.?[Mm]\.?)?(?: (?:[A-Z]{3,5}|[+-]\d{2,4}))?(?=\s|$)/;

/** @returns the second of the day at the start of the text, and where the rest starts */
export function readClock(text: string): { secondOfDay: number; end: number } | undefined {
  const match = clock.exec(text);
  if (match === null) return undefined;
  const [whole, before, hours, minutes, seconds, after] = match;
  const half = before ?? after?.toUpperCase();
  let hour = Number(hours);
  if (half !== undefined) hour = (hour % 12) + (['P', '下午', '午後'].includes(half) ? 12 : 0);
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 60) return undefined;
  return { secondOfDay: hour * 3600 + Number(minutes) * 60 + Number(seconds), end: match.index + whole.length };
}

const numericDate = /(\d{1,4})(?:[-/.]|[年년]\s*)(\d{1,2})(?:[-/.]|[月월]\s*)(\d{1,4})[日일]?/;

/**
 * `2026-11-20` and `2026年11月20日` are unambiguous; `11/12/26` is the 11th of December or the 12th of November, depending
 * on the locale of the host, which is not printed, so both are returned.
 */
export function readDates(text: string): LocalDate[] {
  const [, first, second, third] = numericDate.exec(text) ?? [];
  if (first === undefined || second === undefined || third === undefined) return [];
  const [a, b, c] = [Number(first), Number(second), Number(third)];
  const candidates: LocalDate[] =
    first.length === 4
      ? [{ year: a, month: b, day: c }]
      : [
          { year: fullYear(third), month: a, day: b },
          { year: fullYear(third), month: b, day: a },
        ];
  const valid = candidates.filter(isDate);
  const [one, other] = valid;
  return one && other && one.month === other.month && one.day === other.day ? [one] : valid;
}

function fullYear(digits: string): number {
  return digits.length === 4 ? Number(digits) : 2000 + Number(digits);
}

function isDate({ year, month, day }: LocalDate): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

export function addDays({ year, month, day }: LocalDate, days: number): LocalDate {
  const date = new Date(Date.UTC(year, month - 1, day + days));
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}
