// Reads the state of one ZooKeeper server with mntr, srvr or its HTTP admin server.

import { connect } from 'node:net';
import { defined } from '../../../core/defined.ts';
import { AppError } from '../../../core/errors.ts';
import { textOf } from '../../../core/http/http-request.ts';
import { splitAddress } from '../../address.ts';
import type { Io } from '../../driver.ts';
import { toAppError } from '../errors.ts';

/** Limit of an answer: ZooKeeper sends some kilobytes. */
const mostBytes = 256 * 1024;

const endless = (address: string) =>
  new AppError('broker-refused', `cannot monitor ZooKeeper at ${address}: its response does not end`);

/** @param address `host:port` of the client port, or `http://host:port` of the admin server. @throws AppError */
export async function readZooKeeper(address: string, io: Io): Promise<ZooKeeperServer> {
  if (address.startsWith('http')) return serverIn(address, await askAdminServer(address, io));
  const monitored = await askFourLetters(address, 'mntr', io);
  if (monitored.startsWith('zk_')) return serverIn(address, figuresInMntr(monitored));
  // Since 3.5.3 a server answers only words in 4lw.commands.whitelist, by default srvr.
  const served = await askFourLetters(address, 'srvr', io);
  if (served.startsWith('Zookeeper version')) return serverIn(address, figuresInSrvr(served));
  throw new AppError('broker-refused', `cannot monitor ZooKeeper at ${address}: ${refusalIn(served)}`, {
    hint: 'allow mntr in 4lw.commands.whitelist of zoo.cfg, or configure the admin server as http://host:8080',
  });
}

/** One server of the ensemble, from `mntr` or its admin server. */
export type ZooKeeperServer = ReturnType<typeof serverIn>;

type Figures = Readonly<Record<string, string>>;

/** Figures by their names in mntr, without `zk_`; the admin server uses the same names. */
function serverIn(address: string, figures: Figures) {
  const numberOf = (...keys: readonly string[]) => {
    const text = keys.map((key) => figures[key]).find((value) => value !== undefined && value !== '');
    const value = Number(text);
    return text === undefined || Number.isNaN(value) ? undefined : value;
  };
  // Only the leader has these, renamed in 3.6. Both include observers, which only 3.6 and later also count separately.
  const learners = numberOf('followers', 'learners');
  const observers = numberOf('synced_observers');
  return defined({
    address,
    state: figures['server_state'],
    averageLatencyMs: numberOf('avg_latency'),
    maximumLatencyMs: numberOf('max_latency'),
    outstandingRequests: numberOf('outstanding_requests'),
    connections: numberOf('num_alive_connections'),
    watches: numberOf('watch_count'),
    znodes: numberOf('znode_count'),
    expiredSessions: numberOf('stale_sessions_expired'),
    /** Followers of a leader of 3.6 and later; older ones count observers as followers. */
    followers: learners === undefined || observers === undefined ? undefined : learners - observers,
    /** Followers and observers of a leader. */
    learners,
    syncedFollowers: numberOf('synced_followers'),
  });
}

/** Parses lines such as `zk_avg_latency\t0`. */
function figuresInMntr(text: string): Figures {
  return Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.split('\t'))
      .flatMap(([key, value]) => (key?.startsWith('zk_') && value !== undefined ? [[key.slice(3), value.trim()]] : [])),
  );
}

/** Parses `Latency min/avg/max: 0/0.5/12`, `Connections: 3`, `Outstanding: 0`, `Mode: leader`, `Node count: 131`. */
function figuresInSrvr(text: string): Figures {
  const after = (label: string) => new RegExp(`^${label}: *(.*)$`, 'm').exec(text)?.[1]?.trim();
  const [, average, maximum] = after('Latency min/avg/max')?.split('/') ?? [];
  const figures = {
    avg_latency: average,
    max_latency: maximum,
    outstanding_requests: after('Outstanding'),
    num_alive_connections: after('Connections'),
    znode_count: after('Node count'),
    server_state: after('Mode'),
  };
  return Object.fromEntries(
    Object.entries(figures).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function refusalIn(text: string): string {
  const line = text.split('\n')[0]?.trim() ?? '';
  if (/not currently serving/.test(line))
    return 'it serves no requests now: it is starting, or its ensemble has no quorum';
  if (/not in the whitelist/.test(line)) return 'the server allows neither mntr nor srvr';
  return line === '' ? 'the response is empty' : 'the response is not that of ZooKeeper';
}

async function askFourLetters(address: string, word: 'mntr' | 'srvr', { signal }: Io): Promise<string> {
  const socket = connect({ ...splitAddress(address), signal });
  try {
    // Not end(), because some servers treat a half-closed connection as closed.
    socket.write(word);
    return await textOf({ body: socket }, mostBytes, () => endless(address));
  } catch (cause) {
    signal.throwIfAborted();
    throw toAppError(cause, { action: 'monitor ZooKeeper', address });
  } finally {
    socket.destroy();
  }
}

async function askAdminServer(address: string, { signal }: Io): Promise<Figures> {
  const url = new URL('/commands/monitor', address);
  try {
    const response = await fetch(url, { signal, redirect: 'error' });
    if (!response.ok) {
      await response.body?.cancel();
      throw new AppError('broker-refused', `cannot monitor ZooKeeper at ${url.href}: HTTP ${response.status}`);
    }
    const answer = JSON.parse(await textOf(response, mostBytes, () => endless(url.href))) as { error?: unknown };
    // Null if it serves. A server without a quorum also answers with HTTP 200.
    if (typeof answer.error === 'string') {
      throw new AppError('broker-refused', `cannot monitor ZooKeeper at ${url.href}: ${answer.error}`);
    }
    const pairs = Object.entries(answer).filter(([, value]) => ['number', 'string'].includes(typeof value));
    return Object.fromEntries(pairs.map(([key, value]) => [key, String(value)]));
  } catch (cause) {
    signal.throwIfAborted();
    throw toAppError(cause, { action: 'monitor ZooKeeper', address: url.href });
  }
}
