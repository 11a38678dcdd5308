// Keeps which alerts of each cluster fired and when they were resolved, as Alertmanager posted them to /hooks.

import { createHash } from 'node:crypto';
import { AppError } from '../../core/errors.ts';
import type { AlertMark } from '../../dashboards/web/readings/readings-view.ts';
import type { History } from '../history/history.ts';
import { isOver, keptMs, marksOf, type KeptAlert } from './alert-entries.ts';
import type { AlertMessage, SentAlert } from './alert-message.ts';

const mostOfCluster = 100;
const mostClusters = 1000;
/** Alertmanager repeats an alert that fires, every four hours by default: one that is not was resolved unheard. */
const firesForMs = 86_400_000;
/** Of a cluster and day: alerts that flap do not fill the history. */
const mostRecordedPerDay = 200;
/** Names are set by whoever writes the rules. */
const longestText = 249;
const mostEntries = 500;

export interface AlertLog {
  /** The same message again, as Alertmanager repeats it and posts it to several channels, adds nothing. */
  add(message: Pick<AlertMessage, 'alerts'>, nowMs: number): void;
  /** Those that fired between the two times, oldest first. */
  of(cluster: string, fromMs: number, toMs: number): readonly AlertMark[];
  /** Those that fire, oldest first. */
  firing(cluster: string, nowMs: number): readonly AlertMark[];
}

interface KnownAlert extends KeptAlert {
  /** When it was last posted. */
  postedMs: number;
}

const byName = ([one]: [string, string], [other]: [string, string]) => (one < other ? -1 : 1);
const author = { name: 'alertmanager', through: 'api' } as const;

/** @param history where alerts survive a restart; without it they are lost */
export function createAlertLog(history?: Pick<History, 'append' | 'entries'>): AlertLog {
  const clusters = new Map<string, KnownAlert[]>();
  const recorded = new Map<string, { day: number; count: number }>();

  function read(cluster: string, sinceMs: number, untilMs: number): KeptAlert[] {
    if (history === undefined) return [];
    try {
      return marksOf(history.entries({ cluster, kinds: ['alert'], sinceMs, untilMs, limit: mostEntries }));
    } catch (cause) {
      // Pages of a cluster do not need them, and the history reports that it cannot be read.
      if (cause instanceof AppError) return [];
      throw cause;
    }
  }

  function knownOf(cluster: string, nowMs: number): KnownAlert[] {
    const known = clusters.get(cluster);
    if (known !== undefined) return known;
    const restored = read(cluster, nowMs - keptMs, nowMs + 1).map((each) => ({ ...each, postedMs: each.recordedMs }));
    if (restored.length > 0 || clusters.size < mostClusters) clusters.set(cluster, restored);
    return restored;
  }

  function record(cluster: string, { key, mark }: Pick<KeptAlert, 'key' | 'mark'>, nowMs: number): void {
    const day = Math.floor(nowMs / firesForMs);
    const today = recorded.get(cluster);
    const count = today?.day === day ? today.count : 0;
    if (count >= mostRecordedPerDay) return;
    recorded.set(cluster, { day, count: count + 1 });
    const { startMs, endMs, ...text } = mark;
    const document = {
      ...text,
      fingerprint: key,
      startsAt: new Date(startMs).toISOString(),
      ...(endMs !== undefined && { endsAt: new Date(endMs).toISOString() }),
    };
    try {
      history?.append({ kind: 'alert', cluster, document }, author);
    } catch (cause) {
      // A full disk must not keep an alert from its channel; the history reports it.
      if (!(cause instanceof AppError)) throw cause;
    }
  }

  function addOne({ status, labels, annotations, startsAt, endsAt }: SentAlert, nowMs: number): void {
    const { cluster, alertname } = labels;
    // An alert of no cluster is a mark on no page.
    if (cluster === undefined || alertname === undefined) return;
    const key = keyOf(labels, startsAt);
    const known = knownOf(cluster, nowMs);
    if (!clusters.has(cluster)) return;
    const endMs = status === 'resolved' ? Math.min(nowMs, Date.parse(endsAt ?? '') || nowMs) : undefined;
    const before = known.find((each) => each.key === key);
    if (before !== undefined) {
      before.postedMs = nowMs;
      if (endMs === undefined || before.mark.endMs !== undefined) return;
      before.mark.endMs = endMs;
      return record(cluster, before, nowMs);
    }
    const { summary, summary_zh: summaryZh } = annotations;
    const mark: AlertMark = {
      name: alertname.slice(0, longestText),
      startMs: Date.parse(startsAt),
      ...(endMs !== undefined && { endMs }),
      ...(labels['severity'] !== undefined && { severity: labels['severity'].slice(0, longestText) }),
      ...(summary !== undefined && { summary: summary.slice(0, longestText) }),
      ...(summaryZh !== undefined && { summaryZh: summaryZh.slice(0, longestText) }),
    };
    known.push({ key, mark, recordedMs: nowMs, postedMs: nowMs });
    known.sort((one, other) => one.mark.startMs - other.mark.startMs);
    known.splice(
      0,
      known.length,
      ...newest(
        known.filter((each) => !isOver(each, nowMs)),
        nowMs,
      ),
    );
    record(cluster, { key, mark }, nowMs);
  }

  return {
    add({ alerts }, nowMs) {
      for (const alert of alerts) addOne(alert, nowMs);
    },
    of(cluster, fromMs, toMs) {
      const known = knownOf(cluster, toMs);
      const keys = new Set(known.map(({ key }) => key));
      // What is in memory is newer than what is on record.
      const older = read(cluster, fromMs - keptMs, toMs + keptMs).filter(({ key }) => !keys.has(key));
      const marks = [...older, ...known].map(({ mark }) => mark);
      return marks
        .filter(({ startMs, endMs = toMs }) => startMs <= toMs && endMs >= fromMs)
        .toSorted((one, other) => one.startMs - other.startMs);
    },
    firing(cluster, nowMs) {
      const known = knownOf(cluster, nowMs);
      return known.filter((each) => isFiring(each, nowMs)).map(({ mark }) => mark);
    },
  };
}

const isFiring = ({ mark, postedMs }: KnownAlert, nowMs: number): boolean =>
  mark.endMs === undefined && nowMs - postedMs <= firesForMs;

/** Those that ended go first: one that fires for days is older than a hundred that came and went. */
function newest(known: readonly KnownAlert[], nowMs: number): KnownAlert[] {
  const [firing, ended] = [true, false].map((wanted) => known.filter((each) => isFiring(each, nowMs) === wanted));
  const first = [...(ended ?? []), ...(firing ?? [])];
  const kept = new Set(first.slice(-mostOfCluster));
  return known.filter((each) => kept.has(each));
}

/** Of its labels and start: the same alert that fires again is another one. */
const keyOf = (labels: SentAlert['labels'], startsAt: string): string =>
  createHash('sha256')
    .update(JSON.stringify([Object.entries(labels).toSorted(byName), Date.parse(startsAt)]))
    .digest('hex')
    .slice(0, 16);
