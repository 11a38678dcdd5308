// Defines how single messages are stored in a topic, each with its key and headers, in one request that is never repeated.

import type { Io } from './driver.ts';
import type { FoundMessage } from './lookup.ts';
import type { PartitionPlace } from '../core/cluster.ts';

export interface OutgoingMessage extends PartitionPlace, Pick<FoundMessage, 'key' | 'value' | 'properties'> {}

export interface MessageSender extends AsyncDisposable {
  /** Lists partitions, or queues that accept messages now. @throws AppError not-found for an unknown topic */
  places(topic: string, io: Io): Promise<readonly PartitionPlace[]>;
  /**
   * Resolves when the message is as durable as the broker is configured.
   *
   * @returns its offset; undefined if the broker delivers it later, and only then stores it in the topic. @throws AppError as the broker answers: whether the message is stored is then unknown
   */
  send(message: OutgoingMessage, io: Io): Promise<bigint | undefined>;
}
