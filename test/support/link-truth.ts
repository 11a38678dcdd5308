// Measures throughput of a lab broker's network interface and the bytes per message, with sockets and counters.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HostReading } from '../../core/documents/evidence/host-reading.ts';
import { TelemetryRecord } from '../../core/documents/evidence/telemetry.ts';
import { readLabState } from '../../lab/lab-state.ts';
import { cardName } from '../../lab/shaped-network.ts';
import { linesOf, readJournal } from './load-in-progress.ts';

/** Preamble, checksum and inter-frame gap of each frame, which the kernel does not count (IEEE 802.3). */
const framing = 24;

type Direction = 'in' | 'out';

/** @returns wire bytes per second of one TCP stream from the generator to the broker, over five seconds */
export async function carriedByPlainTcp(labFolder: string): Promise<number> {
  const state = readLabState(labFolder);
  const holder = state?.processes.find(({ name, role }) => role === 'namespace-holder' && name === 'broker-1');
  const namespace = (name: string) => state?.namespaces.find((each) => each.endsWith(`-${name}`)) ?? '';
  const address = state?.brokers[0]?.address.split(':')[0] ?? '';
  const start = (role: 'receive' | 'send', inside: string) => {
    const script = new URL('tcp-traffic.ts', import.meta.url).pathname;
    const words = ['netns', 'exec', namespace(inside), process.execPath, script, role, address, '5001'];
    const child = spawn('ip', words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'exit');
    return {
      child,
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL');
        await ended;
      },
    };
  };
  await using receiver = start('receive', 'broker-1');
  await once(receiver.child.stdout, 'data');
  await using _sender = start('send', 'generator');
  // The first burst of the token bucket exceeds the link speed.
  const begun = receivedBy(holder?.pid);
  while (receivedBy(holder?.pid) < begun + 1e6) await delay(50);
  const before = { at: performance.now(), bytes: receivedBy(holder?.pid) };
  await delay(5000);
  return (receivedBy(holder?.pid) - before.bytes) / ((performance.now() - before.at) / 1000);
}

/** /proc/net/dev: bytes and packets received are the first two columns. */
function receivedBy(pid = Number.NaN): number {
  const row = readFileSync(`/proc/${pid}/net/dev`, 'utf8')
    .split('\n')
    .find((line) => line.trim().startsWith(`${cardName}:`));
  const [bytes = 0, packets = 0] = (row ?? '').trim().split(/\s+/).slice(1).map(Number);
  return bytes + framing * packets;
}

/**
 * Computes wire bytes at the broker's network interface between the first and the last reading of steps at or near the link limit:
 * inbound bytes per acknowledged message, and outbound bytes per message read times the groups, because groups that lag
 * save no bytes.
 */
export function bytesPerMessage(
  directory: string,
  { atLeast, groups }: { atLeast: number; groups: number },
): Record<Direction, number> {
  const journal = readJournal(directory);
  const hosts = readFileSync(join(directory, 'telemetry.ndjson'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => TelemetryRecord.parse(JSON.parse(line)))
    .filter((record) => record.kind === 'host')
    .filter(({ host }) => host === 'broker-1');
  const sum = { in: 0, out: 0, messages: 0, read: 0 };
  for (const { elapsedSeconds: start, step, targetTps = 0 } of linesOf(journal, 'step-started')) {
    const end = linesOf(journal, 'step-ended').find((line) => line.step === step)?.elapsedSeconds ?? start;
    const within = hosts.filter(({ elapsedSeconds: at }) => at >= start + 1 && at <= end);
    const [first, last] = [within.at(0), within.at(-1)];
    if (targetTps < atLeast || first === undefined || last === undefined || first === last) continue;
    for (const direction of ['in', 'out'] as const) {
      sum[direction] += wire(last.reading, direction) - wire(first.reading, direction);
    }
    // Weights a second that lies partly within the step by that part.
    const share = (line: { elapsedSeconds: number; intervalSeconds: number }) => {
      const from = Math.max(first.elapsedSeconds, line.elapsedSeconds - line.intervalSeconds);
      return Math.max(0, Math.min(last.elapsedSeconds, line.elapsedSeconds) - from) / line.intervalSeconds;
    };
    for (const line of linesOf(journal, 'produced')) sum.messages += share(line) * line.acknowledged;
    for (const line of linesOf(journal, 'consumed')) sum.read += share(line) * line.messages;
  }
  const perMessage = groups === 0 ? sum.messages : sum.read / groups;
  return { in: sum.in / sum.messages, out: sum.out / perMessage };
}

function wire({ networkDevices = [] }: HostReading, direction: Direction): number {
  const card = networkDevices.find(({ device }) => device === cardName);
  if (card === undefined) throw new Error(`no ${cardName} in the telemetry`);
  return direction === 'in'
    ? card.receiveBytes + framing * card.receivePackets
    : card.transmitBytes + framing * card.transmitPackets;
}
