// Generates days of production telemetry with a known limit.

import { drawOf, gaussianOf, randomOf, type Draw } from '../world/random.ts';

export const troubleNames = [
  'none',
  'nightly backup',
  'deploy with restarts',
  'deploy, unannounced',
  'one broker more',
  'message size by the hour',
  'missing hours',
  'storms',
  'cores of others',
  'deploy an hour ago',
  'deploy an hour ago, unannounced',
] as const;
export type Trouble = (typeof troubleNames)[number];

export interface ProductionWorld {
  seed: number;
  trouble: Trouble;
  telemetry: ReturnType<typeof telemetryOf>;
  /** Messages per second at which the p99 of the first resource's samples reaches the policy limit. */
  limit: number;
  /** Messages per second at which the mean of the first resource reaches its capacity. */
  saturation: number;
  resource: string;
  node: string;
  /** Highest mean over a quarter of an hour. */
  highest: number;
  /** Seconds of the telemetry at which the cost of a message changed; 0: never. */
  changeAt: number;
}

const minute = 60;
const day = 86_400;
const normalP99 = 2.326;
const share = { cpu: 0.7, network: 0.8 };
/** Midnight UTC. */
const startedAt = '2026-11-02T00:00:00.000Z';

interface Truth {
  days: number;
  brokers: number;
  cores: number;
  link: number;
  idleCores: number;
  coresPerMessage: number;
  bytesIn: number;
  bytesOut: number;
  idleBytes: number;
  /** Standard deviations of use from its law, as ratios, and the correlation of successive minutes. */
  scatter: { cpu: number; network: number; likeness: number };
  traffic: { mean: number; swing: number; scatter: number; peakHour: number };
  trouble: Trouble;
  /** Start of the last regime within the window; 0: there is only one. */
  changeAt: number;
  costFactor: number;
}

export function drawProduction(
  seed: number,
  trouble: Trouble = troubleNames[seed % troubleNames.length] as Trouble,
): ProductionWorld {
  const draw = drawOf(randomOf(seed * 7919 + 13));
  const truth = drawTruth(draw, trouble);
  const rates = ratesOf(truth, draw);
  const limits = limitsOf(truth);
  const first = limits.toSorted((a, b) => a.limit - b.limit)[0] as (typeof limits)[number];
  const saturation = Math.min(...limits.map((each) => each.saturation));
  const telemetry = telemetryOf(truth, rates, draw);
  return { seed, trouble, telemetry, ...first, saturation, highest: highestQuarter(rates), changeAt: truth.changeAt };
}

function drawTruth(draw: Draw, trouble: Trouble): Truth {
  const days = draw.whole(3, 6);
  const bytes = draw.around(300, 2000);
  const brokers = draw.whole(1, 3);
  const coresPerMessage = draw.around(5e-5, 4e-4);
  const cores = draw.oneOf([4, 8, 16]);
  const hasChange = trouble.startsWith('deploy') || trouble === 'one broker more';
  const base: Truth = {
    days: hasChange ? days + 2 : days,
    brokers,
    cores,
    link: 0,
    idleCores: draw.between(0.01, 0.08) * cores,
    coresPerMessage,
    bytesIn: bytes,
    bytesOut: bytes * draw.between(1, 2.5),
    idleBytes: draw.between(500, 50_000),
    scatter: { cpu: draw.between(0.01, 0.05), network: draw.between(0.002, 0.02), likeness: draw.between(0, 0.6) },
    traffic: {
      mean: 0,
      swing: draw.between(0.25, 0.6),
      scatter: draw.between(0.01, 0.06),
      peakHour: draw.between(8, 20),
    },
    trouble,
    changeAt: hasChange ? changeAtOf(trouble, days + 2, draw) : 0,
    costFactor: trouble.startsWith('deploy') ? draw.oneOf([0.75, 1.25, 1.4]) : 1,
  };
  // The network interface saturates between half and twice the rate of the cores.
  const byCores = (share.cpu * cores) / (coresPerMessage * base.costFactor);
  const link = (byCores * draw.around(0.5, 2) * Math.max(base.bytesIn, base.bytesOut)) / share.network;
  const sized = { ...(trouble === 'cores of others' ? withOthers(base, draw) : base), link };
  const limit = Math.min(...limitsOf(sized).map((each) => each.limit));
  // Traffic reaches half of the safe maximum, or almost all of it.
  const high = limit * draw.between(0.6, 0.95);
  return {
    ...sized,
    traffic: { ...sized.traffic, mean: high / (1 + sized.traffic.swing + 2 * sized.traffic.scatter) },
  };
}

