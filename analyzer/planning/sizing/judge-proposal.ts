// Checks whether a proposed plan meets the demand, by the same arithmetic with a fixed number of brokers.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import type { JudgedProposal } from '../../../core/documents/cluster-plan.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { RejectionCause } from '../../../core/documents/reasons/rejection-reasons.ts';
import type { ProposalSection } from '../domains/domains-file.ts';
import { against } from './builds.ts';
import { missedObjective } from './capacity.ts';
import { underObjective } from './latency-objective.ts';
import { planFindings } from './plan-findings.ts';
import { plannedResources, promiseOf } from './promise.ts';
import { queueShortage } from './rejections.ts';
import { hostsPerMaster, type ClusterRequest } from './request.ts';
import { setupOf, type Surroundings } from './trial.ts';

export function judgeProposal(
  domain: string,
  request: ClusterRequest,
  proposal: ProposalSection,
  given: Surroundings,
): JudgedProposal {
  const { broker, mode, replicas, masters, nameServers } = proposal;
  const surroundings = { ...given, measurements: underObjective(given.measurements, request) };
  const { policy, shapes } = surroundings;
  const build = { broker, mode, replicas };
  const proposed = {
    domain,
    ...build,
    masters,
    shape: proposal.shape,
    ...(nameServers !== undefined && { nameServers }),
  };
  const shape = shapes.find(({ name }) => name === proposal.shape);
  const caps = { clusters: 1, masters: Math.max(masters, policy.clusterBrokers.value) };
  const trials = shape && setupOf(request, build, surroundings, caps).on(shape);
  if (shape === undefined || trials === undefined) {
    const missed = shape && missedObjective(surroundings.measurements, build);
    return {
      ...proposed,
      verdict: 'not-measured',
      resources: [],
      findings: [
        missed
          ? findingOf('latency-objective', { kind: 'missed', ...missed })
          : findingOf('not-measured', shape === undefined ? { shape: proposal.shape } : { broker, mode }),
      ],
    };
  }
  const built = trials.at(1, masters);
  const recommended = trials.recommended(1);
  const wanted = recommended.masters;
  const promise = promiseOf(built, surroundings);
  const findings = planFindings(request, built, promise, surroundings);
  if (traitsOf(broker).discovery.of === 'name-servers' && (nameServers ?? 0) < 2) {
    findings.push(findingOf('name-servers', { nameServers: nameServers ?? 0 }));
  }
  const isBeyondQueue = recommended.isOneQueue && wanted > caps.masters;
  const refusal: RejectionCause | undefined =
    against(build, request, policy.controllers.value)?.cause ??
    (isBeyondQueue ? { kind: 'one-queue', shortage: queueShortage(recommended).shortage } : undefined);
  const shortcoming: Finding | undefined =
    refusal !== undefined
      ? findingOf('setup-refused', refusal)
      : masters < wanted
        ? findingOf('too-few', { masters, needed: wanted, peakTps: promise.peakTps })
        : undefined;
  const spare = (masters - wanted) * hostsPerMaster(build);
  return {
    ...proposed,
    verdict: shortcoming === undefined ? 'enough' : 'not-enough',
    promise,
    resources: plannedResources(built, surroundings),
    ...(refusal === undefined && { mastersNeeded: wanted }),
    ...(shortcoming === undefined &&
      spare > 0 && {
        removable: {
          brokers: spare,
          ...(shape.pricePerMonth !== undefined && { cost: spare * shape.pricePerMonth }),
        },
      }),
    findings: [...(shortcoming === undefined ? [] : [shortcoming]), ...findings],
  };
}
