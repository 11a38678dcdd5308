// Builds the complete plan of a run before anything is changed.

import { randomBytes } from 'node:crypto';
import type { PackedSize } from '../../brokers/packed-size.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import type { LoadTestGrant } from '../../core/policy/load-test-permission.ts';
import type { PlannedStep } from '../../core/documents/run-bundle.ts';
import { traitsOf } from '../../core/broker-kind/registry.ts';
import { completeCriteria, type Criteria, type SearchPolicy } from '../search/criteria/criteria-options.ts';
import { createMessages } from './messages/message-source.ts';
import type { MessageSpec, TopicMix } from './messages/message-spec.ts';
import { runNamePrefix } from './run-name-prefix.ts';
import { amountOf, warmUpOf } from './planned-amount.ts';
import { createMark } from '../delivery/payload-header.ts';
import { durationText, exactDurationText } from '../../core/text/duration-text.ts';
import type { LoadProfile, Segment } from './profiles/profile.ts';
import { createProfile } from './profiles/registry.ts';
import { longestSearchSeconds } from '../search/search-duration.ts';
import { decidingDuration, type SearchOptions } from '../search/search-options.ts';
import { groupsInTopics } from './group-in-topic.ts';
import { checkBrokerFit, problemList } from './workload/broker-fit.ts';
import { proxyAddressOf } from './workload/proxy-fit.ts';
import { groupsOf, type WantedGroup } from './workload/group-options.ts';
import { hasShareLists, messageSpecOf } from './workload/message-spec-of.ts';
import { isSearch, topicsOf, type Workload } from './workload.ts';
import { mostUnderWay } from '../search/criteria/judge.ts';
import { createPacer } from './pacer.ts';

export interface RunPlan {
  id: string;
  directory: string;
  cluster: { name: string; broker: BrokerKind; config: unknown };
  workload: Workload;
  messageSpec: MessageSpec;
  topic: WantedTopic;
  groups: readonly WantedGroup[];
  /** Planned absences of groups, in seconds of the run. */
  stops: readonly { group: string; from: number; to: number }[];
  profile: { name: string; description: string };
  warmUpSeconds: number;
  /** Steps of a profile; empty for a search, which chooses rates during the run. */
  steps: readonly PlannedStep[];
  /** Warm-up and steps; empty for a search. */
  segments: readonly Segment[];
  search?: { options: SearchOptions; criteria: Criteria };
  /** Messages of all segments; absent for a closed loop and a search. */
  messages?: number;
  /** Message size in bytes, the mean if sizes differ. */
  messageBytes: number;
  /**
   * Duration of all segments; for a search the longest possible. For a resumed run, messages and duration cover the
   * rest.
   */
  durationSeconds: number;
  /** Maximum rate that the cluster owner allows for all workers together. */
  maxTps?: number;
  /** Batch size in bytes that every broker accepts; absent if their settings do not show it. */
  mostMessageBytes?: number;
  /** True if brokers without host metrics do not prevent the run. */
  acceptBlind?: boolean;
  /** Counts from 1 how often the run was begun or resumed. */
  attempt: number;
  /** Identifies the run and attempt in the header of every message; unique per run. */
  mark: number;
}

export interface WantedTopic {
  /** One or more topics with the same settings. */
  names: readonly string[];
  /** Partitions of each topic. */
  partitions?: number;
  replicationFactor?: number;
  /** True if topics and groups stay after the run. */
  keep: boolean;
  groups: readonly string[];
  /** Backlog of each topic while consumers are stopped as planned. */
  unread?: UnreadBacklog;
  /** Bytes of the largest value and key. */
  largestMessageBytes?: number;
  /** Present if groups consume the topics through a proxy. */
  throughProxy?: true;
  /** Topics that an earlier attempt of this run created. */
  own?: readonly string[];
}

interface PlanOptions {
  id: string;
  directory?: string;
  cluster: RunPlan['cluster'];
  workload: Workload;
  keepTopic: boolean;
  /** Load that the cluster allows; absent if not configured. */
  loadTest?: LoadTestGrant | undefined;
  /** Criteria and limits of a search, from the config file. */
  policy: SearchPolicy;
  /** For a resumed search, its original criteria instead of the policy, so that trials stay comparable. */
  criteria?: Criteria | undefined;
  attempt?: number;
  /** Compressed size by the broker's codec; required if the workload sets a compression ratio. */
  packedSize?: PackedSize;
}

