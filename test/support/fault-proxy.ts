// Proxies TCP and injects faults that can change while it runs.

import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Bytes are counted per direction and connection, from the time the fault was set. */
export type Fault =
  | { kind: 'none' }
  /** Accepts bytes but forwards nothing, not even a close: a hung peer, or with `afterBytes` a half-open connection. */
  | { kind: 'black-hole'; afterBytes?: number }
  /** Sends RST to both sides. */
  | { kind: 'reset'; afterBytes?: number }
  /** Sends FIN to both sides; with `afterBytes`, in the middle of a frame. */
  | { kind: 'cut'; afterBytes?: number }
  /** Delays all bytes by this much, in order. */
  | { kind: 'delay'; milliseconds: number };

/** `to-server` is the direction of client requests. */
export type Direction = 'to-server' | 'to-client';

export interface FaultProxy extends AsyncDisposable {
  readonly address: string;
  /** Number of open connections. */
  readonly connections: number;
  /** Bytes that black holes, cuts and resets dropped. */
  readonly lostBytes: number;
  /** Sets the target of new connections. Until it is set, they are black holes. */
  leadTo(address: string): void;
  /** Applies to open and new connections until changed; `none` releases delayed bytes. */
  set(fault: Fault, direction?: Direction): void;
  /** Makes open connections half-open permanently: nothing passes, not even a close. New connections work. */
  abandon(): void;
  /** Refuses connections and resets open ones, until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
}

const none: Fault = { kind: 'none' };
const blackHole: Fault = { kind: 'black-hole' };

/** @param port 0 chooses any free port */
export async function startFaultProxy({ host = '127.0.0.1', port = 0 } = {}): Promise<FaultProxy> {
  const faults: Record<Direction, Fault> = { 'to-server': none, 'to-client': none };
  const links = new Set<ProxiedLink>();
  let lostBytes = 0;
  const lose = (bytes: number) => (lostBytes += bytes);
  let upstream: { host: string; port: number } | undefined;
  // Half-open on purpose: a black hole must not respond to a FIN with a FIN.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    const peer = upstream === undefined ? undefined : connect({ ...upstream, allowHalfOpen: true });
    const link = peer === undefined ? swallow(client, lose) : join(client, peer, faults, lose);
    links.add(link);
    let open = peer === undefined ? 1 : 2;
    for (const socket of peer === undefined ? [client] : [client, peer]) {
      socket.on('close', () => {
        if (--open === 0) links.delete(link);
      });
    }
  });

  async function listen(at: number): Promise<number> {
    server.listen(at, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
  async function stop(): Promise<void> {
    const closed = server.listening ? once(server, 'close') : undefined;
    server.close();
    for (const link of links) link.reset();
    await closed;
  }
  const boundPort = await listen(port);

  return {
    address: `${host}:${boundPort}`,
    get connections() {
      return links.size;
    },
    get lostBytes() {
      return lostBytes;
    },
    leadTo(address) {
      const colon = address.lastIndexOf(':');
      upstream = { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
    },
    set(fault, direction) {
      for (const each of direction === undefined ? (['to-server', 'to-client'] as const) : [direction]) {
        faults[each] = fault;
        for (const link of links) link.faultChanged(each);
      }
    },
    abandon() {
      for (const link of links) link.abandon();
    },
    refuse: stop,
    accept: async () => void (await listen(boundPort)),
    [Symbol.asyncDispose]: stop,
  };
}

type Lose = (bytes: number) => void;

interface ProxiedLink {
  faultChanged(direction: Direction): void;
  abandon(): void;
  reset(): void;
}

function swallow(client: Socket, lose: Lose): ProxiedLink {
  client.on('error', () => undefined).on('data', (chunk: Buffer) => lose(chunk.length));
  client.resume();
  return { faultChanged: () => undefined, abandon: () => undefined, reset: () => client.resetAndDestroy() };
}

function join(client: Socket, server: Socket, faults: Readonly<Record<Direction, Fault>>, lose: Lose): ProxiedLink {
  let isAbandoned = false;
  const faultOf = (direction: Direction) => () => (isAbandoned ? blackHole : faults[direction]);
  const reset = () => {
    client.resetAndDestroy();
    server.resetAndDestroy();
  };
  for (const [socket, other] of [
    [client, server],
    [server, client],
  ] as const) {
    socket.on('error', () => other.resetAndDestroy());
  }
  const pipes = {
    'to-server': pipe(client, server, faultOf('to-server'), { reset, lose }),
    'to-client': pipe(server, client, faultOf('to-client'), { reset, lose }),
  };
  return {
    faultChanged: (direction) => pipes[direction].faultChanged(),
    abandon() {
      isAbandoned = true;
      for (const { faultChanged } of Object.values(pipes)) faultChanged();
    },
    reset,
  };
}

/** Forwards bytes in order as the current fault of the direction allows. Bytes dropped by a black hole stay lost. */
function pipe(
  from: Socket,
  to: Socket,
  fault: () => Fault,
  { reset, lose }: { reset: () => void; lose: Lose },
): { faultChanged(): void } {
  let sinceFault = 0;
  /** Delayed chunks; null is the end. */
  let late: { chunk: Buffer | null; timer: NodeJS.Timeout }[] = [];

  function put(chunk: Buffer | null): void {
    if (!to.writable) return;
    if (chunk === null) to.end();
    else if (!to.write(chunk)) {
      from.pause();
      to.once('drain', () => from.resume());
    }
  }

  function take(chunk: Buffer | null): void {
    const now = fault();
    if (now.kind === 'none') return put(chunk);
    if (now.kind === 'delay') {
      const timer = setTimeout(() => {
        late.shift();
        put(chunk);
      }, now.milliseconds);
      late.push({ chunk, timer });
      return;
    }
    const left = Math.max(0, (now.afterBytes ?? 0) - sinceFault);
    sinceFault += chunk?.length ?? 0;
    if (chunk !== null && left > 0) put(chunk.subarray(0, left));
    lose(Math.max(0, (chunk?.length ?? 0) - left));
    if (chunk === null || chunk.length >= left) strike(now);
  }

  function strike({ kind }: Fault): void {
    if (kind === 'reset') reset();
    if (kind !== 'cut') return;
    to.destroySoon();
    from.destroySoon();
  }

  function faultChanged(): void {
    sinceFault = 0;
    const now = fault();
    if ((now.kind === 'reset' || now.kind === 'cut') && now.afterBytes === undefined) strike(now);
    const held = late;
    late = [];
    for (const { chunk, timer } of held) {
      clearTimeout(timer);
      take(chunk);
    }
  }

  from.on('data', take);
  from.on('end', () => take(null));
  from.resume();
  faultChanged();
  return { faultChanged };
}
