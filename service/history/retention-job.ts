// Keeps the history within its quota: thins old forecasts, more when space runs low, and deletes old alerts; verdicts are kept.

import { setImmediate } from 'node:timers/promises';
import { seconds } from '../../core/clock.ts';
import type { ServiceParts } from '../parts.ts';
import type { Job } from '../schedule/schedule.ts';
import { forecastShare, type KeptForecasts } from './forecast-thinning.ts';
import type { History } from './history.ts';

const every = seconds(3600);
const day = 86_400_000;
/** A forecast has about 100 kB: this many are deleted in about 10 ms, and scrapes are served between batches. */
const atOnce = 50;

type RetentionParts = Pick<ServiceParts, 'history' | 'clock' | 'config'>;

export function createRetentionJob({ history, clock, config }: RetentionParts): Job {
  const { quota, forecasts, dailyForecasts, alerts } = config.retention;
  return {
    name: 'retention',
    every,
    isLight: true,
    async run({ signal }) {
      history.limitBytes(quota);
      const nowMs = confirmedMs(clock.now().getTime(), history);
      let deleted = 0;
      for (const [index, step] of stepsOf(nowMs, { forecasts, dailyForecasts }).entries()) {
        const { usedBytes } = history.usage();
        if (index > 0 && usedBytes <= quota * forecastShare) break;
        deleted += await thin(history, step, signal);
      }
      const gone = history.deleteAlerts(nowMs - alerts * 1000);
      return deleted + gone === 0 ? undefined : `${deleted} old forecasts and ${gone} old alerts deleted`;
    },
  };
}

/**
 * Returns the newest time, of the clock or of an entry, that an entry of the previous day confirms. With a clock that is far
 * ahead, after a resume or a fault of NTP, every entry looks old, and none is from the day before.
 */
function confirmedMs(nowMs: number, history: History): number {
  const dayBefore = { sinceMs: nowMs - 2 * day, untilMs: nowMs - day, limit: 1 };
  if (history.entries(dayBefore).length > 0) return nowMs;
  const [older] = history.entries({ untilMs: nowMs - 2 * day, limit: 1 });
  return older === undefined ? nowMs : confirmedMs(Date.parse(older.at), history);
}

/** Returns the configured retention, then stricter steps, each for use only if the previous one did not free enough space. */
function stepsOf(nowMs: number, { forecasts, dailyForecasts }: Record<'forecasts' | 'dailyForecasts', number>) {
  const since = (spanSeconds: number) => nowMs - spanSeconds * 1000;
  const configured = { allSinceMs: since(forecasts), dailySinceMs: since(dailyForecasts), weekly: true };
  return [
    configured,
    { ...configured, weekly: false },
    { allSinceMs: nowMs - day, dailySinceMs: nowMs - 15 * day, weekly: false },
    { allSinceMs: nowMs, dailySinceMs: nowMs, weekly: false },
  ] satisfies KeptForecasts[];
}

async function thin(history: History, kept: KeptForecasts, signal: AbortSignal): Promise<number> {
  const ids = history.thinnable(kept);
  let deleted = 0;
  for (let from = 0; from < ids.length; from += atOnce) {
    signal.throwIfAborted();
    deleted += history.deleteForecasts(ids.slice(from, from + atOnce));
    await setImmediate();
  }
  return deleted;
}
