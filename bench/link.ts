// Compares the predicted saturation of a link with a known speed with the measured limit.

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Analysis } from '../core/documents/analysis.ts';
import { AppError } from '../core/errors.ts';
import { BitRate, Size } from '../core/text/quantity.ts';
import { parseOptions, type Bench, type BenchIo } from './bench.ts';
import { readDrivenLimit } from './driven-limit.ts';
import { runPlimsoll } from './plimsoll-command.ts';

const nearest = 0.05;
/** Target shares of the link for the five steps. */
const shares = [0.12, 0.24, 0.36, 0.48, 0.6];
/** Load relative to the prediction: above the limit, but low enough that consumers do not fetch in long bursts. */
const overload = 1.15;

const LabDocument = z.object({ config: z.string(), brokers: z.array(z.object({ id: z.string() })) });

export const link = {
  name: 'link',
  summary: 'predicted saturation of a link with a known speed, and the measured limit',
  options: {
    nic: { type: 'string', value: 'RATE', help: 'speed of each link, default 50mbit' },
    'message-size': { type: 'string', value: 'SIZE', help: 'of each value, default 500' },
    groups: {
      type: 'string',
      value: 'N',
      help: 'consumer groups, default 2: limited by network-out; 0: by network-in',
    },
    'step-duration': { type: 'string', value: 'DURATION', help: 'of each step, default 20s' },
    'driven-duration': { type: 'string', value: 'DURATION', help: 'of the step at the limit, default 40s' },
  },
  evidence: 'docs/evidence/truth.md',

  async run(io) {
    const asked = readOptions(io.options);
    await using cleanUp = new AsyncDisposableStack();
    const { path: folder } = cleanUp.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-bench-link-')));
    const state = ['--state-dir', join(folder, 'state')];
    cleanUp.defer(async () => void (await runPlimsoll(['lab', 'down', ...state], { ...io, signal: undefined })));
    const lab = await runPlimsoll(['lab', 'up', 'kafka', '--nic', asked.nic, '--json', ...state], io);
    const { config } = LabDocument.parse(JSON.parse(lab));

    const load = async (rates: readonly number[], duration: string, name: string) => {
      const out = join(folder, name);
      const steps = ['--rate-steps', rates.join(','), '--step-duration', duration];
      const shape = ['--message-size', String(asked.messageBytes), '--groups', String(asked.groups)];
      await runPlimsoll(['run', '--config', config, ...steps, ...shape, '--out', out, '--json'], io);
      return out;
    };
    const steps = await load(plannedRates(asked), asked.stepDuration, 'steps');
    const analysis = Analysis.parse(JSON.parse(await runPlimsoll(['analyze', steps, '--json'], io)));
    const { saturationTps: predicted } = analysis;
    if (predicted.kind !== 'predicted') {
      throw new AppError('run-failed', `five steps up to 60% of the link gave no prediction but ${predicted.kind}`);
    }
    const driven = await readDrivenLimit(
      await load([Math.round(predicted.estimateTps * overload)], asked.drivenDuration, 'driven'),
      asked.bitsPerSecond,
    );
    const error = predicted.estimateTps / driven.messagesPerSecond - 1;
    const named = 'resource' in predicted.limitedBy ? predicted.limitedBy.resource : predicted.limitedBy.slo;
    return [
      {
        metric: `saturation of ${asked.nic}, ${asked.messageBytes} B, ${asked.groups} groups`,
        unit: 'msg/s',
        ours: predicted.estimateTps,
        peer: { name: 'measured limit', version: 'same lab', value: driven.messagesPerSecond },
        goal: `within ${nearest * 100}%`,
        met: Math.abs(error) <= nearest,
      },
      {
        metric: `direction predicted (${named}) is the saturated one (${driven.fullest.direction})`,
        unit: 'yes = 1',
        ours: named === driven.fullest.direction ? 1 : 0,
        goal: '1',
        met: named === driven.fullest.direction,
      },
      {
        metric: 'use of the link at the limit',
        unit: 'ratio',
        ours: driven.fullest.share,
        goal: 'at least 0.95, else the limit was not the link',
        met: driven.fullest.share >= 0.95,
      },
    ];
  },
} satisfies Bench;

function readOptions(options: BenchIo['options']) {
  const text = (name: string, otherwise: string) => String(options[name] ?? otherwise);
  const nic = text('nic', '50mbit');
  const size = text('message-size', '500');
  const groups = text('groups', '2');
  const schema = z.object({ nic: BitRate, size: Size, groups: z.coerce.number().int().min(0).max(10) });
  const parsed = parseOptions('link', schema, { nic, size: /^\d+$/.test(size) ? `${size}B` : size, groups });
  return {
    nic,
    bitsPerSecond: parsed.nic,
    messageBytes: parsed.size,
    groups: parsed.groups,
    stepDuration: text('step-duration', '20s'),
    drivenDuration: text('driven-duration', '40s'),
  };
}

/**
 * Computes step rates from the size of a record in a batch (value and 9 bytes) in frames of 1448 payload and 90 other
 * bytes (Ethernet, IP and TCP framing on the wire, IEEE 802.3), once for each copy in the busier direction.
 */
function plannedRates(asked: { bitsPerSecond: number; messageBytes: number; groups: number }): number[] {
  const copies = Math.max(1, asked.groups);
  const full = asked.bitsPerSecond / 8 / ((asked.messageBytes + 9) * (1 + 90 / 1448) * copies);
  return shares.map((share) => Math.round(full * share));
}
