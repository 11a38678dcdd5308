// Keeps a client registered at a proxy: sends settings over the telemetry stream, heartbeats, and the termination.

import { arch, hostname, platform } from 'node:os';
import { seconds, systemClock, untilAborted } from '../../../core/clock.ts';
import { AppError, awaitedElsewhere, ignoreFault } from '../../../core/errors.ts';
import type { Io } from '../../driver.ts';
import { clientTypes, methods, nodeJs, type Settings, type Telemetry } from './messages.ts';
import { clientVersion } from './metadata.ts';
import type { ProxyClient } from './proxy-client.ts';
import { checkStatus } from './status.ts';

/** Role of a client at the proxy. */
type Role =
  | { kind: 'producer'; topics: readonly string[] }
  | { kind: 'consumer'; group: string; topic: string; filter: { type: number; expression: string } };

/** Proxies drop a client after 120 s of silence. */
export const heartbeatInterval = seconds(10);
const announceWithin = seconds(10);
/** Time limit for leaving, which must not delay a stop. */
const farewellMs = 1500;
const requestTimeout = { seconds: 3 };

export function createSession(client: ProxyClient) {
  let stream: ReturnType<typeof open> | undefined;
  let role: Role | undefined;
  /** Announcements without an answer, oldest first. */
  let waiting: PromiseWithResolvers<Settings>[] = [];

  function open() {
    const opened = client.converse(methods.telemetry);
    const end = (cause: unknown) => {
      if (stream !== opened) return;
      stream = undefined;
      for (const { reject } of waiting) reject(cause);
      waiting = [];
    };
    opened.on('data', ({ settings }: Telemetry) => {
      if (settings !== null) waiting.shift()?.resolve(settings);
    });
    opened.on('error', end);
    opened.on('end', () => {
      opened.end();
      end(new AppError('broker-unreachable', `proxy ${client.where} closed the telemetry stream`));
    });
    return opened;
  }

  /**
   * Announces the role of the client; repeated when the proxy has lost it, such as after a restart.
   * @returns the settings in the proxy's answer
   */
  async function announce(next: Role, { signal }: Io): Promise<Settings> {
    signal.throwIfAborted();
    role = next;
    stream ??= open();
    const answered = Promise.withResolvers<Settings>();
    answered.promise.catch(awaitedElsewhere);
    waiting.push(answered);
    stream.write({ settings: settingsOf(next, client) });
    const limit = AbortSignal.timeout(announceWithin * 1000);
    try {
      return await untilAborted(answered.promise, AbortSignal.any([signal, limit]));
    } catch (cause) {
      signal.throwIfAborted();
      if (cause === limit.reason) {
        throw new AppError('broker-unreachable', `proxy ${client.where} sent no settings within ${announceWithin} s`);
      }
      throw cause instanceof AppError ? cause : await client.faultOf('announce the client', cause);
    }
  }

  const groupOf = (of: Role) => (of.kind === 'consumer' ? { group: client.resource(of.group) } : {});

  return {
    announce,
    /** Announces again if the stream ended, then sends a heartbeat. @throws AppError as the proxy answers */
    async renew(io: Io): Promise<void> {
      if (role === undefined) return;
      if (stream === undefined) await announce(role, io);
      const clientType = role.kind === 'producer' ? clientTypes.producer : clientTypes.pushConsumer;
      const action = 'send a heartbeat';
      const { status } = await client.call(methods.heartbeat, { ...groupOf(role), clientType }, { ...io, action });
      checkStatus(status, { action, proxy: client.where });
    },
    async [Symbol.asyncDispose]() {
      const io = { signal: AbortSignal.timeout(farewellMs), action: 'leave' };
      if (role !== undefined) {
        await client
          .call(methods.notifyTermination, groupOf(role), io)
          .catch(ignoreFault('a proxy removes silent clients by itself'));
      }
      stream?.removeAllListeners('error').on('error', ignoreFault('the stream is closed on purpose'));
      stream?.cancel();
    },
  };
}

function settingsOf(role: Role, client: ProxyClient): Settings {
  const common = {
    accessPoint: client.endpoints,
    requestTimeout,
    userAgent: { language: nodeJs, version: clientVersion, platform: `${platform()} ${arch()}`, hostname: hostname() },
  };
  if (role.kind === 'producer') {
    const topics = role.topics.map(client.resource);
    return { ...common, clientType: clientTypes.producer, publishing: { topics } };
  }
  const entries = [{ topic: client.resource(role.topic), filter: role.filter }];
  return {
    ...common,
    clientType: clientTypes.pushConsumer,
    subscription: { group: client.resource(role.group), entries },
  };
}

/** Sends heartbeats until the signal aborts; the next heartbeat repeats a failed one. */
export async function keepAlive(session: ReturnType<typeof createSession>, { signal }: Io): Promise<void> {
  while (!signal.aborted) {
    await systemClock.sleep(heartbeatInterval, { signal }).catch(awaitedElsewhere);
    if (signal.aborted) return;
    await session.renew({ signal }).catch(ignoreFault('sends report errors of the proxy'));
  }
}
