// Reads bytes between a lab broker and its peers from counters of network interfaces and connections.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { readLabState } from '../../lab/lab-state.ts';
import { cardName } from '../../lab/shaped-network.ts';

/** Bytes and packets as in /proc/net/dev. */
export interface CardCounts {
  inBytes: number;
  outBytes: number;
  inFrames: number;
  outFrames: number;
}

/** Payload bytes and segments with payload, since the connection opened. */
export interface ConnectionCounts {
  localPort: number;
  peer: string;
  peerPort: number;
  received: number;
  sent: number;
  segmentsIn: number;
  segmentsOut: number;
}

export interface WireReading {
  card: CardCounts;
  connections: readonly ConnectionCounts[];
}

export async function readWire(labFolder: string, host: string): Promise<WireReading> {
  const state = readLabState(labFolder);
  const holder = state?.processes.find(({ name, role }) => role === 'namespace-holder' && name === host);
  const namespace = state?.namespaces.find((each) => each.endsWith(`-${host}`)) ?? '';
  // Read immediately: on a busy machine the program below takes a while.
  const card = readCard(holder?.pid);
  const words = ['netns', 'exec', namespace, 'ss', '-tinHO', 'state', 'established'];
  const { stdout } = await promisify(execFile)('ip', words);
  return { card, connections: stdout.split('\n').flatMap(readConnection) };
}

function readCard(pid = Number.NaN): CardCounts {
  const row = readFileSync(`/proc/${pid}/net/dev`, 'utf8')
    .split('\n')
    .find((line) => line.trim().startsWith(`${cardName}:`));
  const columns = (row ?? '').trim().split(/\s+/).slice(1).map(Number);
  const [inBytes = 0, inFrames = 0] = columns;
  const [outBytes = 0, outFrames = 0] = columns.slice(8);
  return { inBytes, outBytes, inFrames, outFrames };
}

/** Columns of `ss -tinHO`: receive and send queue, local and peer address, then `name:value` pairs. */
function readConnection(line: string): ConnectionCounts[] {
  const [, , local = '', remote = '', ...rest] = line.trim().split(/\s+/);
  if (remote === '') return [];
  const count = (name: string) => Number(rest.find((word) => word.startsWith(`${name}:`))?.slice(name.length + 1) ?? 0);
  const [peer, peerPort] = addressOf(remote);
  return [
    {
      localPort: addressOf(local)[1],
      peer,
      peerPort,
      received: count('bytes_received'),
      sent: count('bytes_sent'),
      segmentsIn: count('data_segs_in'),
      segmentsOut: count('data_segs_out'),
    },
  ];
}

function addressOf(text: string): [address: string, port: number] {
  const colon = text.lastIndexOf(':');
  return [text.slice(0, colon).replaceAll(/^\[(?:::ffff:)?|\]$/g, ''), Number(text.slice(colon + 1))];
}

/** Returns the increase between two readings; a new connection counts from zero. */
export function since(before: WireReading, after: WireReading): WireReading {
  const card = Object.fromEntries(
    Object.entries(after.card).map(([name, value]) => [name, value - before.card[name as keyof CardCounts]]),
  ) as unknown as CardCounts;
  const connections = after.connections.map((now) => {
    const then = before.connections.find(
      ({ localPort, peer, peerPort }) => localPort === now.localPort && peer === now.peer && peerPort === now.peerPort,
    );
    if (then === undefined) return now;
    const { received, sent, segmentsIn, segmentsOut } = now;
    return {
      ...now,
      received: received - then.received,
      sent: sent - then.sent,
      segmentsIn: segmentsIn - then.segmentsIn,
      segmentsOut: segmentsOut - then.segmentsOut,
    };
  });
  return { card, connections };
}
