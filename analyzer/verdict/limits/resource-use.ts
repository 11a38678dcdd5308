// Applies every resource model to every node of a run, which gives the use of each resource in each step.

import { defined } from '../../../core/defined.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { type Constraint, isInsideBroker } from '../../../core/resource.ts';
import { generatorHostsOf, type TelemetryEnvironment } from '../../../core/documents/evidence/telemetry.ts';
import type { HostSeries, LoadTestRun } from '../../evidence/load-test-run.ts';
import { isSameMachine } from '../../evidence/machines.ts';
import type { MeasuredStep } from '../steps/measured-step.ts';
import type { ClientBytes, MeasuredUse, NodeSeries, ResourceModel } from './resources/model.ts';
import { models, symptoms } from './resources/registry.ts';
import { wholeWithin } from './resources/use.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { withoutRepeats } from '../../../core/documents/findings/without-repeats.ts';
import { fullBatchRecords, recordBatchBytes } from '../../../core/wire/record-batch-bytes.ts';

export const generatorNode = 'generator';
/** Node name of a proxy in the path of the load; the space in it distinguishes it from brokers, whose names have none. */
export const proxyNode = (host: string) => `proxy ${host}`;
export const isProxyNode = (node: string) => node.startsWith('proxy ');

/** @returns the host of a broker or proxy; brokers that share a host are one node with its name */
export const hostOfNode = ({ brokers, proxyHosts }: TelemetryEnvironment, node: string): string =>
  brokers.find(({ id }) => id === node)?.host ?? proxyHosts?.find((host) => proxyNode(host) === node) ?? node;

/** Node name for limits that belong to no single node and no group. */
export const wholeCluster = 'cluster';

export interface ResourceUse extends MeasuredUse {
  resource: Constraint;
  node: string;
  kind: ResourceModel['kind'];
  policyLimit: number;
  /** Whether the load generator uses it, too. */
  isShared: boolean;
  /** Only if shared, one per step: least mean use by other processes, such as the broker. */
  ofOthers?: readonly (number | undefined)[];
}

export const limitOf = ({ resource, node }: Pick<ResourceUse, 'resource' | 'node'>) => ({ resource, node });

export interface UnknownUse {
  resource: Constraint;
  node: string;
  what: string;
}

export interface Surroundings {
  /** Brokers with host metrics. */
  brokers: readonly NodeSeries[];
  /** Brokers without host metrics, of which only their own metrics are known. */
  hostless: readonly NodeSeries[];
  /** Proxies with host metrics; metrics of a broker's host already include a proxy on it. */
  proxies: readonly NodeSeries[];
  /** Generator hosts that are not hosts of brokers or proxies; empty if the generator's hosts are unknown. */
  generators: readonly NodeSeries[];
  /** Nodes whose cores the generator also uses. */
  sharesCoresWith: readonly string[];
}

export function surroundingsOf(run: LoadTestRun): Surroundings {
  const { brokers: known, proxyHosts = [] } = run.document.environment;
  const nodes = known.map(({ id, host }) => seriesOf(run, id, host === undefined ? undefined : run.hosts.get(host)));
  const brokers = nodes.filter(({ host }) => host.host !== noHost);
  const hostless = nodes.filter(({ host }) => host.host === noHost);
  const proxies = proxyHosts.flatMap((name): NodeSeries[] => {
    const host = run.hosts.get(name);
    const isApart = host !== undefined && brokers.every((each) => each.host.host !== name);
    return isApart ? [{ node: proxyNode(name), host }] : [];
  });
  const own = generatorHostsOf(run.document.environment).flatMap((name) => run.hosts.get(name) ?? []);
  const others = [...brokers, ...proxies];
  const sharesCoresWith = others
    .filter(({ host }) => own.some((each) => isSameMachine(host, each)))
    .map(({ node }) => node);
  const generators = own
    .filter((each) => others.every(({ host }) => host.host !== each.host))
    .map((host): NodeSeries => ({ node: generatorNode, host }));
  return { brokers, hostless, proxies, generators, sharesCoresWith };
}

