// Computes which input affects the number of brokers most: each at both ends of its interval, the others at the median.

import type { BusinessDomain, ClusterPlan, Estimate } from '../../../core/documents/cluster-plan.ts';
import type { Candidate } from './candidates.ts';
import type { Capacity, ShapeCapacity } from './capacity.ts';
import { loadDraws } from './cluster-load-draws.ts';
import { Fit } from './fit.ts';
import { InverseFactors } from './inverse-factors.ts';
import { LoadTerms } from './load-terms.ts';
import { hostsPerMaster, type ClusterRequest } from './request.ts';
import type { SizingPolicy } from './sizing-policy.ts';
import { planSamplesOf } from './plan-samples.ts';
import { share, type Surroundings } from './trial.ts';

type Line = ClusterPlan['sensitivity'][number];

const most = 8;
/** Half and double: a typical error of estimates without measurements. */
const factors = [0.5, 2] as const;

const nobodyKnows = planSamplesOf('sensitivity', 0);
const noFactors = new InverseFactors(nobodyKnows);

export function sensitivityOf(
  request: ClusterRequest,
  candidate: Candidate,
  { policy }: Pick<Surroundings, 'policy'>,
): Line[] {
  const { build, clusters, masters, scenarios, least, step } = candidate;
  const each = hostsPerMaster(build);
  const brokersFor = (
    domains: readonly BusinessDomain[],
    own: SizingPolicy = policy,
    capacity: ShapeCapacity = candidate.capacity,
  ) => {
    const brokers = { ...build, clusters, masters };
    const load = loadDraws({ domains }, brokers, nobodyKnows, own);
    const fit = new Fit(new LoadTerms(load, scenarios), capacity, noFactors, { clusters, ...share(own) });
    const { whole, exact } = fit.needed({ least, step });
    return {
      whole: (whole[0] as number) * each * clusters,
      exact: Math.max(least, exact[0] as number) * each * clusters,
    };
  };
  const line = (
    input: string,
    unit: string,
    ends: readonly [number, number],
    at: (end: number) => ReturnType<typeof brokersFor>,
  ): Line => {
    const [low, high] = ends.map(at) as [ReturnType<typeof brokersFor>, ReturnType<typeof brokersFor>];
    return {
      input,
      low: ends[0],
      high: ends[1],
      unit,
      brokersAtLow: low.whole,
      brokersAtHigh: high.whole,
      swing: Math.abs(high.exact - low.exact),
    };
  };
  const lines = request.domains.flatMap((domain) => {
    const prefix = request.domains.length > 1 ? `${domain.name} ` : '';
    const instead = (demand: Partial<BusinessDomain['demand']>) =>
      brokersFor(
        request.domains.map((other) =>
          other === domain ? { ...domain, demand: { ...domain.demand, ...demand } } : other,
        ),
      );
    const { demand } = domain;
    const { multiplier, days } = demand.promotion;
    const groups = demand.consumerGroups;
    const ends = ({ low, high }: Estimate) => [low, high] as const;
    const retention = factors.map((factor) => factor * demand.retentionSeconds) as [number, number];
    return [
      line(`${prefix}peakTps`, 'messages/s', ends(demand.peakTps), (mid) => instead({ peakTps: certain(mid) })),
      line(`${prefix}averageTps`, 'messages/s', ends(demand.averageTps), (mid) =>
        instead({ averageTps: certain(mid) }),
      ),
      line(`${prefix}messageBytes`, 'bytes', ends(demand.messageBytes), (mid) =>
        instead({ messageBytes: certain(mid) }),
      ),
      line(`${prefix}growth`, 'ratio', ends(demand.growth), (mid) => instead({ growth: certain(mid) })),
      line(`${prefix}promotion`, 'ratio', ends(multiplier), (mid) =>
        instead({ promotion: { multiplier: certain(mid), days } }),
      ),
      line(`${prefix}consumerGroups`, 'groups', [Math.max(0, groups - 1), groups + 1], (consumerGroups) =>
        instead({ consumerGroups }),
      ),
      line(`${prefix}retention`, 'seconds', retention, (retentionSeconds) => instead({ retentionSeconds })),
    ];
  });
  for (const draws of ['capacity', 'wire'] as const) {
    const widest = widestOf(candidate.capacity, draws);
    if (widest === undefined) continue;
    const scaled = (factor: number) =>
      brokersFor(request.domains, policy, scaledCapacity(candidate.capacity, draws, factor));
    lines.push(
      line(
        draws === 'capacity' ? 'measured capacity' : 'bytes on the wire',
        'ratio',
        [widest.low, widest.high],
        scaled,
      ),
    );
  }
  lines.push(
    line('skew', 'ratio', [1, 1.5], (value) =>
      brokersFor(request.domains, { ...policy, skew: { ...policy.skew, value } }),
    ),
  );
  return lines
    .filter(({ swing }) => swing > 1e-9)
    .toSorted((one, two) => two.swing - one.swing || (one.input < two.input ? -1 : 1))
    .slice(0, most);
}

const certain = (mid: number): Estimate => ({ low: mid, mid, high: mid });

function widestOf({ resources }: ShapeCapacity, draws: Capacity['draws']): Capacity | undefined {
  const own = Object.values(resources).filter((capacity) => capacity.draws === draws && capacity.low < 1);
  return own.toSorted((one, two) => one.low - two.low)[0];
}

function scaledCapacity(capacity: ShapeCapacity, draws: Capacity['draws'], factor: number): ShapeCapacity {
  const resources = Object.fromEntries(
    Object.entries(capacity.resources).map(([name, own]) => [
      name,
      own.draws === draws ? { ...own, safe: own.safe * factor, full: own.full * factor } : own,
    ]),
  ) as ShapeCapacity['resources'];
  return { ...capacity, resources };
}
