// Makes the leader run analyses and forecasts that operators requested at any instance.

import type { HistoryEntry } from '../../core/documents/history-entry.ts';
import { seconds } from '../../core/clock.ts';
import type { HistoryReader } from '../history/history.ts';
import type { Job, Schedule } from '../schedule/schedule.ts';
import type { Leadership } from './leadership.ts';

const every = seconds(2);
/** Requests to a leader that died are kept until another instance leads. */
const keptMs = 60_000;

type RequestedJob = ReturnType<typeof requestedIn>[number];

/** @param ask of the schedule, called only on the leader */
export function createRequestedJob(history: HistoryReader, leadership: Leadership, ask: Schedule['ask']): Job {
  let readUpTo = history.revision();
  let waiting: RequestedJob[] = [];
  return {
    name: 'requested',
    every,
    isLight: true,
    isOfEachInstance: true,
    async run() {
      const revision = history.revision();
      if (revision > readUpTo) {
        const added = history.entries({ kinds: ['change'], afterId: readUpTo, limit: 500 });
        waiting.push(...added.toReversed().flatMap(requestedIn));
        readUpTo = revision;
      }
      if (leadership.term() !== undefined) {
        for (const each of waiting) if (!isDone(each, history)) ask(each.job, each.cluster);
        waiting = [];
      }
      const newest = waiting.at(-1)?.atMs ?? 0;
      waiting = waiting.filter(({ atMs }) => atMs > newest - keptMs);
      return undefined;
    },
  };
}

function requestedIn(entry: HistoryEntry) {
  const { id, at, cluster } = entry;
  if (entry.kind !== 'change' || entry.document.what !== 'analysis-asked' || cluster === undefined) return [];
  return [{ id, atMs: Date.parse(at), job: entry.document.after ?? 'analysis', cluster }];
}

const isDone = ({ id, job, cluster }: RequestedJob, history: HistoryReader) =>
  (history.latest(cluster, [job === 'forecast' ? 'forecast' : 'verdict'])?.id ?? 0) > id;
