// Requests a producer id, by which brokers recognize a batch that was sent twice.

import { initProducerIdV4 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { onceCoordinated } from '../coordinator-wait.ts';
import { ask } from '../wire/ask.ts';
import type { Connections } from '../wire/connections.ts';

export interface ProducerIdentity {
  producerId: bigint;
  epoch: number;
}

/** The broker reads it of transactional producers only. */
const noTransactionTimeoutMs = 0;

/** Any broker gives one. @throws AppError as the broker answers */
export function initProducer(connections: Connections, io: Io): Promise<ProducerIdentity> {
  return onceCoordinated(io, async () => {
    const { connection, address } = await connections.bootstrap(io);
    const attempt = { action: 'get a producer id', address };
    const given = await ask(connection, attempt, io, initProducerIdV4.api, null, noTransactionTimeoutMs, -1n, -1);
    return { producerId: given.producerId, epoch: given.producerEpoch };
  });
}
