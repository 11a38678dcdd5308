// Defines the workload file and completes it with command line options and defaults.

import { z } from 'zod';
import { type DescribedIssue, describeIssues } from '../../core/config-problem.ts';
import { AppError } from '../../core/errors.ts';
import { Duration, Share } from '../../core/text/quantity.ts';
import type { Seconds } from '../../core/clock.ts';
import { CriteriaOptions } from '../search/criteria/criteria-options.ts';
import { ProfileOptions } from './profiles/registry.ts';
import { longestStepSeconds } from './profiles/profile.ts';
import { StepsOptions } from './profiles/steps.ts';
import { SearchOptions } from '../search/search-options.ts';
import { Groups } from './workload/group-options.ts';
import { CompressionRatio, MessageKeys, MessageSizes } from './workload/message-options.ts';
import { ThresholdOptions } from './workload/threshold-options.ts';
import { defined } from '../../core/defined.ts';
import { count } from '../../core/documents/values.ts';
import { compressions } from '../../brokers/driver.ts';

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

/** Defines the sending options of a workload file, which workers receive whole as `sending`. */
const sendingOptions = {
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

const share = z.number().nonnegative().max(1e9);

/** Defines the `mix` of a workload file: topics with different messages, and their shares of the load. */
const MixOptions = z
  .array(
    z.strictObject({
      share: z
        .union([share, z.array(share).min(1)])
        .describe('of the messages, relative to the other topics; a list has one for each step of the profile'),
      messageSize: MessageSizes.optional().describe('of this topic (default that of the workload)'),
      keys: MessageKeys.optional().describe('of this topic (default those of the workload)'),
    }),
  )
  .min(2)
  .max(100)
  .describe('topics that differ, one entry each, in place of `topics`');

const whole = z.number().int().positive();

/** A profile of rates over time, or a search that determines rates itself. */
const WorkloadProfile = z.discriminatedUnion('kind', [...ProfileOptions.options, ...SearchOptions.options]);
type WorkloadProfile = z.output<typeof WorkloadProfile>;

export const isSearch = (profile: WorkloadProfile): profile is SearchOptions =>
  profile.kind === 'find-safe' || profile.kind === 'find-max';

export const WorkloadFile = z
  .strictObject({
    name: z.string().optional().describe('for people'),
    topic: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,249}$/, 'a topic name has 1 to 249 of A-Z a-z 0-9 . _ -')
      .optional()
      .describe(
        'created for the run and deleted after it; an existing topic is used and kept (default plimsoll-<run id>)',
      ),
    topics: whole
      .max(1000)
      .default(1)
      .describe(
        'number of topics; with several, their names end in -1, -2, …, and messages are sent to each in turn (default 1)',
      ),
    // Twelve is evenly divisible among 1, 2, 3, 4 and 6 brokers.
    partitions: whole
      .max(10_000)
      .optional()
      .describe('of each topic; queues on RocketMQ (default 12, or what an existing topic has)'),
    replicationFactor: whole
      .max(32)
      .optional()
      .describe('of each topic (default 3, or the number of brokers where it is smaller)'),
    ...sendingOptions,
    messageSize: MessageSizes.optional().describe(
      'of values: 500B, a list of { size, weight }, or { histogram: FILE } of `plimsoll capture`',
    ),
    keys: MessageKeys.default('none').describe(
      'none, { kind: round-robin | uniform, distinct }, { kind: zipf, distinct, exponent } or { histogram: FILE }',
    ),
    mix: MixOptions.optional(),
    compressionRatio: CompressionRatio.optional().describe(
      'uncompressed / compressed bytes that the codec reaches: 3 is a third of the size; or { histogram: FILE } (default: incompressible bytes)',
    ),
    seed: count
      .max(2 ** 32 - 1)
      .default(1)
      .describe('seed of sizes, keys and bytes: message n is the same for any number of workers'),
    groups: Groups.default(1).describe('consumer groups, each of which reads every message: how many, or a list'),
    workers: whole.max(64).default(1).describe('producer threads, each with a separate producer'),
    // Default linger of Kafka's producer since 4.0 (KIP-1030), so that batches are as large as those of a usual client.
    linger: Duration.prefault('5ms').describe(
      'messages that are due are sent together, at most this often (default 5ms)',
    ),
    // At 5,000 msg/s from a cold start the generator's CPU per message halved within 5 s, and the median time to an
    // acknowledgement fell from 19 to 5 ms within 7 s (Kafka 4.3.1 on the same 2 cores): both JITs had settled.
    warmUp: Duration.refine((value) => value <= longestStepSeconds, { message: 'a warm-up lasts at most 7d' })
      .prefault('10s')
      .describe('warm-up before the first step, at its rate; not judged (default 10s)'),
    ledger: z
      .boolean()
      .default(true)
      .describe('checks each message: lost, duplicated, reordered, corrupted (default true)'),
    criteria: CriteriaOptions.optional(),
    thresholds: ThresholdOptions.optional(),
    profile: WorkloadProfile.optional().describe('rates over time, or a search for a rate'),
  })
  .meta({ title: 'Plimsoll workload', description: 'What `plimsoll run` sends.' });
