// Counts logins at a real Kafka while the service is scraped with credentials that the broker refuses.

import { mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { freePorts } from '../../lab/free-port.ts';
import { startKafka } from '../support/kafka.ts';
import { unsecuredToken } from '../support/oauth-token.ts';
import { requires } from '../support/prerequisites.ts';
import { servePlimsoll } from '../support/served-plimsoll.ts';

const scrapes = 30;

requires('java', 'maven').test(
  'a failing login is tried at most once in 10 s regardless of scrapes, and a new token at once',
  async () => {
    const [passwordPort = 0, tokenPort = 0] = await freePorts(2);
    const jaas = 'org.apache.kafka.common.security';
    await using kafka = await startKafka({
      properties: {
        listeners: `PASSWORD://127.0.0.1:${passwordPort},TOKEN://127.0.0.1:${tokenPort}`,
        'listener.security.protocol.map': 'PASSWORD:SASL_PLAINTEXT,TOKEN:SASL_PLAINTEXT',
        'listener.name.password.sasl.enabled.mechanisms': 'PLAIN',
        'listener.name.password.plain.sasl.jaas.config': `${jaas}.plain.PlainLoginModule required user_me="right";`,
        'listener.name.token.sasl.enabled.mechanisms': 'OAUTHBEARER',
        'listener.name.token.oauthbearer.sasl.jaas.config': `${jaas}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
        // Each session has to re-authenticate after this time.
        'connections.max.reauth.ms': '5000',
      },
    });
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-logins-'));
    await using _ = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
    const tokenFile = join(folder, 'token');
    const writeToken = async (seconds: number) => {
      await writeFile(`${tokenFile}.new`, unsecuredToken(seconds));
      await rename(`${tokenFile}.new`, tokenFile);
    };
    await writeToken(3600);
    const config = join(folder, 'plimsoll.yaml');
    const cluster = (port: number, sasl: object) => ({ broker: 'kafka', bootstrap: [`127.0.0.1:${port}`], sasl });
    await writeFile(
      config,
      stringify({
        clusters: {
          password: cluster(passwordPort, {
            mechanism: 'plain',
            username: 'me',
            password: '${env:PLIMSOLL_TEST_PASSWORD}',
          }),
          token: cluster(tokenPort, { mechanism: 'oauthbearer', token: `\${file:${tokenFile}}` }),
        },
      }),
    );
    /** Counts refused logins in the log of the broker, by the port of the listener. */
    async function refusedLogins(): Promise<Record<'password' | 'token', number>> {
      const lab = dirname(kafka.configPath);
      const files = await readdir(lab, { recursive: true });
      const logs = await Promise.all(
        files.filter((name) => name.endsWith('.log')).map((name) => readFile(join(lab, name), 'utf8')),
      );
      const lines = logs
        .join('\n')
        .split('\n')
        .filter((line) => line.includes('Failed authentication with'));
      const at = (port: number) => lines.filter((line) => line.includes(`127.0.0.1:${port}`)).length;
      return { password: at(passwordPort), token: at(tokenPort) };
    }

    await using service = await servePlimsoll(['--config', config, '--state-dir', join(folder, 'state')], {
      PLIMSOLL_TEST_PASSWORD: 'wrong',
    });
    const hasOffsets = (page: string) => /^kafka_brokers\{.*cluster="token"/m.test(page);
    const offsetsIn = async () => hasOffsets(await (await service.get('/metrics')).text()) || undefined;
    await expect.poll(offsetsIn, { timeout: 60_000, interval: 1000 }).toBe(true);
    // A token file with an expired token, as if nothing renews it.
    await writeToken(-3600);
    await delay(8000);
    const before = await refusedLogins();
    for (let scrape = 0; scrape < scrapes; scrape++) {
      await Promise.all([service.get('/metrics'), delay(1000)]);
    }
    const after = await refusedLogins();
    const refused = { password: after.password - before.password, token: after.token - before.token };
    // At 10 s, and 20 s later: pauses double.
    for (const count of Object.values(refused)) expect(count).toBeLessThanOrEqual(4);
    // At least one attempt was made.
    expect(after.password).toBeGreaterThan(0);
    expect(after.token).toBeGreaterThan(0);

    await writeToken(3600);
    const page = await (await service.get('/metrics')).text();
    expect(page).toMatch(/plimsoll_.*cluster="token"/);
    expect(hasOffsets(page)).toBe(true);
  },
  180_000,
);
