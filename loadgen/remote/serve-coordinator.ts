// Runs a remote worker: starts the threads that the coordinator requests, and stops when the coordinator falls silent.

import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { type Clock, seconds, timeoutAfter, untilAborted } from '../../core/clock.ts';
import { AppError, ignoreFault } from '../../core/errors.ts';
import type { FromThread } from '../execute/workers/thread-messages.ts';
import { createLease, type Lease, renewLease } from '../execute/workers/lease.ts';
import type { StartThread, ThreadListener, TrafficThread } from '../execute/workers/traffic-thread.ts';
import { lifetimeDays } from './certificate.ts';
import { createLink, type FromWorker, protocolVersion, ToWorker } from './link.ts';
import { coordinatorName, type Pass } from './pass.ts';

interface ServeTools {
  version: string;
  clock: Clock;
  startThread: StartThread;
  /** Called when the coordinator has accepted the worker. */
  onJoined?(): void;
}

const handshakeSeconds = 10;
const expiredHint = `if this clock is right, the pass has expired (${lifetimeDays} days): \`plimsoll worker manifests\` creates new ones; else synchronize it (chrony, ntpd)`;

interface WaitTools extends ServeTools {
  /** How long to retry the connection: the worker may be started before the run. */
  waitSeconds: number;
  onWaiting(message: string): void;
}

/** @throws AppError same as serveCoordinator */
export async function awaitCoordinator(pass: Pass, tools: WaitTools, io: { signal: AbortSignal }): Promise<void> {
  const { clock, waitSeconds, onWaiting } = tools;
  const until = clock.monotonic() + waitSeconds;
  for (let hasWarned = false; ; hasWarned = true) {
    try {
      return await serveCoordinator(pass, tools, io);
    } catch (error) {
      const isEarly = error instanceof AppError && error.code === 'coordinator-unreachable';
      if (!isEarly || clock.monotonic() >= until) throw error;
      if (!hasWarned) onWaiting(`waiting at most ${waitSeconds} s for the coordinator: ${error.message}`);
      await clock.sleep(seconds(1), io);
    }
  }
}

/**
 * Resolves when the coordinator reports the end of the run, after all threads have ended.
 * @throws AppError coordinator-unreachable, worker-refused, clock-off, coordinator-lost: after the last one, too, every
 * thread has ended
 */
export async function serveCoordinator(pass: Pass, tools: ServeTools, io: { signal: AbortSignal }): Promise<void> {
  const { version, clock, startThread, onJoined = () => {} } = tools;
  const socket = await reach(pass, clock, io);
  const { host, port } = pass.connect;
  const link = createLink<ToWorker, FromWorker>(socket, ToWorker, `the coordinator ${host}:${port}`, clock);
  const threads = new Map<number, TrafficThread>();
  const lease = createLease();
  const over = Promise.withResolvers<void>();
  let hasJoined = false;

  link.onFrame((frame) => {
    renewLease(lease);
    if (frame.kind === 'refused') {
      return link.end(new AppError(frame.code, frame.message, { hint: frame.hint }));
    }
    if (!hasJoined) onJoined();
    hasJoined = true;
    switch (frame.kind) {
      case 'ping':
        return link.send({
          kind: 'pong',
          id: frame.id,
          nanoseconds: String(process.hrtime.bigint()),
          epochMicroseconds: clock.now().getTime() * 1000,
        });
      case 'open': {
        const report = (message: FromThread) => link.send({ kind: 'report', thread: frame.thread, report: message });
        threads.set(frame.thread, open(startThread, frame.assignment, lease, report));
        return undefined;
      }
      case 'tell':
        return threads.get(frame.thread)?.tell(frame.message);
      case 'close':
        return void threads.get(frame.thread)?.[Symbol.asyncDispose]();
      case 'end':
        return over.resolve();
    }
  });
  link.allowLargeFrames();
  link.send({ kind: 'hello', worker: pass.worker, token: pass.token, protocol: protocolVersion, version });
  const ended = link.ended.then((reason) => {
    throw reason;
  });
  try {
    await untilAborted(Promise.race([over.promise, ended]), io.signal);
  } finally {
    link.end();
    // End at once, even with unanswered sends, because nothing counts them any more.
    await Promise.all([...threads.values()].map((thread) => thread[Symbol.asyncDispose]()));
  }
}

function open(
  startThread: StartThread,
  assignment: Parameters<StartThread>[0],
  lease: Lease,
  report: (message: FromThread) => void,
): TrafficThread {
  const listener: ThreadListener = {
    onLines: (lines) => {
      // Send lines one by one: together they might exceed the frame limit.
      for (const line of lines) report({ kind: 'lines', lines: [line] });
    },
    onDriven: (untilSeconds) => report({ kind: 'driven', untilSeconds }),
  };
  const thread = startThread(assignment, listener, lease);
  const fail = (error: unknown) => {
    const { code, message, hint } = error instanceof AppError ? error : new AppError('run-failed', String(error));
    report({ kind: 'fault', code, message, hint });
  };
  thread.ready.then(
    () => report({ kind: 'ready' }),
    ignoreFault('the same failure is reported when the thread is done'),
  );
  thread.done.then(() => report({ kind: 'done' }), fail);
  return thread;
}

async function reach(
  { connect: { host, port }, authority, identity, worker }: Pass,
  clock: Clock,
  { signal }: { signal: AbortSignal },
): Promise<TLSSocket> {
  signal.throwIfAborted();
  const socket = connect({
    host,
    port,
    servername: coordinatorName,
    ca: authority,
    cert: identity.certificate,
    key: identity.key,
    minVersion: 'TLSv1.3',
  });
  socket.setNoDelay(true);
  const late = timeoutAfter(handshakeSeconds);
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.any([signal, late]) });
    return socket;
  } catch (cause) {
    socket.on('error', ignoreFault('the failed connection is reported already'));
    socket.destroy();
    signal.throwIfAborted();
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED') {
      const now = clock.now().toISOString();
      throw new AppError(
        'clock-off',
        `the coordinator's certificate is not valid at ${now}, the time of worker ${worker}`,
        { cause, hint: code === 'CERT_HAS_EXPIRED' ? expiredHint : undefined },
      );
    }
    const why = late.aborted ? `no answer within ${handshakeSeconds} s` : message;
    throw new AppError('coordinator-unreachable', `worker ${worker} cannot reach ${host}:${port}: ${why}`, { cause });
  }
}
