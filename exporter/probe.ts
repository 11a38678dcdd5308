// Serves /probe with the parameters `target` and `module`, as blackbox_exporter does.

import type { ClusterInspector, Io } from '../brokers/driver.ts';
import type { ClusterConfig } from '../brokers/config.ts';
import { AppError, awaitedElsewhere } from '../core/errors.ts';
import { nearest } from '../core/text/nearest.ts';
import { createFamilies, type Page } from './exposition/families.ts';
import { createLagClock, type LagClock } from './lag/lag-clock.ts';
import { inspectLazily } from './lazy-inspector.ts';
import { addressModule, type ModuleConfig } from './modules.ts';
import type { Watched } from './metrics-page.ts';
import { collectors } from './registry.ts';
import { createScrape, type Scrape, type TargetScrape } from './scrape-target.ts';
import type { KeepWithinBudget } from './series-budget.ts';
import { clusterTarget, type Target, type WatchedCluster } from './target.ts';

interface ProbePage {
  /** @throws AppError service-busy if the pages in progress leave no series for it */
  render(io: Io): Promise<Page>;
}

export type Probe =
  | { kind: 'page'; page: ProbePage; close(): void }
  /** `status` of the HTTP response. */
  | { kind: 'refused'; status: 400 | 403 | 503; reason: string };

export type Prober = ReturnType<typeof createProber>;

interface ProberOptions extends Pick<Watched, 'clock' | 'log' | 'registry'> {
  modules: Readonly<Record<string, ModuleConfig>>;
  open(name: string, cluster: ClusterConfig, io: Io): Promise<ClusterInspector>;
  limits: Pick<WatchedCluster, 'shown' | 'maxSeries' | 'chosen'>;
  /** Lag clocks of the previous config, by module and target, so that lag history survives a reload. */
  lagClocks?: Map<string, LagClock>;
}

/** Idle time after which the connections to a target are closed. */
const keptSeconds = 600;
/** Most targets kept, because addresses come from requests. */
const mostTargets = 200;
/** Most concurrent probes, each of which holds a snapshot and a page. */
const mostAtOnce = 10;
/** Interval of the search for idle connections. */
const sweepMs = 60_000;

interface Kept {
  inspector: ClusterInspector;
  scrape: Scrape;
  underWay: number;
  lastRequested: number;
}

export function createProber({
  modules,
  open,
  limits,
  lagClocks = new Map(),
  clock,
  log,
  registry = collectors,
}: ProberOptions) {
  const openedAt = clock.monotonic();
  const kept = new Map<string, Kept>();
  let underWay = 0;
  /** On all pages in progress. They share the series limit of one page, so memory does not grow with the targets. */
  let seriesUnderWay = 0;
  let rendering: Promise<unknown> = Promise.resolve();

  /** Renders one page at a time. */
  function inTurn<Context>(target: Target<Context>): Target<Context> {
    const withinBudget: KeepWithinBudget = (render) => {
      const shown = rendering.then(() => target.withinBudget(render));
      rendering = shown.catch(awaitedElsewhere);
      return shown;
    };
    return { ...target, withinBudget };
  }

  function admit(target: string, { parts, state: { series } }: TargetScrape): Page {
    const { maxSeries = Infinity } = limits;
    const page = createFamilies();
    for (const { definitions, lines } of parts) page.add(definitions, lines);
    if (seriesUnderWay === 0 || seriesUnderWay + series <= maxSeries) return page;
    page[Symbol.dispose]();
    throw new AppError(
      'service-busy',
      `${target} has ${series} series, and other probes are sending ${seriesUnderWay}: more than maxSeries (${maxSeries})`,
    );
  }

  async function drop(key: string, { inspector }: Kept): Promise<void> {
    kept.delete(key);
    try {
      await inspector[Symbol.asyncDispose]();
    } catch (err) {
      log.debug({ err, target: key }, 'cannot close the connections of a probe');
    }
  }

  /** Closes idle targets, and the least recently used ones beyond the limit. */
  function sweep(): void {
    const idle = [...kept].filter(([, entry]) => entry.underWay === 0);
    idle.sort(([, a], [, b]) => a.lastRequested - b.lastRequested);
    const tooMany = kept.size - mostTargets;
    for (const [index, [key, entry]] of idle.entries()) {
      if (index >= tooMany && clock.monotonic() - entry.lastRequested <= keptSeconds) continue;
      lagClocks.delete(key);
      void drop(key, entry);
    }
    // Of targets that were requested only before the reload, the oldest first.
    const areIdle = clock.monotonic() - openedAt > keptSeconds;
    for (const key of lagClocks.keys()) {
      if (!kept.has(key) && (areIdle || lagClocks.size > mostTargets)) lagClocks.delete(key);
    }
  }
  const sweeping = setInterval(sweep, sweepMs).unref();

  function keep(key: string, target: string, config: ClusterConfig): Kept {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const inspector = inspectLazily((io) => open(target, config, io));
    const lagClock = lagClocks.get(key) ?? createLagClock({ clock, log: log.child({ cluster: target }) });
    lagClocks.set(key, lagClock);
    const cluster = { name: target, kind: config.broker, inspector, lagClock, ...limits };
    // No label for the target, because Prometheus adds it: the labels are exactly those of compatible exporters.
    const origin = { names: [], values: [] };
    const scrape = createScrape(inTurn(clusterTarget(cluster, registry, origin)), { clock, log });
    const entry = { inspector, scrape, underWay: 0, lastRequested: clock.monotonic() };
    kept.set(key, entry);
    sweep();
    return entry;
  }

  return {
    modules: Object.keys(modules),
    /** The caller must close every opened page. */
    open(target: string, name: string): Probe {
      const module = Object.hasOwn(modules, name) ? modules[name] : undefined;
      if (module === undefined)
        return { kind: 'refused', status: 400, reason: describeUnknown(name, Object.keys(modules)) };
      const addressed = addressModule(module, target);
      if (addressed.kind === 'refused') return { kind: 'refused', status: 403, reason: addressed.reason };
      if (underWay >= mostAtOnce) {
        return { kind: 'refused', status: 503, reason: `more than ${mostAtOnce} probes at once` };
      }
      const entry = keep(`${name} ${target}`, target, addressed.config);
      entry.lastRequested = clock.monotonic();
      entry.underWay++;
      underWay++;
      let series = 0;
      return {
        kind: 'page',
        page: {
          async render(io) {
            const scraped = await entry.scrape(io);
            const page = admit(target, scraped);
            ({ series } = scraped.state);
            seriesUnderWay += series;
            return page;
          },
        },
        close() {
          entry.underWay--;
          underWay--;
          seriesUnderWay -= series;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      clearInterval(sweeping);
      await Promise.all([...kept].map(([key, entry]) => drop(key, entry)));
    },
  };
}

function describeUnknown(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  const listed =
    known.length === 0 ? 'no modules are configured under exporter.modules' : `modules: ${known.join(', ')}`;
  return `there is no module ${JSON.stringify(name)}${meant === undefined ? '' : `; did you mean ${meant}?`} (${listed})`;
}