export type WorkloadFile = z.output<typeof WorkloadFile>;

/** Workload with every value set: by the file, the command line or a default. */
export type Workload = Omit<WorkloadFile, 'messageSize' | 'profile'> & {
  messageSize: MessageSizes;
  profile: WorkloadProfile;
};

const { linger, ledger } = WorkloadFile.shape;
const WrittenSending = z.strictObject({ ...sendingOptions, linger, ledger });
export type SendingOptions = z.output<typeof WrittenSending>;

/** Checks options in base units, which the schema of the file encodes. */
export const SendingOptions = z.custom<SendingOptions>(
  (value) => z.safeEncode(WrittenSending, value as SendingOptions).success,
  'no sending options of this version',
);

export const sendingOptionsOf = (workload: SendingOptions) =>
  Object.fromEntries(Object.entries(workload).filter(([key]) => key in WrittenSending.shape)) as SendingOptions;

/** Values set on the command line, by the keys of the workload file. */
export type WorkloadFlags = { [Key in keyof WorkloadFile]?: unknown } & {
  rates?: readonly number[];
  stepDuration?: string;
};

/** @returns the option that sets a key, such as `--message-size` */
const optionOf = (key: string): string =>
  key === 'rates' ? '--rate-steps' : `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** @param file parsed workload file, if there is one @throws AppError usage, naming the option */
export function completeWorkload(file: WorkloadFile | undefined, flags: WorkloadFlags): Workload {
  const { rates, stepDuration, ...plain } = flags;
  const given = defined(plain);
  const wanted = { kind: 'steps', rates: rates ?? [1], ...(stepDuration !== undefined && { stepDuration }) };
  const parsed = WorkloadFile.partial().safeParse(given);
  const steps = StepsOptions.safeParse(wanted);
  if (!parsed.success || !steps.success) {
    throw refuse([...problemsOf(WorkloadFile, given, parsed.error), ...problemsOf(StepsOptions, wanted, steps.error)]);
  }
  // Options that were not set have defaults, which must not override the file.
  const said = Object.fromEntries(Object.entries(parsed.data).filter(([key]) => key in given));
  const profile = completeProfile(file?.profile, steps.data, flags);
  const workload = { ...(file ?? WorkloadFile.parse({})), ...said };
  if (profile === undefined) {
    throw new AppError('usage', 'no rate is given', {
      hint: 'add --rate-steps 1000,2000,3000 or a profile in the workload file',
    });
  }
  const { mix = [] } = workload;
  // With a size for each topic of the mix, that of the workload applies to none.
  const sizes = mix.map((topic) => topic.messageSize);
  const messageSize = workload.messageSize ?? (sizes.includes(undefined) ? undefined : sizes[0]);
  if (messageSize === undefined) {
    throw new AppError('usage', 'no message size is given', {
      hint: 'add --message-size 500, or messageSize in the workload file',
    });
  }
  return { ...workload, messageSize, profile };
}

/** @param steps from the options, with defaults */
function completeProfile(
  file: WorkloadProfile | undefined,
  steps: z.output<typeof StepsOptions>,
  { rates, stepDuration }: WorkloadFlags,
): WorkloadProfile | undefined {
  if (rates === undefined && stepDuration === undefined) return file;
  if (rates === undefined) return file && withStepDuration(file, steps.stepDuration);
  return stepDuration === undefined && file?.kind === 'steps' ? { ...steps, stepDuration: file.stepDuration } : steps;
}

function withStepDuration(profile: WorkloadProfile, stepDuration: Seconds): WorkloadProfile {
  switch (profile.kind) {
    case 'constant':
      return { ...profile, duration: stepDuration };
    case 'steps':
    case 'closed-loop':
      return { ...profile, stepDuration };
    case 'ramp':
      return { ...profile, step: stepDuration };
    default:
      throw new AppError('usage', `--step-duration: a profile of kind ${profile.kind} sets its durations itself`, {
        hint: 'change them in the workload file',
      });
  }
}

function problemsOf(schema: z.ZodType, written: unknown, error: z.ZodError | undefined): DescribedIssue[] {
  return error === undefined ? [] : describeIssues(error.issues, schema, written);
}

function refuse(problems: readonly DescribedIssue[]): AppError {
  const messages = problems.map(({ path, message }) => `${optionOf(String(path[0]))}: ${message}`);
  return new AppError('usage', messages.join('; '));
}

/** @param prefix prefix of the run, used for topics without a name */
export function topicsOf(
  { topic, topics: alike, mix }: Pick<Workload, 'topic' | 'topics' | 'mix'>,
  prefix: string,
): string[] {
  const name = topic ?? prefix;
  const topics = mix?.length ?? alike;
  return topics === 1 ? [name] : Array.from({ length: topics }, (_, index) => `${name}-${index + 1}`);
}
