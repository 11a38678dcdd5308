// Reads target lists in the format of Prometheus' file_sd and http_sd.

import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Io } from '../brokers/driver.ts';
import { type Clock, untilAborted } from '../core/clock.ts';
import { requestTls, TlsConfig } from '../brokers/tls-config.ts';
import { headersOf, HttpAuthorization, SecretHeaders, HttpUrl } from '../core/http/http-config.ts';
import { requestText } from '../core/http/http-request.ts';
import { parseJson } from '../core/text/parse-json.ts';
import type { OngoingProblem } from '../core/problem-log.ts';
import { ignoreFault } from '../core/errors.ts';
import { failureReason } from './failure-reason.ts';

export const TargetList = z
  .strictObject({
    module: z.string().describe('entry of exporter.modules that is used for them'),
    file: z.string().min(1).optional().describe('JSON or YAML file; reloaded when it changes'),
    url: HttpUrl.optional().describe('URL that returns JSON'),
    authorization: HttpAuthorization.optional(),
    headers: SecretHeaders.optional(),
    tls: TlsConfig.optional(),
    refreshSeconds: z.int().min(5).default(60).describe('interval at which url is read'),
  })
  .refine(({ file, url }) => (file === undefined) !== (url === undefined), 'needs either file or url')
  .refine(
    ({ url, ...of }) => url !== undefined || (of.authorization ?? of.headers ?? of.tls) === undefined,
    'authorization, headers and tls belong to a url',
  );
export type TargetList = z.infer<typeof TargetList>;

/*
 * prometheus.io/docs/prometheus/latest/http_sd
 *
 *   [ { "targets": ["host:port", …], "labels": { "cluster": "prod", … } }, … ]
 *
 * Each target is a cluster; host:port,host:port is one with several addresses. Its name is the label `cluster` if its group
 * has one target, else the target.
 */
const Groups = z.array(
  z.object({ targets: z.array(z.string()), labels: z.record(z.string(), z.string()).default({}) }),
);

export interface ListedTarget {
  name: string;
  target: string;
}

/** The last targets, and why there are no newer ones. Rejects only if the signal aborts. */
type ListReader = (io: Io) => Promise<{ targets: readonly ListedTarget[]; trouble?: OngoingProblem }>;

const largestBytes = 2 * 2 ** 20;
const httpDeadlineMs = 5000;
const mostRedirects = 5;
/** Longest wait of a page for a slow server, after which it shows the known clusters; at first there are none. */
const patienceMs = { atFirst: 1000, later: 200 };
/** Interval of retries for a failed server, unless its period is shorter. */
const retrySeconds = 15;

/** By `keyOf`: a server may return other targets to another login. They survive a reader, so that after a reload the next reader has targets before it reads its list. */
export type LastTargets = Map<string, readonly ListedTarget[]>;

export const keyOf = ({ file, url, authorization, headers }: TargetList): string =>
  JSON.stringify([file, url, authorization, headers]);

export function createListReader(list: TargetList, clock: Clock, lastTargets: LastTargets): ListReader {
  const key = keyOf(list);
  const before = lastTargets.get(key) ?? [];
  const read =
    list.file === undefined
      ? createHttpReader(list.url ?? '', list, clock, before)
      : createFileReader(list.file, before);
  return async (io) => {
    const outcome = await read(io);
    lastTargets.set(key, outcome.targets);
    return outcome;
  };
}

function createFileReader(file: string, before: readonly ListedTarget[]): ListReader {
  let targets = before;
  let seen: string | undefined;

  return async (io) => {
    try {
      const status = await stat(file);
      if (!status.isFile()) throw new Error('it is not a file');
      if (status.size > largestBytes) throw tooLarge();
      // A file replaced by renaming has another inode.
      const version = `${status.ino} ${status.size} ${status.mtimeMs}`;
      if (version !== seen) {
        const text = await readFile(file, { encoding: 'utf8', signal: io.signal });
        // An editor may have truncated the file before writing; an intentionally empty list is [].
        if (text.trim() === '') throw new Error('it is empty');
        targets = targetsOf(file.endsWith('.json') ? parseJson(text) : parse(text, { maxAliasCount: 0 }));
        seen = version;
      }
      return { targets };
    } catch (cause) {
      io.signal.throwIfAborted();
      return { targets, trouble: troubleWith(file, cause) };
    }
  };
}

function createHttpReader(url: string, list: TargetList, clock: Clock, before: readonly ListedTarget[]): ListReader {
  let targets = before;
  let trouble: OngoingProblem | undefined;
  let askAgainAt = -Infinity;
  let asking: Promise<void> | undefined;
  let patience = patienceMs.atFirst;

  /** Continues after the scrape that started it. */
  async function askNow(): Promise<void> {
    try {
      targets = targetsOf(parseJson(await fetchText(url, list)));
      trouble = undefined;
      askAgainAt = clock.monotonic() + list.refreshSeconds;
    } catch (cause) {
      trouble = troubleWith(url, cause);
      askAgainAt = clock.monotonic() + Math.min(list.refreshSeconds, retrySeconds);
    } finally {
      asking = undefined;
      patience = patienceMs.later;
    }
  }

  return async ({ signal }) => {
    if (clock.monotonic() >= askAgainAt) asking ??= askNow();
    if (asking !== undefined) {
      await untilAborted(asking, AbortSignal.any([signal, AbortSignal.timeout(patience)])).catch(
        ignoreFault('the last known targets are kept'),
      );
      signal.throwIfAborted();
    }
    return { targets, ...(trouble !== undefined && { trouble }) };
  };
}

async function fetchText(address: string, list: TargetList): Promise<string> {
  const headers = headersOf(list);
  const signal = AbortSignal.timeout(httpDeadlineMs);
  let url = new URL(address);
  for (let redirects = 0; ; redirects++) {
    const options = { signal, headers, ...requestTls(url, list.tls) };
    const { status, headers: answer, text } = await requestText(url, options, largestBytes, tooLarge);
    if (status === 200) return text;
    const isRedirect = [301, 302, 303, 307, 308].includes(status) && redirects < mostRedirects;
    const next = isRedirect && answer.location ? URL.parse(answer.location, url.href) : null;
    if (next === null || !/^https?:$/.test(next.protocol)) throw new Error(`it answered with status ${status}`);
    // An answer must not choose who receives the login, or that it is sent without encryption.
    const keepsLogin = next.hostname === url.hostname && (next.protocol === 'https:' || url.protocol === 'http:');
    if (!keepsLogin && Object.keys(headers).length > 0) {
      throw new Error(`it redirects to ${next.origin}, which does not receive the login: configure that URL`);
    }
    url = next;
  }
}

function targetsOf(written: unknown): ListedTarget[] {
  if (written === undefined) throw new Error('it is not JSON');
  const groups = Groups.safeParse(written);
  if (!groups.success) throw new Error('it is not a list of { targets, labels }');
  return groups.data.flatMap(({ targets, labels }) =>
    targets.map((target) => ({ target, name: (targets.length === 1 ? labels['cluster'] : undefined) ?? target })),
  );
}

const tooLarge = () => new Error(`it is larger than ${largestBytes / 2 ** 20} MiB`);

function troubleWith(source: string, cause: unknown): OngoingProblem {
  const fields = { source, reason: failureReason(cause as Error) };
  return {
    about: source,
    level: 'warn',
    message: 'cannot read a list of targets; the previous list stays in use',
    fields,
  };
}
