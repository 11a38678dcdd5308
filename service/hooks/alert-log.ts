// Keeps which alerts of each cluster fired and when they were resolved, as Alertmanager posted them to /hooks.

import { createHash } from 'node:crypto';
import { AppError } from '../../core/errors.ts';
import type { AlertMark } from '../../dashboards/web/readings/readings-view.ts';
import { everyEntry } from '../history/every-entry.ts';
import type { History, HistoryQuery } from '../history/history.ts';
import { isOver, keptMs, marksOf, type KeptAlert } from './alert-entries.ts';
import type { AlertMessage, SentAlert } from './alert-message.ts';
import { defined } from '../../core/defined.ts';

const mostOfCluster = 100;
const mostClusters = 1000;
/** Alertmanager repeats an alert that fires, every four hours by default: one that is not was resolved unheard. */
const firesForMs = 86_400_000;
/** So that one that fires for days fires also for another instance, and after a restart. */
const recordedAgainMs = 8 * 3_600_000;
/** Of a cluster and day: alerts that flap do not fill the history, and repetitions leave half of it to others. */
const mostRecordedPerDay = { first: 200, again: 100 };
/** Names are set by whoever writes the rules. */
const longestText = 249;

export type AlertLog = ReturnType<typeof createAlertLog>;

interface KnownAlert extends KeptAlert {
  /** When it was last posted. */
  postedMs: number;
  /** Since when the history lacks what is known here: it could not be written. */
  unrecordedMs?: number;
}

interface KnownCluster {
  /** Oldest first. */
  alerts: KnownAlert[];
  /** Of the history, when it was read last. */
  revision: number;
}

const byName = ([one]: [string, string], [other]: [string, string]) => (one < other ? -1 : 1);
const author = { name: 'alertmanager', through: 'api' } as const;

/** @param history where alerts survive a restart, and others record them too; without it they are lost */
export function createAlertLog(history?: Pick<History, 'append' | 'entries' | 'revision'>) {
  const clusters = new Map<string, KnownCluster>();
  const recorded = new Map<string, { day: number; count: number }>();

  /** All pages of the history: later alerts hide no earlier ones. */
  function read(cluster: string, range: Pick<HistoryQuery, 'untilMs' | 'afterId'> & { sinceMs: number }): KeptAlert[] {
    return history === undefined ? [] : marksOf([...everyEntry(history, { cluster, kinds: ['alert'], ...range })]);
  }

  /** Pages of a cluster do not need them, and the history reports that it cannot be read. */
  function unlessUnreadable<Value>(known: Value, look: () => Value): Value {
    try {
      return look();
    } catch (cause) {
      if (cause instanceof AppError) return known;
      throw cause;
    }
  }

  /** Another instance may have received an alert, its repetition or its end. */
  function followed(cluster: string, known: KnownCluster, nowMs: number): KnownCluster {
    const revision = history?.revision() ?? 0;
    if (revision === known.revision) return known;
    const since = read(cluster, { afterId: known.revision, sinceMs: nowMs - keptMs });
    return { alerts: joined(known.alerts, since, nowMs), revision };
  }

  function knownOf(cluster: string, nowMs: number): KnownAlert[] {
    const before = clusters.get(cluster) ?? { alerts: [], revision: 0 };
    const known = unlessUnreadable(before, () => followed(cluster, before, nowMs));
    if (known.alerts.length > 0 || clusters.has(cluster) || clusters.size < mostClusters) clusters.set(cluster, known);
    return known.alerts;
  }

  /** @returns false when it could not be written: the next message tries again */
  function record(cluster: string, alert: KnownAlert, nowMs: number, most = mostRecordedPerDay.first): boolean {
    delete alert.unrecordedMs;
    const day = Math.floor(nowMs / firesForMs);
    const today = recorded.get(cluster);
    const count = today?.day === day ? today.count : 0;
    if (count >= most) return true;
    const { key, mark } = alert;
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
      alert.unrecordedMs = nowMs;
      return false;
    }
    recorded.set(cluster, { day, count: count + 1 });
    alert.recordedMs = nowMs;
    return true;
  }

  function recordMissing(nowMs: number): void {
    for (const [cluster, { alerts }] of clusters) {
      if (!alerts.some(isUnrecorded)) continue;
      // Each attempt on a history in use waits for it.
      for (const alert of knownOf(cluster, nowMs).filter(isUnrecorded)) if (!record(cluster, alert, nowMs)) return;
    }
  }

  /** Alertmanager posts no end of an alert that is resolved and fires again within one group_interval. */
  function endEarlier(
    cluster: string,
    known: readonly KnownAlert[],
    { labels, startMs }: Pick<SentAlert, 'labels'> & { startMs: number },
    nowMs: number,
  ): void {
    for (const alert of known) {
      const { key, mark } = alert;
      if (mark.endMs !== undefined || mark.startMs >= startMs || key !== keyOf(labels, mark.startMs)) continue;
      mark.endMs = Math.min(nowMs, startMs);
      record(cluster, alert, nowMs);
    }
  }

  function addOne({ status, labels, annotations, startsAt, endsAt }: SentAlert, nowMs: number): void {
    const { cluster, alertname } = labels;
    // An alert of no cluster is a mark on no page.
    if (cluster === undefined || alertname === undefined) return;
    const key = keyOf(labels, Date.parse(startsAt));
    const known = knownOf(cluster, nowMs);
    if (!clusters.has(cluster)) return;
    endEarlier(cluster, known, { labels, startMs: Date.parse(startsAt) }, nowMs);
    const endMs = status === 'resolved' ? Math.min(nowMs, Date.parse(endsAt ?? '') || nowMs) : undefined;
    const before = known.find((each) => each.key === key);
    if (before !== undefined) {
      before.postedMs = nowMs;
      const isEnded = before.mark.endMs !== undefined;
      if (endMs !== undefined) {
        if (isEnded) return;
        before.mark.endMs = endMs;
        record(cluster, before, nowMs);
      } else if (isEnded) {
        // Alertmanager resolves what Prometheus does not repeat: after a gap between them it fires on from its old start.
        delete before.mark.endMs;
        record(cluster, before, nowMs);
      } else if (nowMs - before.recordedMs >= recordedAgainMs) {
        record(cluster, before, nowMs, mostRecordedPerDay.again);
      }
      return;
    }
    const [severity, summary, summaryZh] = [labels['severity'], annotations['summary'], annotations['summary_zh']].map(
      (text) => text?.slice(0, longestText),
    );
    const mark: AlertMark = {
      name: alertname.slice(0, longestText),
      startMs: Date.parse(startsAt),
      ...defined({ endMs, severity, summary, summaryZh }),
    };
    const alert = { key, mark, recordedMs: nowMs, postedMs: nowMs };
    known.push(alert);
    known.splice(0, known.length, ...newest(known, nowMs));
    record(cluster, alert, nowMs);
  }

  return {
    /** The same message again, as Alertmanager repeats it and posts it to several channels, adds nothing. */
    add({ alerts }: Pick<AlertMessage, 'alerts'>, nowMs: number): void {
      recordMissing(nowMs);
      for (const alert of alerts) addOne(alert, nowMs);
    },
    /** Those that fired between the two times, oldest first. */
    of(cluster: string, fromMs: number, toMs: number): readonly AlertMark[] {
      // The end of a past range does not decide which alerts are kept in memory: they are those of now.
      const { alerts, revision } = clusters.get(cluster) ?? { alerts: [], revision: 0 };
      const range = { sinceMs: fromMs - keptMs, untilMs: toMs + keptMs };
      const [recorded = [], since = []] = unlessUnreadable<KeptAlert[][]>([], () => [
        read(cluster, range),
        read(cluster, { ...range, afterId: revision }),
      ]);
      // In memory are also those that could not be recorded.
      const known = new Map<string, KeptAlert & Partial<KnownAlert>>();
      for (const each of [...recorded, ...alerts, ...since]) {
        if (!isOutdated(each, known.get(each.key))) known.set(each.key, each);
      }
      return [...known.values()]
        .filter(({ mark: { startMs, endMs }, recordedMs, postedMs = recordedMs }) => {
          // One that is not repeated was resolved unheard.
          return startMs <= toMs && (endMs ?? postedMs + firesForMs) >= fromMs;
        })
        .map(({ mark }) => mark)
        .toSorted((one, other) => one.startMs - other.startMs);
    },
    /** Those that fire, oldest first. */
    firing(cluster: string, nowMs: number): readonly AlertMark[] {
      const known = knownOf(cluster, nowMs);
      return known.filter((each) => isFiring(each, nowMs)).map(({ mark }) => mark);
    },
  };
}

