// Checks that 10% less of the named bottleneck lowers the limit by 10%, and 10% less of another resource does not.

import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { BitRate } from '../core/text/quantity.ts';
import { bitsPerSecond } from '../core/units.ts';
import { parseOptions, type Bench, type BenchIo, type BenchResult } from './bench.ts';
import { driveInto } from './real-truth/driven-set-up.ts';
import { startSetUp } from './real-truth/lab-of-set-up.ts';
import { namedSetUp, setUps, type SetUp } from './real-truth/set-ups.ts';
import { keepCauseRow } from './real-truth/truth-rows.ts';

const squeezed = 0.9;
/** Tolerance between a limit and its expected value. */
const near = 0.03;
/**
 * Concurrency of a closed loop, which finds the limit by itself: load above the limit would cause responses that use
 * bandwidth of consumers.
 */
const lanes = 64;

const CauseOptions = z.object({
  cores: z.coerce.number().min(0.05).max(1),
  seed: z.coerce.number().int().min(0).default(1),
  'driven-duration': z.string().default('20s'),
});

export const truthCause = {
  name: 'truth-cause',
  summary: 'change of the limit of a real cluster when its limiting resource, or another one, is reduced',
  options: {
    'set-up': { type: 'string', value: 'NAME', help: `one of ${Object.keys(setUps).join(', ')}` },
    cores: { type: 'string', value: 'N', help: 'share of a core that the broker may use (default 1)' },
    seed: { type: 'string', value: 'S', help: 'of the bytes in the messages (default 1)' },
    'driven-duration': { type: 'string', value: 'TIME', help: 'of each test (default 20s)' },
  },
  evidence: 'docs/evidence/truth.md',

  async run(io) {
    const { name, setUp, asked } = readOptions(io.options);
    const nic = BitRate.parse(setUp.nic);
    const boundBy = setUp.brokerCores === undefined ? 'link' : 'cores';
    const drive = (link: number, cores: number) =>
      driveOnce({ ...setUp, lanes: setUp.lanes ?? lanes, brokerCores: cores }, link, asked, io);
    const whole = await drive(nic, asked.cores);
    const lessLink = await drive(nic * squeezed, asked.cores);
    const lessCores = await drive(nic, asked.cores * squeezed);
    const again = await drive(nic, asked.cores);
    const before = (whole + again) / 2;
    const outcome = { boundBy, cores: asked.cores, before: [whole, again], lessLink, lessCores } as const;
    await keepCauseRow(name, setUp, outcome);
    const row = (what: 'link' | 'cores', tps: number): BenchResult => {
      const expected = what === boundBy ? squeezed : 1;
      return {
        metric: `${name}, ${asked.cores} cores a broker: limit with 10% less of the ${what}, over the limit before`,
        unit: 'ratio',
        ours: tps / before,
        goal: `${expected} ± ${near}`,
        met: Math.abs(tps / before - expected) <= near,
      };
    };
    return [
      { metric: `${name}: limit before`, unit: 'msg/s', ours: whole, goal: 'none' },
      { metric: `${name}: limit before, repeated at the end`, unit: 'msg/s', ours: again, goal: 'none' },
      row('link', lessLink),
      row('cores', lessCores),
    ];
  },
} satisfies Bench;

/** @returns achieved messages per second, each measured in a new cluster after a warm-up */
async function driveOnce(
  setUp: SetUp,
  nic: number,
  asked: z.output<typeof CauseOptions>,
  io: BenchIo,
): Promise<number> {
  const speed = bitsPerSecond(nic);
  await using cleanUp = new AsyncDisposableStack();
  const { path: folder } = cleanUp.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-bench-cause-')));
  const lab = cleanUp.use(await startSetUp(setUp, speed));
  const plan = { nic: speed, rate: 0, folder, seed: asked.seed, drivenDuration: asked['driven-duration'] };
  await driveInto(setUp, lab, { ...plan, name: 'warming' }, io);
  return (await driveInto(setUp, lab, plan, io)).messagesPerSecond;
}

function readOptions(options: BenchIo['options']) {
  const { name, setUp } = namedSetUp('truth-cause', options['set-up']);
  const cores = options['cores'] ?? setUp.brokerCores ?? 1;
  return { name, setUp, asked: parseOptions('truth-cause', CauseOptions, { ...options, cores }) };
}
