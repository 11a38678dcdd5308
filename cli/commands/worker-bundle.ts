// How does a worker get onto a machine that reaches no registry? In one archive.

import { AppError, exitCodes } from '../../core/errors.ts';
import { packProgram } from '../../loadgen/remote/pack-program.ts';
import type { Command } from '../command.ts';

const architectures = { x64: 'x64', arm64: 'arm64' } as const;

export const workerBundleCommand = {
  name: 'worker bundle',
  options: {
    arch: { type: 'string', value: 'ARCH', help: 'of the machine: x64 or arm64' },
    out: { type: 'string', value: 'FILE', help: 'the archive (default plimsoll-worker-ARCH.tar.gz)' },
  },
  examples: ['plimsoll worker bundle --arch arm64 --out worker.tar.gz'],

  async run({ options, stdout, stderr, signal }) {
    const asked = options['arch'];
    const arch = typeof asked === 'string' && Object.hasOwn(architectures, asked) ? asked : undefined;
    if (arch === undefined) {
      throw new AppError('usage', `--arch is ${JSON.stringify(asked ?? '')}, and there are x64 and arm64`);
    }
    const out = typeof options['out'] === 'string' ? options['out'] : `plimsoll-worker-${arch}.tar.gz`;
    const { file, digest } = await packProgram(architectures[arch as keyof typeof architectures], out, { signal });
    stdout.write(`${file}\n`);
    stderr.write(`sha256 ${digest}; unpack it anywhere, and give its pass to ./start-worker on standard input\n`);
    return exitCodes.answered;
  },
} satisfies Command;
