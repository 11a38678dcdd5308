// Plans a rehearsal: its steps, shadow topics and broker to stop, and the predicted failure.

import { driverOf } from '../../brokers/registry.ts';
import { courseOf, momentOf, totalOf, type RehearsalCourse } from '../../analyzer/planning/rehearsal/course.ts';
import { predictFailure, type PredictedCluster } from '../../analyzer/planning/rehearsal/predict.ts';
import type { ClusterSnapshot } from '../../brokers/snapshot.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { rehearsalSchemaVersion, type BrokerStop, type RehearsalDocument } from '../../core/documents/rehearsal.ts';
import { AppError } from '../../core/errors.ts';
import { leastStepSeconds } from '../../core/policy/policy.ts';
import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { percentText, pluralText } from '../../core/text/quantity-text.ts';
import { stateFolder } from '../../core/user-folders.ts';
import { leftIn, roomsOf } from '../../loadgen/guard/free-disk-input.ts';
import { defaultPartitions, defaultReplicationFactor } from '../../loadgen/execute/topic.ts';
import { createKeys } from '../../loadgen/plan/messages/keys.ts';
import { createSizes } from '../../loadgen/plan/messages/sizes.ts';
import type { RunPlan } from '../../loadgen/plan/plan.ts';
import type { Caller } from '../caller.ts';
import type { Config } from '../config/config-file.ts';
import { lookAtBrokers } from '../load-test/broker-coverage.ts';
import { readBrokerLimits } from '../load-test/broker-settings.ts';
import { guardConfigOf } from '../load-test/load-guard.ts';
import { planWorkload } from '../load-test/plan-run.ts';
import { allowanceOf } from '../load-test/prepare-load.ts';
import { clusterIn } from '../observe/named-cluster.ts';
import type { RehearsalRequest } from './rehearsal-request.ts';
import { groupsOf, rehearsalWorkload, type ShadowGroup } from './rehearsal-workload.ts';

type Io = Pick<Caller, 'signal' | 'clock' | 'environment'>;

export type PlannedRehearsal = Awaited<ReturnType<typeof planRehearsal>>;

/** Sends and changes nothing. @throws AppError usage, workload-invalid; errors of the cluster */
export async function planRehearsal(config: Config, request: RehearsalRequest, io: Io) {
  const { history, scale, promotion } = request;
  const policy = resolvePolicy(config.analyzer);
  const course = courseOf(history, {
    scale: scale.factor,
    durationSeconds: request.durationSeconds,
    compress: request.compress,
    stepSeconds: request.stepSeconds,
    leastStepSeconds: leastStepSeconds(policy),
  });
  const groups = groupsOf(request);
  const workload = await rehearsalWorkload(request, course, groups, io);
  const plan = await planWorkload(config, workload, { cluster: request.cluster, out: request.out }, io.clock.now());
  const { name, config: cluster } = clusterIn(config, request.cluster);
  const seen = await lookAt(config, request, io);
  const stop = stopOf(request, course, seen.snapshot);
  const predicting = predictedCluster(request, plan, groups, seen);
  const predicted = predictFailure(predicting, course, policy, stop);
  const allowance = allowanceOf(plan, cluster, io.clock);
  const intervals = history.topics[0]?.rates.length ?? 0;
  const to = new Date(Date.parse(history.from) + intervals * history.intervalSeconds * 1000).toISOString();
  const document: RehearsalDocument = {
    schemaVersion: rehearsalSchemaVersion,
    kind: 'rehearsal',
    status: 'planned',
    cluster: name,
    promotion,
    history: {
      promotion: history.promotion,
      from: history.from,
      to,
      source: history.source,
      intervalSeconds: history.intervalSeconds,
      peakTps: course.historyPeakTps,
      notes: [...history.notes],
    },
    scale,
    compress: course.compress,
    durationSeconds: course.steps.length * course.stepSeconds,
    stepSeconds: course.stepSeconds,
    peak: {
      ...momentOf(course, course.peakStep),
      promotionMinutes: course.peakMinutes,
      tps: totalOf(course.steps[course.peakStep] ?? []),
    },
    topics: history.topics.map((topic, index) => ({
      name: topic.name,
      shadow: index + 1,
      peakTps: Math.max(...course.steps.map((rates) => rates[index] ?? 0)),
      messageBytes: messagesOf(plan, index).bytes,
      groups: [...topic.groups],
    })),
    groups,
    ...(stop && { stop }),
    predicted,
    approximations: approximationsOf(request, course, groups, predicting),
    notShown: notShownOf(course),
    ...(allowance.kind === 'refused' && { problems: [allowance.reason] }),
  };
  return { document, plan, course, policy };
}

async function lookAt(config: Config, { cluster: wanted }: RehearsalRequest, { signal, clock, environment }: Io) {
  const { name, config: cluster } = clusterIn(config, wanted);
  const driver = driverOf(cluster);
  await using inspector = await driver.inspect(name, cluster, { signal });
  await using lookup = await driver.lookUp(name, cluster, { signal });
  const coverage = await lookAtBrokers(
    { inspector, stated: cluster.brokers, hosts: config.hosts, stateDirectory: stateFolder(environment), clock },
    { signal },
  );
  const { stores } = await readBrokerLimits(lookup, coverage.brokers, { signal });
  const { freeDisk } = guardConfigOf(config);
  const freeBytes = new Map(
    coverage.brokers.flatMap((seen) => {
      const own = stores.filter(({ broker }) => broker === seen.broker);
      const [least] = roomsOf(own, freeDisk, seen);
      return least === undefined ? [] : [[seen.broker, Math.max(0, leftIn(least))] as const];
    }),
  );
  return { snapshot: coverage.snapshot ?? (await inspector.snapshot({ signal })), coverage, freeBytes };
}