function changeAtOf(trouble: Trouble, days: number, draw: Draw): number {
  if (trouble.startsWith('deploy an hour ago')) return days * day - 900 * draw.whole(3, 8);
  return Math.round(days * draw.between(0.35, 0.6) * 96) * 900;
}

/** Other programs cause most of the CPU use, which almost hides the use of the broker. */
function withOthers(base: Truth, draw: Draw): Truth {
  return {
    ...base,
    idleCores: draw.between(0.3, 0.42) * base.cores,
    coresPerMessage: base.coresPerMessage * draw.between(0.03, 0.12),
    scatter: { ...base.scatter, cpu: draw.between(0.05, 0.12) },
  };
}

const brokersAt = (truth: Truth, moment: number) =>
  truth.trouble === 'one broker more' && moment >= truth.changeAt ? truth.brokers + 1 : truth.brokers;
const costAt = ({ changeAt, costFactor }: Truth, moment: number) => (moment >= changeAt ? costFactor : 1);

/** Limits in the last regime, with the message size of busy hours. */
function limitsOf(truth: Truth): { limit: number; saturation: number; resource: string; node: string }[] {
  const moment = truth.days * day;
  const brokers = brokersAt(truth, moment);
  const cost = costAt(truth, moment);
  const at = (capacity: number, allowed: number, idle: number, perMessage: number, scatter: number) => ({
    limit: (brokers * ((allowed * capacity) / (1 + normalP99 * scatter) - idle)) / perMessage,
    saturation: (brokers * (capacity - idle)) / perMessage,
  });
  const size = truth.trouble === 'message size by the hour' ? busySize(truth) : 1;
  const { scatter } = truth;
  return [
    {
      resource: 'cpu',
      ...at(truth.cores, share.cpu, truth.idleCores, truth.coresPerMessage * cost, scatter.cpu),
    },
    {
      resource: 'network-in',
      ...at(truth.link, share.network, truth.idleBytes, truth.bytesIn * size, scatter.network),
    },
    {
      resource: 'network-out',
      ...at(truth.link, share.network, truth.idleBytes, truth.bytesOut * size, scatter.network),
    },
  ].map((each) => ({ ...each, node: '1' }));
}

/** Larger at night, when table backups are sent as messages. */
function sizeAt({ trouble, traffic }: Truth, moment: number): number {
  if (trouble !== 'message size by the hour') return 1;
  const hour = (moment % day) / 3600;
  return 1.3 - 0.3 * Math.cos((2 * Math.PI * (hour - traffic.peakHour - 4)) / 24);
}

function busySize(truth: Truth): number {
  // The upper quarter of a sine is within three hours of its peak.
  const moments = Array.from({ length: 360 }, (_, k) => (truth.traffic.peakHour - 3) * 3600 + k * minute);
  const weights = moments.map((moment) => waveAt(truth, moment));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return moments.reduce((total, moment, k) => total + (weights[k] as number) * sizeAt(truth, moment + day), 0) / sum;
}

function waveAt({ traffic: { swing, peakHour } }: Truth, moment: number): number {
  return 1 + swing * Math.cos((2 * Math.PI * (moment / 3600 - peakHour)) / 24);
}

function ratesOf(truth: Truth, draw: Draw): number[] {
  const normal = gaussianOf(draw.random);
  let slow = 0;
  return Array.from({ length: (truth.days * day) / minute }, (_, k) => {
    slow = 0.98 * slow + Math.sqrt(1 - 0.98 ** 2) * normal();
    const { mean, scatter } = truth.traffic;
    return Math.max(0, mean * waveAt(truth, k * minute) * (1 + scatter * slow + (scatter / 3) * normal()));
  });
}

function highestQuarter(rates: readonly number[]): number {
  let most = 0;
  for (let k = 0; k + 15 <= rates.length; k += 15) {
    most = Math.max(most, rates.slice(k, k + 15).reduce((sum, rate) => sum + rate, 0) / 15);
  }
  return most;
}

