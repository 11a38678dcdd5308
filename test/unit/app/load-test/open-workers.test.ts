import { existsSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openWorkers } from '../../../../app/load-test/open-workers.ts';
import { systemClock } from '../../../../core/clock.ts';
import { freePorts } from '../../../../lab/free-port.ts';
import { WorkersConfig } from '../../../../loadgen/remote/config.ts';
import { issuePasses } from '../../../../loadgen/remote/pass.ts';
import { programVersion } from '../../../../loadgen/remote/program-version.ts';
import { awaitCoordinator } from '../../../../loadgen/remote/serve-coordinator.ts';
import { startTrafficThread } from '../../../../loadgen/execute/workers/traffic-thread.ts';

/** Config of a run whose worker connects by itself, and the pass of that worker. */
async function selfConnecting(folder: string) {
  const admission = join(folder, 'admission.json');
  const issued = issuePasses(['job-1'], new Date());
  await writeFile(admission, JSON.stringify(issued.admission));
  const [port = 0] = await freePorts(1);
  const workers = WorkersConfig.parse({ machines: [{ name: 'job-1' }], listen: `127.0.0.1:${port}`, admission });
  const [pass] = issued.passes.values();
  if (pass === undefined) throw new Error('no pass');
  return { workers, admission, port, pass: { ...pass, connect: { host: '127.0.0.1', port } } };
}

const open = (workers: WorkersConfig) =>
  openWorkers(
    workers,
    { hosts: {} },
    { environment: {}, signal: AbortSignal.timeout(10_000), clock: systemClock, tell: () => {} },
  );

test('a worker that waited for a run joins it, and a second run with the same workers ends without an effect', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-workers-'));
  const { workers, admission, pass } = await selfConnecting(folder.path);
  const tools = { version: programVersion(), clock: systemClock, startThread: startTrafficThread };
  const waiting = Promise.withResolvers<void>();
  const served = awaitCoordinator(
    pass,
    { ...tools, waitSeconds: 600, onWaiting: () => waiting.resolve() },
    { signal: AbortSignal.timeout(10_000) },
  );
  await waiting.promise;
  const first = open(workers);
  await expect.poll(() => existsSync(admission)).toBe(false);
  // The second one had read the file before.
  await writeFile(admission, JSON.stringify(issuePasses(['job-1'], new Date()).admission));
  await expect(open(workers)).rejects.toMatchObject({
    code: 'port-in-use',
    hint: expect.stringContaining('if another run has its workers there, wait for its end') as string,
  });
  const crew = await first;
  expect(crew.shares).toHaveLength(1);
  await crew[Symbol.asyncDispose]();
  await served;
});

test('a run that cannot listen for its workers leaves their passes valid', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-workers-'));
  const { workers, admission, port } = await selfConnecting(folder.path);
  await using other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  await expect(open(workers)).rejects.toMatchObject({ code: 'port-in-use' });
  expect(existsSync(admission)).toBe(true);
});
