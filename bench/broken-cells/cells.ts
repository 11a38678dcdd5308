// Lists the cells of a blast radius that are predicted and then tested for real: a failure of a lab at a load.

import type { BrokerKind } from '../../core/cluster.ts';

export interface CellLab {
  broker: BrokerKind;
  /** Input of `plimsoll size`: one cluster with exactly the lab's brokers. */
  domainsFile: object;
  /** Highest load of both domains together, in messages per second: above what the plan is sized for. */
  peakTps: number;
  /** Load levels in messages per second; each lasts a quarter of the simulated day. */
  levels: readonly number[];
  groups: number;
  partitions: number;
}

/** Failure of a lab: brokers by their index in plan and lab; the active controller is known once the lab runs. */
export type CellFailure =
  | { kind: 'broker'; brokers: readonly number[]; title: string }
  | { kind: 'controller'; title: string }
  | { kind: 'name-server'; title: string }
  | { kind: 'zone'; zone: string; title: string };

export interface Cell {
  number: number;
  lab: BrokerKind;
  failure: CellFailure;
  /** Messages per second: one of the levels of its lab. */
  tps: number;
}

export const nicBitsPerSecond = 50e6;
export const messageBytes = 10_000;
/** Time from the kill to the restart command, and start-up time of the process on this machine. */
export const downSeconds = 24;
export const startSeconds = 6;
export const domains = [
  { name: 'orders', share: 0.75 },
  { name: 'waybills', share: 0.25 },
] as const;

export const tpsOfDomains = (tps: number): Record<string, number> =>
  Object.fromEntries(domains.map(({ name, share }) => [name, share * tps]));

const exactly = (value: number | string) => ({ low: value, mid: value, high: value });

function domainsFileOf(
  measured: object,
  { plannedTps, groups, placement }: { plannedTps: number; groups: number; placement: object },
): object {
  return {
    catalogue: 'catalogue.yaml',
    policy: { skew: 1, nameServers: 2 },
    measurements: [{ ...measured, shape: 'lab', messageBytes: `${messageBytes}B`, consumerGroups: groups }],
    domains: Object.fromEntries(
      domains.map(({ name, share }) => [
        name,
        {
          demand: {
            peakTps: exactly(plannedTps * share),
            averageTps: exactly((plannedTps * share) / 2),
            messageBytes: exactly(`${messageBytes}B`),
            consumerGroups: groups,
            retention: '1h',
            growth: exactly(1),
          },
          placement: { ...placement, cluster: 'lab', survive: { brokers: 0, zones: 0, group: false } },
        },
      ]),
    ),
  };
}

/** Memory and disk of the machine, which are not limits here. */
export const catalogue = {
  shapes: { lab: { cores: 2, memory: '16GiB', disk: '500GB', network: `${nicBitsPerSecond / 1e6}mbit` } },
};

const stated = (saturationTps: number) => ({
  stated: {
    saturationTps,
    limitedBy: 'network-out',
    source: 'bytes of a message by docs/explanation/bytes.md on these cards',
  },
});

export const labs: Record<BrokerKind, CellLab> = {
  kafka: {
    broker: 'kafka',
    domainsFile: domainsFileOf(
      { broker: 'kafka', mode: 'kraft', replicas: 3, masters: 3, ...stated(450) },
      { plannedTps: 300, groups: 2, placement: { brokers: ['kafka'], replicas: 3 } },
    ),
    peakTps: 315,
    levels: [135, 225, 280, 315],
    groups: 2,
    partitions: 6,
  },
  rocketmq: {
    broker: 'rocketmq',
    domainsFile: domainsFileOf(
      { broker: 'rocketmq', mode: 'master-slave', replicas: 2, masters: 2, ...stated(600) },
      {
        plannedTps: 400,
        groups: 1,
        placement: { brokers: ['rocketmq'], modes: ['master-slave'], replicas: 2, zones: 2 },
      },
    ),
    peakTps: 420,
    levels: [180, 270, 340, 420],
    groups: 1,
    partitions: 4,
  },
};

const broker = (place: number, title: string) => ({ kind: 'broker' as const, brokers: [place], title });
const controller = { kind: 'controller' as const, title: 'broker that is the active controller' };

export const cells: readonly Cell[] = [
  { number: 1, lab: 'kafka', failure: broker(0, 'broker 1'), tps: 135 },
  { number: 2, lab: 'kafka', failure: broker(1, 'broker 2'), tps: 225 },
  { number: 3, lab: 'kafka', failure: broker(2, 'broker 3'), tps: 280 },
  { number: 4, lab: 'kafka', failure: controller, tps: 225 },
  { number: 5, lab: 'kafka', failure: broker(0, 'broker 1'), tps: 315 },
  { number: 6, lab: 'kafka', failure: controller, tps: 315 },
  { number: 7, lab: 'rocketmq', failure: broker(0, 'master of broker-a'), tps: 180 },
  { number: 8, lab: 'rocketmq', failure: broker(2, 'master of broker-b'), tps: 270 },
  { number: 9, lab: 'rocketmq', failure: broker(1, 'slave of broker-a'), tps: 340 },
  { number: 10, lab: 'rocketmq', failure: { kind: 'name-server', title: 'a name server' }, tps: 340 },
  {
    number: 11,
    lab: 'rocketmq',
    failure: { kind: 'zone', zone: 'zone-1', title: 'a zone or shared host: a master and the slave of the other' },
    tps: 270,
  },
  { number: 12, lab: 'rocketmq', failure: broker(0, 'master of broker-a'), tps: 420 },
];
