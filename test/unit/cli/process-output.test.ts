import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { forTerminal } from '../../../cli/process-output.ts';

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

test('names do not control the terminal, while colours and the screen of top do', () => {
  expect(forTerminal('\u001b[1mlab\u001b]0;title\u0007\u001b[22m\n')).toBe(
    String.raw`${'\u001b'}[1mlab\u001b]0;title\u0007${'\u001b'}[22m${'\n'}`,
  );
  expect(forTerminal('a\rb\u202ec\u001b[5A\u009b\u0007[1m\r[1m')).toBe(
    String.raw`a\u000db\u202ec\u001b[5A\u009b\u0007[1m\u000d[1m`,
  );
  const [screen, opened] = [
    '\u001b[H\u001b[31mtop\u001b[39m\t\u001b[K\r\n\u001b[K\u001b[J',
    '\u001b[?1049h\u001b[?25l',
  ];
  for (const own of [screen, opened, '\r\u001b[Kstep 1', '\r\u001b[2K\u001b[2mstep 1\u001b[22m']) {
    expect(forTerminal(own)).toBe(own);
  }
  expect(forTerminal('[Kafka]\n[Kafka]\n')).toBe('[Kafka]\n[Kafka]\n');
});

test('a name does not clear the screen, hide text or overwrite its line', () => {
  for (const act of ['\u001b[H', '\u001b[J', '\u001b[2K', '\u001b[8m', '\r\u001b[K', '\u001b[?1049h']) {
    expect(forTerminal(`group ${act}ops\n`)).toBe(
      `group ${act.replace('\u001b', String.raw`\u001b`).replace('\r', String.raw`\u000d`)}ops\n`,
    );
  }
});

test('JSON has the same values on a terminal', () => {
  const document = { group: 'a\u202eb\u007f\u009b\u001b[H', topic: '订单 طلبات 👨‍👩‍👧' };
  expect(JSON.parse(forTerminal(JSON.stringify(document, undefined, 2)))).toEqual(document);
});
