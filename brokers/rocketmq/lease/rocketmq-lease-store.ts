// Stores a change lease under one key in the configuration of every name server.

import { faultOf } from '../../../core/errors.ts';
import { seconds } from '../../../core/clock.ts';
import type { Io } from '../../driver.ts';
import type { LeaseReading, LeaseStore } from '../../lease-store.ts';
import { ask } from '../ask.ts';
import type { RocketmqClusterConfig } from '../config.ts';
import { encodeDeleteKvConfig, encodeGetKvConfig, encodePutKvConfig } from '../protocol/name-server-requests.ts';
import { createRemotingClient } from '../protocol/remoting-client.ts';
import type { TypedRequest } from '../protocol/frame.ts';

/** Independent of the cluster name: a change of name servers concerns all clusters that are registered there. */
const leaseKey = { namespace: 'plimsoll', key: 'change-lease' } as const;

/** Name servers do not order concurrent writes: a write later than `settle` after its read is cancelled. */
const [within, settle] = [seconds(1.5), seconds(4)];

export function openRocketmqLeaseStore(
  name: string,
  config: RocketmqClusterConfig,
  servers: readonly string[],
): LeaseStore {
  const client = createRemotingClient({ name, config });
  const at = <Answer>(address: string, action: string, request: TypedRequest<Answer>, { signal }: Io) =>
    ask(client, { action, address }, request, { signal, within });
  const readAt = (server: string, io: Io) => at(server, 'read the lease', encodeGetKvConfig(leaseKey), io);

  return {
    settle,

    read: (io) =>
      Promise.all(
        servers.map(async (server): Promise<LeaseReading> => {
          const place = `name server ${server}`;
          try {
            const text = await readAt(server, io);
            return { place, kind: 'read', ...(text !== undefined && { text }) };
          } catch (cause) {
            return { place, kind: 'unreachable', fault: faultOf(cause, io) };
          }
        }),
      ),

    enter: async () => 'entered',

    async write(value, io) {
      const request = encodePutKvConfig({ ...leaseKey, value });
      const written = await Promise.allSettled(servers.map((server) => at(server, 'write the lease', request, io)));
      io.signal.throwIfAborted();
      if (written.some(({ status }) => status === 'fulfilled')) return 'written';
      throw (written[0] as PromiseRejectedResult).reason;
    },

    /** Leaves nothing: replicas are placed in Kafka only. */
    async clear(released, io) {
      const cleared = await Promise.allSettled(
        servers.map(async (server) => {
          if (released((await readAt(server, io)) ?? '') === undefined) return;
          await at(server, 'release the lease', encodeDeleteKvConfig(leaseKey), io);
        }),
      );
      const failed = cleared.find((each) => each.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },

    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
