// Defines the sending options of a workload file: acks, compression, order, transactions, delays.

import { z } from 'zod';
import { compressions } from '../../../brokers/driver.ts';
import { Duration, Share } from '../../../core/text/quantity.ts';

const Compression = z.enum([...compressions, 'zlib']);
type Compression = z.output<typeof Compression>;

const Transactions = z.strictObject({
  duration: Duration.refine((value) => value > 0 && value <= 900, {
    message: 'a transaction lasts longer than 0s and at most 15m, the default bound of a broker',
  })
    .optional()
    .describe('Kafka: what is sent within so long is committed together (default 100ms)'),
  leftToCheck: Share.optional().describe('RocketMQ: share of the messages whose outcome the broker has to ask for'),
});

const Delay = z.union([
  z.strictObject({ level: z.number().int().min(1).max(18).describe('1 to 18: 1s 5s 10s 30s 1m … 2h unless set') }),
  z.strictObject({
    after: Duration.refine((value) => value > 0 && value <= 3 * 86_400, {
      message: 'a timer is longer than 0s and at most 3d, the default bound of a broker (timerMaxDelaySec)',
    }).describe('a timer of RocketMQ 5.x, such as 30s'),
  }),
]);

export const sendingOptions = {
  acks: z.enum(['all', 'leader', 'none']).default('all').describe('acknowledgements that a produce request waits for'),
  compression: Compression.default('none').describe(
    'Kafka: none, gzip, snappy, lz4 or zstd, of batches; RocketMQ: none or zlib, of each message (default none)',
  ),
  idempotent: z.boolean().default(false).describe('Kafka: each batch is stored once, even if it is sent again'),
  transactions: Transactions.optional().describe('consumers see only committed messages'),
  requests: z
    .enum(['single', 'batch'])
    .optional()
    .describe('RocketMQ: one request per message, or per batch (default batch, where possible)'),
  ordered: z.boolean().default(false).describe('sends to one partition wait for each other'),
  tag: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,128}$/, 'a tag has 1 to 128 of A-Z a-z 0-9 _ -')
    .optional()
    .describe('RocketMQ: of every message'),
  outage: Duration.refine((value) => value > 0, { message: 'an outage is longer than 0s' })
    .optional()
    .describe(
      'time in which every send may fail or stay unanswered before the run fails, for runs in which brokers are killed (default 5s of failures, 10s without answers)',
    ),
  delay: Delay.optional().describe('RocketMQ: { level: 3 }, or { after: 30s } on 5.x'),
};
