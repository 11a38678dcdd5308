// Generates docs/reference/sizing-answers.md: the answers of published rules for one workload.

import { fromStated } from '../analyzer/planning/sizing/measured.ts';
import { DomainsFile } from '../analyzer/planning/domains/domains-file.ts';
import { cheapest, mskExpress, mskStandard, type MskLoad } from './published-sizing/msk.ts';
import { sizeDomains } from '../analyzer/planning/sizing/size-domains.ts';
import { readDefaultPolicy } from '../core/policy/policy.ts';
import { sizingPolicy } from '../analyzer/planning/sizing/sizing-policy.ts';
import type { ClusterPlan } from '../core/documents/cluster-plan.ts';

const load = { in: 100, groups: 2, replicas: 3 };
const hours = 24;
const msk: MskLoad = {
  averageIn: 100,
  peakIn: 100,
  peakOut: 200,
  partitions: 300,
  replicas: 3,
  retentionHours: hours,
  primaryHours: hours,
};
/** An m5.2xlarge in MiB per second: its volume, that volume's network, its network interface (msk-brokers.yaml). */
const m5 = { storage: 250, storageNetwork: 250, network: 320 };

export function renderSizingAnswersPage(): string {
  const own = ours();
  const standard = cheapest(mskStandard(msk));
  const express = cheapest(mskExpress(msk));
  const vcpus = googleVcpus(load);
  const rows = [
    [
      'AWS, best practices',
      `${awsBrokers(load, m5)} brokers of m5.2xlarge`,
      'volume, its network and the card, used up to 80%; no loss, no disk space',
    ],
    [
      'Amazon MSK, sizing script',
      `${standard?.brokers} × ${standard?.type}, the cheapest; 6 × m5.2xlarge; Express ${express?.brokers} × ${express?.type} or 3 × m7g.2xlarge`,
      'half of a broker, a zone of three down, rebalancing at three times the ingress, disks half full',
    ],
    [
      'Alibaba Cloud',
      `${alibabaBrokers(load)} brokers`,
      'every copy and group twice, 400 MB/s a broker, four at least',
    ],
    [
      'Google Cloud',
      `${vcpus} vCPU, ${googleMemoryGiB(vcpus)} GiB`,
      '20 MiB/s of write equivalents a vCPU, half of it used; a read is a quarter of a write',
    ],
    [
      'Redpanda',
      `3 nodes of ${redpandaCores(load.in)} to 2 cores`,
      '100 MB/s a core; three nodes for three copies; no reserve named',
    ],
    [
      'Netflix, local disks',
      '57 × i3en.large in three zones',
      'disks, at most 40% full, are the limit; each zone separately',
    ],
    ['Netflix, attached disks', '18 × r6a.large in three zones', 'memory for hot reads is the limit'],
    [
      'Plimsoll',
      `${own.masters} × ${own.shape.name}`,
      `${own.promise.survives.join(', ')} at the peak; ${own.margin.resource} decides: ${own.margin.entries.map(({ reserve, factor }) => `${reserve} ${factor.toFixed(2)}`).join(' × ')}`,
    ],
  ];
  return [
    '# Eight answers for one workload\n\n',
    'Made by `npm run update-golden` from `tools/published-sizing`, whose rules are held to published examples by tests.\n\n',
    '100 MiB/s produced, two groups, three copies, kept for 24 hours. The answers lie between 3 and 57 machines, and each is right for what\n',
    'it assumes: that is why a plan of `plimsoll size` prints its assumptions and its reserves, and not one number.\n\n',
    '| who | answer | what it assumes |\n| --- | --- | --- |\n',
    ...rows.map((row) => `| ${row.join(' | ')} |\n`),
    '\n',
    'The rows of Netflix are from runs of its planner, whose rules are not implemented here: local disks with version 0.3.212 of PyPI\n',
    '(`npm run bench -- plan --netflix PYTHON` runs it), attached disks at commit dc69307. The others are computed.\n',
  ].join('');
}

