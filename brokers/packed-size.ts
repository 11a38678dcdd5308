// Measures compressed sizes with the codecs of the clients.

import { deflateSync } from 'node:zlib';
import type { ByKind } from '../core/broker-kind/registry.ts';
import type { BrokerKind } from '../core/cluster.ts';
import type { Compression } from './driver.ts';

/** Returns the size before and after compression, in bytes. */
export type PackedSize = (
  values: readonly Buffer[],
  keys?: readonly (Buffer | undefined)[],
) => { plain: number; packed: number };

/** Kafka compresses the records of a batch together, RocketMQ each body separately. */
const packedSize: ByKind<(compression: Compression) => Promise<PackedSize>> = {
  kafka: sizeOfBatch,
  rocketmq: async () => sizeOfBodies,
};

export const packedSizeOf = (broker: BrokerKind, compression: Compression): Promise<PackedSize> =>
  packedSize[broker](compression);

async function sizeOfBatch(compression: Compression): Promise<PackedSize> {
  // The client is loaded only if its codecs are needed.
  const [{ encodeIntoScratch }, { headerBytes }] = await Promise.all([
    import('./kafka/platformatic/record-batch-format.ts'),
    import('./kafka/platformatic/record-batch-format.ts'),
  ]);
  return (values, keys) => {
    const size = (codec: Compression) =>
      encodeIntoScratch(values, 0, { keys, compression: codec }).length - headerBytes;
    return { plain: size('none'), packed: size(compression) };
  };
}

const sizeOfBodies: PackedSize = (values) => ({
  plain: values.reduce((sum, value) => sum + value.length, 0),
  packed: values.reduce((sum, value) => sum + deflateSync(value).length, 0),
});
