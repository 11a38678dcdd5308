// How long does a command take that does nothing? Cold `plimsoll --help` beside an empty program on the same Node.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { interleave, type Bench } from './bench.ts';

const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url));
const mostSeconds = 1;

export const startup = {
  name: 'startup',
  summary: 'seconds until `plimsoll --help` is done, beside an empty program on the same Node',
  options: {},

  async run({ signal, clock }) {
    const secondsOf = async (words: readonly string[]) => {
      const before = clock.monotonic();
      await promisify(execFile)(process.execPath, words, { signal });
      return clock.monotonic() - before;
    };
    const { help, empty } = await interleave({
      help: () => secondsOf([main, '--help']),
      empty: () => secondsOf(['--eval', '0']),
    });
    return [
      {
        metric: 'cold --help',
        unit: 's',
        ours: help,
        peer: { name: 'node --eval 0', version: process.versions.node, value: empty },
        goal: `at most ${mostSeconds}`,
        met: help <= mostSeconds,
      },
    ];
  },
} satisfies Bench;
