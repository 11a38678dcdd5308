// Checks whether a proposed plan meets the demand: the same arithmetic with a fixed number of brokers.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { JudgedProposal } from '../../../core/documents/cluster-plan.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import type { ProposalSection } from '../domains/domains-file.ts';
import { criticalityOf, leastMasters, share, type Surroundings } from './candidates.ts';
import { capacityOf } from './capacity.ts';
import { loadDraws } from './cluster-load-draws.ts';
import { underObjective } from './latency-objective.ts';
import { leastRegret, regretOf } from './least-regret.ts';
import { Fit } from './fit.ts';
import { LoadTerms } from './load-terms.ts';
import { planFindings } from './plan-findings.ts';
import { plannedResources, promiseOf } from './promise.ts';
import { hostsPerMaster, type ClusterRequest } from './request.ts';
import { scenariosOf } from './scenarios.ts';
import { demandDraws } from './plan-samples.ts';

export function judgeProposal(
  domain: string,
  request: ClusterRequest,
  proposal: ProposalSection,
  given: Surroundings,
): JudgedProposal {
  const { broker, mode, replicas, masters, nameServers } = proposal;
  const surroundings = { ...given, measurements: underObjective(given.measurements, request) };
  const { policy, samples, factors, measurements, shapes } = surroundings;
  const build = { broker, mode, replicas };
  const proposed = {
    domain,
    ...build,
    masters,
    shape: proposal.shape,
    ...(nameServers !== undefined && { nameServers }),
  };
  const shape = shapes.find(({ name }) => name === proposal.shape);
  const load = loadDraws(request, build, samples, policy, (each) => demandDraws(each, samples));
  const capacity = shape && capacityOf(shape, build, load, measurements, shapes, policy);
  if (shape === undefined || capacity === undefined) {
    return {
      ...proposed,
      verdict: 'not-measured',
      resources: [],
      findings: [findingOf('not-measured', shape === undefined ? { shape: proposal.shape } : { broker, mode })],
    };
  }
  const scenarios = scenariosOf(build, request, policy);
  const least = leastMasters(build, request);
  const fit = new Fit(new LoadTerms(load, scenarios), capacity, factors, { clusters: 1, ...share(policy) });
  const { whole: needed, exact } = fit.needed({ least, step: 1 });
  const isOneQueue = request.domains.some(({ demand }) => demand.order === 'global');
  const built = {
    build,
    shape,
    capacity,
    load,
    scenarios,
    fit,
    clusters: 1,
    masters,
    least,
    step: 1,
    isOneQueue,
    needed,
    exact,
  };
  const promise = promiseOf(built, surroundings);
  const wanted = leastRegret(needed, regretOf(policy, criticalityOf(request)));
  const spare = (masters - wanted) * hostsPerMaster(build);
  const findings = planFindings(request, built, promise, surroundings);
  if (traitsOf(broker).discovery.of === 'name-servers' && (nameServers ?? 0) < 2) {
    findings.push(findingOf('name-servers', { nameServers: nameServers ?? 0 }));
  }
  if (masters < wanted) {
    findings.unshift(findingOf('too-few', { masters, needed: wanted, peakTps: promise.peakTps }));
  }
  return {
    ...proposed,
    verdict: masters >= wanted ? 'enough' : 'not-enough',
    promise,
    resources: plannedResources(built, surroundings),
    mastersNeeded: wanted,
    ...(spare > 0 && {
      removable: {
        brokers: spare,
        ...(shape.pricePerMonth !== undefined && { cost: spare * shape.pricePerMonth }),
      },
    }),
    findings,
  };
}
