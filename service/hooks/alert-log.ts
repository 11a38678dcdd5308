// Tracks when alerts of each cluster fired and were resolved, as Alertmanager posted them to /hooks.

import { createHash } from 'node:crypto';
import { AppError } from '../../core/errors.ts';
import type { AlertMark } from '../../dashboards/web/readings/readings-view.ts';
import { everyEntry, type History, type HistoryQuery } from '../history/history.ts';
import type { AlertMessage, SentAlert } from './alert-message.ts';
import { defined } from '../../core/defined.ts';
import type { HistoryEntry } from '../../core/documents/history-entry.ts';

const mostClusters = 1000;
/** Alertmanager repeats a firing alert, every four hours by default; without a repetition in this time, its end was missed. */
const firesForMs = 86_400_000;
/** Interval at which a firing alert is recorded again, so that another instance or a restarted one knows that it fires. */
const recordedAgainMs = 8 * 3_600_000;
/** Limit of recorded starts per cluster and UTC day, since flapping alerts must not fill the history. */
export const mostStartsPerDay = 500;
/** Firing alerts, and the newest ended ones. Has room for new alerts in a storm, such as a broker that fails. */
const mostOfCluster = mostStartsPerDay + 100;
/** Limit of counted days. */
const mostDays = 10_000;
/** The authors of the rules choose the texts. Descriptions name groups and topics of up to 249 characters each. */
const longest = { name: 249, text: 1000 };

export type AlertLog = ReturnType<typeof createAlertLog>;

interface KnownAlert extends KeptAlert {
  /** Time of the last post. */
  postedMs: number;
  /** Hash of the labels; absent if the alert was read from the history. */
  labels?: string;
  /** Time since which the state here is missing in the history, because it could not be written. */
  unrecordedMs?: number;
  /** Whether the history lacks the start, and therefore the end, because its day had too many. */
  isLeftOut?: boolean;
}

interface KnownCluster {
  /** Oldest first. */
  alerts: KnownAlert[];
  /** Revision of the history at the last read. */
  revision: number;
}

const byName = ([one]: [string, string], [other]: [string, string]) => (one < other ? -1 : 1);
const author = { name: 'alertmanager', through: 'api' } as const;

