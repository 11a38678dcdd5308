// Does every name server know every broker, and who is its master? A broker that has started may register 10 s later.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { systemClock, type Clock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { seconds } from '../../core/units.ts';
import { runTool } from '../run-tool.ts';

/** An election of three members on two busy cores took 11 s. */
const patience = seconds(90);
const pause = seconds(0.2);

export interface RegistrationIo {
  clock: Clock;
  signal: AbortSignal;
}

/** By address: `broker-a:0`. */
export type RegisteredIds = ReadonlyMap<string, string>;

export interface Expected {
  nameServers: readonly string[];
  brokers: readonly string[];
  /** File of the authority, where name servers speak TLS. */
  ca?: string;
}

/**
 * @param namespace from where the name servers can be reached; absent: from here
 * @returns the id of each broker by its address. @throws AppError lab-failed
 */
export async function waitUntilRegistered(
  expected: Expected,
  io: RegistrationIo,
  namespace?: string,
): Promise<RegisteredIds> {
  if (namespace === undefined) return askAll(expected, io);
  // No process can ask from two network namespaces: this file runs once more, inside.
  const words = ['netns', 'exec', namespace, process.execPath, fileURLToPath(import.meta.url)];
  const answer = await runTool('ip', [...words, JSON.stringify(expected)], io);
  if (answer?.exitCode !== 0) throw new AppError('lab-failed', answer?.stderr.trim() ?? 'there is no `ip` program');
  return new Map(JSON.parse(answer.stdout) as [string, string][]);
}

async function askAll(
  { nameServers, brokers, ca }: Expected,
  { clock, signal }: RegistrationIo,
): Promise<RegisteredIds> {
  const end = clock.monotonic() + patience;
  let registered: RegisteredIds = new Map();
  for (const nameServer of nameServers) {
    for (;;) {
      registered = await idsKnownTo(nameServer, ca, signal);
      if (isWhole(registered, brokers)) break;
      if (clock.monotonic() > end) {
        const known = [...registered].map(([address, id]) => `${id} at ${address}`).join(', ') || 'none';
        throw new AppError(
          'lab-failed',
          `after ${patience} s name server ${nameServer} knows these of ${brokers.length} brokers: ${known}`,
          { hint: 'the machine may be too busy for them; `uptime` shows its load' },
        );
      }
      await clock.sleep(pause, { signal });
    }
  }
  return registered;
}

/** Everybody is there, and every broker name has its master. */
function isWhole(registered: RegisteredIds, brokers: readonly string[]): boolean {
  const ids = brokers.map((address) => registered.get(address));
  const names = ids.map((id) => id?.replace(/:\d+$/, ''));
  return !ids.includes(undefined) && names.every((name) => ids.includes(`${name}:0`));
}

/*
 * Frame      length of the rest i32, header length i32 (its first byte is the encoding, 0 JSON), header, body
 * Request    code 106, GET_BROKER_CLUSTER_INFO
 * Response   {"brokerAddrTable":{"broker-a":{"brokerAddrs":{0:"127.0.0.1:10911"},"brokerName":"broker-a",…}},…}
 */
async function idsKnownTo(nameServer: string, ca: string | undefined, signal: AbortSignal): Promise<RegisteredIds> {
  const [host = '', port] = nameServer.split(':');
  const secured = ca !== undefined;
  const socket = secured ? connectSecurely(Number(port), host, { ca: readFileSync(ca) }) : connect(Number(port), host);
  try {
    await once(socket, secured ? 'secureConnect' : 'connect', { signal });
    const header = Buffer.from('{"code":106,"flag":0,"language":"JAVA","opaque":1,"version":0}');
    const lengths = Buffer.alloc(8);
    lengths.writeInt32BE(header.length + 4);
    lengths.writeInt32BE(header.length, 4);
    socket.write(Buffer.concat([lengths, header]));
    let answer = Buffer.alloc(0);
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      answer = Buffer.concat([answer, chunk]);
      if (answer.length > 8 && answer.length >= 4 + answer.readInt32BE()) break;
    }
    const body = answer.subarray(8 + (answer.readInt32BE(4) & 0xffffff)).toString();
    return new Map(
      [...body.matchAll(/"brokerAddrs":\{([^}]*)\},"brokerName":"([^"]+)"/g)].flatMap(([, table = '', name = '']) =>
        [...table.matchAll(/"?(\d+)"?:"([^"]+)"/g)].map(
          ([, id = '', address = '']) => [address, `${name}:${id}`] as const,
        ),
      ),
    );
  } finally {
    socket.destroy();
  }
}

if (import.meta.main) {
  try {
    const expected = JSON.parse(process.argv[2] ?? '') as Expected;
    const registered = await askAll(expected, { clock: systemClock, signal: new AbortController().signal });
    process.stdout.write(JSON.stringify([...registered]));
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(1);
  }
}
