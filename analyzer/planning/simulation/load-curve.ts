// Defines the load of a day per minute as a share of the peak: from hours, from a file, or a typical shape.

import { AppError } from '../../../core/errors.ts';

const minutesOfDay = 1440;

/**
 * Default share of the peak by hour: low at night, a plateau by day, the peak at 20:00. It is an assumption,
 * not measured traffic; a promotion has a separate curve.
 */
const usualDay: readonly number[] = [
  0.3, 0.22, 0.18, 0.16, 0.16, 0.2, 0.3, 0.42, 0.55, 0.68, 0.75, 0.74, 0.68, 0.7, 0.72, 0.72, 0.74, 0.76, 0.8, 0.92, 1,
  0.9, 0.7, 0.45,
];

/** Interpolates linearly between the middles of hours; the highest hour is the planned peak, and keeps its whole plateau. */
export function curveFromHours(loads: readonly number[]): Float64Array {
  const highest = Math.max(...loads) || 1;
  const hours = loads.map((load) => load / highest);
  return Float64Array.from({ length: minutesOfDay }, (_, minute) => {
    const hour = Math.floor(minute / 60);
    const own = hours[hour] ?? 0;
    const towards = minute % 60 < 30 ? hours[(hour + 23) % 24] : hours[(hour + 1) % 24];
    const neighbour = towards ?? own;
    // The highest hour is a plateau, so that the planned peak is reached and lasts.
    if (own >= neighbour) return own;
    const away = minute % 60 < 30 ? 30 - (minute % 60) : (minute % 60) - 30;
    return own + (neighbour - own) * Math.min(1, away / 30);
  });
}

/**
 * The usual day, raised to the power at which its mean is this share of its peak.
 *
 * @param mean share of the peak; 1 is a flat day
 */
export function usualDayOf(mean: number): Float64Array {
  const hours = curveFromHours(usualDay);
  const meanAt = (power: number) => hours.reduce((sum, value) => sum + value ** power, 0) / hours.length;
  let [low, high] = [0, 64];
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (meanAt(middle) > mean) low = middle;
    else high = middle;
  }
  return hours.map((value) => value ** ((low + high) / 2));
}

/**
 * Parses lines of `HH:MM,value`, each valid until the next; the highest value is the planned peak, in any unit.
 *
 * @throws AppError usage with the line number
 */
export function curveFromCsv(text: string, path: string): Float64Array {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const [header, ...rows] = lines.filter(({ line }) => line !== '');
  if (header?.line.replaceAll(' ', '') !== 'time,value') {
    throw unreadable(path, header?.number ?? 1, `${JSON.stringify(header?.line ?? '')} is not the header time,value`);
  }
  const points = rows.map(({ line, number }) => {
    const [, hour, minute, value] = /^(\d{1,2}):(\d{2})(?::00)?\s*,\s*(\d+(?:\.\d+)?(?:e\d+)?)$/i.exec(line) ?? [];
    const at = Number(hour) * 60 + Number(minute);
    if (value === undefined || Number(minute) > 59 || at >= minutesOfDay) {
      throw unreadable(path, number, `${JSON.stringify(line)} is not a time of the day and a value`);
    }
    return { at, value: Number(value), number };
  });
  for (const [index, { at, number }] of points.entries()) {
    const before = points[index - 1];
    if (before !== undefined && at <= before.at) throw unreadable(path, number, 'times do not rise');
  }
  if (points[0]?.at !== 0) throw unreadable(path, 2, 'the day does not begin at 00:00');
  const highest = Math.max(...points.map(({ value }) => value));
  if (!(highest > 0)) throw unreadable(path, 2, 'there is no load at any time');
  const curve = new Float64Array(minutesOfDay);
  for (const [index, { at, value }] of points.entries()) curve.fill(value / highest, at, points[index + 1]?.at);
  return curve;
}

const unreadable = (path: string, line: number, why: string) =>
  new AppError('usage', `${path}:${line}: ${why}`, {
    hint: 'a curve is CSV: the header time,value, then lines such as 20:00,70000 from 00:00 on',
  });