function telemetryOf(truth: Truth, rates: readonly number[], draw: Draw) {
  const normal = gaussianOf(draw.random);
  const { scatter, days, cores, link, trouble } = truth;
  const names = Array.from({ length: brokersAt(truth, days * day) }, (_, k) => `${k + 1}`);
  const gapAt = draw.whole(1, days - 1) * day + draw.whole(0, 20) * 3600;
  const isGap = (moment: number) => trouble === 'missing hours' && moment >= gapAt && moment < gapAt + 4 * 3600;
  const stormy = new Set(
    trouble === 'storms'
      ? Array.from({ length: Math.floor(rates.length / 300) }, () => draw.whole(0, rates.length))
      : [],
  );
  const backup = { from: draw.whole(1, 3), hours: draw.whole(1, 2), share: draw.between(0.06, 0.2) };
  const likely = (last: number) => scatter.likeness * last + Math.sqrt(1 - scatter.likeness ** 2) * normal();
  const series = names.map((name, place) => {
    let [ofCpu, ofCard] = [0, 0];
    return rates.flatMap((rate, k) => {
      const moment = k * minute;
      [ofCpu, ofCard] = [likely(ofCpu), likely(ofCard)];
      const count = brokersAt(truth, moment);
      if (place >= count || isGap(moment)) return [];
      const own = rate / count;
      const hour = (moment % day) / 3600;
      const isBackup = trouble === 'nightly backup' && hour >= backup.from && hour < backup.from + backup.hours;
      const storm = stormy.has(k) ? 0.15 * cores : 0;
      const busy =
        (truth.idleCores + truth.coresPerMessage * costAt(truth, moment) * own) * (1 + scatter.cpu * ofCpu) +
        (isBackup ? backup.share * cores : 0) +
        storm;
      const size = sizeAt(truth, moment);
      const card = 1 + scatter.network * ofCard;
      const span = { from: moment, to: moment + minute };
      return [
        {
          name,
          host: {
            ...span,
            cpu: { busyCores: Math.min(cores, busy), iowaitCores: 0, stealCores: 0, cores },
            network: [
              {
                device: 'eth0',
                inBytesPerSecond: (truth.idleBytes + truth.bytesIn * size * own) * card,
                outBytesPerSecond: (truth.idleBytes + truth.bytesOut * size * own) * card,
              },
            ],
          },
          broker: { ...span, messagesInPerSecond: own, bytesInPerSecond: truth.bytesIn * 0.95 * size * own },
        },
      ];
    });
  });
  const hostOf = (name: string) => `kafka-${name}`;
  const inventory = (name: string) => ({
    host: hostOf(name),
    cores,
    networkDevices: [{ device: 'eth0', speed: { bitsPerSecond: link * 8, source: 'config' as const } }],
  });
  return {
    source: { name: 'world', format: 'prometheus', flags: [] },
    startedAt,
    durationSeconds: days * day,
    environment: {
      hosts: names.map(inventory),
      brokers: names.map((id) => ({ id, address: `${hostOf(id)}:9092`, host: hostOf(id) })),
    },
    hosts: new Map(
      names.map((name, place) => [
        hostOf(name),
        { host: hostOf(name), inventory: inventory(name), intervals: (series[place] ?? []).map(({ host }) => host) },
      ]),
    ),
    brokers: new Map(names.map((name, place) => [name, (series[place] ?? []).map(({ broker }) => broker)])),
    lag: [],
    underReplicated: [],
    traffic: rates.flatMap((rate, k) =>
      isGap(k * minute) ? [] : [{ from: k * minute, to: (k + 1) * minute, messagesPerSecond: rate }],
    ),
    events: eventsOf(truth, names),
    findings: [],
    inventory: [],
    cost: { requests: 0, wireBytes: 0 },
  };
}

function eventsOf({ trouble, changeAt, brokers }: Truth, names: readonly string[]) {
  if (trouble === 'deploy with restarts' || trouble === 'deploy an hour ago') {
    return names.map((broker, k) => ({
      elapsedSeconds: changeAt + 120 * k,
      kind: 'broker-restarted' as const,
      broker,
    }));
  }
  return trouble === 'one broker more'
    ? [{ elapsedSeconds: changeAt, kind: 'broker-count' as const, before: brokers, after: brokers + 1 }]
    : [];
}
