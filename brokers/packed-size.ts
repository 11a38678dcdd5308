// Measures compressed sizes with the codecs of the clients.

import { deflateSync } from 'node:zlib';
import type { BrokerKind } from '../core/cluster.ts';
import type { Compression } from './driver.ts';

/** Bytes before and after the codec. */
export type PackedSize = (
  values: readonly Buffer[],
  keys?: readonly (Buffer | undefined)[],
) => { plain: number; packed: number };

/** Kafka packs the records of a batch together, RocketMQ each body alone. */
export async function packedSizeOf(broker: BrokerKind, compression: Compression): Promise<PackedSize> {
  if (broker === 'rocketmq') return bodies;
  // The client is loaded only where its codecs are needed.
  const [{ encodeIntoScratch }, { headerBytes }] = await Promise.all([
    import('./kafka/platformatic/encode-record-batch.ts'),
    import('./kafka/platformatic/record-batch-layout.ts'),
  ]);
  return (values, keys) => {
    const size = (codec: Compression) =>
      encodeIntoScratch(values, 0, { ...(keys !== undefined && { keys }), compression: codec }).length - headerBytes;
    return { plain: size('none'), packed: size(compression) };
  };
}

const bodies: PackedSize = (values) => ({
  plain: values.reduce((sum, value) => sum + value.length, 0),
  packed: values.reduce((sum, value) => sum + deflateSync(value).length, 0),
});
