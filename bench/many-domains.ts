// Generates domains and shapes for the sizing bench, identical each time.

import type { Shape } from '../core/documents/cluster-plan.ts';
import { DomainsFile } from '../analyzer/planning/domains/domains-file.ts';
import { fromStated } from '../analyzer/planning/sizing/measured.ts';
import type { SizingInput } from '../analyzer/planning/sizing/size-domains.ts';
import { readDefaultPolicy } from '../core/policy/policy.ts';
import { sizingPolicy } from '../analyzer/planning/sizing/sizing-policy.ts';

const traits = [['core'], ['logs'], ['general'], ['delayed'], ['large-messages'], ['general']];

/**
 * Some of each kind, with peaks over four decades, and machines of 4 to 64 cores with network interfaces of 1 to 25
 * Gbit/s.
 */
export function manyDomains(domains: number, shapes: number): Omit<SizingInput, 'seed' | 'worlds'> {
  const file = DomainsFile.parse({
    measurements: [
      measurement('rocketmq', 'dledger', 3, 12_000),
      measurement('rocketmq', 'master-slave', 2, 40_000),
      measurement('kafka', 'kraft', 3, 150_000),
    ],
    domains: Object.fromEntries(
      Array.from({ length: domains }, (_, index) => {
        const peak = 200 * 10 ** ((index % 37) / 12);
        return [
          `domain-${index}`,
          {
            traits: traits[index % traits.length],
            criticality: (['critical', 'normal', 'best-effort'] as const)[index % 3],
            demand: {
              peakTps: peak,
              averageTps: peak / 3,
              messageBytes: `${200 * (1 + (index % 11))}B`,
              consumerGroups: 1 + (index % 5),
              retention: `${1 + (index % 3)}d`,
              growth: 1.3,
              promotion: { multiplier: 2.5 },
            },
            // One mode per domain, so that a domain is compared with every shape once.
            placement: { zones: 3, modes: [index % 6 === 1 || index % 6 === 4 ? 'kraft' : 'dledger'] },
          },
        ];
      }),
    ),
  });
  const policy = sizingPolicy(readDefaultPolicy(), file.policy);
  return {
    file,
    policy,
    shapes: Array.from({ length: shapes }, (_, index) => shapeOf(index)),
    readings: file.measurements.map((section) => ({ section, reading: fromStated(section, policy) })),
  };
}

const measurement = (broker: string, mode: string, replicas: number, safeTps: number) => ({
  broker,
  mode,
  replicas,
  shape: 'shape-0',
  masters: broker === 'kafka' ? 3 : 1,
  messageBytes: '1KiB',
  stated: { safeTps, saturationTps: safeTps * 1.4, limitedBy: 'cpu', source: 'made up' },
});

function shapeOf(index: number): Shape {
  const size = 2 ** (index % 5);
  const network = [1, 5, 10, 25][index % 4] as number;
  const disk = [0.5, 1, 2, 4, 8][Math.floor(index / 4) % 5] as number;
  return {
    name: `shape-${index}`,
    cores: 4 * size,
    memoryBytes: 16 * size * 2 ** 30,
    diskBytes: disk * 1e12,
    diskWriteBytesPerSecond: 2e8 * (1 + (index % 7)),
    networkBitsPerSecond: network * 1e9,
    pricePerMonth: 100 * size + 20 * network + 80 * disk + index,
  };
}
