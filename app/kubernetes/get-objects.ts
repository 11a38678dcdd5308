// Lists custom resources through the Kubernetes API, with limits on pages and bytes.

import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import { requestText } from '../../core/http/http-request.ts';
import { parseJson } from '../../core/text/parse-json.ts';
import type { KubernetesAccess } from './access.ts';

const pageSize = 200;
const mostPages = 50;
const mostBytes = 32 * 2 ** 20;
const patienceMs = 20_000;
const mostRetries = 4;
const longestWaitSeconds = 10;

interface Answer {
  status: number;
  body: string;
  retryAfterSeconds: number;
}

/** Discovery of a group, and a page of a list (kubernetes.io/docs/reference/using-api/api-concepts). */
export const Group = z.looseObject({ versions: z.array(z.looseObject({ version: z.string() })) });
export const Page = z.looseObject({
  metadata: z.looseObject({ continue: z.string().optional() }).default({}),
  items: z.array(z.unknown()),
});

export interface Resource {
  group: string;
  plural: string;
  /** Versions in order of preference; the first that the server supports is used. */
  versions: readonly string[];
}

/**
 * @param namespace absent: all
 * @returns undefined if the server does not have this resource
 * @throws AppError kubernetes-refused
 */
export async function listObjects(
  access: KubernetesAccess,
  { group, plural, versions }: Resource,
  namespace: string | undefined,
  signal: AbortSignal,
): Promise<unknown[] | undefined> {
  const found = await get(access, `/apis/${group}`, Group, signal);
  const version = versions.find((each) => found?.versions.some((served) => served.version === each));
  if (version === undefined) return undefined;
  const place = namespace === undefined ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
  const objects: unknown[] = [];
  let next = '';
  for (let pages = 0; pages < mostPages; pages += 1) {
    const query = new URLSearchParams({ limit: String(pageSize), ...(next !== '' && { continue: next }) });
    const page = await get(access, `/apis/${group}/${version}/${place}${plural}?${query.toString()}`, Page, signal);
    if (page === undefined) return undefined;
    objects.push(...page.items);
    next = page.metadata.continue ?? '';
    if (next === '') return objects;
  }
  throw refused(access, `more than ${mostPages * pageSize} ${plural}.${group}`, 'name one namespace with --namespace');
}

/** @returns undefined on 404 */
async function get<Shape extends z.ZodType>(
  access: KubernetesAccess,
  path: string,
  shape: Shape,
  signal: AbortSignal,
): Promise<z.output<Shape> | undefined> {
  const { status, body } = await askAgain(access, path, signal);
  if (status === 404) return undefined;
  if (status === 401)
    throw refused(access, 'it does not accept the token or certificate (401)', 'renew the login of the kubeconfig');
  if (status === 403) {
    throw refused(
      access,
      `${path.split('?')[0]} is forbidden (403)`,
      'allow `list` as docs/how-to/discover-clusters-in-kubernetes.md shows',
    );
  }
  if (status !== 200) throw refused(access, `${path.split('?')[0]} answered ${status}`);
  const parsed = shape.safeParse(parseJson(body));
  if (!parsed.success) throw refused(access, `${path.split('?')[0]} is not a response of the Kubernetes API`);
  return parsed.data;
}

/** Retries on 429: a starting or busy server responds with the seconds to wait. */
async function askAgain(access: KubernetesAccess, path: string, signal: AbortSignal): Promise<Answer> {
  for (let left = mostRetries; ; left -= 1) {
    const answer = await ask(access, path, signal);
    if (answer.status !== 429 || left === 0) return answer;
    await sleep(1000 * Math.min(answer.retryAfterSeconds, longestWaitSeconds), undefined, { signal });
  }
}

async function ask(
  { server, ca, cert, key, token, serverName }: KubernetesAccess,
  path: string,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(server.pathname.replace(/\/$/, '') + path, server);
  const options = {
    ca,
    cert,
    key,
    servername: serverName,
    signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    headers: { Accept: 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
  };
  try {
    const { status, headers, text } = await requestText(url, options, mostBytes, tooLong);
    return { status, body: text, retryAfterSeconds: Number(headers['retry-after'] ?? 1) || 1 };
  } catch (cause) {
    throw signal.aborted ? signal.reason : refused({ server }, (cause as Error).message);
  }
}

const tooLong = () => new Error(`an answer is longer than ${mostBytes / 2 ** 20} MiB`);

const refused = ({ server }: Pick<KubernetesAccess, 'server'>, reason: string, hint?: string) =>
  new AppError('kubernetes-refused', `cannot list clusters at ${server.origin}: ${reason}`, { hint });
