// Applies every resource model to every node of a run: how much of each resource each step took.

import { defined } from '../../../core/defined.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { isInsideBroker, type Constraint } from '../../../core/resource.ts';
import { clientBytesOf } from './client-bytes.ts';
import { generatorHostsOf, type TelemetryEnvironment } from '../../../core/documents/evidence/telemetry.ts';
import type { HostSeries, LoadTestRun } from '../../evidence/load-test-run.ts';
import { isSameMachine } from '../../evidence/machines.ts';
import type { MeasuredStep } from '../steps/measured-step.ts';
import type { MeasuredUse, NodeSeries, ResourceModel } from './resources/model.ts';
import { models, symptoms } from './resources/registry.ts';
import { wholeWithin } from './resources/use.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { withoutRepeats } from '../../../core/documents/findings/without-repeats.ts';

export const generatorNode = 'generator';
/** Of a proxy that the load went through: it is named apart from brokers, whose names have no space. */
export const proxyNode = (host: string) => `proxy ${host}`;
export const isProxyNode = (node: string) => node.startsWith('proxy ');

/** @returns the host of a broker or proxy; brokers that share a host are one node with its name */
export const hostOfNode = ({ brokers, proxyHosts }: TelemetryEnvironment, node: string): string =>
  brokers.find(({ id }) => id === node)?.host ?? proxyHosts?.find((host) => proxyNode(host) === node) ?? node;

/** Of limits that belong to no single node and no group. */
export const wholeCluster = 'cluster';

export interface ResourceUse extends MeasuredUse {
  resource: Constraint;
  node: string;
  kind: ResourceModel['kind'];
  policyLimit: number;
  /** The load generator takes of it, too. */
  isShared: boolean;
}

/** The limit that a use is of. */
export const limitOf = ({ resource, node }: Pick<ResourceUse, 'resource' | 'node'>) => ({ resource, node });

export interface UnknownUse {
  resource: Constraint;
  node: string;
  what: string;
}

export interface Surroundings {
  /** Brokers whose host was read. */
  brokers: readonly NodeSeries[];
  /** Brokers without host metrics: only what they report themselves is known. */
  hostless: readonly NodeSeries[];
  /** Proxies whose host was read; those on the host of a broker are in its figures. */
  proxies: readonly NodeSeries[];
  /** Without hosts of brokers and proxies, which the generator may run on; empty when its hosts are unknown. */
  generators: readonly NodeSeries[];
  /** Nodes whose cores the generator works on, too. */
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

/** Stands in for the host of a broker that has no host metrics. */
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

/** @returns measured uses, unknown ones with the reason, and the findings of the models */
export function resourceUse(
  steps: readonly MeasuredStep[],
  { brokers, hostless, proxies, generators, sharesCoresWith }: Surroundings,
  policy: Policy,
): { uses: ResourceUse[]; unknown: UnknownUse[]; findings: Finding[] } {
  const uses: ResourceUse[] = [];
  const unknown: UnknownUse[] = [];
  const findings: Finding[] = [];
  // Without a step there is nothing to look for.
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
      uses.push({ ...measured, resource, node: owner, kind, policyLimit: policy.limits[resource].value, isShared });
    }
    if (series.node === generatorNode || isProxyNode(series.node)) continue;
    findings.push(...symptoms.flatMap((judge) => judge(observed, series, policy)));
  }
  return { ...withOneGenerator({ uses, unknown }), findings: withoutRepeats(findings) };
}

/** Of several hosts of the generator the most used counts, resource by resource: the others have room. */
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

/** What a broker has by itself; all else is its host's. */
const isOfProcess = (name: Constraint) => name === 'threads' || name === 'heap' || isInsideBroker(name);

/**
 * Brokers on one host share its limits: they are one limit, of the host, and not one of each.
 *
 * @returns undefined for all but the first of them
 */
function ownerOf(resource: Constraint, { node, host }: NodeSeries, brokers: readonly NodeSeries[]): string | undefined {
  const sharing = brokers.filter((each) => each.host === host);
  if (node === generatorNode || sharing.length < 2 || isOfProcess(resource)) return node;
  return sharing[0]?.node === node ? host.host : undefined;
}

/** Of proxies and the generator only what can stop them; cores that they share with a broker are listed there. */
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

/** @returns the mean over the capacity, or undefined where the step has no sample */
export function utilisation(
  { uses, capacity }: Pick<ResourceUse, 'uses' | 'capacity'>,
  step: number,
): number | undefined {
  const use = uses[step];
  return use && use.mean / capacity.value;
}

/** Of its capacity a shaped card that is full shows 98 to 101 %; more than that is computed, such as of larger messages. */
const fullShares = { from: 0.985, to: 1.02 };

/** A saturated card shows its capacity and not what the load needs: queues and replication lag take the rest. */
export function isSaturatedCard({ kind, capacity, uses }: ResourceUse, step: number): boolean {
  const share = (uses[step]?.mean ?? 0) / capacity.value;
  return kind === 'network' && share >= fullShares.from && share <= fullShares.to;
}
