// Measures the duration of commands that do almost nothing, compared with an empty program on the same Node.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { interleave, type Bench } from './bench.ts';
import { main } from './plimsoll-command.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const mostSeconds = 0.3;
const mostTimesEmpty = 8;

export const startup = {
  name: 'startup',
  summary:
    'seconds until --help, an unknown command and `config check` are done, beside an empty program on the same Node',
  options: {},

  async run({ signal, clock }) {
    const secondsOf = async (words: readonly string[]) => {
      const before = clock.monotonic();
      const child = spawn(process.execPath, words, { cwd: root, stdio: 'ignore', signal });
      await once(child, 'close');
      return clock.monotonic() - before;
    };
    const { empty, ...commands } = await interleave(
      {
        '--help': () => secondsOf([main, '--help']),
        'unknown command': () => secondsOf([main, 'anlyze']),
        'config check': () => secondsOf([main, 'config', 'check', '--config', 'examples/kafka-three-brokers.yaml']),
        empty: () => secondsOf(['--eval', '0']),
      },
      7,
    );
    return Object.entries(commands).map(([name, seconds]) => ({
      metric: `cold ${name}`,
      unit: 's',
      ours: seconds,
      peer: { name: 'node --eval 0', version: process.versions.node, value: empty },
      goal: `at most ${mostSeconds} and ${mostTimesEmpty} x the empty program`,
      met: seconds <= Math.min(mostSeconds, mostTimesEmpty * empty),
    }));
  },
} satisfies Bench;
