// Finds the change freeze of a cluster that is active or starts next.

import { localText, minutesOf, momentOf, wallClock } from '../../core/local-moment.ts';
import type { Freeze } from './config.ts';

export interface FreezeSpan {
  freeze: Freeze;
  fromMs: number;
  /** First moment after the freeze; absent if it lasts all day, every day. */
  toMs?: number;
}

const [minute, day] = [60_000, 86_400_000];

const startOfDay = (wallMs: number) => Math.floor(wallMs / day) * day;

/** @returns the current or next span; undefined after the last one */
function spanAt(freeze: Freeze, nowMs: number): FreezeSpan | undefined {
  const { from, to, daily, timeZone } = freeze;
  if (daily === undefined) {
    const [fromMs, toMs] = [from, to].map((local) => momentOf(Date.parse(`${local ?? ''}Z`), timeZone));
    return fromMs !== undefined && toMs !== undefined && nowMs < toMs ? { freeze, fromMs, toMs } : undefined;
  }
  const [start, end] = [minutesOf(daily.from), minutesOf(daily.to)];
  if (start === end) return { freeze, fromMs: nowMs };
  const today = startOfDay(wallClock(nowMs, timeZone));
  for (const date of [today - day, today, today + day]) {
    const toMs = momentOf((end > start ? date : date + day) + end * minute, timeZone);
    if (nowMs < toMs) return { freeze, fromMs: momentOf(date + start * minute, timeZone), toMs };
  }
  return undefined;
}

/** For an unknown cluster: only freezes of all clusters. */
const freezesOf = (freezes: readonly Freeze[], cluster: string | undefined) =>
  freezes.filter(({ clusters }) => clusters === undefined || (cluster !== undefined && clusters.includes(cluster)));

const spansOf = (freezes: readonly Freeze[], cluster: string, nowMs: number): FreezeSpan[] =>
  freezesOf(freezes, cluster).flatMap((freeze) => spanAt(freeze, nowMs) ?? []);

/** @returns the current freeze that ends last */
export function currentFreeze(freezes: readonly Freeze[], cluster: string, now: Date): FreezeSpan | undefined {
  const nowMs = now.getTime();
  return spansOf(freezes, cluster, nowMs)
    .filter(({ fromMs }) => fromMs <= nowMs)
    .toSorted((a, b) => (b.toMs ?? Infinity) - (a.toMs ?? Infinity))[0];
}

/** @returns the next freeze that begins after now */
export function nextFreeze(freezes: readonly Freeze[], cluster: string, now: Date): FreezeSpan | undefined {
  const nowMs = now.getTime();
  return spansOf(freezes, cluster, nowMs)
    .filter(({ fromMs }) => fromMs > nowMs)
    .toSorted((a, b) => a.fromMs - b.fromMs)[0];
}

/** @returns the frozen spans between `fromMs` and `untilMs`, unsorted */
export function frozenSpans(
  freezes: readonly Freeze[],
  cluster: string | undefined,
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): { fromMs: number; toMs: number }[] {
  const spans: { fromMs: number; toMs: number }[] = [];
  for (const freeze of freezesOf(freezes, cluster)) {
    for (let nowMs = fromMs; nowMs < untilMs;) {
      const span = spanAt(freeze, nowMs);
      if (span === undefined || span.fromMs >= untilMs) break;
      const toMs = Math.min(untilMs, span.toMs ?? untilMs);
      spans.push({ fromMs: Math.max(fromMs, span.fromMs), toMs });
      nowMs = toMs;
    }
  }
  return spans;
}

/** @returns a text such as `daily 09:00 to 15:00 Asia/Shanghai` */
export function freezeText({ daily, from = '', to = '', timeZone }: Freeze): string {
  return daily === undefined
    ? `${from.replace('T', ' ')} to ${to.replace('T', ' ')} ${timeZone}`
    : `daily ${daily.from} to ${daily.to} ${timeZone}`;
}

export const endText = ({ freeze, toMs }: FreezeSpan): string =>
  toMs === undefined ? 'with no end' : `until ${localText(toMs, freeze.timeZone)}`;
