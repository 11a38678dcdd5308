// Computes the state of all clusters from history and readings, at most once a second.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { clusterStates, type ClusterStatus, type FleetStatus, lossRank } from '../../core/documents/cluster-status.ts';
import type { ServiceConfig } from '../../app/config/service.ts';
import { everyEntry, type HistoryReader } from '../history/history.ts';
import { promotionAt, promotionCalendar, promotionSet, promotionsInForce } from './promotions.ts';
import { clusterStatusOf, type KnownCluster, type LiveCluster } from './cluster-status-of.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import type { Grade, HistoryEntry } from '../../core/documents/history-entry.ts';
import type { Acknowledgement } from '../../core/documents/acknowledgement.ts';
import { biasOf, meanBias } from '../../core/trust.ts';
import type { Promotion } from '../../app/config/promotion.ts';
import { readVerdicts } from './read-verdicts.ts';
import { contenders, type KnownVerdict, verdictsIn } from './verdict-in-force.ts';

interface WatchedCluster {
  name: string;
  broker: BrokerKind;
  domains: readonly string[];
  live(): LiveCluster;
}

const nothingKnown = { verdicts: [], trust: { graded: 0, held: 0 } };

/** Not shorter, because ages are shown in seconds. */
const keptSeconds = 1;

export function createStatuses(
  clusters: readonly WatchedCluster[],
  { history, config, clock, log }: { history: HistoryReader; config: ServiceConfig; clock: Clock; log: Logger },
) {
  const memory = rememberHistory(history, { clock, lastsSeconds: config.thresholds.verdictLasts });
  let made: { at: number; revision: number; fleet: FleetStatus; byName: Map<string, ClusterStatus> } | undefined;
  const loggedMessages = new Set<string>();

  /** On a fault of the history, the known state stays visible with its age. */
  function unlessDamaged<Value>(read: () => Value): Value | undefined {
    try {
      return read();
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      // Logged once, not on every page.
      if (!loggedMessages.has(cause.message))
        log.error({ code: cause.code, reason: cause.message }, 'cannot read the history');
      loggedMessages.add(cause.message);
      return undefined;
    }
  }

  const set = () => {
    unlessDamaged(() => memory.follow());
    return memory.promotions();
  };
  const promotions = () => promotionsInForce(config.promotions, set());

  function make() {
    unlessDamaged(() => memory.follow());
    const [at, now, revision] = [clock.monotonic(), clock.now(), memory.revision()];
    if (made !== undefined && made.revision === revision && at - made.at < keptSeconds) return made;
    const statuses = clusters.map(({ name, broker, domains, live }) =>
      clusterStatusOf({
        about: { cluster: name, broker, domains },
        known: unlessDamaged(() => memory.of(name)) ?? nothingKnown,
        live: live(),
        thresholds: config.thresholds,
        now,
      }),
    );
    const promotion = promotionAt(promotions(), now.getTime());
    const fleet: FleetStatus = {
      at: now.toISOString(),
      clusters: worstFirst(statuses),
      ...(promotion && {
        promotion: {
          name: promotion.name,
          from: new Date(promotion.fromMs).toISOString(),
          to: new Date(promotion.toMs).toISOString(),
          isOn: promotion.fromMs <= now.getTime(),
        },
      }),
    };
    return (made = { at, revision, fleet, byName: new Map(statuses.map((each) => [each.cluster, each])) });
  }

  return {
    /** State at the last collection: never waits for a broker. */
    fleet: () => make().fleet,
    /** Absent for a cluster that is not configured. */
    cluster: (name: string) => make().byName.get(name),
    memory,
    /** Promotions from config and operators, including past ones; in chronological order. */
    promotions,
    /** Promotions from config and operators, including past ones. */
    calendar: () => promotionCalendar(config.promotions, set()),
  };
}

/** Sorts clusters: lost ones first, then by headroom; clusters with unknown headroom follow by state and name. */
export const worstFirst = (statuses: readonly ClusterStatus[]): ClusterStatus[] =>
  statuses.toSorted(
    (a, b) =>
      lossRank(a) - lossRank(b) ||
      // The difference of two unknown values is NaN, so the next criterion decides.
      (a.headroom ?? Infinity) - (b.headroom ?? Infinity) ||
      clusterStates.indexOf(a.state) - clusterStates.indexOf(b.state) ||
      (a.cluster < b.cluster ? -1 : a.cluster > b.cluster ? 1 : 0),
  );

/** Limit of grades for trust, so that a rebuilt cluster is measured by its own predictions. */
const mostGrades = 100;
/** Twice the longest acknowledgement. */
const acknowledgedMs = 2 * 86_400_000;
const followed = ['verdict', 'test', 'forecast', 'grade', 'change'] as const;

/** Each list newest first. */
interface Memory {
  /** Verdicts and load tests that may be in force at some time. */
  verdicts: readonly KnownVerdict[];
  forecast?: NonNullable<KnownCluster['forecast']>;
  grades: readonly { held: boolean; bias?: number }[];
}

/** @param lastsSeconds validity of verdicts */
function rememberHistory(
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
