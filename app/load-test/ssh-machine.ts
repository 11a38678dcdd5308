// Connects to a host of `hosts` over SSH to start a worker.

import { untilAborted } from '../../core/abort.ts';
import { AppError } from '../../core/errors.ts';
import type { SshTarget } from '../../hosts/ssh/connect.ts';
import { openSession } from '../../hosts/ssh/session.ts';
import type { RemoteMachine } from '../../loadgen/remote/machine.ts';

/** @throws AppError of `openSession` */
export async function openSshMachine(name: string, target: SshTarget): Promise<RemoteMachine & Disposable> {
  const session = await openSession(name, target);
  return {
    name,
    async run(command, input, { signal, onLog }) {
      const output = { stdout: '', stderr: '' };
      const streams = onLog ? followLines(output, onLog) : output;
      const work = session.run(command, input, streams);
      return untilAborted(untilAborted(work, session.ended), signal);
    },
    put: (file, path, { signal }) =>
      untilAborted(
        new Promise<void>((resolve, reject) => {
          session.sftp.fastPut(file, path, { mode: 0o600 }, (cause) => {
            if (cause === undefined || cause === null) return resolve();
            reject(
              new AppError('host-unreadable', `cannot copy to ${path} on host ${name}: ${cause.message}`, {
                cause,
                hint: 'check free disk space and the permissions of that folder',
              }),
            );
          });
        }),
        AbortSignal.any([signal, session.ended]),
      ),
    [Symbol.dispose]: () => session.close(),
  };
}

/** Passes the output through, and each complete line of standard error to `onLine`. */
function followLines(output: { stdout: string; stderr: string }, onLine: (line: string) => void) {
  let lineStart = 0;
  return {
    get stdout() {
      return output.stdout;
    },
    set stdout(text) {
      output.stdout = text;
    },
    get stderr() {
      return output.stderr;
    },
    set stderr(text) {
      output.stderr = text;
      for (let end = text.indexOf('\n', lineStart); end >= 0; end = text.indexOf('\n', lineStart)) {
        onLine(text.slice(lineStart, end));
        lineStart = end + 1;
      }
    },
  };
}
