// Keeps which alerts of each cluster fired and when they were resolved, as Alertmanager posted them to /hooks.

import type { AlertMark } from '../../dashboards/web/readings/readings-view.ts';
import type { AlertMessage, SentAlert } from './alert-message.ts';

/** The longest range of charts is a week. */
const keptMs = 8 * 86_400_000;
const mostOfCluster = 100;
const mostClusters = 1000;
/** Names are set by whoever writes the rules. */
const longestText = 249;

export interface AlertLog {
  /** The same message again, as Alertmanager repeats it and posts it to several channels, adds nothing. */
  add(message: Pick<AlertMessage, 'alerts'>, nowMs: number): void;
  /** Those that fired between the two times, oldest first. Lost with a restart of the service. */
  of(cluster: string, fromMs: number, toMs: number): readonly AlertMark[];
}

interface Known {
  key: string;
  mark: AlertMark;
}

const byName = ([one]: [string, string], [other]: [string, string]) => (one < other ? -1 : 1);

export function createAlertLog(): AlertLog {
  const clusters = new Map<string, Known[]>();

  function addOne({ status, labels, annotations, startsAt, endsAt }: SentAlert, nowMs: number): void {
    const { cluster, alertname } = labels;
    // An alert of no cluster is a mark on no page.
    if (cluster === undefined || alertname === undefined) return;
    const key = JSON.stringify([Object.entries(labels).toSorted(byName), startsAt]);
    const known = clusters.get(cluster) ?? [];
    if (known.length === 0 && clusters.size >= mostClusters) return;
    clusters.set(cluster, known);
    const mark = known.find((each) => each.key === key)?.mark;
    const endMs = status === 'resolved' ? Math.min(nowMs, Date.parse(endsAt ?? '') || nowMs) : undefined;
    if (mark !== undefined) {
      if (endMs !== undefined) mark.endMs ??= endMs;
      return;
    }
    const { summary } = annotations;
    known.push({
      key,
      mark: {
        name: alertname.slice(0, longestText),
        startMs: Date.parse(startsAt),
        ...(endMs !== undefined && { endMs }),
        ...(labels['severity'] !== undefined && { severity: labels['severity'].slice(0, longestText) }),
        ...(summary !== undefined && { summary: summary.slice(0, longestText) }),
      },
    });
    known.sort((one, other) => one.mark.startMs - other.mark.startMs);
    const isOver = ({ mark: { endMs: end } }: Known) => end !== undefined && end < nowMs - keptMs;
    const kept = known.filter((each) => !isOver(each)).slice(-mostOfCluster);
    known.splice(0, known.length, ...kept);
  }

  return {
    add({ alerts }, nowMs) {
      for (const alert of alerts) addOne(alert, nowMs);
    },
    of(cluster, fromMs, toMs) {
      const marks = (clusters.get(cluster) ?? []).map(({ mark }) => mark);
      return marks.filter(({ startMs, endMs = toMs }) => startMs <= toMs && endMs >= fromMs);
    },
  };
}
