// Renders twenty sizings as text, so that a change of the computation shows as a diff.

import { reserveTableText } from '../../analyzer/planning/sizing/reserve-table.ts';
import { sizeCluster } from '../../analyzer/planning/sizing/size-cluster.ts';
import type { SizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import { quantityText } from '../../core/text/quantity-text.ts';
import { about, domainOf, policyWith, requestOf, surroundingsOf, type DomainParts } from './sized.ts';

interface Scenario {
  name: string;
  domains: readonly DomainParts[];
  policy?: Partial<SizingPolicy>;
}

const kafka = { brokers: ['kafka'] } as const;
const oneCluster = { least: 1, most: 1 };
const only = (...modes: ('dledger' | 'master-slave' | 'controller' | 'single' | 'kraft')[]) => ({
  placement: { modes },
});
const promotion = { multiplier: { low: 3, mid: 4, high: 6 }, days: 3 };
const cited = (value: number) => ({ value, source: 'the scenario' });

const scenarios: readonly Scenario[] = [
  { name: 'a plain domain, any broker', domains: [{}] },
  { name: 'DLedger', domains: [only('dledger')] },
  { name: 'a controller group', domains: [only('controller')] },
  { name: 'master and slave', domains: [only('master-slave')] },
  { name: 'a single master', domains: [only('single')] },
  { name: 'Kafka', domains: [only('kraft')] },
  {
    name: 'DLedger that stands the loss of a group',
    domains: [{ placement: { modes: ['dledger'], survive: { brokers: 1, zones: 1, group: true } } }],
  },
  {
    name: 'Kafka without a loss to stand',
    domains: [{ placement: { ...kafka, zones: 1, survive: { brokers: 0, zones: 0, group: false } } }],
  },
  {
    name: 'Kafka that stands two brokers',
    domains: [{ placement: { ...kafka, replicas: 4, zones: 1, survive: { brokers: 2, zones: 0, group: false } } }],
  },
  { name: 'critical before Double 11', domains: [{ criticality: 'critical', demand: { promotion, loss: 'never' } }] },
  { name: 'the same, best effort', domains: [{ criticality: 'best-effort', demand: { promotion } }] },
  { name: 'a week of retention', domains: [{ demand: { retentionSeconds: 7 * 86_400 }, placement: kafka }] },
  { name: 'eight groups', domains: [{ demand: { consumerGroups: 8 }, placement: kafka }] },
  {
    name: 'large messages',
    domains: [{ demand: { peakTps: about(300), averageTps: about(100), messageBytes: about(300_000) } }],
  },
  {
    name: 'small compressed messages in batches',
    domains: [
      {
        demand: {
          peakTps: about(400_000),
          averageTps: about(150_000),
          messageBytes: about(200),
          compressionRatio: 3,
          messagesPerRequest: 200,
        },
        placement: kafka,
      },
    ],
  },
  {
    name: 'order as a whole',
    domains: [
      {
        demand: { order: 'global', peakTps: about(4000), averageTps: about(1000) },
        placement: { modes: ['dledger'], clusters: oneCluster },
      },
    ],
  },
  {
    name: 'order as a whole, beyond one queue',
    domains: [
      { demand: { order: 'global', peakTps: about(60_000) }, placement: { modes: ['dledger'], clusters: oneCluster } },
    ],
  },
  {
    name: 'split over clusters by the cap',
    domains: [{ demand: { peakTps: about(150_000), averageTps: about(40_000) }, ...only('dledger') }],
  },
  {
    name: 'two domains that share a cluster',
    domains: [{ name: 'returns' }, { name: 'claims', demand: { messageBytes: about(4000), consumerGroups: 5 } }],
  },
  { name: 'usual traffic below two fifths', domains: [only('kraft')], policy: { dailyShare: 0.4, skew: cited(1.3) } },
];

export function renderGoldenSizing(): string {
  return scenarios.map(paragraph).join('\n');
}

function paragraph({ name, domains, policy }: Scenario): string {
  const surroundings = surroundingsOf({ count: 128, seed: 'golden', ...(policy && { policy: policyWith(policy) }) });
  const sized = sizeCluster(requestOf(...domains.map(domainOf)), surroundings, 'CNY');
  if (sized.kind === 'refused') {
    return `${name}\n${sized.refused.map(({ reason }) => `  refused: ${reason}\n`).join('')}`;
  }
  const { clusters } = sized;
  const [plan] = clusters;
  if (plan === undefined) throw new Error('a plan of no cluster');
  const { promise, margin, rejections } = plan;
  const next = rejections.find(({ reason }) => reason === 'dearer');
  return [
    `${name}\n`,
    `  ${clusters.length} x ${plan.broker} ${plan.mode}, ${plan.masters} x ${plan.replicas} on ${plan.shape.name}, ${quantityText(sized.chosen.cost)} a month, enough in ${Math.round(100 * promise.probabilityEnough)}%\n`,
    `  peak ${quantityText(promise.peakTps.mid)}, safe ${quantityText(promise.safeTps.mid)}, after loss ${quantityText(promise.afterLossTps.mid)}, full ${quantityText(promise.saturationTps)}\n`,
    `  ${margin.resource}: ${reserveTableText(margin)}\n`,
    ...(next === undefined ? [] : [`  next: ${next.shape} ${next.mode}, ${next.message}\n`]),
  ].join('');
}
