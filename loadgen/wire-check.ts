// Did as many bytes cross the brokers' cards as its messages are long? A run whose bytes do not fit its messages is no evidence.

import type { BrokerKind } from '../core/cluster.ts';
import type { HostReading, NetworkDevice } from '../core/host-reading.ts';
import type { JournalLine } from '../core/run-bundle.ts';
import type { TelemetryEnvironment, TelemetryRecord } from '../core/telemetry.ts';
import { framingBytesPerPacket } from './utilisation.ts';
import { wireBytes } from './search/predicted-start.ts';

type Direction = 'network-in' | 'network-out';

export interface WireDirection {
  direction: Direction;
  /** Of all brokers' cards, over the messages acknowledged. */
  observedBytesPerMessage: number;
  predictedBytesPerMessage: number;
}

export type WireCheck =
  | { kind: 'matches' | 'differs'; toleranceRatio: number; directions: readonly WireDirection[] }
  | { kind: 'unknown'; reason: string };

export interface WireParts {
  broker: BrokerKind;
  /** Of the topics; on RocketMQ each broker name keeps as many copies as it has brokers. */
  replicationFactor: number;
  /** Bytes on the wire are then fewer than those of the messages, by what nobody knows. */
  isCompressed: boolean;
  environment: TelemetryEnvironment;
}

/** Heartbeats, retransmissions and batches of other sizes than the mean take a few percent; a copy more or less is 50 % or more off. */
const tolerance = 0.1;
/**
 * Beside its messages a request and the batch in it take so many bytes in each direction, with headers, frames, answers,
 * acknowledgements of TCP and the fetches for it: 512 at 14.7 messages of 500 bytes a batch, 5 Mbit/s, one group (Kafka 4.3.1).
 */
const requestBytes = 500;

const nothing = () => ({ messages: 0, bytes: 0, requests: 0, consumedMessages: 0, consumedBytes: 0 });

export interface WireWatch {
  add(line: JournalLine): void;
  see(record: TelemetryRecord): void;
  check(): WireCheck;
}

/** Adds up a run from its first reading of the brokers' cards to the last, which lie before the first message and after the last. */
export function watchWire({ broker, replicationFactor, isCompressed, environment }: WireParts): WireWatch {
  const hosts = new Set(environment.brokers.flatMap(({ host }) => host ?? []));
  const seen = new Map<string, { first: HostReading; last: HostReading }>();
  const copies = broker === 'kafka' ? replicationFactor : copiesOf(environment);
  let load = nothing();
  let from = 0;

  function reasonUnknown(): string | undefined {
    const { generatorHost, brokers } = environment;
    const unplaced = brokers.find(({ host }) => host === undefined);
    if (brokers.length === 0 || unplaced !== undefined) return `nobody knows where broker ${unplaced?.id ?? ''} runs`;
    if (generatorHost !== undefined && hosts.has(generatorHost)) {
      return `brokers and load generator share host ${generatorHost}: their bytes cross no card`;
    }
    if (isCompressed) return 'batches are compressed';
    if (load.messages === 0) return 'no message was acknowledged';
    const unread = [...hosts].find((host) => !seen.has(host));
    return unread === undefined ? undefined : `the cards of host ${unread} were not read`;
  }

  return {
    add(line) {
      if (line.kind === 'resumed') {
        // Between two attempts nobody counted.
        load = nothing();
        seen.clear();
        from = line.elapsedSeconds;
      }
      if (line.kind === 'produced') {
        load.messages += line.acknowledged;
        load.bytes += line.bytes;
        load.requests += line.requests;
      }
      if (line.kind === 'consumed') {
        load.consumedMessages += line.messages;
        load.consumedBytes += line.bytes;
      }
    },
    see(record) {
      if (record.kind !== 'host' || !hosts.has(record.host) || record.elapsedSeconds < from) return;
      if (record.reading.networkDevices === undefined) return;
      const { first = record.reading } = seen.get(record.host) ?? {};
      seen.set(record.host, { first, last: record.reading });
    },
    check() {
      const reason = reasonUnknown();
      if (reason !== undefined) return { kind: 'unknown', reason };
      const observed = { 'network-in': 0, 'network-out': 0 };
      for (const [host, { first, last }] of seen) {
        const crossed = crossedBetween(first, last, cardsOf(environment, host));
        if (crossed === undefined)
          return { kind: 'unknown', reason: `counters of the cards of host ${host} are missing` };
        observed['network-in'] += crossed.in;
        observed['network-out'] += crossed.out;
      }
      const { messages, bytes, requests, consumedMessages, consumedBytes } = load;
      const produced = messages * wireBytes(bytes / messages, broker) + requests * requestBytes;
      const consumed =
        consumedMessages === 0
          ? 0
          : consumedMessages * wireBytes(consumedBytes / consumedMessages, broker) +
            requests * (consumedMessages / messages) * requestBytes;
      const predicted = { 'network-in': produced * copies, 'network-out': produced * (copies - 1) + consumed };
      const directions = (['network-in', 'network-out'] as const).flatMap((direction) =>
        // Answers alone are no messages to hold anything against.
        predicted[direction] === 0
          ? []
          : {
              direction,
              observedBytesPerMessage: observed[direction] / messages,
              predictedBytesPerMessage: predicted[direction] / messages,
            },
      );
      const isMatch = directions.every(
        (each) => Math.abs(each.observedBytesPerMessage / each.predictedBytesPerMessage - 1) <= tolerance,
      );
      return { kind: isMatch ? 'matches' : 'differs', toleranceRatio: tolerance, directions };
    },
  };
}

/** Id 0 is the master of its name. */
function copiesOf({ brokers }: TelemetryEnvironment): number {
  const masters = brokers.filter(({ id }) => id.endsWith(':0')).length;
  return Math.max(1, brokers.length / Math.max(1, masters));
}

const cardsOf = ({ hosts }: TelemetryEnvironment, host: string) =>
  (hosts.find((inventory) => inventory.host === host)?.networkDevices ?? []).map(({ device }) => device);

/** @returns undefined for a card that was not read twice, or whose counters began anew */
function crossedBetween(first: HostReading, last: HostReading, cards: readonly string[]) {
  const sum = { in: 0, out: 0 };
  for (const device of cards) {
    const [before, after] = [first, last].map(({ networkDevices = [] }) =>
      networkDevices.find((card) => card.device === device),
    );
    if (before === undefined || after === undefined) return undefined;
    const received = inWire(after) - inWire(before);
    const sent = outWire(after) - outWire(before);
    if (received < 0 || sent < 0) return undefined;
    sum.in += received;
    sum.out += sent;
  }
  return cards.length === 0 ? undefined : sum;
}

const inWire = ({ receiveBytes, receivePackets }: NetworkDevice) =>
  receiveBytes + framingBytesPerPacket * receivePackets;
const outWire = ({ transmitBytes, transmitPackets }: NetworkDevice) =>
  transmitBytes + framingBytesPerPacket * transmitPackets;
