// Decodes the values of messages with the schema registry of their cluster.

import type { Io } from '../../brokers/driver.ts';
import type { FoundMessage } from '../../brokers/lookup.ts';
import type { DecodedValue, ValueDecoder } from '../../brokers/schema-registry/value-decoder.ts';

export interface DecodedMessage {
  message: FoundMessage;
  /** Absent for a value without schema, or without a registry. */
  decoded?: DecodedValue;
  /** Stored size, if the value is masked. */
  valueBytes?: number;
}

export async function decodedMessages(
  messages: readonly FoundMessage[],
  decoder: ValueDecoder | undefined,
  io: Io,
): Promise<DecodedMessage[]> {
  const shown: DecodedMessage[] = [];
  for (const message of messages) {
    const decoded = await decoder?.decode(message.value, io);
    shown.push({ message, ...(decoded && { decoded }) });
  }
  return shown;
}
