// Shares one SSH connection among all readers of a host; it opens on first use and reopens after a failure.

import { type Clock, seconds, untilAborted } from '../../core/clock.ts';
import { AppError, endOfWait, ignoreFault } from '../../core/errors.ts';
import type { Io } from '../host-files.ts';
import type { SshTarget } from './connect.ts';
import { ConnectionBroke, openSession, type SshSession } from './session.ts';

export interface SshConnection extends AsyncDisposable {
  /**
   * Runs work that only reads: if the connection breaks, the work is repeated once on a new one.
   * @throws AppError of `openSession`, and host-hung if the signal's deadline passes before the work is done
   */
  use<T>(io: Io, work: (session: SshSession) => Promise<T>): Promise<T>;
}

const firstWaitSeconds = 1;
const longestWaitSeconds = 60;
/** A missed deadline means one slow reading. If nothing at all arrives for this long after it, the connection hangs. */
const hungAfter = seconds(10);

export function createSshConnection(
  name: string,
  target: SshTarget,
  {
    clock,
    random = Math.random,
    sftpMilliseconds,
  }: {
    clock: Pick<Clock, 'monotonic' | 'sleep'>;
    random?: () => number;
    /** Same as in `openSession`. */
    sftpMilliseconds?: number;
  },
): SshConnection {
  let opening: Promise<SshSession> | undefined;
  let failure: { error: unknown; count: number; notBefore: number } | undefined;
  let questioned: typeof opening;
  const closing = new AbortController();

  function current(): Promise<SshSession> {
    if (closing.signal.aborted) return Promise.reject(closing.signal.reason as Error);
    if (opening !== undefined) return opening;
    // A host that refuses connections is not retried in each reading; the reading reports the last failure.
    if (failure !== undefined && clock.monotonic() < failure.notBefore) return Promise.reject(failure.error);
    const attempt = openSession(name, target, sftpMilliseconds);
    opening = attempt;
    attempt.then(
      ({ ended }) => {
        failure = undefined;
        if (ended.aborted) forget(attempt);
        else ended.addEventListener('abort', () => forget(attempt), { once: true });
      },
      (error: unknown) => {
        const count = (failure?.count ?? 0) + 1;
        const wait = Math.min(longestWaitSeconds, firstWaitSeconds * 2 ** (count - 1));
        failure = { error, count, notBefore: clock.monotonic() + wait * (0.5 + random() / 2) };
        forget(attempt);
      },
    );
    return attempt;
  }

  function forget(attempt: typeof opening) {
    if (opening === attempt) opening = undefined;
  }

  /** Closes the session, which notifies waiting callers. */
  function discard(attempt: typeof opening) {
    forget(attempt);
    attempt?.then((session) => session.close()).catch(ignoreFault('a failed connection needs no closing'));
  }

  /** Sends the smallest possible requests, one to SFTP and one as a command. */
  async function endIfHung(attempt: Promise<SshSession>): Promise<void> {
    if (questioned === attempt) return;
    questioned = attempt;
    const enough = new AbortController();
    const signal = AbortSignal.any([enough.signal, closing.signal]);
    clock.sleep(hungAfter, { signal }).then(() => discard(attempt), endOfWait);
    try {
      const session = await attempt;
      const { promise, resolve } = Promise.withResolvers<void>();
      session.sftp.realpath('.', () => resolve());
      await untilAborted(Promise.all([promise, session.run('true', '')]), session.ended);
    } catch (fault) {
      ignoreFault('readers of an ended connection get the failure themselves')(fault);
    } finally {
      enough.abort();
      if (questioned === attempt) questioned = undefined;
    }
  }

  async function work<T>(
    attempt: Promise<SshSession>,
    { signal }: Io,
    on: (session: SshSession) => Promise<T>,
  ): Promise<T> {
    const done = attempt.then(async (session) => {
      const answer = await untilAborted(on(session), session.ended);
      session.ended.throwIfAborted();
      return answer;
    });
    try {
      return await untilAborted(done, signal);
    } catch (error) {
      if (!signal.aborted || !isTimeout(signal.reason)) throw error;
      void endIfHung(attempt);
      throw new AppError('host-hung', `host ${name} did not answer before the deadline of this reading`, {
        cause: error,
      });
    }
  }

  return {
    async use(io, on) {
      io.signal.throwIfAborted();
      try {
        return await work(current(), io, on);
      } catch (error) {
        if (io.signal.aborted || !(error instanceof ConnectionBroke)) throw error;
        return work(current(), io, on);
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new AppError('host-unreachable', `host ${name}: its connection was closed here`));
      discard(opening);
    },
  };
}

/** Adds a deadline to changes, which have none: otherwise they would wait forever for a reading that hangs. */
export const answeringIn = (longestMs: number, connection: SshConnection): SshConnection => ({
  use: ({ signal }, work) =>
    connection.use({ signal: AbortSignal.any([signal, AbortSignal.timeout(longestMs)]) }, work),
  [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
});

const isTimeout = (reason: unknown) => reason instanceof DOMException && reason.name === 'TimeoutError';
