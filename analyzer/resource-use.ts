// How much of every resource did every step take? The models applied to every node of the run.

import type { AnalysedResource, Finding } from '../core/analysis.ts';
import type { Resource } from '../core/resource.ts';
import type { LoadTestRun } from './load-test-run.ts';
import { isSameMachine } from './machines.ts';
import type { MeasuredStep } from './measured-step.ts';
import type { NodeSeries, ResourceModel, SymptomModel, Use } from './models/model.ts';
import { models, symptoms } from './models/registry.ts';
import { wholeWithin } from './models/use.ts';
import type { Policy } from '../core/policy/policy.ts';

export const generatorNode = 'generator';

export interface ResourceUse {
  resource: Resource;
  node: string;
  kind: ResourceModel['kind'];
  capacity: NonNullable<AnalysedResource['capacity']>;
  policyLimit: number;
  /** The load generator takes of it, too. */
  isShared: boolean;
  /** One per step, in their order. */
  uses: readonly Use[];
  /** One per step: the share of its use that goes away once the resource is full. */
  sparable?: readonly (number | undefined)[];
}

export interface UnknownUse {
  resource: Resource;
  node: string;
  what: string;
}

export interface Surroundings {
  brokers: readonly NodeSeries[];
  /** Absent when the generator runs on a broker's host or nobody said where. */
  generator?: NodeSeries;
  /** Nodes whose cores the generator works on, too. */
  sharesCoresWith: readonly string[];
}

export function surroundingsOf(run: LoadTestRun): Surroundings {
  const { brokers, generatorHost } = run.document.environment;
  const nodes = brokers.flatMap(({ id, host }) => {
    const series = host === undefined ? undefined : run.hosts.get(host);
    if (series === undefined) return [];
    const [broker, jvm] = [run.brokers?.get(id), run.jvms.get(series.host)];
    const { broker: software } = run.document;
    return [{ node: id, host: series, ...(software && { software }), ...(broker && { broker }), ...(jvm && { jvm }) }];
  });
  const own = generatorHost === undefined ? undefined : run.hosts.get(generatorHost);
  if (own === undefined) return { brokers: nodes, sharesCoresWith: [] };
  const sharesCoresWith = nodes.filter(({ host }) => isSameMachine(host, own)).map(({ node }) => node);
  const isBroker = nodes.some(({ host }) => host.host === own.host);
  return { brokers: nodes, ...(!isBroker && { generator: { node: generatorNode, host: own } }), sharesCoresWith };
}

/** @returns what was measured, what is not known and why, and what the models had to say */
export function resourceUse(
  steps: readonly MeasuredStep[],
  { brokers, generator, sharesCoresWith }: Surroundings,
  policy: Policy,
): { uses: ResourceUse[]; unknown: UnknownUse[]; findings: Finding[] } {
  const uses: ResourceUse[] = [];
  const unknown: UnknownUse[] = [];
  const findings: Finding[] = [];
  // Without a step there is nothing to look for.
  if (steps.length === 0) return { uses, unknown, findings };
  for (const series of generator ? [...brokers, generator] : brokers) {
    const observed = steps.map((step) => ({ step, intervals: wholeWithin(series.host.intervals, step.window) }));
    for (const model of modelsOf(series, sharesCoresWith)) {
      const { resource, kind } = model;
      const owner = ownerOf(resource, series, brokers);
      if (owner === undefined) continue;
      const assessment = model.assess(observed, { ...series, node: owner }, policy);
      if (assessment.kind === 'unknown') {
        if (assessment.isQuiet) continue;
        unknown.push({ resource, node: owner, what: model.requires });
        if (series.node !== generatorNode) findings.push(assessment.finding);
        continue;
      }
      findings.push(...assessment.findings);
      const policyLimit = policy.limits[resource].value;
      uses.push({
        resource,
        node: owner,
        kind,
        capacity: assessment.capacity,
        policyLimit,
        isShared: kind === 'cpu' && sharesCoresWith.includes(series.node),
        uses: assessment.uses,
        ...(assessment.sparable && { sparable: assessment.sparable }),
      });
    }
    if (series.node === generatorNode) continue;
    const told: SymptomModel[] = Object.values(symptoms);
    findings.push(...told.flatMap((model) => model.judge(observed, series, policy)));
  }
  return { uses, unknown, findings: withoutRepeats(findings) };
}

/** What a process has by itself; all else is its host's. */
const ofProcess: ReadonlySet<Resource> = new Set(['threads', 'heap']);

/**
 * Brokers on one host share its limits: they are one limit, of the host, and not one of each.
 *
 * @returns undefined for all but the first of them
 */
function ownerOf(resource: Resource, { node, host }: NodeSeries, brokers: readonly NodeSeries[]): string | undefined {
  const sharing = brokers.filter((each) => each.host === host);
  if (node === generatorNode || sharing.length < 2 || ofProcess.has(resource)) return node;
  return sharing[0]?.node === node ? host.host : undefined;
}

/** Of the generator only what can stop it; cores it shares with a broker are listed there. */
function modelsOf({ node }: NodeSeries, sharesCoresWith: readonly string[]): ResourceModel[] {
  const all: ResourceModel[] = Object.values(models);
  if (node !== generatorNode) return all;
  return all.filter(({ kind }) => kind === 'network' || (kind === 'cpu' && sharesCoresWith.length === 0));
}

function withoutRepeats(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [`${finding.code} ${finding.message}`, finding])).values()];
}

/** @returns the mean over the capacity, or undefined where the step has no sample */
export function utilisation({ uses, capacity }: ResourceUse, step: number): number | undefined {
  const use = uses[step];
  return use && use.mean / capacity.value;
}
