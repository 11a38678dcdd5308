// Compares our record batch codec with that of @platformatic/kafka, without a broker.

import { createRecordsBatch, Reader, readRecordsBatches } from '@platformatic/kafka';
import { encodeIntoScratch, encodeRecordBatch } from '../brokers/kafka/platformatic/encode-record-batch.ts';
import { readRecordBatches } from '../brokers/kafka/platformatic/record-batch.ts';
import { readPackageVersion } from './package-version.ts';
import { interleave, type Bench } from './bench.ts';

const valueBytes = 500;
const batchValues = 200;
const batchesPerRound = 2000;
const rounds = 5;

export const recordBatch = {
  name: 'record-batch',
  summary: 'encoding and reading record batches with our codec beside the library’s',
  options: {},

  async run({ signal }) {
    const values = Array.from({ length: batchValues }, (_, index) => Buffer.alloc(valueBytes, index));
    const messages = values.map((value) => ({ topic: 'bench', value }));
    const encoded = encodeRecordBatch(values, 0);
    const peer = { name: '@platformatic/kafka', version: await readPackageVersion('@platformatic/kafka') };
    const measure = (work: () => unknown) => async () => {
      signal.throwIfAborted();
      const before = process.cpuUsage();
      for (let batch = 0; batch < batchesPerRound; batch += 1) work();
      const { user, system } = process.cpuUsage(before);
      return (batchesPerRound * batchValues * valueBytes) / (user + system);
    };
    const figures = await interleave(
      {
        encode: measure(() => encodeIntoScratch(values, 0)),
        libraryEncode: measure(() => createRecordsBatch(messages).buffer),
        read: measure(() => readRecordBatches(encoded, 0n)),
        libraryRead: measure(() => readRecordsBatches(Reader.from(encoded))),
      },
      rounds,
    );
    const row = (metric: string, ours: number, theirs: number) => ({
      metric: `${metric}, ${batchValues} values of ${valueBytes} B`,
      unit: 'MB/s of CPU',
      ours,
      peer: { ...peer, value: theirs },
      goal: 'more than the library',
      met: ours > theirs,
    });
    return [row('encode', figures.encode, figures.libraryEncode), row('read', figures.read, figures.libraryRead)];
  },
} satisfies Bench;
