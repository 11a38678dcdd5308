// Computes the state of all clusters from history and readings, at most once a second.

import type { Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { clusterStates, type ClusterStatus, type FleetStatus, lossRank } from '../../core/documents/cluster-status.ts';
import type { ServiceConfig } from '../../app/config/service.ts';
import type { HistoryReader } from '../history/history.ts';
import { rememberHistory } from './history-memory.ts';
import { promotionAt, promotionCalendar, promotionsInForce } from './promotions.ts';
import { clusterStatusOf, type LiveCluster } from './cluster-status-of.ts';
import type { BrokerKind } from '../../core/cluster.ts';

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
