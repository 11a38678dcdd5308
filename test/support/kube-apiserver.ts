// Starts a real Kubernetes API server with its etcd: without nodes and controllers, so objects are admitted but no pod runs.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../lab/free-port.ts';
import { builtBesideSiblings } from './built-with-go.ts';

export interface KubernetesAnswer {
  status: number;
  body: string;
}

export interface ApiServer extends AsyncDisposable {
  url: string;
  /** CA certificate in PEM. */
  ca: string;
  adminToken: string;
  /** Sends a request as the administrator, unless a token is given. The body is sent as JSON. */
  ask(
    method: string,
    path: string,
    options?: { body?: unknown; type?: string; token?: string },
  ): Promise<KubernetesAnswer>;
}

/** Building takes five minutes of one processor the first time. */
export const apiServerPrograms = async () => ({
  etcd: await builtBesideSiblings('etcd', 'go.etcd.io/etcd/server/v3', 'v3.6.5', 'go.etcd.io/etcd/server/v3', 'v3.6.5'),
  server: await builtBesideSiblings(
    'kube-apiserver',
    'k8s.io/kubernetes',
    'v1.34.1',
    'k8s.io/kubernetes/cmd/kube-apiserver',
    'v0.34.1',
  ),
});

export async function startApiServer(): Promise<ApiServer> {
  const programs = await apiServerPrograms();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-kubernetes-'));
  const running: ChildProcess[] = [];
  const stop = async () => {
    for (const child of running.toReversed()) await ended(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [etcdPort, peerPort, port] = await freePorts(3);
    const etcd = `http://127.0.0.1:${etcdPort}`;
    const words = ['--data-dir', join(folder, 'etcd'), '--listen-client-urls', etcd, '--advertise-client-urls', etcd];
    const peers = ['--listen-peer-urls', `http://127.0.0.1:${peerPort}`, '--log-level', 'error', '--unsafe-no-fsync'];
    running.push(spawn(programs.etcd, [...words, ...peers], { stdio: 'ignore' }));

    const key = join(folder, 'service-account.key');
    const made = spawnSync('openssl', ['genrsa', '-out', key, '2048'], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
    const adminToken = 'administrator-of-the-test';
    await writeFile(join(folder, 'tokens.csv'), `${adminToken},admin,admin,"system:masters"\n`);
    const certificates = join(folder, 'certificates');
    const log: string[] = [];
    const server = spawn(
      programs.server,
      [
        `--etcd-servers=${etcd}`,
        '--bind-address=127.0.0.1',
        `--secure-port=${port}`,
        `--cert-dir=${certificates}`,
        `--token-auth-file=${join(folder, 'tokens.csv')}`,
        '--authorization-mode=RBAC',
        '--service-account-issuer=https://kubernetes.default.svc',
        `--service-account-signing-key-file=${key}`,
        `--service-account-key-file=${key}`,
        '--service-cluster-ip-range=10.0.0.0/24',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    server.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text));
    running.push(server);

    let ca = '';
    const url = `https://127.0.0.1:${port}`;
    const ask: ApiServer['ask'] = (method, path, { body, type = 'application/json', token = adminToken } = {}) =>
      send(`${url}${path}`, ca, {
        method,
        headers: { Authorization: `Bearer ${token}`, ...(body !== undefined && { 'Content-Type': type }) },
        body: body === undefined ? '' : JSON.stringify(body),
      });
    for (let tries = 0; ; tries += 1) {
      ca = await readFile(join(certificates, 'apiserver.crt'), 'utf8').catch(() => '');
      const answer = ca === '' ? undefined : await ask('GET', '/readyz').catch(() => undefined);
      if (answer?.status === 200) break;
      if (tries > 300 || server.exitCode !== null)
        throw new Error(`kube-apiserver did not start:\n${log.join('').slice(-3000)}`);
      await sleep(200);
    }
    return { url, ca, adminToken, ask, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Sent {
  method: string;
  headers: Record<string, string>;
  body: string;
}

function send(url: string, ca: string, { method, headers, body }: Sent): Promise<KubernetesAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<KubernetesAnswer>();
  const sent = request(url, { method, headers, ca, signal: AbortSignal.timeout(20_000) }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => (text += part));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    response.on('error', reject);
  });
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
