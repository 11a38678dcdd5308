import { expect, test } from 'vitest';
import type { OutgoingBatch, ProducerOptions } from '../../../../brokers/driver.ts';
import { checkBatch, checkProducerOptions, checkSpoken } from '../../../../brokers/kafka/traffic-options.ts';
import { seconds } from '../../../../core/clock.ts';
import { ratio } from '../../../../core/units.ts';

const transactions = { id: 'x', duration: seconds(1) };
const batch: OutgoingBatch = { topic: 't', partition: 0, values: [] };

test('accepts options that Kafka supports', () => {
  const fitting: ProducerOptions[] = [
    { acks: 'none', compression: 'zstd', ordered: true, requests: 'batch' },
    { acks: 'all', idempotent: true },
    { acks: 'all', transactions },
  ];
  for (const options of fitting) expect(() => checkProducerOptions(options)).not.toThrow();
  expect(() => checkBatch({ ...batch, keys: [] })).not.toThrow();
});

const misfits: [code: string, options: ProducerOptions][] = [
  ['usage', { acks: 'leader', idempotent: true }],
  ['usage', { acks: 'none', transactions }],
  ['unsupported-broker', { acks: 'all', requests: 'single' }],
  ['unsupported-broker', { acks: 'all', transactions: { ...transactions, leftToCheck: ratio(0.1) } }],
];
test.each(misfits)('an unsupported option is the error %s: %j', (code, options) => {
  expect(() => checkProducerOptions(options)).toThrow(expect.objectContaining({ code }));
});

test('refuses tags and delays, and names them', () => {
  expect(() => checkBatch({ ...batch, tag: 'blue' })).toThrow(/tag/);
  expect(() => checkBatch({ ...batch, delay: { level: 3 } })).toThrow(/delay/);
});

test('names the request that the brokers do not support', () => {
  const ranges = new Map([['EndTxn', { min: 0, max: 2 }]]);
  expect(() => checkSpoken('send transactions', ranges, { EndTxn: 3 })).toThrow(/EndTxn v3/);
  expect(() => checkSpoken('send transactions', ranges, { EndTxn: 2 })).not.toThrow();
});
