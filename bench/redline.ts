// Measures a redline: its maximum compared with a measured limit, policy, losses, latency and the restored layout.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RedlineDocument } from '../core/documents/redline.ts';
import { atMost, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import {
  canaryP99s,
  highestOverPolicy,
  liveRate,
  megabits,
  messageBytes,
  partitions,
  producedRate,
  producerSummary,
  redlineWords,
  runRedline,
  shortestHoldSeconds,
  startLiveLab,
  topic,
  type Lab,
} from './redline-lab.ts';

const controlSeconds = 40;
/** Step 0 and at most eleven more, each adding 10% of the previous load. */
const mostSteps = 12;
/** Duration of a step in addition to its hold: leaders move, and their traffic must follow. */
const betweenSteps = 9;
const drivenSeconds = 28;
/** Time for the producer's JIT; its percentiles only cover later messages. */
const warmUpSeconds = 15;

export const redlineOptions = {
  hold: { type: 'string', value: 'SECONDS', help: `for how long a step is held (default ${shortestHoldSeconds})` },
  keep: { type: 'string', value: 'DIR', help: 'write the run bundle to this new folder' },
} satisfies Bench['options'];

export const holdSecondsOf = ({ options }: BenchIo): number => Number(options['hold'] ?? shortestHoldSeconds);

export const redline = {
  name: 'redline',
  summary: 'the maximum that a redline finds, and the limit driven afterwards; live traffic of Apache’s programs',
  options: redlineOptions,
  evidence: 'docs/explanation/redline.md',

  async run(io) {
    const tell = (text: string) => io.stderr.write(`${text}\n`);
    const holdSeconds = holdSecondsOf(io);
    const liveSeconds = 2 * warmUpSeconds + mostSteps * (holdSeconds + betweenSteps);
    await using lab = await startLiveLab();
    await using _consumer = lab.consume(topic, 'readers', liveRate * (controlSeconds + liveSeconds));
    const control = await controlled(lab);
    tell(`control: p99 ${control.p99} s, ${control.records} records`);
    const messages = liveRate * liveSeconds;
    await using producer = lab.produce(topic, {
      rate: liveRate,
      messages,
      bytes: messageBytes,
      warmUp: liveRate * warmUpSeconds,
    });
    await lab.until(producer, / records sent, /);
    await delay(1000 * warmUpSeconds);
    const before = await lab.layoutOf(topic);
    const bundle = bundleOf(io, lab);
    const document = await runRedline(lab, redlineWords(bundle, holdSeconds), io.stderr);
    const isRestored = JSON.stringify(before) === JSON.stringify(await lab.layoutOf(topic));
    await producer.ended;
    const live = producerSummary(producer.printed());
    if (io.options['keep'] !== undefined) await writeFile(`${bundle}-producer.log`, producer.printed());
    const stored = await lab.storedIn(topic);
    tell(producer.printed().trim().split('\n').at(-1) ?? '');
    const driven = await drivenLimit(lab);
    tell(`driven: ${driven} msg/s`);
    const sent = control.records + live.records;
    const setting = `${megabits} Mbit/s cards, ${messageBytes} B, 3 replicas, 1 group, steps of ${holdSeconds} s`;
    return [
      ...foundRows('broker 1', setting, document, driven),
      await policyRow(bundle),
      atMost(`messages lost or stored twice of ${sent} acknowledged`, 'messages', Math.abs(sent - stored), 0),
      atMost('p99 of the producer with the redline over p99 before', 'ratio', live.p99 / control.p99, 2),
      await canaryRow(bundle),
      atMost(
        `partitions of ${partitions} not restored (${document.moves} leader moves)`,
        'partitions',
        isRestored ? 0 : 1,
        0,
      ),
    ];
  },
} satisfies Bench;

export const bundleOf = ({ options }: BenchIo, lab: { folder: string }) =>
  typeof options['keep'] === 'string' ? options['keep'] : join(lab.folder, 'redline-bundle');

/** Compares the redline's result with the limit measured afterwards. */
export function foundRows(
  broker: string,
  setting: string,
  { analysis, stop }: RedlineDocument,
  driven: number,
): BenchResult[] {
  const { saturationTps: full, safeMaxTps: safe } = analysis?.redline ?? {};
  const ours = full !== undefined && 'estimateTps' in full ? full.estimateTps : 0;
  return [
    {
      metric: `saturation of ${broker} that the redline predicts (${setting}, ${stop?.message})`,
      unit: 'msg/s',
      ours,
      peer: { name: 'driven afterwards', version: 'same lab', value: driven },
      goal: 'within 5%',
      met: Math.abs(ours / driven - 1) <= 0.05,
    },
    {
      metric: `safe maximum of ${broker}, ${safe?.kind}, over 80% of the driven limit`,
      unit: 'ratio',
      ours: safe !== undefined && 'estimateTps' in safe ? safe.estimateTps / (0.8 * driven) : 0,
      goal: 'none',
    },
  ];
}

export const policyRow = async (bundle: string): Promise<BenchResult> =>
  atMost('highest p99 of network use in a step, over the policy limit', 'ratio', await highestOverPolicy(bundle), 1);

export async function canaryRow(bundle: string): Promise<BenchResult> {
  const { before, during, samples } = await canaryP99s(bundle);
  return atMost(`p99 of the canary after step 0 over step 0 (${samples} samples)`, 'ratio', during / before, 2);
}

async function controlled(lab: Lab) {
  const messages = liveRate * controlSeconds;
  const warmUp = liveRate * warmUpSeconds;
  await using producer = lab.produce(topic, { rate: liveRate, messages, bytes: messageBytes, warmUp });
  await producer.ended;
  return producerSummary(producer.printed());
}

/**
 * Measures the limit with another topic, for which broker 1 is the preferred leader of all partitions: acknowledged
 * rate without a target rate.
 */
async function drivenLimit(lab: Lab): Promise<number> {
  const rotated = ['1:2:3', '1:3:2'];
  const assignment = Array.from({ length: partitions }, (_, index) => rotated[index % 2]).join(',');
  const name = 'driven';
  const made = await lab.tool(
    'org.apache.kafka.tools.TopicCommand',
    '--create',
    '--topic',
    name,
    '--replica-assignment',
    assignment,
  );
  if (!made.includes('Created topic')) throw new Error(made);
  const messages = 50_000;
  await using _consumer = lab.consume(name, 'driven-readers', messages);
  await using producer = lab.produce(name, { rate: -1, messages, bytes: messageBytes });
  await lab.until(producer, / records sent, /);
  await delay(1000 * drivenSeconds);
  return producedRate(producer.printed(), 8);
}
