import { setImmediate as turn } from 'node:timers/promises';
import type { SFTPWrapper } from 'ssh2';
import { expect, test } from 'vitest';
import { type Clock, systemClock, untilAborted } from '../../../../core/clock.ts';
import { openSshFiles } from '../../../../hosts/files/ssh.ts';
import { createGcLogTail } from '../../../../hosts/gc-tail/tail.ts';
import type { SshConnection } from '../../../../hosts/ssh/connection.ts';
import { type SshSession, createSlots } from '../../../../hosts/ssh/session.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const io = { signal: new AbortController().signal };

type Done<T> = (error: Error | undefined, value?: T) => void;

/** stat(2) reports a regular file of size 0, and reading it waits for the next message. */
const kernelLog = '/proc/kmsg';

/** An SFTP server whose files hold their own path; it answers when `answer` settles. */
function sftpServer(answer: () => Promise<unknown>) {
  const handles = { open: 0, most: 0 };
  const later = async (done: () => void) => {
    await answer();
    done();
  };
  const opens = (path: string, done: Done<Buffer>) =>
    later(() => {
      handles.open += 1;
      handles.most = Math.max(handles.most, handles.open);
      done(undefined, Buffer.from(path));
    });
  const endOfFile = Object.assign(new Error('end'), { code: 1 });
  const sftp = {
    open: (path: string, _flags: string, done: Done<Buffer>) => opens(path, done),
    opendir: opens,
    stat: (path: string, done: Done<{ isFile(): boolean; size: number }>) =>
      done(undefined, { isFile: () => !path.includes('pipe'), size: path === kernelLog ? 0 : path.length }),
    readdir: (_handle: Buffer, done: Done<never>) => later(() => done(endOfFile)),
    read(handle: Buffer, into: Buffer, _at: number, _length: number, offset: number, done: Done<number>) {
      void later(() => (offset === 0 ? done(undefined, handle.copy(into)) : done(endOfFile)));
    },
    close: () => (handles.open -= 1),
  };
  return { sftp: sftp as unknown as SFTPWrapper, handles };
}

interface Host {
  run?: SshSession['run'];
  clock?: Pick<Clock, 'sleep'>;
}

function openFiles(
  sftp: SFTPWrapper,
  { run = () => Promise.reject(new Error('this user may run nothing')), clock = systemClock }: Host = {},
) {
  const session: SshSession = {
    sftp,
    withHandle: createSlots(128),
    ended: new AbortController().signal,
    run,
    close() {},
  };
  const connection: SshConnection = {
    use: ({ signal }, work) => untilAborted(work(session), signal),
    async [Symbol.asyncDispose]() {},
  };
  return openSshFiles(connection, clock);
}

test('concurrent readers share the limit of open files of a server', async () => {
  const { sftp, handles } = sftpServer(() => turn());
  const files = openFiles(sftp);
  const paths = Array.from({ length: 500 }, (_, index) => `/proc/7/task/${index}`);
  const [one, other, lists] = await Promise.all([
    files.readAll(paths, io),
    files.readAll(paths, io),
    files.listAll(paths, io),
  ]);
  expect([one.texts.size, other.texts.get('/proc/7/task/499'), lists.size]).toEqual([500, '/proc/7/task/499', 500]);
  expect(handles).toEqual({ open: 0, most: 128 });
});

test('closes a file that opens after the deadline', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { sftp, handles } = sftpServer(() => promise);
  const deadline = new AbortController();
  const opening = openFiles(sftp).open('/var/log/gc.log', { signal: deadline.signal });
  deadline.abort(new Error('too late'));
  await expect(opening).rejects.toThrow('too late');
  resolve();
  await turn();
  expect(handles).toEqual({ open: 0, most: 1 });
});