/** Placeholder host of a broker without host metrics. */
const noHost = '';

function seriesOf(run: LoadTestRun, id: string, host: HostSeries | undefined): NodeSeries {
  const [broker, jvm] = [run.brokers?.get(id), host && run.jvms.get(host.host)];
  const clients = clientBytesOf(run, id);
  return {
    node: id,
    host: host ?? { host: noHost, intervals: [] },
    ...defined({ software: run.document.broker, broker, jvm, clients }),
  };
}

/** @returns measured uses, unknown uses with the reason, and findings of the models */
export function resourceUse(
  steps: readonly MeasuredStep[],
  { brokers, hostless, proxies, generators, sharesCoresWith }: Surroundings,
  policy: Policy,
): { uses: ResourceUse[]; unknown: UnknownUse[]; findings: Finding[] } {
  const uses: ResourceUse[] = [];
  const unknown: UnknownUse[] = [];
  const findings: Finding[] = [];
  if (steps.length === 0) return { uses, unknown, findings };
  for (const series of [...brokers, ...hostless, ...proxies, ...generators]) {
    const observed = steps.map((step) => ({ step, intervals: wholeWithin(series.host.intervals, step.window) }));
    for (const model of modelsOf(series, brokers, proxies)) {
      const { resource, kind } = model;
      const owner = ownerOf(resource, series, brokers);
      if (owner === undefined) continue;
      const assessment = model.assess(observed, { ...series, node: owner }, policy);
      if (assessment.kind === 'unknown') {
        if (assessment.finding === undefined) continue;
        unknown.push({ resource, node: owner, what: model.requires });
        if (series.node !== generatorNode) findings.push(assessment.finding);
        continue;
      }
      const { kind: _, findings: found = [], ...measured } = assessment;
      findings.push(...found);
      const isShared = kind === 'cpu' && sharesCoresWith.includes(series.node);
      const ofOthers = measured.uses.map((use, step) => use && use.mean - (steps[step]?.generator.cores ?? 0));
      const limited = { ...measured, resource, node: owner, kind, policyLimit: policy.limits[resource].value };
      uses.push({ ...limited, isShared, ...(isShared && { ofOthers }) });
    }
    if (series.node === generatorNode || isProxyNode(series.node)) continue;
    findings.push(...symptoms.flatMap((judge) => judge(observed, series, policy)));
  }
  return { ...withOneGenerator({ uses, unknown }), findings: withoutRepeats(findings) };
}

/** Keeps the most used of several generator hosts per resource, since the others have spare capacity. */
function withOneGenerator({ uses, unknown }: { uses: ResourceUse[]; unknown: UnknownUse[] }) {
  const highest = (use: ResourceUse) => Math.max(0, ...use.uses.map((_, step) => utilisation(use, step) ?? 0));
  const ofGenerator = uses.filter(({ node }) => node === generatorNode).toSorted((a, b) => highest(a) - highest(b));
  const fullest = new Map(ofGenerator.map((use) => [use.resource, use]));
  const unread = new Map(unknown.map((use) => [use.resource, use]));
  return {
    uses: uses.filter((use) => use.node !== generatorNode || fullest.get(use.resource) === use),
    unknown: unknown.filter(
      (use) => use.node !== generatorNode || (!fullest.has(use.resource) && unread.get(use.resource) === use),
    ),
  };
}

/** Resources of the broker process; all others belong to its host. */
const isOfProcess = (name: Constraint) => name === 'threads' || name === 'heap' || isInsideBroker(name);

/**
 * Brokers on one host share its resources, so each resource is one limit, named after the host.
 *
 * @returns undefined for all brokers of the host but the first
 */
