// Lists the resource use of the master that a written result states; unstated use is absent.

import type { AnalysedResource } from '../../../core/documents/analysis.ts';
import type { Resource } from '../../../core/resource.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import { busyAtMost } from './findings/machine.ts';
import { type Figures, quotient } from './figures.ts';
import { networkUses } from './network-limit.ts';
import { largerDirection, lineRate, statedTraffic } from './traffic.ts';
import { cited } from '../../../core/text/stated-figure.ts';

type KnownUse = Pick<AnalysedResource, 'capacity' | 'utilisationBounds'>;

export function observedResources(figures: Figures, policy: Policy): AnalysedResource[] {
  const entry = (resource: Resource, known: KnownUse): AnalysedResource => ({
    resource,
    node: figures.master,
    ...known,
    policyLimit: policy.limits[resource].value,
  });
  const disk = figures.host?.disks?.findIndex(({ sizeBytes }) => sizeBytes !== undefined) ?? -1;
  const busy = busyAtMost(figures);
  return [
    entry('network-out', networkOf('out', figures)),
    entry('network-in', networkOf('in', figures)),
    entry('cpu', {
      ...capacity(figures, figures.host?.cores, 'cores', 'cores'),
      ...(busy !== undefined && { utilisationBounds: { high: busy } }),
    }),
    entry('disk-io', {}),
    entry('disk-space', capacity(figures, figures.host?.disks?.[disk]?.sizeBytes, 'bytes', `disks.${disk}.sizeBytes`)),
    entry('memory', capacity(figures, figures.host?.memoryBytes, 'bytes', 'memoryBytes')),
    entry('heap', {}),
  ];
}

function networkOf(direction: 'in' | 'out', figures: Figures): KnownUse {
  const { link } = figures;
  if (link === undefined) return {};
  const line = lineRate(link.bitsPerSecond);
  const use = networkUses(figures).find((each) => each.direction === direction);
  // A figure without a direction belongs to the larger one, so the smaller direction is at most as full.
  const larger = networkUses(figures).find(({ directionStated }) => !directionStated);
  const isSmaller = direction !== largerDirection(statedTraffic(figures));
  const bounds =
    use !== undefined
      ? quotient(use.amount, line)
      : larger !== undefined && isSmaller
        ? { high: quotient(larger.amount, line).high }
        : undefined;
  return {
    capacity: { value: line.high, unit: 'bytes/s', source: link.source },
    ...(bounds && { utilisationBounds: bounds }),
  };
}

function capacity(
  { run, host }: Figures,
  value: number | undefined,
  unit: 'cores' | 'bytes',
  path: string,
): Pick<KnownUse, 'capacity'> {
  if (value === undefined || value <= 0 || host === undefined) return {};
  const source = run.sources[`environment.hosts.${run.environment.hosts.indexOf(host)}.${path}`];
  return { capacity: { value, unit, source: source === undefined ? 'run.json' : cited(source) } };
}
