import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { resolveAccess } from '../../../../app/kubernetes/access.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plimsoll-kubeconfig-'));
  await writeFile(join(folder, 'ca.pem'), 'authority');
});
afterAll(() => rm(folder, { recursive: true }));

async function access(user: object, cluster: object = {}, context?: string) {
  const kubeconfig = join(folder, 'config');
  await writeFile(
    kubeconfig,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'here',
      contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
      users: [{ name: 'u', user }],
    }),
  );
  return resolveAccess({ kubeconfig, context, environment: {}, signal: new AbortController().signal });
}

test('reads inline data, files beside the kubeconfig, and a token', async () => {
  const data = (text: string) => Buffer.from(text).toString('base64');
  const certificate = { 'client-certificate-data': data('certificate'), 'client-key-data': data('key') };
  expect(await access(certificate, { 'certificate-authority': 'ca.pem', 'tls-server-name': 'kubernetes' })).toEqual({
    server: new URL('https://10.0.0.1:6443'),
    ca: 'authority',
    cert: 'certificate',
    key: 'key',
    serverName: 'kubernetes',
  });
  await writeFile(join(folder, 'token'), 'secret\n');
  expect(await access({ tokenFile: 'token' })).toMatchObject({ token: 'secret' });
});

test.each([
  ['a login by a program', { exec: { command: 'aws' } }, {}, /logs in with a program or a password/],
  ['a password', { username: 'admin', password: 'x' }, {}, /logs in with a program or a password/],
  ['a server that is not verified', { token: 't' }, { 'insecure-skip-tls-verify': true }, /would send the token/],
  ['a file that is missing', { tokenFile: 'nowhere' }, {}, /cannot read .*nowhere: no such file/],
  ['something that is no address', { token: 't' }, { server: 'here' }, /clusters\.0\.cluster\.server/],
])('rejects %s with the reason', async (_, user, cluster, message) => {
  await expect(access(user, cluster)).rejects.toThrow(message);
});

test('names an unknown context, and without a cluster suggests what to give', async () => {
  await expect(access({ token: 't' }, {}, 'there')).rejects.toThrow('it has no context there');
  const signal = new AbortController().signal;
  await expect(resolveAccess({ environment: { HOME: folder }, signal })).rejects.toThrow('no Kubernetes cluster');
});

test.each([
  ['users:\n- name: u\n  user:\n    token: eyJhbGciOiJSUzI1NiIs: x\n', 'line 4 is not valid YAML'],
  ['users:\n- name: u\n  user: {token: eyJhbGciOiJSUzI1NiIs\n', 'is not valid YAML'],
  ['users:\n- name: u\n  user:\n    token: *eyJhbGciOiJSUzI1NiIs\n', 'an alias (`*name`) in it cannot be resolved'],
])('rejects a kubeconfig that is not YAML with the line and without the token', async (content, reason) => {
  const kubeconfig = join(folder, 'torn');
  await writeFile(kubeconfig, content);
  const signal = new AbortController().signal;
  const fault: unknown = await resolveAccess({ kubeconfig, environment: {}, signal }).catch((cause: unknown) => cause);
  expect(fault).toMatchObject({ code: 'config-invalid', message: expect.stringContaining(reason) });
  expect((fault as Error).message).toContain(kubeconfig);
  expect(String((fault as Error).stack)).not.toContain('eyJ');
});