function ownerOf(resource: Constraint, { node, host }: NodeSeries, brokers: readonly NodeSeries[]): string | undefined {
  const sharing = brokers.filter((each) => each.host === host);
  if (node === generatorNode || sharing.length < 2 || isOfProcess(resource)) return node;
  return sharing[0]?.node === node ? host.host : undefined;
}

/** For proxies and the generator, only models that can limit them; cores shared with a broker are listed at the broker. */
function modelsOf(
  { node, host }: NodeSeries,
  brokers: readonly NodeSeries[],
  proxies: readonly NodeSeries[],
): ResourceModel[] {
  const all: ResourceModel[] = Object.values(models);
  if (host.host === noHost) return all.filter(({ resource }) => isOfProcess(resource));
  if (node !== generatorNode && !isProxyNode(node)) return all;
  const others = node === generatorNode ? [...brokers, ...proxies] : brokers;
  const hasOwnCores = !others.some((each) => isSameMachine(each.host, host));
  return all.filter(({ kind }) => kind === 'network' || (kind === 'cpu' && hasOwnCores));
}

/** @returns the mean over the capacity, or undefined if the step has no sample */
export function utilisation(
  { uses, capacity }: Pick<ResourceUse, 'uses' | 'capacity'>,
  step: number,
): number | undefined {
  const use = uses[step];
  return use && use.mean / capacity.value;
}

/**
 * @returns what the policy limits, over the capacity: the p99 of its samples, or their mean for a quota, which brokers
 *   compare with a mean; undefined if the step has no sample
 */
export function peakShare(
  { uses, capacity, kind }: Pick<ResourceUse, 'uses' | 'capacity' | 'kind'>,
  step: number,
): number | undefined {
  const use = uses[step];
  return use && (kind === 'configured' ? use.mean : use.p99) / capacity.value;
}

/** Shares of capacity that a full shaped card shows: 98 to 101%; higher ones are computed, such as for larger messages. */
const fullShares = { from: 0.985, to: 1.02 };

/** A saturated card shows its capacity and not what the load needs: the rest waits in queues or becomes replication lag. */
export function isSaturatedCard({ kind, capacity, uses }: ResourceUse, step: number): boolean {
  const share = (uses[step]?.mean ?? 0) / capacity.value;
  return kind === 'network' && share >= fullShares.from && share <= fullShares.to;
}

/** Header of a produce request and of a fetch response with one partition; core/wire/message-cost.ts draws both. */
const requestHeader = 60;

/** @returns undefined if no quota applies, or the message size is unknown */
function clientBytesOf(run: LoadTestRun, broker: string): ClientBytes | undefined {
  const { configuredLimits, workload } = run.document;
  const { messageBytes } = workload;
  if (messageBytes === undefined || !configuredLimits || configuredLimits.quotas.length === 0) return undefined;
  const shape = { bodyBytes: messageBytes };
  const [acknowledged, requests] = run.produced.reduce(
    ([messages, count], line) => [messages + line.acknowledged, count + line.requests],
    [0, 0],
  );
  const perRequest = requests > 0 ? Math.max(1, acknowledged / requests) : fullBatchRecords(shape);
  return {
    quotas: configuredLimits.quotas,
    leaderShare: leaderShareOf(run, broker),
    produceBytesPerMessage: (requestHeader + recordBatchBytes(shape, perRequest)) / perRequest,
    fetchBytesPerMessage: recordBatchBytes(shape, perRequest) / perRequest,
    isOnlyTraffic: run.events.background.every(({ messagesPerSecond }) => messagesPerSecond === 0),
  };
}

/** Uses the last leader count; without counts, every broker leads an equal share. */
function leaderShareOf({ brokers, document }: LoadTestRun, broker: string): number {
  const { brokers: all } = document.environment;
  const counts = all.map(({ id }) => brokers?.get(id)?.findLast(({ leaders }) => leaders !== undefined)?.leaders);
  const sum = counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  const own = counts[all.findIndex(({ id }) => id === broker)];
  return sum > 0 && own !== undefined ? own / sum : 1 / Math.max(1, all.length);
}