/** @param history keeps alerts across restarts and shares them with other instances; without it they are lost */
export function createAlertLog(history?: Pick<History, 'append' | 'entries' | 'revision'>) {
  const clusters = new Map<string, KnownCluster>();
  const starts = new Map<string, number>();

  /** Reads all pages of the history, so that later alerts do not hide earlier ones. */
  function read(cluster: string, range: Pick<HistoryQuery, 'untilMs' | 'afterId'> & { sinceMs: number }): KeptAlert[] {
    return history === undefined ? [] : marksOf([...everyEntry(history, { cluster, kinds: ['alert'], ...range })]);
  }

  /**
   * Returns `known` if the history is unreadable, because pages of a cluster work without alerts and the history
   * reports the fault.
   */
  function unlessUnreadable<Value>(known: Value, look: () => Value): Value {
    try {
      return look();
    } catch (cause) {
      if (cause instanceof AppError) return known;
      throw cause;
    }
  }

  /** Reads new entries, because another instance may have received an alert, its repetition or its end. */
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

  /**
   * Leaves the alert out if its day has too many, because the beginning of an incident explains more than its end, or
   * if memory would drop a recorded alert before its end, for example in a storm that continues after a restart.
   */
  function recordStart(cluster: string, known: readonly KnownAlert[], alert: KnownAlert, nowMs: number): void {
    const day = `${dayOf(alert.mark)} ${cluster}`;
    const count = starts.get(day) ?? 0;
    const isRecorded = (each: KnownAlert) => each !== alert && !each.isLeftOut && isFiring(each, nowMs);
    alert.isLeftOut =
      count >= mostStartsPerDay || (isFiring(alert, nowMs) && known.filter(isRecorded).length >= mostStartsPerDay);
    if (starts.size >= mostDays) starts.clear();
    starts.set(day, count + 1);
    record(cluster, alert, nowMs);
  }

  /** @returns false if the history could not be written: the next message triggers a retry */
  function record(cluster: string, alert: KnownAlert, nowMs: number): boolean {
    delete alert.unrecordedMs;
    if (alert.isLeftOut) return true;
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
      // A full disk must not block the notification; the history reports the fault.
      if (!(cause instanceof AppError)) throw cause;
      alert.unrecordedMs = nowMs;
      return false;
    }
    alert.recordedMs = nowMs;
    return true;
  }

  function recordMissing(nowMs: number): void {
    for (const [cluster, { alerts }] of clusters) {
      if (!alerts.some(isUnrecorded)) continue;
      // Stops at the first failure, because each attempt waits for a history in use.
      for (const alert of knownOf(cluster, nowMs).filter(isUnrecorded)) if (!record(cluster, alert, nowMs)) return;
    }
  }

  /**
   * Ends an earlier start of the alert: Alertmanager posts no end if an alert is resolved and fires again within one
   * group_interval.
   */
  function endEarlier(
    cluster: string,
    known: readonly KnownAlert[],
    { labels, startMs }: Pick<SentAlert, 'labels'> & { startMs: number },
    nowMs: number,
  ): void {
    const own = keyOf(labels);
    for (const alert of known) {
      const { key, mark } = alert;
      if (mark.endMs !== undefined || mark.startMs >= startMs) continue;
      // A hash of the labels for each of hundreds of alerts takes long in a storm.
      if (alert.labels === undefined ? key !== keyOf(labels, mark.startMs) : alert.labels !== own) continue;
      mark.endMs = Math.min(nowMs, startMs);
      record(cluster, alert, nowMs);
    }
  }

  function addOne({ status, labels, annotations, startsAt, endsAt }: SentAlert, nowMs: number): void {
    const { cluster, alertname } = labels;
    // No page shows alerts without a cluster.
    if (cluster === undefined || alertname === undefined) return;
    const key = keyOf(labels, Date.parse(startsAt));
    const known = knownOf(cluster, nowMs);
    if (!clusters.has(cluster)) return;
    endEarlier(cluster, known, { labels, startMs: Date.parse(startsAt) }, nowMs);
    const endMs = status === 'resolved' ? Math.min(nowMs, Date.parse(endsAt ?? '') || nowMs) : undefined;
    const before = known.find((each) => each.key === key);
    // The description names group, topic or broker, by which alerts of one name differ.
    const textIn = (language: '' | '_zh') =>
      (annotations[`description${language}`] ?? annotations[`summary${language}`])?.slice(0, longest.text);
    const text = defined({ summary: textIn(''), summaryZh: textIn('_zh') });
    if (before !== undefined) {
      before.postedMs = nowMs;
      before.labels ??= keyOf(labels);
      // Figures in the text change while the alert fires.
      before.mark = { ...before.mark, ...text };
      const isEnded = before.mark.endMs !== undefined;
      if (endMs !== undefined) {
        if (isEnded) return;
        before.mark.endMs = endMs;
        record(cluster, before, nowMs);
      } else if (isEnded) {
        // Alertmanager resolves alerts that Prometheus stops repeating; after such a gap the alert continues with its
        // old start.
        delete before.mark.endMs;
        recordStart(cluster, known, before, nowMs);
      } else if (nowMs - before.recordedMs >= recordedAgainMs) {
        record(cluster, before, nowMs);
      }
      return;
    }
    const mark: AlertMark = {
      name: alertname.slice(0, longest.name),
      startMs: Date.parse(startsAt),
      ...defined({
        endMs,
        severity: labels['severity']?.slice(0, longest.name),
        group: nameIn(labels['consumergroup']),
        topic: nameIn(labels['topic']),
      }),
      ...text,
    };
    const alert = { key, mark, recordedMs: nowMs, postedMs: nowMs, labels: keyOf(labels) };
    recordStart(cluster, known, alert, nowMs);
    known.push(alert);
    // Sorting after each alert of a storm takes long.
    if (known.length >= mostOfCluster + 100) dropOldest(known, nowMs);
  }

  return {
    /** Adds the alerts of a message; a duplicate, repeated or posted to several channels, changes nothing. */
    add({ alerts }: Pick<AlertMessage, 'alerts'>, nowMs: number): void {
      recordMissing(nowMs);
      for (const alert of alerts) addOne(alert, nowMs);
      for (const cluster of new Set(alerts.map(({ labels }) => labels.cluster ?? ''))) {
        dropOldest(clusters.get(cluster)?.alerts ?? [], nowMs);
      }
    },
    /** Returns alerts that fired between the two times, oldest first. */
    of(cluster: string, fromMs: number, toMs: number): readonly AlertMark[] {
      // Reads the map directly: knownOf drops alerts that are old at the given time, and the end of a range is not now.
      const { alerts, revision } = clusters.get(cluster) ?? { alerts: [], revision: 0 };
      const range = { sinceMs: fromMs - keptMs, untilMs: toMs + keptMs };
      const [recorded = [], since = []] = unlessUnreadable<KeptAlert[][]>([], () => [
        read(cluster, range),
        read(cluster, { ...range, afterId: revision }),
      ]);
      // Alerts in memory include those that could not be recorded.
      const known = new Map<string, KeptAlert & Partial<KnownAlert>>();
      for (const each of [...recorded, ...alerts, ...since]) {
        if (!isOutdated(each, known.get(each.key))) known.set(each.key, each);
      }
      return [...known.values()]
        .filter(({ mark: { startMs, endMs }, recordedMs, postedMs = recordedMs }) => {
          // Without a repetition, the end was missed.
          return startMs <= toMs && (endMs ?? postedMs + firesForMs) >= fromMs;
        })
        .map(({ mark }) => mark)
        .toSorted((one, other) => one.startMs - other.startMs);
    },
    /** Returns firing alerts, oldest first. */
    firing(cluster: string, nowMs: number): readonly AlertMark[] {
      const known = knownOf(cluster, nowMs);
      return known.filter((each) => isFiring(each, nowMs)).map(({ mark }) => mark);
    },
  };
}