/** Sizes messages of 1 KiB on machines like an m5.2xlarge, for which a list of Huawei states 150,000 per second. */
function ours(): ClusterPlan {
  const perSecond = (load.in * 2 ** 20) / 1024;
  const exactly = (mid: number) => ({ low: mid, mid, high: mid });
  const file = DomainsFile.parse({
    measurements: [
      {
        broker: 'kafka',
        mode: 'kraft',
        replicas: 3,
        shape: '8c32g',
        messageBytes: '1KiB',
        stated: {
          safeTps: 150_000,
          limitedBy: 'cpu',
          source:
            'Huawei Cloud DMS for Kafka, specifications: a broker of 8 vCPU takes 150,000 messages of 1 KB a second',
        },
      },
    ],
    domains: {
      workload: {
        demand: {
          peakTps: exactly(perSecond),
          averageTps: exactly(perSecond),
          messageBytes: { low: '1KiB', mid: '1KiB', high: '1KiB' },
          consumerGroups: 2,
          retention: `${hours}h`,
        },
        placement: { brokers: ['kafka'], zones: 3 },
      },
    },
  });
  const policy = sizingPolicy(readDefaultPolicy(), file.policy);
  const plans = sizeDomains({
    file,
    policy,
    shapes: [
      {
        name: '8c32g',
        cores: 8,
        memoryBytes: 32 * 2 ** 30,
        diskBytes: 16 * 2 ** 40,
        diskWriteBytesPerSecond: m5.storage * 2 ** 20,
        networkBitsPerSecond: m5.network * 2 ** 20 * 8,
      },
    ],
    readings: file.measurements.map((section) => ({ section, reading: fromStated(section, policy) })),
    seed: 'plimsoll',
    worlds: 512,
  });
  const [cluster] = plans.clusters;
  if (cluster === undefined) throw new Error('the workload of the page has no plan');
  return cluster;
}

/** Kafka load in MiB per second of the whole cluster, unless a rule states otherwise. */
interface PublishedLoad {
  in: number;
  groups: number;
  replicas: number;
}

/**
 * AWS, "Best practices for right-sizing your Apache Kafka clusters": the produce rate is the minimum of the limits of
 * disks, their network and the brokers' network for n brokers, of which 80% are used.
 * @param limits MiB per second of one broker
 */
export function awsBrokers(
  load: PublishedLoad,
  limits: { storage: number; storageNetwork: number; network: number },
): number {
  const { in: rate, groups, replicas } = load;
  const used = 0.8;
  const carried = (brokers: number) =>
    used *
    Math.min(
      (limits.storage * brokers) / replicas,
      (limits.storageNetwork * brokers) / replicas,
      (limits.network * brokers) / (groups + replicas - 1),
    );
  let brokers = replicas;
  while (carried(brokers) < rate) brokers += 1;
  return brokers;
}

/**
 * Google Cloud, Managed Service for Apache Kafka, "Plan your cluster size": write-equivalents, 20 MiB/s per vCPU, half
 * of it used.
 */
export function googleVcpus({ in: produced, groups, replicas }: PublishedLoad): number {
  const consumed = produced * groups;
  const writeEquivalents = replicas * produced + (consumed + (replicas - 1) * produced) / 4;
  return Math.ceil(writeEquivalents / 20 / 0.5);
}

/** The rule: 4 GiB per vCPU. */
export const googleMemoryGiB = (vcpus: number): number => 4 * vcpus;

/**
 * Alibaba Cloud, Message Queue for Apache Kafka, evaluation of specifications: traffic with replicas, times two,
 * divided by 400 MB/s per node; at least four.
 */
export const alibabaBrokers = ({ in: peak, groups, replicas }: PublishedLoad): number =>
  Math.max(4, Math.ceil((peak * (groups + 2 * replicas - 1) * 2) / 400));

/** Redpanda, "Sizing use cases": 100 MB/s per core. */
export const redpandaCores = (rate: number): number => Math.ceil(rate / 100);