export function createRunId(now: Date): string {
  const [date = '', time = ''] = now.toISOString().split(/[T.]/);
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}-${randomBytes(2).toString('hex')}`;
}

/** @throws AppError workload-invalid if the broker does not support the workload */
export function createPlan(options: PlanOptions): RunPlan {
  const { id, directory, cluster, keepTopic, loadTest, policy, criteria, attempt = 1, packedSize } = options;
  const proxy = proxyAddressOf(cluster.config);
  checkBrokerFit(options.workload, cluster.broker, proxy);
  const workload: Workload = proxy === undefined ? options.workload : { ...options.workload, requests: 'single' };
  const { partitions, replicationFactor, profile } = workload;
  const load = isSearch(profile)
    ? searchLoad(profile, workload, criteria ?? criteriaOf(profile, workload, policy))
    : profileLoad(createProfile(profile), workload);
  if (workload.acks === 'none' && load.segments.some(({ kind }) => kind === 'lanes')) {
    throw new AppError('workload-invalid', 'acks none has no answers, and a closed loop waits for them', {
      hint: 'use acks leader or all, or a profile of rates',
    });
  }
  if (hasShareLists(workload) && load.segments.some(({ kind }) => kind === 'lanes')) {
    throw new AppError('workload-invalid', 'mix: a closed loop has one share for each topic, not one for each step', {
      hint: 'give each topic one share, or use a profile of rates: how many messages a step of a closed loop sends is not known before',
    });
  }
  const own = runNamePrefix({ id, loadTest });
  const groups = groupsOf(workload.groups, own);
  const names = topicsOf(workload, own);
  const messageSpec = messageSpecOf(workload, packedSize, messagesOfSteps(load));
  const { sizes, keys } = createMessages(messageSpec);
  const stops = groups.flatMap(({ name, stopped }) =>
    [...stopped, ...load.consumersStopped].map(({ from, to }) => ({
      group: name,
      from: workload.warmUp + from,
      to: workload.warmUp + to,
    })),
  );
  const unread = unreadBacklog({
    stops,
    segments: load.segments,
    storedMessageBytes: sizes.mean + keys.bytes + traitsOf(cluster.broker).bytes.storedOverhead,
    topics: names.length,
    mix: messageSpec.mix,
  });
  return {
    id,
    directory: directory ?? `runs/${id}`,
    cluster,
    workload,
    messageSpec,
    topic: {
      names,
      ...defined({ partitions, replicationFactor }),
      keep: keepTopic,
      largestMessageBytes: sizes.largest + keys.bytes,
      ...defined({ unread }),
      ...(proxy !== undefined && { throughProxy: true }),
      groups: groups.flatMap(({ name }) => groupsInTopics(name, names)),
    },
    groups,
    stops,
    ...load,
    profile: { name: workload.name ?? profile.kind, description: load.description },
    warmUpSeconds: workload.warmUp,
    messageBytes: sizes.mean,
    attempt,
    mark: createMark(id, attempt),
  };
}

function profileLoad(profile: LoadProfile, { warmUp }: Workload) {
  const profileSegments = profile.segments();
  const segments = [...warmUpOf(profileSegments[0], warmUp), ...profileSegments];
  return {
    description: profile.describe(),
    segments,
    steps: profileSegments.map(plannedStep),
    consumersStopped: profile.consumersStopped?.() ?? [],
    ...amountOf(segments),
  };
}

/** The first step includes the warm-up, whose messages precede it. */
function messagesOfSteps({ segments, steps }: Pick<RunPlan, 'segments' | 'steps'>): number[] {
  const all = segments.map((segment) =>
    segment.kind === 'rate' ? ((segment.from + segment.to) / 2) * segment.duration : 0,
  );
  const warmUp = all.length - steps.length;
  const withWarmUp = all.slice(0, warmUp + 1).reduce((sum, each) => sum + each, 0);
  return steps.map((_, step) => (step === 0 ? withWarmUp : (all[warmUp + step] ?? 0)));
}

function plannedStep(segment: Segment): PlannedStep {
  const { duration: durationSeconds } = segment;
  if (segment.kind === 'lanes') return { lanes: segment.lanes, durationSeconds };
  return { targetTps: (segment.from + segment.to) / 2, durationSeconds };
}

function criteriaOf(
  { kind }: SearchOptions,
  { criteria = {}, transactions }: Workload,
  policy: SearchPolicy,
): Criteria {
  return {
    ...completeCriteria(criteria, kind, policy),
    ...(transactions?.duration !== undefined && { transaction: transactions.duration }),
  };
}

function searchLoad(options: SearchOptions, workload: Workload, criteria: Criteria) {
  checkSearchFit(workload, Math.min(options.trial, decidingDuration(options), options.soak ?? Infinity));
  const durationSeconds = workload.warmUp + longestSearchSeconds(options, criteria.drain);
  return {
    description: `${options.kind}, at most ${options.mostTrials} trials in ${exactDurationText(Math.ceil(durationSeconds / 60) * 60)}`,
    segments: [] as Segment[],
    steps: [],
    consumersStopped: [],
    durationSeconds,
    search: { options, criteria },
  };
}

type SearchedOptions = Pick<Workload, 'groups' | 'delay' | 'transactions'>;

/** @param shortest duration of the shortest trial, in seconds @throws AppError workload-invalid, with all problems */
function checkSearchFit(workload: SearchedOptions, shortest: number): void {
  const problems = [...searchMisfits(workload, shortest)];
  if (problems.length === 0) return;
  throw new AppError('workload-invalid', `the workload does not fit a rate search:${problemList(problems)}`, {
    hint: 'remove these settings, or use a profile of rates; docs/explanation/rate-search.md lists what a search refuses',
  });
}

function* searchMisfits({ groups, delay, transactions }: SearchedOptions, shortest: number): Iterable<string> {
  if (typeof groups !== 'number' && groups.some(({ stopped }) => stopped.length > 0)) {
    yield 'groups: stopped counts from the first step of a profile, and a search has no planned steps';
  }
  const hasGroups = typeof groups === 'number' ? groups > 0 : groups.length > 0;
  if (delay !== undefined && hasGroups) {
    yield 'delay: delayed messages count as consumer lag, and a trial fails if the lag grows';
  }
  if ((transactions?.leftToCheck ?? 0) > 0) {
    yield 'transactions.leftToCheck: brokers check after a trial has ended, so its messages are not acknowledged in it';
  }
  const open = transactions?.duration ?? 0;
  if (open > mostUnderWay * shortest) {
    const [long, trial, most] = [open, shortest, mostUnderWay * shortest].map((each) => durationText(each));
    yield `transactions.duration: ${long} of messages can be uncommitted when a trial of ${trial} ends; the limit is ${most}`;
  }
}

interface UnreadBacklog {
  /** Bytes in the topic with the largest backlog, all partitions, one copy. */
  bytes: number;
  seconds: number;
}

interface PlannedStops {
  /** Stops in seconds of the run. */
  stops: readonly { from: number; to: number }[];
  segments: readonly Segment[];
  /** Bytes of one message in its log. */
  storedMessageBytes: number;
  topics: number;
  mix?: TopicMix | undefined;
}

/** @returns the backlog of the longest stop; undefined without planned stops */
function unreadBacklog(planned: PlannedStops): UnreadBacklog | undefined {
  const { stops, segments, storedMessageBytes } = planned;
  if (stops.length === 0) return undefined;
  const rates = segments.filter((segment) => segment.kind === 'rate');
  // The message count of a closed loop is not planned.
  const pacer = createPacer(rates.length === segments.length ? rates : []);
  const messages = stops.map(({ from, to }) => pacer.dueBy(to) - pacer.dueBy(from));
  return {
    bytes: Math.ceil(Math.max(...messages) * storedMessageBytes * mostShare(planned)),
    seconds: Math.max(...stops.map(({ from, to }) => to - from)),
  };
}

/** Topics are used in turn, or have shares that may change from step to step. */
function mostShare({ topics, mix }: PlannedStops): number {
  if (mix === undefined) return 1 / topics;
  return Math.max(
    ...mix.phases.map(({ shares }) => Math.max(...shares) / shares.reduce((sum, share) => sum + share, 0)),
  );
}
