import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FrameReader } from '../../brokers/rocketmq/protocol/frame-codec.ts';
import { AppError } from '../../core/errors.ts';
import { decoders } from '../support/decoders.ts';
import { sizeOf, startMeter, type Meter } from '../support/meter.ts';
import { mutate, randomFrom } from '../support/mutation.ts';
import { fullMatrix } from '../support/prerequisites.ts';

const inputs = fullMatrix ? 1_000_000 : 20_000;
const named = Object.entries(decoders);

/** Reads and copied characters per input byte: headers are read twice, bodies at most three times. */
const stepsPerByte = 8;
/** Values, keys and characters per input byte. */
const sizePerByte = 4;
/** Allowance for size-independent parts: field names, error messages. */
const freely = 4096;
/** zlib decompresses in chunks of 16 KiB. */
const allocatedFreely = 16 * 1024;

const outcomes = ['header refused', 'cut off', 'answer refused', 'read'] as const;
type Outcome = (typeof outcomes)[number];

/** @throws errors that are not AppError, and if the work is out of proportion to the input size */
function feed(input: Buffer, decoder: (typeof named)[number][1], meter: Meter): Outcome {
  meter.take();
  const { length } = input;
  const { outcome, size } = read(meter.watch(input), decoder);
  const { steps, largestAllocation } = meter.take();
  if (steps > stepsPerByte * length + freely) throw new Error(`${steps} steps for ${length} bytes`);
  if (size > sizePerByte * length + freely) throw new Error(`a result of ${size} for ${length} bytes`);
  if (largestAllocation > length + allocatedFreely)
    throw new Error(`${largestAllocation} allocated for ${length} bytes`);
  return outcome;
}

function read(input: Buffer, { frame }: (typeof named)[number][1]): { outcome: Outcome; size: number } {
  let parse: (() => unknown) | undefined;
  let isWhole = false;
  try {
    parse = frame(input);
    isWhole = parse !== undefined;
    return parse === undefined ? { outcome: 'cut off', size: 0 } : { outcome: 'read', size: sizeOf(parse()) };
  } catch (fault) {
    if (!(fault instanceof AppError) || fault.code === 'unexpected') throw fault;
    return { outcome: isWhole ? 'answer refused' : 'header refused', size: fault.message.length };
  }
}

test(`${inputs} damaged responses end in a value or an AppError, within bounds of work and memory`, () => {
  const random = randomFrom(20_260_607);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const tally: Record<Outcome, number> = { 'header refused': 0, 'cut off': 0, 'answer refused': 0, read: 0 };
  using meter = startMeter();
  for (let index = 0; index < inputs; index++) {
    const [name, decoder] = named[index % named.length] as (typeof named)[number];
    const seed = pick(decoder.seeds);
    const input = mutate(random, seed, pick(decoder.seeds), decoder.payloadOf(seed));
    try {
      tally[feed(input, decoder, meter)] += 1;
    } catch (cause) {
      const bytes = input.toString('hex');
      throw new Error(`input ${index}, ${name}: ${(cause as Error).message}\n${bytes.slice(0, 4000)}`, { cause });
    }
  }
  const share = (...of: readonly Outcome[]) => of.reduce((sum, outcome) => sum + tally[outcome], 0) / inputs;
  const words = outcomes.map((outcome) => `${outcome} ${(100 * share(outcome)).toFixed(1)} %`).join(', ');
  process.stdout.write(`${inputs} inputs over ${named.length} decoders: ${words}\n`);
  expect(share('answer refused', 'read')).toBeGreaterThanOrEqual(0.5);
  // Otherwise the decoders are not reached, or accept everything.
  expect(share('answer refused')).toBeGreaterThan(0.05);
  expect(share('read')).toBeGreaterThan(0.05);
});

test.each(named)('%s reads the captured responses', (_name, decoder) => {
  using meter = startMeter();
  const read = decoder.seeds.map((seed) => feed(Buffer.from(seed), decoder, meter));
  expect(read).toContain('read');
  expect(read).not.toContain('header refused');
});

test.each(named)('%s waits for the rest of a truncated response', (_name, decoder) => {
  using meter = startMeter();
  const outcomesOf = new Set<Outcome>();
  for (const seed of decoder.seeds) {
    for (let cut = 0; cut < Math.min(seed.length, 2048); cut++) {
      outcomesOf.add(feed(Buffer.from(seed.subarray(0, cut)), decoder, meter));
    }
  }
  expect([...outcomesOf]).toEqual(['cut off']);
});

test('the fuzz test covers every parser of responses in the RocketMQ protocol', () => {
  const root = new URL('../../', import.meta.url);
  const textOf = (file: string) => readFileSync(new URL(file, root), 'utf8');
  const readers = globSync('brokers/rocketmq/protocol/*.ts', { cwd: root }).flatMap((file) =>
    [...textOf(file).matchAll(/^export function (parse\w+)\(response: Response/gm)].map(([, name = '']) => name),
  );
  expect(readers.length).toBeGreaterThan(25);
  const fuzzed = new Set(textOf('test/support/decoders.ts').match(/\bparse\w+/g));
  expect(readers.filter((name) => !fuzzed.has(name))).toEqual([]);
});

test('rejects a frame of two gibibytes after its first four bytes', () => {
  using meter = startMeter();
  expect(() => new FrameReader().push(Buffer.from('7fffffff', 'hex'))).toThrow(
    'a frame of 2147483647 bytes is announced',
  );
  expect(meter.take().largestAllocation).toBe(0);
});

test('a frame that arrives byte by byte is not copied for each byte', () => {
  const [seed] = decoders['get-config']?.seeds ?? [];
  if (seed === undefined) throw new Error('no seed');
  const reader = new FrameReader();
  let copied = 0;
  const { concat } = Buffer;
  Buffer.concat = (list, total) => {
    copied += list.reduce((sum, { length }) => sum + length, 0);
    return concat(list, total);
  };
  try {
    const read = [...seed].flatMap((byte) => reader.push(Buffer.of(byte)));
    expect(read).toHaveLength(1);
  } finally {
    Buffer.concat = concat;
  }
  expect(copied).toBeLessThan(3 * seed.length);
});

test.each(['[', '{"a":', '{'])(
  'rejects %s repeated a hundred thousand times, in the header and in the body',
  (nested) => {
    const deep = Buffer.from(nested.repeat(100_000));
    const lengths = Buffer.alloc(8);
    lengths.writeInt32BE(4 + deep.length, 0);
    lengths.writeInt32BE(deep.length, 4);
    expect(() => new FrameReader().push(Buffer.concat([lengths, deep]))).toThrow(AppError);
    const { frame } = decoders['get-cluster-info'] ?? { frame: () => undefined };
    const header = Buffer.from('{"code":0,"opaque":1,"flag":1}');
    lengths.writeInt32BE(4 + header.length + deep.length, 0);
    lengths.writeInt32BE(header.length, 4);
    expect(frame(Buffer.concat([lengths, header, deep]))).toThrow('nested deeper than 64');
  },
);

test.each([
  [
    'kafka produce',
    '0000005c000000020002096361707475726564020000000000000000000000000002ffffffffffffffffffffffffffffffffffffffff01000000000000000000000000000002ffffffffffffffffffffffffffffffffffffffff010000000000',
  ],
])('%s rejects a response that once exhausted the memory', (name, hex) => {
  using meter = startMeter();
  const decoder = decoders[name];
  if (decoder === undefined) throw new Error('no such decoder');
  expect(feed(Buffer.from(hex, 'hex'), decoder, meter)).toBe('answer refused');
});
