// Sends mails with a login over TLS to a real mail server with a certificate of a private authority.

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { expect, vi } from 'vitest';
import { Channel } from '../../app/config/service-hooks.ts';
import { createLogger } from '../../core/log.ts';
import { createDeliveries } from '../../service/hooks/delivery.ts';
import { createHandClock } from '../support/hand-clock.ts';
import { startMailServer } from '../support/mail-server.ts';
import { requires } from '../support/prerequisites.ts';
import { shownWording as wording } from '../support/shown-wording.ts';

const login = { user: 'plimsoll', password: 'p4ss/word' };

async function send(url: string): Promise<string> {
  vi.stubEnv('MAIL_URL', url);
  const channel = Channel.parse({
    vendor: 'mail',
    url: '${env:MAIL_URL}',
    from: 'a@example.com',
    to: ['b@example.com'],
  });
  const deliveries = createDeliveries({ clock: createHandClock(), log: createLogger('silent') });
  const delivery = await deliveries.deliver('mail', channel, wording, { signal: new AbortController().signal });
  return 'fault' in delivery ? delivery.fault.message : delivery.kind;
}

requires('openssl').test('a mail password is sent only over TLS to a server with a trusted certificate', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-mail-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  const name = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', [...request, ...name, '-keyout', keyFile, '-out', certFile], { stdio: 'ignore' });
  const tls = { key: await readFile(keyFile, 'utf8'), cert: await readFile(certFile, 'utf8') };
  await rm(folder, { recursive: true });
  await using upgraded = await startMailServer({ tls, login });
  await using secure = await startMailServer({ tls, login, isSecure: true });
  const userInfo = `plimsoll:${encodeURIComponent(login.password)}`;
  expect(await send(`smtps://${userInfo}@${secure.address}`)).toMatch(/^mail channel mail: .*given up/);
  expect([...secure.mails, ...upgraded.mails]).toEqual([]);

  setDefaultCACertificates([...getCACertificates('default'), tls.cert]);
  expect(await send(`smtps://${userInfo}@${secure.address}`)).toBe('sent');
  expect(await send(`smtp://${userInfo}@${upgraded.address}`)).toBe('sent');
  for (const { mails } of [secure, upgraded]) expect(mails).toMatchObject([{ isEncrypted: true, user: 'plimsoll' }]);
  const wrong = await send(`smtps://plimsoll:wr0ng@${secure.address}`);
  expect(wrong).toBe('mail channel mail: the mail server refused the login (535)');
});
