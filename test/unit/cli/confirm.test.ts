import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { confirm, confirmDeletion, requireConfirmable } from '../../../cli/confirm.ts';

const terminal = () => Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
let keys: ReturnType<typeof terminal>;
let screen: ReturnType<typeof terminal>;
beforeEach(() => {
  [keys, screen] = [terminal(), terminal()];
  vi.spyOn(process, 'stdin', 'get').mockReturnValue(keys as unknown as typeof process.stdin);
  vi.spyOn(process, 'stderr', 'get').mockReturnValue(screen as unknown as typeof process.stderr);
});
afterEach(() => void vi.restoreAllMocks());

const stderr = { write: () => undefined, isTerminal: true, columns: 80 };

/** Presses the keys once the prompt is shown. */
async function typed(text: string, signal = new AbortController().signal): Promise<void> {
  const asked = confirm({ options: {}, stderr, signal }, 'orders-id', 'Topic t gets 4 partitions.');
  keys.write(text);
  await asked;
}

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
  ['Ctrl-C in the middle of the name', 'orders\u0003'],
])('%s at the prompt is an interruption that has changed nothing', async (_, text) => {
  await expect(typed(text)).rejects.toMatchObject({
    code: 'aborted',
    exitCode: 130,
    message: 'interrupted at the prompt: nothing was changed',
  });
});

test('a signal at the prompt is an interruption, too', async () => {
  const interruption = new AbortController();
  const asked = confirmDeletion({ options: {}, stderr, signal: interruption.signal }, 'topic-t');
  interruption.abort(new Error('interrupted by SIGTERM'));
  await expect(asked).rejects.toMatchObject({ exitCode: 130 });
});

test('the exact name confirms, and another name does not', async () => {
  await typed('orders-id\r');
  await expect(typed('orders\r')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('is not orders-id'),
    hint: expect.stringContaining('type the name as the prompt shows it'),
  });
});

test('names the expected id of a new cluster whose brokers report nothing yet', async () => {
  const { signal } = new AbortController();
  await expect(confirm({ options: { confirm: 'orders' }, stderr, signal }, 'orders-id', '')).rejects.toMatchObject({
    message: '--confirm orders does not match the cluster, which is orders-id: nothing was changed',
    hint: 'check the address; if it is the right cluster, type --confirm orders-id',
  });
});

test.each([
  ['orders-id', 'type --confirm orders-id'],
  ['-9xQ', 'type --confirm=-9xQ'],
  ['orders; $(reboot)', "type --confirm 'orders; $(reboot)'"],
])('without a terminal, the hint shows the option ready to paste: %s', async (name, hint) => {
  const { signal } = new AbortController();
  const asked = confirm({ options: {}, stderr: { ...stderr, isTerminal: false }, signal }, name, 'Topic t is deleted.');
  await expect(asked).rejects.toMatchObject({ code: 'usage', hint });
});

test('a wrong option names the one that confirms', async () => {
  const { signal } = new AbortController();
  const cluster = confirm({ options: { confirm: 'orders' }, stderr, signal }, 'orders-id', 'Topic t is deleted.');
  await expect(cluster).rejects.toMatchObject({
    code: 'usage',
    hint: expect.stringContaining('right cluster, type --confirm orders-id'),
  });
  const topic = confirmDeletion({ options: { 'confirm-name': 't' }, stderr, signal }, 'topic-t');
  await expect(topic).rejects.toMatchObject({ code: 'usage', hint: 'type --confirm-name topic-t' });
});

test('the prompt shows control characters of the change as dots, and keeps its line breaks', async () => {
  const { signal } = new AbortController();
  const asked = confirm({ options: {}, stderr, signal }, 'orders-id', 'The lease of app-7\r\u001b[2K has expired.');
  keys.write('orders-id\r');
  await asked;
  expect(String(screen.read())).toContain('The lease of app-7··[2K has expired.\nType orders-id to confirm');
});

test('without a terminal, a change that cannot be confirmed is refused before it begins', () => {
  const pipe = { ...stderr, isTerminal: false };
  expect(() => requireConfirmable({ options: {}, stderr: pipe }, 'orders-id')).toThrow('there is no terminal');
  expect(() => requireConfirmable({ options: { confirm: 'bills-id' }, stderr: pipe }, 'orders-id')).toThrow(
    '--confirm bills-id does not match the cluster, which is orders-id',
  );
  requireConfirmable({ options: { confirm: 'orders-id' }, stderr: pipe }, 'orders-id');
  requireConfirmable({ options: {}, stderr }, 'orders-id');
});
