// Assembles the service: readers, history, pages and scheduled jobs.

import { type Clock, seconds } from '../core/clock.ts';
import type { Policy } from '../core/policy/policy.ts';
import type { Logger } from '../core/log.ts';
import { isAllowed } from '../exporter/name-filter.ts';
import type { Broker } from '../core/cluster.ts';
import type { HostsConfig } from '../hosts/config.ts';
import type { GuardedAccess } from './access/create-access.ts';
import type { Config } from '../app/config/config-file.ts';
import type { Listeners } from '../app/exporter/exporter-pages.ts';
import type { Calculator } from './calculation/calculator.ts';
import { createBrokerPlaces } from './clusters/broker-places.ts';
import { watchedHost } from './clusters/watched-host.ts';
import { liveOf } from './clusters/live-cluster.ts';
import { followLoad, type SourceLoad } from './clusters/source-load.ts';
import type { Changes } from './live/changes.ts';
import { createLiveStreams } from './live/live-streams.ts';
import { pausedSeconds, watchGc } from './gc/gc-watch.ts';
import { createForecastEndJobs } from './grading/forecast-end-jobs.ts';
import { createGradingJobs } from './grading/grading-jobs.ts';
import { watchInstances } from './instances/instance-watch.ts';
import { createLoadPlanner } from './load-tests/load-planner.ts';
import { createLoadTests, type LoadTestParts, type LoadTests } from './load-tests/load-tests.ts';
import { createReviewJob } from './grading/review-job.ts';
import { createRetentionJob } from './history/retention-job.ts';
import type { Terms } from './history/terms.ts';
import { createRequestedJob } from './leadership/requested-job.ts';
import { fencedHistory } from './leadership/fenced-history.ts';
import { alwaysLeads, type Leadership } from './leadership/leadership.ts';
import { serviceFamilies } from './metrics/service-measurements.ts';
import { keptFor, type KeptFor, type KeptReadings } from './kept-readings.ts';
import type { ServedCluster, ServiceParts } from './parts.ts';
import { createTrends } from './readings/rate-trend.ts';
import { isForecastable, jobsOf } from './schedule/jobs.ts';
import type { PromotionGate } from './hooks/promotion-gate.ts';
import { createSchedule, type RunningSchedule } from './schedule/run-jobs.ts';
import type { Job } from './schedule/schedule.ts';
import { createSavingJob } from './readings/saving-job.ts';
import type { ReadingsFile } from './readings/readings-file.ts';
import { urgentActions } from './status/prepared-actions.ts';
import { maintenanceAt } from './status/maintenance.ts';
import { createStatuses } from './status/live-statuses.ts';

interface ServiceInputs extends KeptFor {
  policy: Policy;
  access: GuardedAccess;
  /** Hosts in the config, matched with brokers by address. */
  machines?: HostsConfig;
  /** Stores recorded readings across restarts; without it each start begins without readings. */
  readingsFile?: ReadingsFile;
  /** Without it, a promotion channel gets firing alerts again after a reload or restart. */
  promotionGate?: PromotionGate;
  /** Store and start of load tests; without it none can run. */
  loadTests?: Pick<LoadTestParts, 'store' | 'program' | 'configFile' | 'environment'> & { config: Config };
  /** Computes the analyses of scheduled jobs. */
  calculator: Calculator;
  log: Logger;
  /** Default: a single service. */
  leadership?: Leadership;
  /** Set if other services may lead with the same history. */
  terms?: Terms;
}

/** Author of entries recorded by scheduled jobs. */
const author = { name: 'plimsoll', through: 'schedule' } as const;

export function openService(inputs: ServiceInputs) {
  const { service: config, clock, log, access, policy, leadership = alwaysLeads, terms } = inputs;
  const readings = openReadings(inputs);
  const { kept, observed, clusters, clustersOn, gc } = readings;
  const { recorder, hosts: inventories } = kept;
  const { history, health } = kept.history;
  history.limitBytes(config.retention.quota);
  const statuses = openStatuses(inputs, readings);
  const live = createLiveStreams({ changes: kept.changes, fleet: statuses.fleet, letStay: access.letStay });
  const operated = openOperated(inputs, kept);
  const ask: RunningSchedule['ask'] = (name, cluster) => schedule.ask(name, cluster);
  const jobs = createJobs(inputs, leadership, readings, statuses, operated, ask);
  const schedule: RunningSchedule = createSchedule(jobs, { clock, log, leadership });
  return {
    kept,
    parts: {
      live,
      history,
      statuses,
      clusters,
      access,
      letStay: access.letStay,
      ...operated,
      // With several instances, only the leader runs requested jobs.
      schedule: terms === undefined ? schedule : { states: schedule.states, ask: () => true },
      gc,
      readings: recorder,
      alerts: kept.alerts,
      ...(inputs.promotionGate && { promotionGate: inputs.promotionGate }),
      config,
      policy,
      author,
      clock,
      log,
    } satisfies ServiceParts,
    schedule,
    live,
    /** Callbacks for the exporter, through which every reading is observed. */
    listeners: {
      hearLags: recorder.useLagClock,
      hearCluster: (name, inspector) => observed.get(name)?.hear(inspector) ?? inspector,
      hearHost: (name, probe) => watchedHost(name, probe, { gc, recorder, inventories, clustersOn, clock }),
      families: serviceFamilies(() => ({
        fleet: statuses.fleet(),
        forecastOf: (name) => statuses.memory.of(name).forecast,
        actionsOf: (status) => urgentActions(status, { history, clock, config, served: clusters.get(status.cluster) }),
        promotions: statuses.promotions(),
        maintenance: maintenanceAt(config.maintenance, clock.now().getTime()),
        jobs: schedule.states(),
        isLeader: leadership.term() !== undefined,
        history: health(),
        readings: recorder,
        instances: operated.instances?.current() ?? [],
        verdictLastsSeconds: config.thresholds.verdictLasts,
        ...(config.publicUrl !== undefined && { publicUrl: config.publicUrl }),
      })),
    } satisfies Listeners,
  };
}