function predictedCluster(
  { analysis, history }: RehearsalRequest,
  plan: RunPlan,
  groups: readonly ShadowGroup[],
  { snapshot, coverage, freeBytes }: Awaited<ReturnType<typeof lookAt>>,
): PredictedCluster {
  const { cluster } = snapshot;
  const { brokerId, copies } = traitsOf(cluster.kind);
  const masters = Math.max(1, cluster.brokers.filter(({ id }) => brokerId.canLead(id)).length);
  const isOwnGroup = copies === 'own-group';
  const replicas = isOwnGroup
    ? Math.max(1, Math.round(cluster.brokers.length / masters))
    : (plan.topic.replicationFactor ?? Math.min(defaultReplicationFactor, cluster.brokers.length));
  const partitions = plan.topic.partitions ?? defaultPartitions;
  const saturation = analysis?.saturationTps;
  return {
    broker: cluster.kind,
    mode: isOwnGroup ? (replicas > 1 ? 'master-slave' : 'single') : 'kraft',
    replicas,
    brokers: cluster.brokers.map(({ id }) => {
      const free = freeBytes.get(id);
      const inventory = coverage.brokers.find(({ broker }) => broker === id)?.inventory;
      const speeds = (inventory?.networkDevices ?? []).flatMap(({ speed }) => speed?.bitsPerSecond ?? []);
      const [speed] = speeds;
      return {
        id,
        ...(speeds.length === 1 && speed !== undefined && { linkBitsPerSecond: speed }),
        ...(free !== undefined && { freeBytes: free }),
      };
    }),
    topics: history.topics.map(({ name }, index) => {
      const { bytes, keyBytes } = messagesOf(plan, index);
      return {
        name,
        messageBytes: bytes,
        ...(keyBytes > 0 && { keyBytes }),
        groups: groups.map((group) => ({
          name: group.name,
          ...(group.processingSeconds !== undefined && {
            mostPerSecond: (partitions * (isOwnGroup ? masters : 1)) / group.processingSeconds,
          }),
        })),
      };
    }),
    lingerSeconds: plan.workload.linger,
    workers: plan.workload.workers,
    ...(saturation !== undefined &&
      ('estimateTps' in saturation
        ? { saturation: { tps: saturation.estimateTps, limit: saturation.limitedBy } }
        : { isSaturationUnknown: true })),
  };
}

/** Mean bytes of value and key of a topic's messages. */
function messagesOf(
  { messageSpec: { seed, sizes, keys, mix } }: RunPlan,
  topic: number,
): { bytes: number; keyBytes: number } {
  const own = mix?.topics[topic] ?? { sizes, keys };
  return { bytes: createSizes(own.sizes, seed).mean, keyBytes: createKeys(own.keys, seed).bytes };
}

/** @throws AppError usage for an unknown broker, or outside of a lab */
function stopOf(
  { stopBroker: broker, stopSeconds, labDirectory }: RehearsalRequest,
  course: RehearsalCourse,
  { cluster }: ClusterSnapshot,
): BrokerStop | undefined {
  if (broker === undefined) return undefined;
  if (labDirectory === undefined) {
    throw new AppError('usage', '--stop-broker works in a lab only: Plimsoll does not stop brokers of other clusters', {
      hint: 'give --lab DIR; or rehearse without, and measure the loss with `plimsoll run --degraded 2`',
    });
  }
  const known = cluster.brokers.map(({ id }) => id);
  if (!known.includes(broker)) {
    throw new AppError('usage', `--stop-broker ${broker}: the lab has brokers ${known.join(', ')}`);
  }
  const left = (course.steps.length - course.peakStep) * course.stepSeconds;
  return { broker, ...momentOf(course, course.peakStep), lastsSeconds: Math.min(stopSeconds, left) };
}

function approximationsOf(
  { history }: RehearsalRequest,
  course: RehearsalCourse,
  groups: readonly ShadowGroup[],
  { brokers }: PredictedCluster,
): string[] {
  const { topics, leftOut } = history;
  const stepMinutes = (course.stepSeconds * course.compress) / 60;
  const unknown = brokers.flatMap(({ id, freeBytes }) => (freeBytes === undefined ? [id] : []));
  const readsAll = topics.every((topic) => topic.groups.length === groups.length);
  return [
    `a step has the mean rate of ${minutesText(stepMinutes)} of the promotion, the one with the peak the highest rate`,
    'shadow topics have equal numbers of partitions, and leaders that are spread evenly',
    ...(groups.length > 0 && !readsAll
      ? ['every group reads every shadow topic: more leaves the brokers than in the promotion']
      : []),
    ...(leftOut
      ? [`${pluralText(leftOut.topics, 'topic')} with ${percentText(leftOut.share)} of the messages are left out`]
      : []),
    ...(groups.some(({ processingSeconds }) => processingSeconds === undefined)
      ? ['groups without --processing read as fast as they can']
      : []),
    ...(unknown.length > 0 ? [`enough free disk on ${unknown.join(', ')}: it could not be read`] : []),
  ];
}

const minutesText = (minutes: number) =>
  minutes < 2 ? `${Math.round(minutes * 60)} s` : `${Math.round(minutes * 10) / 10} min`;

function notShownOf({ compress }: RehearsalCourse): string[] {
  const always = ['what other traffic of the cluster costs, where shadow topics run on an idle cluster'];
  if (compress <= 1) return always;
  return [
    'retention and full disks: fewer messages are stored than in the promotion',
    'page cache: a lag that outgrows memory in the promotion may fit here',
    'how long a lag lasts: it grows for a shorter time, and elections are not compressed',
    'slow leaks of memory and connections, log rolls, and old collections of the JVM',
    ...always,
  ];
}
