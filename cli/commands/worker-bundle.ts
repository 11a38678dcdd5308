// Packs a worker into one archive, for machines without access to a registry.

import { packProgram } from '../../loadgen/remote/pack-program.ts';
import { choice, defineCommand, option, text } from '../command.ts';

export const workerBundleCommand = defineCommand({
  options: {
    arch: option('ARCH', 'architecture of the machine: x64 or arm64', choice(['x64', 'arm64'])),
    out: text('FILE', 'archive to write (default plimsoll-worker-ARCH.tar.gz)'),
  },
  examples: ['plimsoll worker bundle --arch arm64 --out worker.tar.gz'],

  async run({ options, stdout, stderr, signal }) {
    const { arch, out = `plimsoll-worker-${arch}.tar.gz` } = options;
    const { file, digest } = await packProgram(arch, out, { signal });
    stdout.write(`${file}\n`);
    stderr.write(`sha256 ${digest}; unpack it anywhere, and pipe the pass of the worker into ./start-worker\n`);
  },
});
