// Caches the state of each cluster from the history in memory, and reads only new entries.

import type { Grade, HistoryEntry } from '../../core/documents/history-entry.ts';
import type { Acknowledgement } from '../../core/documents/acknowledgement.ts';
import type { Clock } from '../../core/clock.ts';
import { biasOf, meanBias } from '../../core/trust.ts';
import type { Promotion } from '../../app/config/promotion.ts';
import { everyEntry } from '../history/every-entry.ts';
import type { HistoryReader } from '../history/history.ts';
import { promotionSet } from './promotions.ts';
import type { KnownCluster } from './cluster-status-of.ts';
import { readVerdicts } from './read-verdicts.ts';
import { contenders, verdictsIn, type KnownVerdict } from './verdict-in-force.ts';

/** Limit of grades for trust, so that a rebuilt cluster is measured by its own predictions. */
const mostGrades = 100;
/** Twice the longest acknowledgement. */
const acknowledgedMs = 2 * 86_400_000;
const followed = ['verdict', 'test', 'forecast', 'grade', 'change'] as const;

export type HistoryMemory = ReturnType<typeof rememberHistory>;

/** Each list newest first. */
interface Memory {
  /** Verdicts and load tests that may be in force at some time. */
  verdicts: readonly KnownVerdict[];
  forecast?: NonNullable<KnownCluster['forecast']>;
  grades: readonly { held: boolean; bias?: number }[];
}

/** @param lastsSeconds validity of verdicts */
export function rememberHistory(
  history: HistoryReader,
  { clock, lastsSeconds }: { clock: Pick<Clock, 'now'>; lastsSeconds: number },
) {
  const clusters = new Map<string, Memory>();
  const promotions: Promotion[] = [];
  const acknowledged = new Map<string, readonly Acknowledgement[]>();
  let revision: number | undefined;

  function learn(entry: HistoryEntry): void {
    const promotion = promotionSet(entry);
    if (promotion !== undefined) promotions.push(promotion);
    acknowledge(entry);
    const memory = entry.cluster === undefined ? undefined : clusters.get(entry.cluster);
    // For other clusters, all entries are read on the first request.
    if (entry.cluster !== undefined && memory !== undefined) clusters.set(entry.cluster, learned(memory, entry));
  }

  /** Drops acknowledgements that ended before the newest one began. */
  function acknowledge({ kind, cluster, document, at, by }: HistoryEntry): void {
    if (kind !== 'change' || document.what !== 'acknowledged' || cluster === undefined) return;
    const { subject, until, after } = document;
    if (subject === undefined || until === undefined) return;
    const others = (acknowledged.get(cluster) ?? []).filter((each) => each.subject !== subject && each.until > at);
    const made = { subject, until, at, by: by.name, ...(after !== undefined && { note: after }) };
    acknowledged.set(cluster, [made, ...others]);
  }

  function load(cluster: string): Memory {
    const beforeId = (revision ?? 0) + 1;
    const entries = [
      ...history.entries({ cluster, kinds: ['forecast'], limit: 1, beforeId }),
      ...history.entries({ cluster, kinds: ['grade'], limit: mostGrades, beforeId }),
    ];
    const verdicts = readVerdicts(history, { cluster, beforeId }, { nowMs: clock.now().getTime(), lastsSeconds });
    return entries.reverse().reduce(learned, { verdicts, grades: [] });
  }

  return {
    of(cluster: string): KnownCluster {
      const memory = clusters.get(cluster) ?? load(cluster);
      clusters.set(cluster, memory);
      const { verdicts, forecast, grades } = memory;
      const bias = meanBias(grades.map((grade) => grade.bias));
      return {
        verdicts,
        ...(forecast && { forecast }),
        acknowledged: acknowledged.get(cluster) ?? [],
        trust: {
          graded: grades.length,
          held: grades.filter(({ held }) => held).length,
          ...(bias !== undefined && { bias }),
        },
      };
    },
    /** Promotions set by operators, oldest first. */
    promotions: (): readonly Promotion[] => promotions,
    /** Revision of the last entry read. */
    revision: () => revision ?? 0,
    /** Reads entries added since. @throws AppError such as ledger-damaged; the known state stays */
    follow(): void {
      const now = history.revision();
      if (now === revision) return;
      // Not all changes are read at the start, because some kinds, such as logins, are numerous.
      const added =
        revision === undefined
          ? ([
              { change: 'promotion-set' },
              { change: 'acknowledged', sinceMs: clock.now().getTime() - acknowledgedMs },
            ] as const)
          : ([{ kinds: followed, afterId: revision }] as const);
      for (const query of added) for (const entry of [...everyEntry(history, query)].reverse()) learn(entry);
      revision = now;
    },
  };
}

function learned(memory: Memory, entry: HistoryEntry): Memory {
  switch (entry.kind) {
    case 'verdict':
    case 'test':
      return { ...memory, verdicts: contenders([...verdictsIn(entry), ...memory.verdicts]) };
    case 'forecast': {
      const { id, at, document } = entry;
      return { ...memory, forecast: { entry: id, madeAtMs: Date.parse(at), forecast: document } };
    }
    case 'grade':
      return { ...memory, grades: [gradeOf(entry.document), ...memory.grades].slice(0, mostGrades) };
    case 'plan':
    case 'operation':
    case 'report':
    case 'change':
    case 'alert':
      return memory;
  }
}

function gradeOf(grade: Grade): Memory['grades'][number] {
  const bias = biasOf(grade);
  return { held: grade.held, ...(bias !== undefined && { bias }) };
}