test('does not open a pipe or kernel file named by a process, because the SFTP server would block', async () => {
  const { sftp, handles } = sftpServer(() => turn());
  const paths = Array.from({ length: 200 }, (_, index) => `/var/lib/x/pipe-${index}`);
  const run = () => Promise.reject(new Error('this command opens files'));
  const files = openFiles(sftp, { run });
  const settings = '/etc/kafka/server.properties';
  const { texts, failures } = await files.readAll([...paths, kernelLog, settings], io, { regularOnly: true });
  expect(texts).toEqual(
    new Map([
      [kernelLog, ''],
      [settings, settings],
    ]),
  );
  expect(failures.get('/var/lib/x/pipe-7')).toBe('it is not a regular file');
  await expect(files.open('/var/log/pipe', io)).rejects.toThrow('cannot open /var/log/pipe: it is not a regular file');
  expect(handles).toEqual({ open: 0, most: 1 });
});

test('reads a file named by a process with a command, because it may become a pipe after the check', async () => {
  const { sftp, handles } = sftpServer(() => turn());
  const settings = '/etc/kafka/server.properties';
  // timeout(1) ends head(1) with 124, for which xargs(1) returns 123; the exit line follows what head printed.
  const printed = new Map([
    [`${settings}\0`, 'broker.id=1\n\nexit=0\n'],
    ['/tmp/a\0', '\nexit=123\n'],
    ['/tmp/b\0', '\nexit=127\n'],
    ['/tmp/d\0', '\nexit=123\n'],
  ]);
  const run = async (_: string, input: string) => ({
    stdout: printed.get(input) ?? '',
    stderr: input === '/tmp/d\0' ? "timeout: can't execute '5': No such file or directory\n" : '',
  });
  const files = openFiles(sftp, { run });
  const read = await files.readAll([settings, '/tmp/a'], io, { regularOnly: true });
  expect(read.texts).toEqual(new Map([[settings, 'broker.id=1\n']]));
  expect(read.failures).toEqual(new Map([['/tmp/a', 'it was not read within 5 s']]));
  expect(handles.most).toBe(0);
  // A host without timeout(1), a user who may run nothing, and the timeout(1) of BusyBox before 1.30.
  const { texts } = await files.readAll(['/tmp/b', '/tmp/c', '/tmp/d'], io, { regularOnly: true });
  expect([...texts.values()].sort()).toEqual(['/tmp/b', '/tmp/c', '/tmp/d']);
});

test.each([
  [7, 'python3\0\n==> /proc/142/cmdline <==\nsleep\0'],
  [141, 'python3\0\n==> /proc/142/cmdline <=='],
])('an argument of process %i that looks like a header does not hide a broker', async (pid, forged) => {
  const { sftp } = sftpServer(() => turn());
  const paths = Array.from({ length: 200 }, (_, index) => `/proc/${index}/cmdline`);
  const commands = new Map([
    [`/proc/${pid}/cmdline`, forged],
    ['/proc/142/cmdline', 'java\0kafka.Kafka\0'],
  ]);
  // Output of head(1).
  const stdout = paths.map((path) => `==> ${path} <==\n${commands.get(path) ?? 'bash\0'}`).join('\n');
  const { texts } = await openFiles(sftp, { run: async () => ({ stdout, stderr: '' }) }).readAll(paths, io);
  // Read over SFTP, whose files hold their path here.
  expect(texts.get('/proc/142/cmdline')).toBe('/proc/142/cmdline');
  expect(texts.size).toBe(200);
  expect(texts.get('/proc/199/cmdline')).toBe('bash\0');
});

test('queues that tc cannot show are absent without an error', async () => {
  const { sftp } = sftpServer(() => turn());
  expect(await openFiles(sftp).readQueues?.(undefined, io)).toBeUndefined();
});

test('does not open a GC log folder on a hung mount, because the SFTP server would block', async () => {
  const { sftp, handles } = sftpServer(() => turn());
  const hanging = { run: () => new Promise<never>(() => {}), clock: { sleep: () => turn() } };
  await using tail = createGcLogTail('broker-1', openFiles(sftp, hanging), {
    roots: { procfs: '/proc', rootfs: '/' },
    wanted: { broker: { files: '/nfs/gc.log' } },
    clock: createHandClock(),
  });
  expect(await tail.sample([], io)).toMatchObject([{ trouble: 'cannot read /nfs: its mount hangs' }]);
  expect(handles.most).toBe(0);
});
