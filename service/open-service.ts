// Assembles the service: readers, history, pages and scheduled jobs.

import type { Policy } from '../core/policy/policy.ts';
import type { Logger } from '../core/log.ts';
import { seconds } from '../core/units.ts';
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
import { createLiveStreams, type LiveStreams } from './live/live-streams.ts';
import { pausedSeconds, watchGc } from './gc/gc-watch.ts';
import { createForecastEndJobs } from './grading/forecast-end-jobs.ts';
import { watchInstances } from './instances/instance-watch.ts';
import { createLoadPlanner } from './load-tests/load-planner.ts';
import { createLoadTests, type LoadTestParts } from './load-tests/load-tests.ts';
import { createGradingJobs } from './grading/grading-jobs.ts';
import { createReviewJob } from './grading/review-job.ts';
import { createRetentionJob } from './history/retention-job.ts';
import type { Terms } from './history/terms.ts';
import { createRequestedJob } from './leadership/requested-job.ts';
import { fencedHistory } from './leadership/fenced-history.ts';
import { alwaysLeads, type Leadership } from './leadership/leadership.ts';
import { serviceFamilies } from './metrics/service-families.ts';
import { keptFor, type KeptFor, type KeptReadings } from './kept-readings.ts';
import type { ServiceParts } from './parts.ts';
import { createTrends } from './readings/rate-trend.ts';
import { jobsOf } from './schedule/cluster-jobs.ts';
import { isForecastable } from './schedule/jobs.ts';
import { createSchedule, type RunningSchedule } from './schedule/run-jobs.ts';
import { createSavingJob } from './readings/saving-job.ts';
import type { ReadingsFile } from './readings/readings-file.ts';
import { urgentActions } from './status/prepared-actions.ts';
import { maintenanceAt } from './status/maintenance.ts';
import { createStatuses } from './status/live-statuses.ts';

interface ServiceInputs extends KeptFor {
  policy: Policy;
  access: GuardedAccess;
  /** Of the config; brokers are found on them by their addresses. */
  machines?: HostsConfig;
  /** Where recorded readings survive a restart; without it each start begins with none. */
  readingsFile?: ReadingsFile;
  /** Where load tests are kept and how they are started; without it none can be. */
  loadTests?: Pick<LoadTestParts, 'store' | 'program' | 'configFile' | 'environment'> & { config: Config };
  /** Computes what the schedule has computed. */
  calculator: Calculator;
  log: Logger;
  /** By default of a service that is alone. */
  leadership?: Leadership;
  /** Where other services may lead with the same history. */
  terms?: Terms;
}

interface Service {
  kept: KeptReadings;
  parts: ServiceParts;
  schedule: RunningSchedule;
  live: Pick<LiveStreams, 'close'>;
  /** What the exporter is to be opened with, so that every reading is heard. */
  listeners: Listeners;
}

