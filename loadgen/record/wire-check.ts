// Compares bytes on the brokers' network interfaces with the bytes of the run's messages.

import type { HostReading } from '../../core/documents/evidence/host-reading.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import {
  generatorHostsOf,
  type TelemetryEnvironment,
  type TelemetryRecord,
} from '../../core/documents/evidence/telemetry.ts';
import type { WireAccount, WireDirection } from '../../core/documents/wire-account.ts';
import type { ByteSpan } from '../../core/wire/expected-bytes.ts';
import { copiesOf, expectedOnTheWire, type WireParts } from './wire-loads.ts';
import { percentText } from '../../core/text/quantity-text.ts';
import { directions, wireBytesBetween } from '../../core/wire/ethernet.ts';

/**
 * Heartbeats, retransmissions and batches that differ from the mean size add a few percent; one copy more or less
 * changes 50 % or more.
 */
const tolerance = 0.1;
/**
 * Bytes per second in each direction of a broker's interface without messages: heartbeats, empty polls, and the run's
 * own requests once per second. Measured: between 2 and 9 kB/s (3 nodes of Kafka 4.3.1, RocketMQ 5.3.3, one group, 100
 * msg/s).
 */
const idleBytesPerSecond = 10_000;
/** Maximum share of other producers' messages, for which sizes are unknown. */
const mostOfOthers = 0.02;
/** Maximum share of the run's messages before the first or after the last reading of an interface. */
const mostUnread = 0.02;
/** Messages are counted by second, and after the first hour by half minute: a soak of a month has millions of seconds. */
const spanAt = (second: number) => (second < 3600 ? 1 : 30);

type Direction = 'network-in' | 'network-out';

const nothing = () => ({
  messages: 0,
  bytes: 0,
  requests: 0,
  consumedMessages: 0,
  pulls: 0,
  groups: new Set<string>(),
  ofOthers: 0,
  /** Acknowledged messages by the first second of each span, counted from the start of the attempt. */
  bySpan: new Map<number, number>(),
});

export type WireWatch = ReturnType<typeof watchWire>;

/**
 * Sums a run from the first to the last reading of the brokers' interfaces; makes no comparison if too many messages
 * passed outside.
 */
