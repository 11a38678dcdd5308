import { rmSync, writeFileSync } from 'node:fs';
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { expect, test, vi } from 'vitest';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { createKafkajs } from '../../../../../brokers/kafka/kafkajs/connect.ts';
import {
  apiKeys,
  apiVersionsAnswer,
  plainCredentials,
  saslAuthenticateAnswer,
  saslHandshakeAnswer,
  startScriptedKafka,
} from '../../../../support/scripted-kafka.ts';
import { secretFile } from '../../../../support/secret-file.ts';

const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] });

test('an idle connection sets no timer, so that Node prints no warning about a negative timeout', () => {
  vi.useFakeTimers();
  const queue = Object.assign(Object.create(RequestQueue.prototype) as RequestQueue, {
    pending: [],
    throttledUntil: -1,
  });
  queue.scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

test('prints nothing on the terminal if it cannot connect', async () => {
  const words: unknown[] = [];
  const listen = (...line: unknown[]) => void words.push(line);
  for (const name of ['log', 'info', 'warn', 'error'] as const) vi.spyOn(console, name).mockImplementation(listen);
  const admin = createKafkajs(config, { connectMs: 1000, requestMs: 1000 }, 0).admin();
  await expect(admin.connect()).rejects.toThrow('ECONNREFUSED');
  expect(words).toEqual([]);
});

const patience = { connectMs: 1000, requestMs: 1000 };

test('a renewed password file is used for the next connection', async () => {
  const given: (string | undefined)[] = [];
  const ranges = {
    [apiKeys.metadata]: [0, 6],
    [apiKeys.apiVersions]: [0, 2],
    [apiKeys.saslHandshake]: [0, 1],
    [apiKeys.saslAuthenticate]: [0, 1],
  } as const;
  await using broker = await startScriptedKafka({
    [apiKeys.apiVersions]: (request) => apiVersionsAnswer(request, ranges),
    [apiKeys.saslHandshake]: () => saslHandshakeAnswer('PLAIN'),
    [apiKeys.saslAuthenticate]: (request) => {
      given.push(plainCredentials(request)[1]);
      return saslAuthenticateAnswer();
    },
  });
  const file = secretFile('old');
  const sasl = { mechanism: 'plain', username: 'me', password: `\${file:${file}}` };
  const kafka = createKafkajs(
    KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [broker.address], sasl }),
    patience,
    0,
  );
  for (const password of ['old', 'new']) {
    writeFileSync(file, password);
    const admin = kafka.admin();
    await admin.connect();
    await admin.disconnect();
  }
  expect(given).toEqual(['old', 'new']);
});

test('certificate files are read at each connection', async () => {
  const ca = secretFile('');
  const tls = { ca };
  const kafka = createKafkajs(
    KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'], tls }),
    patience,
    0,
  );
  rmSync(ca);
  await expect(kafka.admin().connect()).rejects.toThrow(`cannot read the TLS file ${ca}: no such file`);
});
