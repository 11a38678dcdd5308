// Reads the rate that a saturated cluster achieved from the counters of a bundle, without the analyzer.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalLine } from '../core/documents/run-bundle.ts';
import { TelemetryRecord } from '../core/documents/evidence/telemetry.ts';
import { AppError } from '../core/errors.ts';
import { segmentHeaders, uncountedPerFrame } from '../core/wire/ethernet.ts';

export interface DrivenLimit {
  /** Messages received by every consumer group, or acknowledged messages if there is no group. */
  messagesPerSecond: number;
  /** Most utilized link over all brokers and both directions. */
  fullest: LinkShare;
  /** Utilization of every broker and direction. */
  shares: readonly LinkShare[];
  acknowledgedPerSecond: number;
  /** Rate received by each consumer group. */
  groups: readonly { group: string; messagesPerSecond: number }[];
  /** Share of CPU time used on each broker. */
  cpu: readonly { host: string; share: number; seconds: readonly number[] }[];
}

interface LinkShare {
  host: string;
  direction: 'network-in' | 'network-out';
  share: number;
  /** Share in each interval between two readings, about one second each. */
  seconds: readonly number[];
  /** Bytes per second, as interfaces count them. */
  counterBytes: number;
  frames: number;
}

/** Queues fill before a limit is visible: skip this first part of the step, and the last second. */
const settled = 0.3;
/**
 * @param bitsPerSecond speed of each link.
 * @param step index of the step, default the first.
 * @throws AppError run-unreadable if the step does not exist
 */
export async function readDrivenLimit(bundle: string, bitsPerSecond: number, step = 0): Promise<DrivenLimit> {
  const journal = await readLines(join(bundle, 'journal.ndjson'), (line) => JournalLine.parse(line));
  const telemetry = await readLines(join(bundle, 'telemetry.ndjson'), (line) => TelemetryRecord.parse(line));
  const start = journal.find((line) => line.kind === 'step-started' && line.step === step)?.elapsedSeconds;
  const end = journal.find((line) => line.kind === 'step-ended' && line.step === step)?.elapsedSeconds;
  if (start === undefined || end === undefined) {
    throw new AppError('run-unreadable', `${bundle} has no complete step ${step + 1}`);
  }
  const window = { from: start + settled * (end - start), to: end - 1 };
  const within = ({ elapsedSeconds }: { elapsedSeconds: number }) =>
    elapsedSeconds > window.from && elapsedSeconds <= window.to;

  const consumed = journal.filter((line) => line.kind === 'consumed').filter(within);
  const groups = Map.groupBy(consumed, ({ group }) => group);
  const ofGroups = [...groups].map(([group, lines]) => ({ group, messagesPerSecond: rateOfArrivals(lines) }));
  const rates = ofGroups.map(({ messagesPerSecond }) => messagesPerSecond);
  const acknowledged = journal.filter((line) => line.kind === 'produced').filter(within);
  const produced = [...Map.groupBy(acknowledged, ({ worker }) => worker).values()]
    .map((lines) => rateOf(lines, (line) => line.acknowledged))
    .reduce((sum, rate) => sum + rate, 0);
  const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;

  const readings = telemetry.filter((record) => record.kind === 'host').filter(within);
  const ofBrokers = [...Map.groupBy(readings, ({ host }) => host)].filter(([host]) => host.startsWith('broker'));
  const shares = ofBrokers.flatMap(([host, records]) => linkShares(host, records, bitsPerSecond / 8));
  const fullest = shares.toSorted((a, b) => b.share - a.share)[0];
  if (fullest === undefined)
    throw new AppError('run-unreadable', `${bundle} has no readings of a broker's link`, {
      hint: 'its telemetry.ndjson has the errors of the readings',
    });
  return {
    messagesPerSecond: rates.length === 0 ? produced : Math.min(produced, mean),
    fullest,
    shares,
    acknowledgedPerSecond: produced,
    groups: ofGroups,
    cpu: ofBrokers.map(([host, records]) => ({
      host,
      share: busyShare(records[0], records.at(-1)),
      seconds: records.slice(1).map((record, index) => busyShare(records[index], record)),
    })),
  };
}

/** With a lower share of the most utilized direction, a broker only receives acknowledgements and heartbeats. */
const copyingShare = 0.1;
/** Larger batches need less payload per message: up to a tenth less payload does not mean fewer messages. */
const batchedShare = 0.9;
/** Payload without segment headers, of which a saturated link sends a third fewer. */
const payloadOf = ({ counterBytes, frames }: LinkShare) => counterBytes - segmentHeaders * frames;

