import { existsSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dismissWorkers } from '../../../../app/load-test/open-workers.ts';
import { systemClock } from '../../../../core/clock.ts';
import { AppError } from '../../../../core/errors.ts';
import { freePorts } from '../../../../lab/free-port.ts';
import { WorkersConfig } from '../../../../loadgen/remote/config.ts';
import { issuePasses } from '../../../../loadgen/remote/pass.ts';
import { programVersion } from '../../../../loadgen/remote/program-version.ts';
import { awaitCoordinator } from '../../../../loadgen/remote/serve-coordinator.ts';
import { startTrafficThread } from '../../../../loadgen/execute/workers/traffic-thread.ts';

test('a worker that waits for a refused run ends with the reason, and its pass stays valid', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-dismiss-'));
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
  const served = awaitCoordinator(
    { ...pass, connect: { host: '127.0.0.1', port } },
    {
      version: programVersion(),
      clock: systemClock,
      startThread: startTrafficThread,
      waitSeconds: 600,
      onWaiting: () => waiting.resolve(),
    },
    { signal: AbortSignal.timeout(10_000) },
  );
  const ended = expect(served).rejects.toMatchObject({
    code: 'load-test-refused',
    message: 'the run did not start: cluster lab cannot take this load: its disk is too small',
    hint: expect.stringContaining('its pass is still valid') as string,
  });
  await waiting.promise;
  const refused = new AppError('load-test-refused', 'cluster lab cannot take this load: its disk is too small');
  await dismissWorkers(workers, refused, systemClock);
  await ended;
  expect(existsSync(admissionFile)).toBe(true);
});
