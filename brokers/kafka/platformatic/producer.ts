// How are batches sent without one waiting for another? One connection per leader, requests in flight together, no retry.

import { AppError } from '../../../core/errors.ts';
import type { Acks, TrafficProducer } from '../../driver.ts';
import type { KafkaCluster } from '../client.ts';
import { kafkaErrorOf, toAppError } from '../errors.ts';
import { ask } from '../wire/ask.ts';
import { createConnections, patient } from '../wire/connections.ts';
import { createLeaders, movedErrors } from './leaders.ts';
import { produce } from './produce.ts';

export function createProducer({ name, config }: KafkaCluster, acks: Acks): TrafficProducer {
  const connections = createConnections(name, config, patient);
  const leaders = createLeaders(connections);
  return {
    async send({ topic, partition, values }, io) {
      const action = `send to ${topic}-${partition}`;
      const address = (await leaders.of(topic, io))[partition];
      if (address === undefined) {
        leaders.forget(topic);
        throw new AppError('broker-refused', `cannot ${action}: the partition has no leader`);
      }
      try {
        const connection = await connections.to(address, io);
        await ask(connection, { action, address }, io, produce, acks, topic, partition, values, Date.now());
      } catch (cause) {
        io.signal.throwIfAborted();
        const fault = toAppError(cause, { action, address });
        // The failure is told as it is; only the batch after it asks who leads now.
        if (fault.code === 'broker-unreachable' || movedErrors.has(kafkaErrorOf(cause)?.name ?? ''))
          leaders.forget(topic);
        throw fault;
      }
    },
    [Symbol.asyncDispose]: () => connections[Symbol.asyncDispose](),
  };
}
