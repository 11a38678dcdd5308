// Discovers clusters from target lists, and connects to each as its module says.

import type { ClusterConfig } from '../brokers/config.ts';
import type { ClusterInspector, Io } from '../brokers/driver.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { createLagClock, type LagClock } from './lag/lag-clock.ts';
import { inspectLazily } from './lazy-inspector.ts';
import { addressModule, type ModuleConfig } from './modules.ts';
import { shareReading } from './shared-reading.ts';
import { createListReader, keyOf, type LastTargets, type ListedTarget, type TargetList } from './target-list.ts';
import type { WatchedCluster } from './target.ts';
import { createProblemLog, type OngoingProblem } from '../core/problem-log.ts';
import { ignoreFault } from '../core/errors.ts';

const withModule = ({ targets, module }: { targets: readonly ListedTarget[]; module: string }) =>
  targets.map((target) => ({ ...target, module }));

export function discoverClusters({
  lists,
  lastTargets = new Map(),
  lagClocks = new Map(),
  modules,
  configured,
  open,
  limits,
  clock,
  log,
}: {
  lists: readonly TargetList[];
  /** Targets of the previous config; each reading updates them. */
  lastTargets?: LastTargets;
  /** Lag clocks of the previous config, by target, so that lag history survives a reload. */
  lagClocks?: Map<string, LagClock>;
  modules: Readonly<Record<string, ModuleConfig>>;
  /** Names in use. */
  configured: ReadonlySet<string>;
  open(name: string, cluster: ClusterConfig, io: Io): Promise<ClusterInspector>;
  limits: Pick<WatchedCluster, 'shown' | 'maxSeries' | 'chosen'>;
  clock: Clock;
  log: Logger;
}) {
  const keys = new Set(lists.map(keyOf));
  // A list that is configured again later starts without targets.
  for (const key of lastTargets.keys()) if (!keys.has(key)) lastTargets.delete(key);
  const readers = lists.map((list) => {
    const read = createListReader(list, clock, lastTargets);
    return async (io: Io) => ({ ...(await read(io)), module: list.module });
  });
  const current = new Map<string, WatchedCluster>();
  const reportTroubles = createProblemLog(log);
  let hasUnreadList = false;

  const update = shareReading(async (io) => {
    const read = await Promise.all(readers.map((reader) => reader(io)));
    const troubles: OngoingProblem[] = read.flatMap(({ trouble }) => (trouble === undefined ? [] : [trouble]));
    hasUnreadList = troubles.length > 0;
    const wanted = new Map<string, { name: string; config: ClusterConfig }>();
    const names = new Set(configured);
    for (const { name, module, target } of read.flatMap(withModule)) {
      const reason = names.has(name) ? 'another cluster has this name' : place();
      if (reason === undefined) names.add(name);
      else
        troubles.push({
          about: `target ${target}`,
          level: 'warn',
          message: 'cannot use a discovered target',
          fields: { target, reason },
        });

      function place(): string | undefined {
        const config = Object.hasOwn(modules, module) ? modules[module] : undefined;
        if (config === undefined) return `there is no module ${module}`;
        const addressed = addressModule(config, target);
        if (addressed.kind === 'refused') return addressed.reason;
        wanted.set(JSON.stringify([name, module, target]), { name, config: addressed.config });
        return undefined;
      }
    }
    for (const [key, { inspector }] of current) {
      if (wanted.has(key)) continue;
      current.delete(key);
      void close(inspector);
    }
    for (const key of lagClocks.keys()) if (!wanted.has(key)) lagClocks.delete(key);
    for (const [key, { name, config }] of wanted) {
      if (current.has(key)) continue;
      const inspector = inspectLazily((io) => open(name, config, io));
      const lagClock = lagClocks.get(key) ?? createLagClock({ clock, log: log.child({ cluster: name }) });
      lagClocks.set(key, lagClock);
      current.set(key, { name, kind: config.broker, inspector, lagClock, ...limits });
    }
    reportTroubles(troubles);
  });

  async function close(inspector: ClusterInspector): Promise<void> {
    try {
      await inspector[Symbol.asyncDispose]();
    } catch (err) {
      log.debug({ err }, 'cannot close the connections of a removed cluster');
    }
  }

  return {
    /** A list that cannot be read keeps its last targets. Never rejects. */
    async clusters(io: Io): Promise<readonly WatchedCluster[]> {
      try {
        await update(io);
      } catch (cause) {
        hasUnreadList = lists.length > 0;
        ignoreFault('the last known clusters are kept')(cause);
      }
      return [...current.values()];
    },
    /** Whether a list could not be read for the latest result. */
    hasUnreadList: () => hasUnreadList,
    async [Symbol.asyncDispose]() {
      await Promise.all([...current.values()].map(({ inspector }) => close(inspector)));
    },
  };
}
