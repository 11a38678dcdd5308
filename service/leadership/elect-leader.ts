// Elects one leader among services that share a history: a heartbeat in a file beside it, and a term in the history itself.

import { open, readFile } from 'node:fs/promises';
import { type Clock, seconds } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { Terms } from '../history/terms.ts';
import { AppError, endOfWait } from '../../core/errors.ts';
import { ifPresent } from '../../core/files.ts';
import { parseJson } from '../../core/text/parse-json.ts';

/**
 * Same values as the leader election of Kubernetes (k8s.io/client-go/tools/leaderelection: lease, renew deadline and
 * retry period).
 */
const leaseSeconds = 15;
const renewDeadlineSeconds = 10;
const retrySeconds = 2;

interface ElectionParts {
  /** Heartbeat file that the leader writes every 2 s, in place: on NFS, opening a file returns its last written content. */
  file: string;
  /** Name of this instance, such as `ops-1:18761`. */
  name: string;
  terms: Terms;
  /** Id of the newest entry of the history. */
  revision(): number;
  clock: Clock;
  log: Pick<Logger, 'info' | 'warn'>;
}

interface Turn {
  term: number;
  /** Monotonic time at which the last heartbeat that reached the disk was started. */
  renewedAt: number;
  inheritedUpTo: number;
}

/**
 * Compares no clocks of two machines. A waiting instance takes over when the heartbeat has not changed for 15 s on its
 * monotonic clock; the leader stops when it could not write a heartbeat for 10 s on its monotonic clock.
 */
export function electLeader({ file, name, terms, revision, clock, log }: ElectionParts) {
  let turn: Turn | undefined;
  let seen: { print: string; at: number } | undefined;
  let beat = 0;
  let trouble: string | undefined;

  function giveUp(why: string): void {
    if (turn === undefined) return;
    turn = undefined;
    seen = undefined;
    log.warn({ instance: name, why }, 'this instance no longer runs the scheduled jobs');
  }

  function current(): Turn | undefined {
    if (turn !== undefined && clock.monotonic() - turn.renewedAt >= renewDeadlineSeconds)
      giveUp(
        `it could not write its heartbeat for ${renewDeadlineSeconds} s${trouble === undefined ? '' : `: ${trouble}`}`,
      );
    return turn;
  }

  async function writeBeat(term: number, isReleased = false): Promise<void> {
    beat++;
    const text = JSON.stringify({ term, holder: name, beat, at: clock.now(), ...(isReleased && { isReleased }) });
    await writeInPlace(file, `${text}\n`);
  }

  async function renew(led: Turn): Promise<void> {
    const { number, holder } = terms.now();
    if (number !== led.term) return giveUp(`${holder} has taken over`);
    const at = clock.monotonic();
    await writeBeat(led.term);
    // The instance may have given up during the write.
    if (turn === led) turn.renewedAt = at;
  }

  /** @returns the current term, once its holder has released it or is silent */
  async function silentTerm(): Promise<number | undefined> {
    const { number } = terms.now();
    const text = await ifPresent(readFile(file, 'utf8'));
    if (number === 0 || isReleasedIn(text, number)) return number;
    const print = `${number} ${text}`;
    const now = clock.monotonic();
    if (seen?.print !== print) seen = { print, at: now };
    return now - seen.at >= leaseSeconds ? number : undefined;
  }

  async function takeOver(): Promise<void> {
    const former = await silentTerm();
    if (former === undefined) return;
    const at = clock.monotonic();
    const term = terms.claim(former, name);
    if (term === undefined) return;
    await writeBeat(term);
    if (clock.monotonic() - at >= renewDeadlineSeconds) return;
    turn = { term, renewedAt: at, inheritedUpTo: revision() };
    log.info({ instance: name, term }, 'this instance runs the scheduled jobs');
  }

  async function round(): Promise<void> {
    try {
      const led = current();
      await (led === undefined ? takeOver() : renew(led));
      trouble = undefined;
    } catch (cause) {
      const reason = (cause as Error).message;
      if (!(cause instanceof AppError) && !('code' in (cause as Error))) throw cause;
      if (reason !== trouble)
        log.warn({ instance: name, reason }, 'cannot read or write the leadership of the scheduled jobs');
      trouble = reason;
    }
  }

  async function release(): Promise<void> {
    const led = current();
    turn = undefined;
    // If the release cannot be written, other instances wait for the heartbeat to expire.
    if (led !== undefined)
      await writeBeat(led.term, true).catch((cause: Error) =>
        log.warn({ reason: cause.message }, 'cannot release the leadership'),
      );
  }

  return {
    term: () => current()?.term,
    inheritedUpTo: () => turn?.inheritedUpTo ?? 0,
    /** Runs the election until the signal aborts, then releases, so that another instance takes over at once. */
    async run({ signal }: { signal: AbortSignal }): Promise<void> {
      while (!signal.aborted) {
        await round();
        await clock.sleep(seconds(retrySeconds), { signal }).catch(endOfWait);
      }
      await release();
    },
  };
}

function isReleasedIn(text: string | undefined, term: number): boolean {
  const beat = text === undefined ? undefined : parseJson(text);
  return typeof beat === 'object' && beat !== null && 'isReleased' in beat && 'term' in beat && beat.term === term;
}

/** Overwrites the file, because NFS caches may delay a rename but not content. */
async function writeInPlace(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a+', 0o600).then(async (made) => {
    await made.close();
    return open(file, 'r+');
  });
  try {
    await handle.write(text, 0);
    await handle.truncate(Buffer.byteLength(text));
    await handle.datasync();
  } finally {
    await handle.close();
  }
}
