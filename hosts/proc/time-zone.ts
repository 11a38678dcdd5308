// Computes the UTC offset from the last line of /etc/localtime, a POSIX TZ rule (RFC 8536 §3.3, POSIX.1-2017 §8.3).

import type { HostTime } from '../../core/documents/evidence/host-reading.ts';

/*
 *   UTC0    CST-8    <+0330>-3:30    CET-1CEST,M3.5.0,M10.5.0/3
 *   │  └ value to add to local time to get UTC
 *   name                              summer: name, [offset], then when it begins and ends: month.week.weekday/hour
 */
const rule =
  /^(?<name>[A-Za-z]+|<[\w+-]+>)(?<offset>[+-]?\d+(?::\d+)*)(?:(?<summer>[A-Za-z]+|<[\w+-]+>)(?<summerOffset>[+-]?\d+(?::\d+)*)?,(?<begin>M[\d.]+(?:\/[\d:+-]+)?),(?<end>M[\d.]+(?:\/[\d:+-]+)?))?$/;

/** @param text the file, which is binary except for its last line */
export function parseTimeZone(text: string, epochSeconds: number): HostTime['zone'] {
  const [, footer = ''] = /\n([^\n]{1,100})\n$/.exec(text) ?? [];
  const { name, offset, summer, summerOffset, begin, end } = rule.exec(footer)?.groups ?? {};
  if (name === undefined || offset === undefined) return undefined;
  const standard = { name: bare(name), offsetSeconds: -secondsOf(offset) || 0 };
  if (summer === undefined || begin === undefined || end === undefined) return standard;
  const daylight = {
    name: bare(summer),
    offsetSeconds: summerOffset === undefined ? standard.offsetSeconds + 3600 : -secondsOf(summerOffset),
  };
  const year = new Date(epochSeconds * 1000).getUTCFullYear();
  const from = changeOf(begin, year, standard.offsetSeconds);
  const to = changeOf(end, year, daylight.offsetSeconds);
  if (from === undefined || to === undefined) return undefined;
  // In the southern hemisphere, summer time spans the turn of the year.
  const isSummer = from < to ? epochSeconds >= from && epochSeconds < to : epochSeconds >= from || epochSeconds < to;
  return isSummer ? daylight : standard;
}

const bare = (name: string) => name.replace(/^<|>$/g, '');

function secondsOf(text: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = text.replace(/^[+-]/, '').split(':').map(Number);
  return (text.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds);
}

/** @returns seconds since the epoch at which the rule `M3.5.0/2` takes effect; week 5 is the last week */
function changeOf(text: string, year: number, offsetSeconds: number): number | undefined {
  const [, month, week, weekday, time = '2'] = /^M(\d+)\.(\d)\.(\d)(?:\/(.*))?$/.exec(text) ?? [];
  if (month === undefined) return undefined;
  const first = new Date(Date.UTC(year, Number(month) - 1, 1)).getUTCDay();
  const days = new Date(Date.UTC(year, Number(month), 0)).getUTCDate();
  let day = 1 + ((Number(weekday) - first + 7) % 7) + 7 * (Number(week) - 1);
  while (day > days) day -= 7;
  return Date.UTC(year, Number(month) - 1, day) / 1000 + secondsOf(time) - offsetSeconds;
}
