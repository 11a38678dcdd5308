// Resolves the connection to a Kubernetes API server: a kubeconfig file, or the service account of the pod.

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { AppError, faultAs } from '../../core/errors.ts';
import { defined } from '../../core/defined.ts';

export interface KubernetesAccess {
  server: URL;
  /** PEM. Absent: Node's certificate authorities. */
  ca?: string;
  /** PEM; requires `key`. */
  cert?: string;
  key?: string;
  token?: string;
  /** Expected name in the server certificate. */
  serverName?: string;
}

interface Wanted {
  kubeconfig?: string | undefined;
  context?: string | undefined;
  environment: NodeJS.ProcessEnv;
  signal: AbortSignal;
}

const text = z.string().optional();
const Cluster = z.looseObject({
  server: z.url({ protocol: /^https?$/ }),
  'certificate-authority': text,
  'certificate-authority-data': text,
  'tls-server-name': text,
  'insecure-skip-tls-verify': z.boolean().optional(),
});
const User = z.looseObject({
  token: text,
  tokenFile: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  exec: z.unknown().optional(),
  'auth-provider': z.unknown().optional(),
  username: text,
});

/** Fields of a kubeconfig file (kubernetes.io/docs/reference/config-api/kubeconfig.v1). */
export const Kubeconfig = z.looseObject({
  'current-context': text,
  contexts: z.array(z.looseObject({ name: z.string(), context: z.looseObject({ cluster: z.string(), user: text }) })),
  clusters: z.array(z.looseObject({ name: z.string(), cluster: Cluster })),
  users: z.array(z.looseObject({ name: z.string(), user: User })).default([]),
});

/** Where Kubernetes mounts token and CA in a pod (kubernetes.io/docs/tasks/run-application/access-api-from-pod). */
const podFolder = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Precedence: --kubeconfig, $KUBECONFIG, the service account of the pod, ~/.kube/config. @throws AppError usage, config-invalid, config-unreadable */
export async function resolveAccess({ kubeconfig, context, environment, signal }: Wanted): Promise<KubernetesAccess> {
  const named = kubeconfig ?? environment['KUBECONFIG'];
  if (named !== undefined && named !== '') return fromKubeconfig(named, context, signal);
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443', HOME: home } = environment;
  if (host !== undefined && existsSync(join(podFolder, 'token'))) {
    const [token, ca] = await Promise.all(
      ['token', 'ca.crt'].map((name) => readFile(join(podFolder, name), { encoding: 'utf8', signal })),
    );
    const server = new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
    return { server, ...(ca && { ca }), ...(token && { token: token.trim() }) };
  }
  const own = home === undefined ? undefined : join(home, '.kube', 'config');
  if (own !== undefined && existsSync(own)) return fromKubeconfig(own, context, signal);
  throw new AppError('usage', 'no Kubernetes cluster is configured', {
    hint: 'give --kubeconfig FILE, or run in a pod with a service account (`automountServiceAccountToken: true`)',
  });
}

async function fromKubeconfig(
  file: string,
  wanted: string | undefined,
  signal: AbortSignal,
): Promise<KubernetesAccess> {
  const parsed = Kubeconfig.safeParse(parsedYaml(file, await read(file, file, signal)));
  if (!parsed.success)
    throw invalid(file, `${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`);
  const { contexts, clusters, users, 'current-context': current } = parsed.data;
  const name = wanted ?? current;
  const context = contexts.find((each) => each.name === name)?.context;
  const cluster = clusters.find((each) => each.name === context?.cluster)?.cluster;
  if (context === undefined || cluster === undefined) {
    throw invalid(
      file,
      `it has no ${context === undefined ? `context ${name ?? '(current-context is not set)'}` : `cluster ${context.cluster}`}`,
    );
  }
  const user = users.find((each) => each.name === context.user)?.user;
  if (cluster['insecure-skip-tls-verify'] === true) {
    throw invalid(
      file,
      'insecure-skip-tls-verify would send the token to any server',
      'name the authority with certificate-authority',
    );
  }
  if (
    user?.token === undefined &&
    user?.tokenFile === undefined &&
    (user?.exec ?? user?.['auth-provider'] ?? user?.username) !== undefined
  ) {
    throw invalid(
      file,
      `user ${context.user} logs in with a program or a password, which is not supported`,
      'create a token: kubectl create token NAME, and put it into a separate kubeconfig file',
    );
  }
  const pem = async (path: string | undefined, data: string | undefined) => {
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
    return path === undefined ? undefined : read(file, resolve(dirname(file), path), signal);
  };
  const ca = await pem(cluster['certificate-authority'], cluster['certificate-authority-data']);
  const cert = await pem(user?.['client-certificate'], user?.['client-certificate-data']);
  const key = await pem(user?.['client-key'], user?.['client-key-data']);
  const token = user?.token ?? (await pem(user?.tokenFile, undefined))?.trim();
  return defined({ server: new URL(cluster.server), ca, cert, key, token, serverName: cluster['tls-server-name'] });
}

/** Hides parser messages, which quote the file with its token. @throws AppError config-invalid */
function parsedYaml(file: string, content: string): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(content, { prettyErrors: false, lineCounter });
  const [error] = document.errors;
  const hint = 'correct the file; `kubectl config view` reads it, too';
  if (error !== undefined) {
    throw invalid(file, `line ${lineCounter.linePos(error.pos[0]).line} is not valid YAML (${error.code})`, hint);
  }
  try {
    return document.toJS();
  } catch {
    throw invalid(file, 'an alias (`*name`) in it cannot be resolved', hint);
  }
}

async function read(kubeconfig: string, path: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(path, { encoding: 'utf8', signal });
  } catch (cause) {
    signal.throwIfAborted();
    const hint = path === kubeconfig ? 'give a readable file with --kubeconfig' : `${kubeconfig} names this file`;
    return faultAs('config-unreadable', `cannot read ${path}`, hint)(cause);
  }
}

const invalid = (file: string, reason: string, hint = '`kubectl config view` shows its contexts') =>
  new AppError('config-invalid', `cannot use kubeconfig ${file}: ${reason}`, { hint });