/**
 * A lagging replica receives less payload per acknowledged message than when it kept up.
 *
 * @returns messages per second of the slowest broker that only replicates
 */
export function copiedTps(before: DrivenLimit, now: DrivenLimit): number {
  const inbound = ({ shares }: DrivenLimit) => shares.filter(({ direction }) => direction === 'network-in');
  const rates = inbound(before)
    .filter(({ share }) => share > copyingShare * before.fullest.share)
    .map((link) => {
      const taken = inbound(now).find(({ host }) => host === link.host);
      return taken === undefined ? 0 : payloadOf(taken) / (payloadOf(link) / before.acknowledgedPerSecond);
    });
  const slowest = Math.min(...rates);
  return slowest < batchedShare * now.acknowledgedPerSecond ? slowest : now.acknowledgedPerSecond;
}

async function readLines<T>(path: string, parse: (line: unknown) => T): Promise<T[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => parse(JSON.parse(line)));
}

function rateOf<Line extends { intervalSeconds: number }>(lines: readonly Line[], count: (line: Line) => number) {
  const sum = (figure: (line: Line) => number) => lines.reduce((total, line) => total + figure(line), 0);
  return sum(count) / sum(({ intervalSeconds }) => intervalSeconds);
}

/**
 * Counts from the first to the last arrival: a lagging consumer fetches megabytes at once, seconds apart, and any other
 * window would include a fetch too many or too few.
 */
function rateOfArrivals(lines: readonly { elapsedSeconds: number; messages: number }[]): number {
  const arrivals = lines.filter(({ messages }) => messages > 0);
  const [first, last] = [arrivals[0], arrivals.at(-1)];
  if (first === undefined || last === undefined || first === last) return 0;
  const after = arrivals.slice(1).reduce((sum, { messages }) => sum + messages, 0);
  return after / (last.elapsedSeconds - first.elapsedSeconds);
}

type HostRecord = Extract<TelemetryRecord, { kind: 'host' }>;

function linkShares(host: string, records: readonly HostRecord[], bytesPerSecond: number): LinkShare[] {
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  return [
    linkShare(host, 'network-in', records, bytesPerSecond),
    linkShare(host, 'network-out', records, bytesPerSecond),
  ];
}

function linkShare(
  host: string,
  direction: LinkShare['direction'],
  records: readonly HostRecord[],
  bytesPerSecond: number,
): LinkShare {
  const counters = direction === 'network-in' ? 'receive' : 'transmit';
  const between = (from: HostRecord | undefined, to: HostRecord | undefined) => {
    if (from === undefined || to === undefined) return { share: 0, counterBytes: 0, frames: 0 };
    const elapsed = to.elapsedSeconds - from.elapsedSeconds;
    const rate = (counter: Counter) => (counted(to, counter) - counted(from, counter)) / elapsed;
    const [counterBytes, frames] = [rate(`${counters}Bytes`), rate(`${counters}Packets`)];
    return { share: (counterBytes + uncountedPerFrame * frames) / bytesPerSecond, counterBytes, frames };
  };
  const seconds = records.slice(1).map((record, index) => between(records[index], record).share);
  return { host, direction, ...between(records[0], records.at(-1)), seconds };
}

const counted = (record: HostRecord, counter: Counter) =>
  (record.reading.networkDevices ?? [])
    .filter(({ device }) => device !== 'lo')
    .reduce((sum, card) => sum + card[counter], 0);

type Counter = `${'receive' | 'transmit'}${'Bytes' | 'Packets'}`;

/** Busy share of all cores between two readings. */
function busyShare(before: HostRecord | undefined, after: HostRecord | undefined): number {
  const times = (record: HostRecord | undefined) => {
    const cores = record?.reading.cpus ?? [];
    const idle = cores.reduce((sum, core) => sum + core.idle + core.iowait, 0);
    const work = cores.reduce(
      (sum, { user, nice, system, irq, softirq, steal }) => sum + user + nice + system + irq + softirq + steal,
      0,
    );
    return { work, all: idle + work };
  };
  const [from, to] = [times(before), times(after)];
  return to.all === from.all ? 0 : (to.work - from.work) / (to.all - from.all);
}
