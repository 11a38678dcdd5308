// Enumerates the combinations of host type, setup and number of brokers for a cluster.

import type { Rejection, Shape } from '../../../core/documents/cluster-plan.ts';
import type { MissedLatency } from '../../../core/documents/reasons/rejection-reasons.ts';
import { anyShape, rejected, type BuildChoice } from './builds.ts';
import { missedObjective } from './extrapolated-messages.ts';
import type { DemandDraws } from './plan-samples.ts';
import { hostsPerMaster, type Build, type ClusterRequest } from './request.ts';
import { setupOf, type Caps, type Surroundings, type Trial } from './trial.ts';

export interface Candidate extends Trial {
  /** Cost of all clusters; hosts if there are no prices. */
  cost: number;
}

/** A host type of which even the maximum of clusters and brokers is too small. */
export interface TooSmall extends Trial {
  most: Caps;
}

interface Enumeration {
  fitting: Candidate[];
  tooSmall: TooSmall[];
  rejections: Rejection[];
}

export function enumerate(
  request: ClusterRequest,
  choice: BuildChoice,
  surroundings: Surroundings,
  drawsOf: (domain: ClusterRequest['domains'][number]) => DemandDraws,
): Enumeration {
  const { shapes, policy } = surroundings;
  const found: Enumeration = { fitting: [], tooSmall: [], rejections: [...choice.rejections] };
  const caps: Caps = { masters: policy.clusterBrokers.value, clusters: request.clusters.most };
  for (const build of choice.builds) {
    const setup = setupOf(request, build, surroundings, caps, drawsOf);
    const fewest = Math.max(request.clusters.least, Math.ceil(setup.peakTps / (policy.clusterTps ?? Infinity)));
    const measured = shapes.flatMap((shape) => setup.on(shape) ?? []);
    if (measured.length === 0)
      found.rejections.push(notMeasured(build, missedObjective(surroundings.measurements, build)));
    for (const trials of measured) {
      let chosen = trials.recommended(fewest);
      while (chosen.masters > caps.masters && chosen.clusters < caps.clusters) {
        const { clusters, masters, step } = chosen;
        // Each cluster loses brokers in a loss and rounds up by a step, so fewer clusters than this are too few in any case.
        const next = Math.ceil((clusters * (masters - 2 - step - request.survive.brokers)) / caps.masters);
        chosen = trials.recommended(Math.min(caps.clusters, Math.max(clusters + 1, next)));
      }
      const { clusters, masters, shape } = chosen;
      if (masters > caps.masters || clusters > caps.clusters) found.tooSmall.push({ ...chosen, most: caps });
      else found.fitting.push({ ...chosen, cost: clusters * masters * hostsPerMaster(build) * priceOf(shape) });
    }
  }
  return found;
}

/** The sample that determined the number: among those that need as many, or the next lower number, the one with the largest need. */
export function decidingSample({ needed, exact, masters }: Trial): number {
  const last = needed.length - 1;
  let most = 0;
  for (let sample = 0; sample < last; sample += 1) {
    if ((needed[sample] as number) <= masters) most = Math.max(most, needed[sample] as number);
  }
  let [deciding, highest] = [last, -Infinity];
  for (let sample = 0; sample < last; sample += 1) {
    if (needed[sample] === most && (exact[sample] as number) > highest) {
      [deciding, highest] = [sample, exact[sample] as number];
    }
  }
  return deciding;
}

export const priceOf = ({ pricePerMonth }: Shape) => pricePerMonth ?? 1;

const notMeasured = ({ broker, mode, replicas }: Build, missed: MissedLatency | undefined): Rejection =>
  rejected(
    { shape: anyShape, broker, mode, reason: 'not-measured', resource: 'measurement' },
    { kind: 'not-measured', broker, mode, copies: replicas, ...(missed && { missed }) },
  );