const isFiring = ({ mark, postedMs }: KnownAlert, nowMs: number): boolean =>
  mark.endMs === undefined && nowMs - postedMs <= firesForMs;

const isUnrecorded = ({ unrecordedMs }: KnownAlert): boolean => unrecordedMs !== undefined;

/** What could not be recorded since is newer. */
const isOutdated = (read: KeptAlert, { unrecordedMs }: Partial<KnownAlert> = {}): boolean =>
  unrecordedMs !== undefined && read.recordedMs <= unrecordedMs;

/** @param read from the history since */
function joined(known: readonly KnownAlert[], read: readonly KeptAlert[], nowMs: number): KnownAlert[] {
  const alerts = new Map(known.map((each) => [each.key, each]));
  for (const each of read) {
    const own = alerts.get(each.key);
    if (isOutdated(each, own)) continue;
    const { postedMs = 0 } = own ?? {};
    // Whole: an alert that fires on after its end has none anymore.
    alerts.set(each.key, { ...each, postedMs: Math.max(postedMs, each.recordedMs) });
  }
  return newest([...alerts.values()], nowMs);
}

/** Oldest first. Those that ended go first: one that fires for days is older than a hundred that came and went. */
function newest(all: readonly KnownAlert[], nowMs: number): KnownAlert[] {
  const known = all
    .filter((each) => !isOver(each, nowMs))
    .toSorted((one, other) => one.mark.startMs - other.mark.startMs);
  const [firing, ended] = [true, false].map((wanted) => known.filter((each) => isFiring(each, nowMs) === wanted));
  const first = [...(ended ?? []), ...(firing ?? [])];
  const kept = new Set(first.slice(-mostOfCluster));
  return known.filter((each) => kept.has(each));
}

/** Of its labels and start: the same alert that fires again is another one. */
const keyOf = (labels: SentAlert['labels'], startMs: number): string =>
  createHash('sha256')
    .update(JSON.stringify([Object.entries(labels).toSorted(byName), startMs]))
    .digest('hex')
    .slice(0, 16);
