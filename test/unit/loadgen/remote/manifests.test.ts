import { mkdtempDisposable, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { renderManifests } from '../../../../loadgen/remote/manifests.ts';
import { issuePasses, parseAdmission, parsePass } from '../../../../loadgen/remote/pass.ts';
import { runWords } from '../../../support/run-words.ts';

/** What kubectl checks of both: kubernetes/api, core/v1 Secret and batch/v1 Job, only the fields in use. */
const Metadata = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
    .max(63),
  namespace: z.string(),
  labels: z.record(z.string(), z.string().max(63)),
});
const Secret = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata: Metadata,
  type: z.literal('Opaque'),
  stringData: z.record(z.string(), z.string()),
});
const Mount = z.strictObject({ name: z.string(), mountPath: z.string(), readOnly: z.literal(true) });
const Volume = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
  secret: z.strictObject({ secretName: z.string(), defaultMode: z.literal(0o444) }),
});
const Job = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: Metadata,
  spec: z.strictObject({
    backoffLimit: z.literal(0),
    completions: z.literal(1),
    parallelism: z.literal(1),
    ttlSecondsAfterFinished: z.number().int(),
    template: z.strictObject({
      metadata: z.strictObject({ labels: z.record(z.string(), z.string()) }),
      spec: z.strictObject({
        restartPolicy: z.literal('Never'),
        automountServiceAccountToken: z.literal(false),
        securityContext: z.looseObject({ runAsNonRoot: z.literal(true) }),
        topologySpreadConstraints: z.array(z.looseObject({ maxSkew: z.number(), topologyKey: z.string() })),
        containers: z.tuple([
          z.looseObject({
            name: z.string(),
            image: z.string(),
            args: z.array(z.string()),
            volumeMounts: z.tuple([Mount], Mount),
          }),
        ]),
        volumes: z.tuple([Volume], Volume),
      }),
    }),
  }),
});

test('each worker gets a Secret with its pass and a Job that reads it', () => {
  const { passes } = issuePasses(['job-1', 'job-2'], new Date());
  const connect = { host: '10.0.0.5', port: 7480 };
  const text = renderManifests({
    passes: [...passes.values()].map((pass) => ({ ...pass, connect })),
    namespace: 'load',
    image: 'registry.example/plimsoll:0.1.0',
    cpu: '2',
    memory: '2Gi',
    secrets: ['kafka-login', 'orders.cluster-ca-cert'],
  });
  const documents = parseAllDocuments(text).map((document) => document.toJS() as unknown);
  expect(documents).toHaveLength(4);
  for (const [index, worker] of ['job-1', 'job-2'].entries()) {
    const secret = Secret.parse(documents[2 * index]);
    const job = Job.parse(documents[2 * index + 1]);
    const { containers, volumes } = job.spec.template.spec;
    expect(parsePass(secret.stringData['pass.json'] ?? '', 'the Secret')).toMatchObject({ worker, connect });
    expect(volumes[0].secret.secretName).toBe(secret.metadata.name);
    expect(containers[0].volumeMounts[0].name).toBe(volumes[0].name);
    expect(containers[0].args).toEqual(['worker', '--pass', `${containers[0].volumeMounts[0].mountPath}/pass.json`]);
    const [, ...mounts] = containers[0].volumeMounts;
    const secretOf = new Map(volumes.map(({ name, secret }) => [name, secret.secretName]));
    expect(mounts.map(({ name, mountPath }) => [secretOf.get(name), mountPath])).toEqual([
      ['kafka-login', '/etc/plimsoll-secrets/kafka-login'],
      ['orders.cluster-ca-cert', '/etc/plimsoll-secrets/orders.cluster-ca-cert'],
    ]);
  }
});

test('each name in --secrets is mounted, and an invalid Secret name is refused', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-secrets-'));
  const words = ['worker', 'manifests', '--connect', '10.0.0.5:7480', '--workers', 'job-1', '--image', 'plimsoll'];
  const run = (secrets: string, file: string) =>
    runWords(...words, '--secrets', secrets, '--admission', join(folder.path, file));
  const { exitCode, stdout } = await run('kafka-login,kafka-ca', 'admission.json');
  expect(exitCode).toBe(0);
  const [, job] = parseAllDocuments(stdout).map((document) => document.toJS() as unknown);
  const { volumes } = Job.parse(job).spec.template.spec;
  expect(volumes.map(({ secret }) => secret.secretName)).toEqual(['plimsoll-worker-job-1', 'kafka-login', 'kafka-ca']);
  expect(await run('../pass', 'other.json')).toMatchObject({
    exitCode: 2,
    stdout: '',
    stderr: expect.stringContaining('is not the name of a Secret'),
  });
});

// `kubectl apply` leaves a finished Job of this name unchanged: it starts no pod.
test('the documented command replaces the Jobs of an earlier run', async () => {
  const page = await readFile(
    new URL('../../../../docs/how-to/load-from-several-machines.md', import.meta.url),
    'utf8',
  );
  const { stdout } = await runWords('worker', 'manifests', '--help');
  for (const text of [page, stdout]) {
    expect(text).toContain('| kubectl replace --force -f -');
    expect(text).not.toContain('kubectl apply');
  }
});

test('passes for machines without Kubernetes are files readable by their owner only, and need no image', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-passes-'));
  const [admission, file] = ['admission.json', 'job-1.pass.json'].map((name) => join(folder.path, name));
  const words = ['worker', 'manifests', '--connect', '10.0.0.5:7480', '--workers', 'job-1', '--passes', folder.path];
  const { exitCode, stdout } = await runWords(...words, '--admission', admission ?? '');
  expect([exitCode, stdout]).toEqual([0, '']);
  const pass = parsePass(await readFile(file ?? '', 'utf8'), 'the file');
  expect(pass).toMatchObject({ worker: 'job-1', connect: { host: '10.0.0.5', port: 7480 } });
  expect(parseAdmission(await readFile(admission ?? '', 'utf8'), 'the file').authority).toBe(pass.authority);
  expect((await stat(file ?? '')).mode & 0o777).toBe(0o600);
});
