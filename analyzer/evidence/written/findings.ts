// Reports what written readings allow to conclude, and where their figures contradict each other.

import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { Finding } from '../../../core/documents/analysis.ts';
import { findingOf } from '../../../core/documents/findings/findings.ts';
import { storedBytes, isReplication } from '../../../core/wire/rocketmq-bytes.ts';
import type { Policy } from '../../../core/policy/policy.ts';
import {
  type Figures,
  scaled,
  assumed,
  bytesPerMessage,
  bytesPerSecond,
  saturationRate,
  largerDirection,
  leaderNoun,
  statedTraffic,
  bodiesPerMessage,
  busyAtMost,
} from './figures.ts';
import { tryHypotheses } from './hypotheses.ts';
import { networkUses } from './resources.ts';
import { linkCeilings } from '../../../core/wire/ethernet.ts';

/** @returns all findings but the contradictions, which change the verdict */
export function otherFindings(figures: Figures, policy: Policy): Finding[] {
  return [
    protocolArithmetic(figures, policy),
    diskUnknown(figures, policy),
    groupsUnknown(figures),
    judgement(figures),
    cpuUnknown(figures),
    waitingTasks(figures),
    collector(figures),
    memory(figures),
    latencyBound(figures),
    directionNotStated(figures),
    lineRateMisstated(figures, policy),
    closedLoop(figures),
    retention(figures, policy),
    oneReading(figures),
  ].filter((finding) => finding !== undefined);
}

// Reports which conclusions written readings of CPU, disk, memory and GC allow, and which they do not.

function cpuUnknown(figures: Figures): Finding | undefined {
  const { iowait, loadAverages, host } = figures;
  const atMost = busyAtMost(figures);
  const [load] = loadAverages;
  if (atMost === undefined && load === undefined) return undefined;
  return findingOf('cpu-unknown', {
    basis: 'stated',
    ...(iowait &&
      atMost !== undefined && { iowait: { share: iowait.value, busyAtMost: atMost, reading: iowait.reading } }),
    ...(load && { load: { value: load.value, ...(host?.cores !== undefined && { cores: host.cores }) } }),
    readings: loadAverages.map(({ reading }) => reading),
  });
}

/** A core in iowait has at least one task that waits for a disk, and the load average counts that task. */
function waitingTasks({ iowait, loadAverages, host }: Figures): Finding | undefined {
  if (iowait === undefined || host?.cores === undefined || loadAverages.length === 0) return undefined;
  const waiting = iowait.value * host.cores;
  const load = Math.max(...loadAverages.map(({ value }) => value));
  const code = waiting > load ? 'iowait-exceeds-load' : 'load-average-counts-waiting';
  return findingOf(code, { iowait: iowait.value, cores: host.cores, waiting, load });
}

function diskUnknown({ iowait }: Figures, policy: Policy): Finding | undefined {
  if (iowait === undefined) return undefined;
  const isSevere = iowait.value > policy.readings.graveIowait.value;
  return findingOf('disk-unknown', { basis: 'stated', iowait: iowait.value, isSevere, reading: iowait.reading });
}

/** Computes the time until the store reaches the share of the disk at which files are deleted early. */
function retention(figures: Figures, policy: Policy): Finding | undefined {
  const { run, host, topology, messageBytes, tpsPerMaster, master } = figures;
  const size = host?.disks?.find(({ sizeBytes }) => sizeBytes !== undefined)?.sizeBytes;
  if (traitsOf(run.broker).retentionPer !== 'broker' || size === undefined || !isReplication(topology.replication))
    return undefined;
  const shape = { bodyBytes: messageBytes, topicBytes: assumed.topicBytes, clusterNameBytes: run.cluster.length };
  const growth = storedBytes(shape, topology.replication) * tpsPerMaster;
  const limit = policy.limits['disk-space'];
  return findingOf('retention', {
    master,
    tps: tpsPerMaster,
    growthBytes: growth,
    diskBytes: size,
    limit,
    secondsToLimit: (size * limit.value) / growth,
  });
}

function collector({ fullGc, statements }: Figures): Finding | undefined {
  const young = statements['young-gc-interval-seconds'];
  if (fullGc === undefined) return undefined;
  return findingOf(fullGc.value === 0 ? 'gc-calm' : 'full-gc', {
    fullCollections: fullGc.value,
    ...(young && { young: { seconds: young.value ?? 0, text: young.text } }),
    readings: [fullGc.reading, ...(young === undefined ? [] : [young])],
  });
}

function memory({ statements }: Figures): Finding | undefined {
  const reading = statements['memory-use'];
  return reading && findingOf('memory-stated', { reading });
}

/** Compares the arithmetic of the stated topology with the card, and with the reading of it. */
function protocolArithmetic(figures: Figures, policy: Policy): Finding | undefined {
  const { link, tpsPerMaster } = figures;
  if (link === undefined) return undefined;
  const traffic = statedTraffic(figures);
  const perMessage = bytesPerMessage(traffic);
  const moved = bytesPerSecond(traffic);
  const full = saturationRate(traffic, link.bitsPerSecond);
  const direction = largerDirection(traffic);
  const policyLimit = policy.limits[`network-${direction}`].value;
  const safe = scaled(full, policyLimit);
  const reading = networkUses(figures)[0]?.amount;
  const trials =
    reading === undefined
      ? []
      : tryHypotheses(figures, reading, link.bitsPerSecond, policy.readings.roundedShare.value);
  const reproduced = trials.find(({ reproduces }) => reproduces);
  const agrees = reading === undefined ? full.high >= tpsPerMaster : reproduced !== undefined;
  return findingOf(agrees ? 'figures-agree' : 'figures-disagree', {
    leader: leaderNoun(traffic),
    followers: traffic.followers,
    isDledger: traffic.replication === 'dledger',
    groups: traffic.groups,
    receivesCopies: traffic.receivesCopies,
    direction,
    messageBytes: traffic.messageBytes,
    tps: traffic.tps,
    bitsPerSecond: link.bitsPerSecond,
    policyLimit,
    saturationTps: full,
    safeTps: safe,
    bytesPerMessage: perMessage,
    bytesPerSecond: moved,
    settings: settings[traffic.broker],
    ...(reading && { stated: reading }),
    ...(reproduced && { reproduced }),
    trials,
  });
}

