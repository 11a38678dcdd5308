import { execFileSync } from 'node:child_process';
import { mkdtempDisposable, open, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { spawnPlimsoll } from '../support/plimsoll.ts';
import { servePlimsoll } from '../support/served-plimsoll.ts';

const configOf = (clusters: readonly string[], promotion: string) => `
clusters: { ${clusters.map((name) => `${name}: { broker: kafka, bootstrap: ['127.0.0.1:1'] }`).join(', ')} }
service:
  promotions: [{ name: '${promotion}', from: 2099-11-10T20:00, to: 2099-11-12T00:00 }]
`;
const usable = (is: 0 | 1) => `\nplimsoll_config_last_reload_successful ${is}\n`;

test('SIGHUP reloads the config file, an invalid file changes nothing and is reported, and the ledger stays open', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-reload-'));
  const file = join(folder.path, 'plimsoll.yaml');
  await writeFile(file, configOf(['orders', 'pay'], 'double-eleven'));
  await using service = await servePlimsoll(['--config', file, '--state-dir', join(folder.path, 'state')]);
  const page = (passes: (text: string) => boolean) =>
    service.until('/metrics', (text) => (passes(text) ? text : undefined));
  const shown = (text: string) =>
    new Set([...text.matchAll(/^plimsoll_cluster_state\{cluster="(\w+)",state="ok"\}/gm)].map(([, name]) => name));
  const first = await page((text) => text.includes(usable(1)));
  expect(shown(first)).toEqual(new Set(['orders', 'pay']));
  const noted = await service.get('/api/v1/changes', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(await service.operator()) },
    body: JSON.stringify({ what: 'annotated', note: 'before' }),
  });
  expect(noted.status).toBe(201);

  await writeFile(file, configOf(['orders', 'logs'], '618'));
  service.hangUp();
  const second = await page((text) => text.includes('promotion="618"'));
  expect(shown(second)).toEqual(new Set(['logs', 'orders']));
  expect(service.said()).toContain('config file reloaded');

  await writeFile(file, 'nonsense: 1\n');
  service.hangUp();
  const third = await page((text) => text.includes(usable(0)));
  expect(shown(third)).toEqual(new Set(['logs', 'orders']));
  expect(service.said()).toMatch(
    /"code":"config-invalid".*cannot use the changed config file; the previous one stays in use/,
  );
  expect(await (await service.get('/api/v1/changes')).text()).toContain('before');

  await writeFile(file, configOf(['pay'], '618'));
  service.hangUp();
  // A page that started before the file was reloaded may show both.
  const fourth = await page((text) => text.includes(usable(1)) && text.includes('cluster="pay"'));
  expect(shown(fourth)).toEqual(new Set(['pay']));
});

test('SIGHUP during startup reloads the config file once the service is ready', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-reload-'));
  // A reader of a pipe waits for its writer, so the start blocks at the config file.
  const [file, changed] = ['plimsoll.yaml', 'changed.yaml'].map((name) => join(folder.path, name)) as [string, string];
  execFileSync('mkfifo', [file]);
  await writeFile(changed, configOf(['orders'], '618'));
  const words = ['--config', file, '--state-dir', join(folder.path, 'state'), '--listen', '127.0.0.1:0'];
  const { child, written, finished } = spawnPlimsoll(['serve', ...words]);
  try {
    {
      await using read = await open(file, 'w');
      await rename(changed, file);
      child.kill('SIGHUP');
      await read.writeFile(configOf(['orders'], 'double-eleven'));
    }
    await expect.poll(() => written.stderr, { timeout: 60_000 }).toContain('config file reloaded');
  } finally {
    child.kill('SIGTERM');
    await finished;
  }
});