type Readings = ReturnType<typeof openReadings>;

/** Opens the readings of clusters and of the hosts of their brokers. */
function openReadings(inputs: ServiceInputs) {
  const kept = keptFor(inputs);
  const noBrokers: readonly Broker[] = [];
  const brokersOf = (name: string) =>
    kept.observed.get(name)?.cluster.served.last()?.snapshot.cluster.brokers ?? noBrokers;
  const placesOf = createBrokerPlaces(inputs.clusters, inputs.machines ?? {}, brokersOf);
  recordReadings(inputs, kept, placesOf);
  const observed = new Map([...kept.observed].map(([name, { cluster }]) => [name, cluster] as const));
  const clusters = new Map([...observed].map(([name, { served }]) => [name, served]));
  const gcPlaces = Object.entries(inputs.clusters).map(([name, { broker }]) => {
    const place = {
      broker,
      get hosts() {
        return placesOf(name);
      },
      addresses: () => brokersOf(name),
    };
    return [name, place] as const;
  });
  const gc = watchGc(new Map(gcPlaces), kept.gcLogs);
  const clustersOn = (host: string) =>
    [...observed.keys()].filter((name) => Object.values(placesOf(name)).some((broker) => broker.host === host));
  const loads = followLoads(clusters.values(), kept.changes, inputs.clock);
  return { kept, placesOf, observed, clusters, clustersOn, gc, loads };
}

/** Restores readings saved before a restart, except those that the config now hides. */
function recordReadings(
  { kept: before, readingsFile, service }: ServiceInputs,
  { observed, recorder }: KeptReadings,
  placesOf: ReturnType<typeof createBrokerPlaces>,
): void {
  const places = new Map([...observed.keys()].map((name) => [name, () => placesOf(name)]));
  recorder.follow({
    places,
    everySeconds: service.schedule.readings,
    isShown(cluster, of, name) {
      const shown = observed.get(cluster)?.cluster.served.shown;
      if (shown === undefined) return false;
      return of === 'topic' || of === 'group' ? isAllowed(name, shown[`${of}s`]) : true;
    },
  });
  readingsFile?.claim([...observed].map(([name, { written }]) => [name, written]));
  if (before === undefined && readingsFile !== undefined) recorder.restore(readingsFile);
}

function followLoads(clusters: Iterable<ServedCluster>, changes: Changes, clock: Clock): Map<string, SourceLoad> {
  const loads = new Map<string, SourceLoad>();
  for (const served of clusters) {
    if (!isForecastable(served)) continue;
    const load = followLoad(served.source.config, served.source.load, clock);
    loads.set(served.name, { ...load, read: (io) => load.read(io).then(() => changes.note(served.name)) });
  }
  return loads;
}

function openStatuses({ service, clock, log }: ServiceInputs, { kept, placesOf, clusters, loads }: Readings) {
  const trendsOf = createTrends(kept.recorder);
  const watched = [...clusters.values()].map((served) => {
    const { name, broker, domains } = served;
    const live = () => {
      const load = loads.has(name) && { load: loads.get(name)?.last() };
      const reading = liveOf(served, { places: placesOf(name), hosts: kept.hosts, ...load });
      return { ...reading, ...trendsOf(name, clock.now().getTime()) };
    };
    return { name, broker, domains, live };
  });
  return createStatuses(watched, { history: kept.history.history, config: service, clock, log });
}

/** Opens the features that operators start here; none without `loadTests`. */
function openOperated(
  { loadTests, service, policy, calculator, clock }: ServiceInputs,
  { changes, history: { history } }: KeptReadings,
): { loadTests?: LoadTests; instances?: ReturnType<typeof watchInstances> } {
  if (loadTests === undefined) return {};
  const { configFile, config } = loadTests;
  const planner = createLoadPlanner(config, clock);
  return {
    loadTests: createLoadTests({ ...loadTests, planner, history, changes, calculator, policy, clock }),
    instances: watchInstances({ configFile, every: seconds(service.schedule.instances), clock }),
  };
}

function createJobs(
  { history, terms, readingsFile, service: config, policy, calculator, clock }: ServiceInputs,
  leadership: Leadership,
  { kept, observed, clusters, gc, loads }: Readings,
  { calendar, promotions }: ReturnType<typeof openStatuses>,
  { loadTests, instances }: ReturnType<typeof openOperated>,
  ask: RunningSchedule['ask'],
): Job[] {
  const written = kept.history.watch(fencedHistory(history, leadership, terms));
  const common = { history: written, author, clock, config, clusters, courses: kept.courses };
  const stoppedSecondsOf = (cluster: string) => pausedSeconds(gc.of(cluster));
  return [
    ...[...observed.values()].flatMap((each) => jobsOf(each, loads, { ...common, policy, calculator, calendar })),
    ...createGradingJobs({ ...common, leadership, stoppedSecondsOf }),
    ...createForecastEndJobs(common),
    createRetentionJob(common),
    ...(readingsFile === undefined ? [] : [createSavingJob(kept.recorder, readingsFile)]),
    ...(loadTests === undefined ? [] : [loadTests.job]),
    ...(instances === undefined ? [] : [instances.job]),
    createReviewJob({ ...common, promotions }),
    ...(terms === undefined ? [] : [createRequestedJob(kept.history.history, leadership, ask)]),
  ];
}