/** Assumed values for settings that the text does not give. */
const settings = {
  kafka: [
    `topic of ${assumed.topicBytes} characters`,
    'batches and fetches from full ones of 16 KiB and 1 MiB down to one record',
  ].join(', '),
  rocketmq: [
    `topic of ${assumed.topicBytes} characters`,
    `${assumed.messagesPerPull} messages a pull`,
    `DLedger pushes of ${assumed.pushBatch.single} to ${assumed.pushBatch.batched} messages`,
  ].join(', '),
} as const;

/** The payload alone exceeds the card's capacity, so that no setting and no header compression helps. */
export function physicallyInfeasible(figures: Figures): Finding | undefined {
  const { link, messageBytes, topology, tpsPerMaster, master } = figures;
  if (link === undefined) return undefined;
  // Consumers without a stated group are excluded, so the result is a lower bound.
  const bodies = bodiesPerMessage({ ...statedTraffic(figures), groups: topology.consumerGroups ?? 0 });
  const direction = bodies.out > bodies.in ? 'out' : 'in';
  const needed = bodies[direction] * tpsPerMaster;
  const { payload } = linkCeilings(link.bitsPerSecond);
  if (needed <= payload) return undefined;
  return findingOf('physically-infeasible', {
    basis: 'bodies',
    messageBytes,
    direction,
    followers: topology.followersPerMaster,
    tps: tpsPerMaster,
    master,
    neededBytes: needed,
    payloadBytes: payload,
    bitsPerSecond: link.bitsPerSecond,
    mostTps: payload / bodies[direction],
  });
}

/** The reading exceeds the card's capacity by more than rounding. */
export function readingAboveCard(figures: Figures, policy: Policy): Finding | undefined {
  const { link, master } = figures;
  const most = link && ((1 + policy.readings.roundedShare.value) * link.bitsPerSecond) / 8;
  const above = networkUses(figures).find(({ amount }) => most !== undefined && amount.low > most);
  if (link === undefined || above === undefined) return undefined;
  return findingOf('physically-infeasible', {
    basis: 'reading',
    statedBytes: above.amount.low,
    direction: above.direction,
    master,
    bitsPerSecond: link.bitsPerSecond,
    reading: above.amount.reading,
  });
}

/** Reports what the written facts about a network card leave open. */
function directionNotStated(figures: Figures): Finding | undefined {
  const open = networkUses(figures).find(({ directionStated }) => !directionStated);
  return open && findingOf('direction-not-stated', { direction: open.direction, reading: open.amount.reading });
}

function lineRateMisstated({ link, theoreticalLimit }: Figures, policy: Policy): Finding | undefined {
  if (link === undefined || theoreticalLimit === undefined) return undefined;
  const { bitsPerSecond } = link;
  const { nominal: nominalBytes, counter: counterBytes } = linkCeilings(bitsPerSecond);
  const { value: statedBytes, reading } = theoreticalLimit;
  if (Math.abs(statedBytes / nominalBytes - 1) <= policy.readings.statedRateShare.value) return undefined;
  return findingOf('line-rate-misstated', { reading, statedBytes, bitsPerSecond, nominalBytes, counterBytes });
}

/** States what to record next time, so that the verdict can use more than one reading. */
const oneReading = ({ master }: Figures): Finding => findingOf('one-reading', { master });

/** Every group reads a separate copy; members of one group share one. */
function groupsUnknown(figures: Figures): Finding | undefined {
  const { link, run, topology } = figures;
  const { consumers, consumerGroups } = topology;
  if (link === undefined || consumers === undefined || consumers < 2 || consumerGroups !== undefined) return undefined;
  const traffic = statedTraffic(figures);
  const rateWith = (groups: number) => saturationRate({ ...traffic, groups }, link.bitsPerSecond);
  return findingOf('consumer-groups-unknown', {
    consumers,
    followers: traffic.followers,
    oneGroup: rateWith(1),
    eachGroup: rateWith(consumers),
    source: run.sources['topology.consumers'],
  });
}

/** Little's law for closed-loop senders: N = X · R. */
function closedLoop({ topology, tps }: Figures): Finding | undefined {
  const { producers, threadsPerProducer } = topology;
  if (producers === undefined || threadsPerProducer === undefined) return undefined;
  const roundTripSeconds = (producers * threadsPerProducer) / tps.value;
  const loop = { producers, threadsPerProducer, tps: tps.value, roundTripSeconds };
  return findingOf('closed-loop', { basis: 'stated', ...loop });
}

const latencyBound = ({ endToEnd }: Figures): Finding | undefined =>
  endToEnd && findingOf('latency-bound', { seconds: endToEnd.value, reading: endToEnd.reading });

function judgement({ statements }: Figures): Finding | undefined {
  const { acceptable, 'stated-bottleneck': bottleneck } = statements;
  if (acceptable === undefined && bottleneck === undefined) return undefined;
  return findingOf('stated-judgement', { acceptable, bottleneck });
}