export function openService(inputs: ServiceInputs): Service {
  const { service: config, clock, log, access, policy, calculator, leadership = alwaysLeads, terms } = inputs;
  const kept = keptFor(inputs);
  const { hosts, courses, changes, recorder } = kept;
  const noBrokers: readonly Broker[] = [];
  const brokersOf = (name: string) =>
    kept.observed.get(name)?.cluster.served.last()?.snapshot.cluster.brokers ?? noBrokers;
  const placesOf = createBrokerPlaces(inputs.clusters, inputs.machines ?? {}, brokersOf);
  recorder.follow({
    places: new Map(Object.keys(inputs.clusters).map((name) => [name, () => placesOf(name)])),
    everySeconds: config.schedule.readings,
  });
  const { readingsFile } = inputs;
  readingsFile?.claim([...kept.observed].map(([name, { written }]) => [name, written]));
  if (inputs.kept === undefined && readingsFile !== undefined) {
    recorder.restore(readingsFile, (cluster, of, name) => {
      const shown = kept.observed.get(cluster)?.cluster.served.shown;
      if (shown === undefined) return false;
      return of === 'topic' || of === 'group' ? isAllowed(name, shown[`${of}s`]) : true;
    });
  }
  const { history, health } = kept.history;
  history.limitBytes(config.retention.quota);
  const observed = new Map([...kept.observed].map(([name, { cluster }]) => [name, cluster] as const));
  const gc = watchGc(
    new Map(
      Object.entries(inputs.clusters).map(([name, { broker }]) => [
        name,
        {
          broker,
          get hosts() {
            return placesOf(name);
          },
          addresses: () => brokersOf(name),
        },
      ]),
    ),
    kept.gcLogs,
  );
  const clustersOn = (host: string) =>
    Object.keys(inputs.clusters).filter((name) => Object.values(placesOf(name)).some((broker) => broker.host === host));
  const loads = new Map<string, SourceLoad>();
  for (const [name, { served }] of observed) {
    if (!isForecastable(served)) continue;
    const load = followLoad(served.source.config, served.source.load, clock);
    loads.set(name, { ...load, read: (io) => load.read(io).then(() => changes.note(name)) });
  }
  const trendsOf = createTrends(recorder);
  const statuses = createStatuses(
    [...observed.values()].map(({ served }) => ({
      name: served.name,
      broker: served.broker,
      domains: served.domains,
      live() {
        const live = liveOf(served, {
          places: placesOf(served.name),
          hosts,
          ...(loads.has(served.name) && { load: loads.get(served.name)?.last() }),
        });
        return { ...live, ...trendsOf(served.name, clock.now().getTime()) };
      },
    })),
    { history, config, clock, log },
  );
  const live = createLiveStreams({ changes, fleet: statuses.fleet, letStay: access.letStay });
  const author = { name: 'plimsoll', through: 'schedule' } as const;
  const { calendar, promotions } = statuses;
  const written = kept.history.watch(fencedHistory(inputs.history, leadership, terms));
  const jobParts = { history: written, config, policy, author, clock, calculator, calendar };
  const clusters = new Map([...observed].map(([name, { served }]) => [name, served]));
  const loadTests =
    inputs.loadTests &&
    createLoadTests({
      ...inputs.loadTests,
      planner: createLoadPlanner(inputs.loadTests.config, clock),
      history,
      changes,
      calculator,
      policy,
      clock,
    });
  const instances =
    inputs.loadTests &&
    watchInstances({ configFile: inputs.loadTests.configFile, every: seconds(config.schedule.instances), clock });
  const schedule: RunningSchedule = createSchedule(
    [
      ...[...observed.values()].flatMap((cluster) => jobsOf(cluster, loads, jobParts)),
      ...createGradingJobs({
        history: written,
        leadership,
        author,
        clusters,
        courses,
        stoppedSecondsOf: (cluster) => pausedSeconds(gc.of(cluster)),
      }),
      ...createForecastEndJobs({ history: written, author, clock, clusters, courses }),
      createRetentionJob({ history: written, clock, config }),
      ...(readingsFile === undefined ? [] : [createSavingJob(recorder, readingsFile)]),
      ...(loadTests === undefined ? [] : [loadTests.job]),
      ...(instances === undefined ? [] : [instances.job]),
      createReviewJob({ history: written, author, clock, clusters, config, promotions }),
      ...(terms === undefined
        ? []
        : [createRequestedJob(history, leadership, (name, cluster) => schedule.ask(name, cluster))]),
    ],
    { clock, log, leadership },
  );
  return {
    kept,
    parts: {
      live,
      history,
      statuses,
      clusters,
      access,
      letStay: access.letStay,
      ...(loadTests && { loadTests }),
      ...(instances && { instances }),
      // Of several instances the leader has it done, once.
      schedule: terms === undefined ? schedule : { states: schedule.states, ask: () => true },
      gc,
      readings: recorder,
      alerts: kept.alerts,
      promotionGate: kept.promotionGate,
      config,
      policy,
      author,
      clock,
      log,
    },
    schedule,
    live,
    listeners: {
      hearLags: recorder.useLagClock,
      hearCluster: (name, inspector) => observed.get(name)?.hear(inspector) ?? inspector,
      hearHost: (name, probe) => watchedHost(name, probe, { gc, recorder, inventories: hosts, clustersOn, clock }),
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
        instances: instances?.current() ?? [],
        verdictLastsSeconds: config.thresholds.verdictLasts,
        ...(config.publicUrl !== undefined && { publicUrl: config.publicUrl }),
      })),
    },
  };
}
