// Runs a traffic thread: opens the configured driver and exchanges messages with the coordinator.

import { parentPort, workerData } from 'node:worker_threads';
import { driverOf } from '../../../brokers/registry.ts';
import { ClusterConfig } from '../../../brokers/config.ts';
import { AppError } from '../../../core/errors.ts';
import type { RunOrigin } from '../run-clock.ts';
import { type Lease, underLease } from './lease.ts';
import { createMailbox } from './mailbox.ts';
import { runAssignment } from './run-assignment.ts';
import { Assignment, ToThread, type FromThread } from './thread-messages.ts';

const { lease, ...given } = workerData as { assignment: unknown; lease?: Lease };
const assignment = Assignment.parse(given.assignment);
const post = (message: FromThread) => parentPort?.postMessage(message);
const started = Promise.withResolvers<RunOrigin>();
const stopping = new AbortController();
const mailbox = createMailbox<ToThread>();

parentPort?.on('message', (data: unknown) => {
  const message = ToThread.parse(data);
  if (message.kind === 'start') started.resolve(message.origin);
  else if (message.kind === 'stop') stopping.abort(new AppError('aborted', 'the run is over'));
  else mailbox.put(message);
});

try {
  const config = ClusterConfig.parse(assignment.config);
  const io = { signal: stopping.signal };
  await using traffic = await driverOf(config).traffic(assignment.cluster, config, io, { throughProxy: true });
  await runAssignment(assignment, lease ? underLease(traffic, lease) : traffic, {
    onReady: () => post({ kind: 'ready' }),
    onLines: (lines) => post({ kind: 'lines', lines }),
    onDriven: (untilSeconds) => post({ kind: 'driven', untilSeconds }),
    started: started.promise,
    stopped: stopping.signal,
    mailbox,
  });
} catch (error) {
  if (!stopping.signal.aborted) {
    const { code, message, hint } = error instanceof AppError ? error : new AppError('run-failed', String(error));
    post({ kind: 'fault', code, message, hint });
  }
}
post({ kind: 'done' });
parentPort?.close();
