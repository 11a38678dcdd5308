import { existsSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openReception, openWorkers } from '../../../../app/load-test/open-workers.ts';
import { seconds, systemClock } from '../../../../core/clock.ts';
import { AppError } from '../../../../core/errors.ts';
import { freePorts } from '../../../../lab/free-port.ts';
import { WorkersConfig } from '../../../../loadgen/remote/config.ts';
import { issuePasses } from '../../../../loadgen/remote/pass.ts';
import { programVersion } from '../../../../loadgen/remote/program-version.ts';
import { awaitCoordinator } from '../../../../loadgen/remote/serve-coordinator.ts';
import { startTrafficThread } from '../../../../loadgen/execute/workers/traffic-thread.ts';

let opened = new AsyncDisposableStack();
afterEach(async () => {
  await opened.disposeAsync();
  opened = new AsyncDisposableStack();
});

const caller = (signal = AbortSignal.timeout(10_000)) => ({
  clock: systemClock,
  environment: {},
  tell: () => {},
  signal,
});
const refused = new AppError('load-test-refused', 'cluster lab cannot take this load: its disk is too small');

/** Config of a run whose worker connects by itself, and that worker, which waits. */
async function waitingWorker() {
  const folder = opened.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-reception-')));
  const admissionFile = join(folder.path, 'admission.json');
  const { admission, passes } = issuePasses(['job-1'], new Date());
  await writeFile(admissionFile, JSON.stringify(admission));
  const [port = 0] = await freePorts(1);
  const workers = WorkersConfig.parse({
    machines: [{ name: 'job-1' }],
    listen: `127.0.0.1:${port}`,
    admission: admissionFile,
  });
  const [pass] = passes.values();
  if (pass === undefined) throw new Error('no pass');
  const waiting = Promise.withResolvers<void>();
  const stopping = new AbortController();
  opened.defer(() => stopping.abort(new Error('the test is over')));
  const tools = {
    version: programVersion(),
    clock: systemClock,
    startThread: startTrafficThread,
    waitSeconds: 600,
    onWaiting: () => waiting.resolve(),
  };
  const served = awaitCoordinator({ ...pass, connect: { host: '127.0.0.1', port } }, tools, stopping);
  let isOver = false;
  served.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  await waiting.promise;
  return { workers, admissionFile, served, isOver: () => isOver };
}

test('a worker that waits for a refused run ends with the reason, and its pass stays valid', async () => {
  const { workers, admissionFile, served } = await waitingWorker();
  const ended = expect(served).rejects.toMatchObject({
    code: 'load-test-refused',
    message: 'the run did not start: cluster lab cannot take this load: its disk is too small',
    hint: expect.stringContaining('its pass is still valid') as string,
  });
  const reception = opened.use(await openReception(workers, caller()));
  await reception.dismiss(refused);
  await ended;
  expect(existsSync(admissionFile)).toBe(true);
});

test('a second run with the same workers ends, and those of the first wait until its preparation is over', async () => {
  const { workers, admissionFile, served, isOver } = await waitingWorker();
  const first = opened.use(await openReception(workers, caller()));
  await expect(openReception(workers, caller())).rejects.toMatchObject({
    code: 'port-in-use',
    hint: expect.stringContaining('another run may have its workers there') as string,
  });
  // Longer than a worker waits between two attempts.
  await systemClock.sleep(seconds(1.5));
  expect(isOver()).toBe(false);
  const crew = await openWorkers(workers, first, { hosts: {} }, caller());
  expect(crew.shares).toHaveLength(1);
  expect(existsSync(admissionFile)).toBe(false);
  await crew[Symbol.asyncDispose]();
  await served;
});

test('workers wait on after a run that ended before it admitted or dismissed them', async () => {
  const { workers, isOver } = await waitingWorker();
  await (await openReception(workers, caller()))[Symbol.asyncDispose]();
  expect(isOver()).toBe(false);
  const again = opened.use(await openReception(workers, caller()));
  opened.use(await openWorkers(workers, again, { hosts: {} }, caller()));
});
