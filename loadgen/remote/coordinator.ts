// Accepts workers over TLS with the run's certificate; each token admits one worker, once.

import { once } from 'node:events';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { type Clock, untilAborted } from '../../core/clock.ts';
import { AppError, awaitedElsewhere, faultAs } from '../../core/errors.ts';
import { createLink, type Link, FromWorker, protocolVersion, type ToWorker } from './link.ts';
import { isTokenOf, type Admission } from './pass.ts';
import { createRemoteWorker, type RemoteWorker } from './remote-worker.ts';

export type Coordinator = Awaited<ReturnType<typeof openCoordinator>>;

interface CoordinatorOptions {
  listen: { host: string; port: number };
  admission: Admission;
  /** Local Plimsoll version; workers of other versions are refused. */
  version: string;
  mostSecondsOff: number | undefined;
  clock: Clock;
  /** Reports refused connections with the reason. */
  onRefused(text: string): void;
}

const helloSeconds = 10;

export async function openCoordinator(options: CoordinatorOptions) {
  const { admission, clock } = options;
  const coming = new Map(Object.keys(admission.tokens).map((name) => [name, Promise.withResolvers<RemoteWorker>()]));
  for (const { promise } of coming.values()) promise.catch(awaitedElsewhere);
  const links = new Set<Link<FromWorker, ToWorker>>();
  const used = new Set<string>();
  const server = createServer({
    key: admission.identity.key,
    cert: admission.identity.certificate,
    ca: admission.authority,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
  });
  server.on('tlsClientError', ({ message }, socket) =>
    options.onRefused(`${addressOf(socket)} was refused: ${message}`),
  );
  server.on('secureConnection', (socket) => {
    socket.setNoDelay(true);
    const link = createLink<FromWorker, ToWorker>(socket, FromWorker, `a worker at ${addressOf(socket)}`, clock);
    links.add(link);
    void link.ended.then(() => links.delete(link));
    const late = setTimeout(
      () => link.end(new AppError('worker-refused', 'it did not identify itself')),
      1000 * helloSeconds,
    );
    link.onFrame((frame) => {
      clearTimeout(late);
      const name = nameOf(socket);
      const refusal = refusalOf(frame, name);
      if (refusal !== undefined) return refuse(link, refusal, socket);
      used.add(name);
      link.allowLargeFrames();
      const worker = createRemoteWorker(link, {
        name,
        clock,
        nanoseconds: () => process.hrtime.bigint(),
        epochMicroseconds: () => clock.now().getTime() * 1000,
        mostSecondsOff: options.mostSecondsOff,
      });
      const { resolve, reject } = coming.get(name) ?? {};
      worker.ready.then(
        () => resolve?.(worker),
        (error: unknown) => reject?.(error),
      );
    });
  });

  function refusalOf(frame: FromWorker, name: string): AppError | undefined {
    if (frame.kind !== 'hello' || frame.worker !== name) {
      return new AppError('worker-refused', `worker ${name} did not identify itself as ${name}`);
    }
    const digest = Object.hasOwn(admission.tokens, name) ? admission.tokens[name] : undefined;
    if (digest === undefined || !isTokenOf(frame.token, digest)) {
      return new AppError('worker-refused', `worker ${name} has no token of this run`);
    }
    if (used.has(name)) return new AppError('worker-refused', `the token of worker ${name} was used already`);
    if (frame.version !== options.version || frame.protocol !== protocolVersion) {
      return new AppError(
        'worker-refused',
        `worker ${name} is Plimsoll ${frame.version} (protocol ${frame.protocol}), and here is ${options.version} (protocol ${protocolVersion})`,
        { hint: 'run the same version on both; `plimsoll worker bundle` packs that of here' },
      );
    }
    return undefined;
  }

  function refuse(link: Link<FromWorker, ToWorker>, error: AppError, socket: TLSSocket): void {
    const { code, message, hint } = error;
    link.send({ kind: 'refused', code, message, hint });
    link.end(error);
    options.onRefused(`${addressOf(socket)} was refused: ${message}`);
    // Stop waiting: the version will not change. A used token belongs to another worker.
    const name = nameOf(socket);
    if (!used.has(name)) coming.get(name)?.reject(error);
  }

  const { port } = await listen(server, options.listen);
  return {
    port,
    /**
     * @returns the workers in the order of their names, connected and with a known clock offset.
     * @throws AppError worker-refused, clock-off, worker-absent
     */
    workers: (names: readonly string[], { signal }: { signal: AbortSignal }): Promise<RemoteWorker[]> =>
      Promise.all(
        names.map((name) => {
          const worker = coming.get(name)?.promise;
          if (worker === undefined) throw new AppError('worker-refused', `no pass for worker ${name}`);
          return untilAborted(worker, signal);
        }),
      ),
    /** Makes waiting for this worker fail with the reason. */
    giveUp: (name: string, reason: unknown): void => coming.get(name)?.reject(reason),
    async [Symbol.asyncDispose]() {
      const ends = [...links].map((link) => {
        link.send({ kind: 'end' });
        link.end(new AppError('aborted', 'the run is over'));
        return link.ended;
      });
      await Promise.all(ends);
      server.close();
    },
  };
}

const nameOf = (socket: TLSSocket) => socket.getPeerCertificate().subject?.CN?.toString() ?? '';
const addressOf = ({ remoteAddress = 'somebody' }: { remoteAddress?: string | undefined }) => remoteAddress;

async function listen(server: Server, { host, port }: CoordinatorOptions['listen']): Promise<AddressInfo> {
  const hint = 'if another run has its workers there, wait for its end; else give loadgen.workers.listen another port';
  // Async, because listen throws at once for a port above 65535.
  const listening = async () => await once(server.listen(port, host), 'listening');
  await listening().catch(faultAs('port-in-use', `cannot listen for workers on ${host}:${port}`, hint));
  return server.address() as AddressInfo;
}
