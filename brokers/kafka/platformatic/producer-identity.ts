// Requests a producer id, by which brokers recognize batches that are sent twice.

import { initProducerIdV4 } from '../library.ts';
import type { Io } from '../../driver.ts';
import { onceCoordinated } from '../coordinator-wait.ts';
import { ask } from '../wire/ask.ts';
import type { Connections } from '../wire/connections.ts';

export interface ProducerIdentity {
  producerId: bigint;
  epoch: number;
}

/** The broker reads the timeout only for transactional producers. */
const noTransactionTimeoutMs = 0;

/** Requests the id from any broker. @throws AppError as the broker answers */
export function initProducer(connections: Connections, io: Io): Promise<ProducerIdentity> {
  return onceCoordinated(io, async () => {
    const { connection, address } = await connections.bootstrap(io);
    const attempt = { action: 'get a producer id', address };
    const given = await ask(connection, attempt, io, initProducerIdV4.api, null, noTransactionTimeoutMs, -1n, -1);
    return { producerId: given.producerId, epoch: given.producerEpoch };
  });
}
