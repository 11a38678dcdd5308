import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const program = fileURLToPath(new URL('../../../cli/process-output.ts', import.meta.url));

/** A program that writes a line every 10 ms until its reader closes the pipe. */
const script = `
  import { outputOf } from ${JSON.stringify(program)};
  const output = outputOf(process.stdout, (cause) => console.error(cause.code));
  output.readerLeft.addEventListener('abort', () => {
    console.error('the reader has left');
    process.exit();
  });
  setInterval(() => output.write('line\\n'), 10);
  setTimeout(() => process.exit(1), 10_000);`;

test('a reader that closes the pipe is noticed at the next write, and is not an error', async () => {
  const pipeline = '"$0" --input-type=module -e "$1" | head -n 1';
  const child = spawn('sh', ['-c', pipeline, process.execPath, script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  expect({ stdout, stderr }).toEqual({ stdout: 'line\n', stderr: 'the reader has left\n' });
}, 20_000);