const dayOf = ({ startMs }: AlertMark): number => Math.floor(startMs / 86_400_000);

/** @returns whether a day has as many alerts as are recorded, so that later ones may be missing */
export const mayBeCut = (alerts: readonly AlertMark[]): boolean =>
  [...Map.groupBy(alerts, dayOf).values()].some(({ length }) => length >= mostStartsPerDay);

const nameIn = (label: string | undefined): string | undefined => label?.slice(0, longest.name) || undefined;

const isFiring = ({ mark, postedMs }: KnownAlert, nowMs: number): boolean =>
  mark.endMs === undefined && nowMs - postedMs <= firesForMs;

const isUnrecorded = ({ unrecordedMs }: KnownAlert): boolean => unrecordedMs !== undefined;

/** Whether memory has a newer state that could not be recorded. */
const isOutdated = (read: KeptAlert, { unrecordedMs }: Partial<KnownAlert> = {}): boolean =>
  unrecordedMs !== undefined && read.recordedMs <= unrecordedMs;

/** @param read alerts from newer history entries */
function joined(known: readonly KnownAlert[], read: readonly KeptAlert[], nowMs: number): KnownAlert[] {
  const alerts = new Map(known.map((each) => [each.key, each]));
  for (const each of read) {
    const own = alerts.get(each.key);
    if (isOutdated(each, own)) continue;
    const { postedMs = 0, labels } = own ?? {};
    // Replaced, not merged: an alert that continues after a recorded end no longer has an end.
    alerts.set(each.key, { ...each, ...defined({ labels }), postedMs: Math.max(postedMs, each.recordedMs) });
  }
  return newest([...alerts.values()], nowMs);
}

/**
 * Oldest first. Drops ended alerts before firing ones, since one that fires for days is older than hundreds of short
 * ones, and firing alerts that the history lacks before others, whose end it must record.
 */
function newest(all: readonly KnownAlert[], nowMs: number): KnownAlert[] {
  const known = all
    .filter((each) => !isOver(each, nowMs))
    .toSorted((one, other) => one.mark.startMs - other.mark.startMs);
  if (known.length <= mostOfCluster) return known;
  const rankOf = (each: KnownAlert) => (isFiring(each, nowMs) ? (each.isLeftOut ? 1 : 2) : 0);
  const kept = new Set(known.toSorted((one, other) => rankOf(one) - rankOf(other)).slice(-mostOfCluster));
  return known.filter((each) => kept.has(each));
}

const dropOldest = (known: KnownAlert[], nowMs: number): unknown =>
  known.splice(0, known.length, ...newest(known, nowMs));

/** Hash of labels, and start if given: the same alert firing again has a new key. */
const keyOf = (labels: SentAlert['labels'], startMs?: number): string =>
  createHash('sha256')
    .update(JSON.stringify([Object.entries(labels).toSorted(byName), startMs]))
    .digest('hex')
    .slice(0, 16);

/** The longest range of charts is a week. */
const keptMs = 8 * 86_400_000;

interface KeptAlert {
  key: string;
  mark: AlertMark;
  /** Time of the last record: an alert that fires for long is recorded repeatedly. */
  recordedMs: number;
}

/** Combines the history entries of an alert, from when it fired and was resolved, into one mark. */
const isOver = ({ mark: { endMs } }: KeptAlert, nowMs: number): boolean =>
  endMs !== undefined && endMs < nowMs - keptMs;

/** @param entries newest first. @returns marks, oldest first */
function marksOf(entries: readonly HistoryEntry[]): KeptAlert[] {
  const alerts = new Map<string, KeptAlert>();
  for (const entry of entries.toReversed()) {
    if (entry.kind !== 'alert') continue;
    const { fingerprint, name, startsAt, endsAt, severity, group, topic, summary, summaryZh } = entry.document;
    const mark = {
      name,
      startMs: Date.parse(startsAt),
      ...(endsAt !== undefined && { endMs: Date.parse(endsAt) }),
      ...defined({ severity, group, topic, summary, summaryZh }),
    };
    alerts.set(fingerprint, { key: fingerprint, mark, recordedMs: Date.parse(entry.at) });
  }
  return [...alerts.values()].toSorted((one, other) => one.mark.startMs - other.mark.startMs);
}