export function watchWire(parts: WireParts) {
  const { environment } = parts;
  const hosts = new Set(environment.brokers.flatMap(({ host }) => host ?? []));
  const seen = new Map<string, { first: HostReading; last: HostReading; from: number; to: number }>();
  let load = nothing();
  let from = 0;

  function reasonUnknown(): string | undefined {
    const { brokers } = environment;
    const unplaced = brokers.find(({ host }) => host === undefined);
    if (brokers.length === 0 || unplaced !== undefined) return `the host of broker ${unplaced?.id ?? ''} is unknown`;
    const shared = generatorHostsOf(environment).find((host) => hosts.has(host));
    if (shared !== undefined) {
      return `brokers and load generator share host ${shared}, so their traffic crosses no network card`;
    }
    if (parts.unknown !== undefined) return parts.unknown;
    if (load.messages === 0) return 'no message was acknowledged';
    if (load.ofOthers > mostOfOthers * load.messages) return 'other clients sent messages at the same time';
    for (const host of hosts) {
      const read = seen.get(host);
      if (read === undefined) return `the cards of host ${host} were not read`;
      const unread = messagesOutside(read) / load.messages;
      if (unread > mostUnread)
        return `the cards of host ${host} were not read while ${percentText(unread)} of the messages passed`;
    }
    return undefined;
  }

  /** Counts whole spans only: the span of the first or last reading counts as measured. */
  function messagesOutside({ from: begun, to }: { from: number; to: number }): number {
    const outside = [...load.bySpan].filter(
      ([second]) => from + second + spanAt(second) <= begun || from + second >= to,
    );
    return outside.reduce((sum, [, count]) => sum + count, 0);
  }

  return {
    add(line: JournalLine): void {
      if (line.kind === 'resumed') {
        // Nothing was counted between two attempts.
        load = nothing();
        seen.clear();
        from = line.elapsedSeconds;
      }
      if (line.kind === 'produced') {
        load.messages += line.acknowledged;
        load.bytes += line.bytes;
        load.requests += line.requests;
        const second = Math.floor(line.elapsedSeconds - line.intervalSeconds / 2 - from);
        const span = second - (second % spanAt(second));
        load.bySpan.set(span, (load.bySpan.get(span) ?? 0) + line.acknowledged);
      }
      if (line.kind === 'background') load.ofOthers += line.messagesPerSecond * line.intervalSeconds;
      if (line.kind === 'consumed') {
        load.groups.add(line.group);
        load.consumedMessages += line.messages;
        load.pulls += line.batches ?? Number.NaN;
      }
    },
    see(record: TelemetryRecord): void {
      if (record.kind !== 'host' || !hosts.has(record.host) || record.elapsedSeconds < from) return;
      if (record.reading.networkDevices === undefined) return;
      const { first = record.reading, from: begun = record.elapsedSeconds } = seen.get(record.host) ?? {};
      seen.set(record.host, { first, last: record.reading, from: begun, to: record.elapsedSeconds });
    },
    check(): WireAccount {
      const reason = reasonUnknown();
      if (reason !== undefined) return { kind: 'unknown', reason };
      const observed = { 'network-in': 0, 'network-out': 0 };
      let idle = 0;
      for (const [host, { first, last, from: begun, to }] of seen) {
        idle += (idleBytesPerSecond * (to - begun)) / load.messages;
        const crossed = crossedBetween(first, last, cardsOf(environment, host));
        if (crossed === undefined)
          return { kind: 'unknown', reason: `counters of the cards of host ${host} are missing` };
        observed['network-in'] += crossed.in / load.messages;
        observed['network-out'] += crossed.out / load.messages;
      }
      const { messages, bytes, requests, consumedMessages, pulls, groups } = load;
      const ways = expectedOnTheWire(parts, {
        bodyBytes: bytes / messages,
        groups: consumedMessages / messages,
        messagesPerRequest: Math.max(1, messages / Math.max(1, requests)),
        ...(pulls > 0 && { messagesPerPull: Math.max(1, consumedMessages / pulls) }),
      });
      // Without consumers or copies, the outgoing direction holds only responses, which say nothing about messages. A
      // group that lags has fetched more messages than it has processed.
      const isSent = consumedMessages > 0 || copiesOf(parts) > 1;
      const isRead = consumedMessages >= (1 - mostUnread) * groups.size * messages;
      const held: readonly Direction[] = isSent && isRead ? ['network-in', 'network-out'] : ['network-in'];
      const compared = ways.map((expected) => compare(held, observed, { ...expected, idle }));
      const [nearest] = compared.toSorted((a, b) => a.miss - b.miss);
      const isMatch = nearest !== undefined && nearest.miss <= tolerance;
      return {
        kind: isMatch ? 'matches' : 'differs',
        messages,
        toleranceRatio: tolerance,
        directions: nearest?.directions ?? [],
      };
    },
  };
}

function compare(
  held: readonly Direction[],
  observed: Record<Direction, number>,
  expected: ByteSpan & { idle: number },
) {
  const directions = held.map((direction): WireDirection => {
    const { low, high } = expected[direction === 'network-in' ? 'in' : 'out'];
    return {
      direction,
      observedBytesPerMessage: observed[direction],
      leastBytesPerMessage: low,
      mostBytesPerMessage: high + expected.idle,
    };
  });
  return { directions, miss: Math.max(...directions.map((each) => Math.abs(beyond(each)))) };
}

/** @returns relative distance from the expected range: 0 inside, negative if there are too few bytes */
export function beyond({
  observedBytesPerMessage: observed,
  leastBytesPerMessage: least,
  mostBytesPerMessage: most,
}: WireDirection): number {
  if (observed > most) return observed / most - 1;
  return observed < least ? observed / least - 1 : 0;
}

const cardsOf = ({ hosts }: TelemetryEnvironment, host: string) =>
  (hosts.find((inventory) => inventory.host === host)?.networkDevices ?? []).map(({ device }) => device);

/** @returns undefined for an interface that was not read twice or has counters that were reset */
function crossedBetween(first: HostReading, last: HostReading, cards: readonly string[]) {
  const sum = { in: 0, out: 0 };
  for (const device of cards) {
    const [before, after] = [first, last].map(({ networkDevices = [] }) =>
      networkDevices.find((card) => card.device === device),
    );
    if (before === undefined || after === undefined) return undefined;
    const [received, sent] = directions.map((direction) => wireBytesBetween(before, after, direction));
    if (received === undefined || sent === undefined) return undefined;
    sum.in += received;
    sum.out += sent;
  }
  return cards.length === 0 ? undefined : sum;
}
