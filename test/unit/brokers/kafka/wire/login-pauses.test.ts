import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { createLoginPauses } from '../../../../../brokers/kafka/wire/connections.ts';
import { AppError } from '../../../../../core/errors.ts';
import { seconds } from '../../../../../core/clock.ts';

const refused = new AppError('credentials-refused', 'cannot reach a broker of cluster lab on one:9092: refused');
const one = 'one:9092';

function pausesOf(sasl: object) {
  let now = 0;
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [one], sasl });
  const pauses = createLoginPauses(config, { monotonic: () => seconds(now) });
  /** @returns times of login attempts by a client that retries every second */
  const triedAt = (address: string, outcome: unknown, span: number) => {
    const tried: number[] = [];
    for (const end = now + span; now < end; now++) {
      try {
        pauses.refuseEarly(address);
      } catch (fault) {
        expect(fault).toBe(refused);
        continue;
      }
      tried.push(now);
      pauses.note(address, outcome, pauses.secretNow());
    }
    return tried;
  };
  return { pauses, triedAt, pass: (span: number) => void (now += span) };
}
const gssapi = { mechanism: 'gssapi' };

test('pauses double up to one minute, and attempts in between fail with the last refusal', () => {
  const { triedAt } = pausesOf(gssapi);
  expect(triedAt(one, refused, 240)).toEqual([0, 10, 30, 70, 130, 190]);
});

test('a successful login ends the pauses, and the next refusal starts with the first pause again', () => {
  const { pauses, triedAt, pass } = pausesOf(gssapi);
  triedAt(one, refused, 60);
  pass(60);
  pauses.refuseEarly(one);
  pauses.note(one, undefined);
  expect(triedAt(one, refused, 20)).toEqual([120, 130]);
});

test('each broker has separate pauses', () => {
  const { pauses, triedAt } = pausesOf(gssapi);
  triedAt(one, refused, 5);
  expect(() => pauses.refuseEarly('two:9092')).not.toThrow();
});

test('after a pause one attempt tries for all clients', () => {
  const { pauses, triedAt, pass } = pausesOf(gssapi);
  triedAt(one, refused, 1);
  pass(20);
  pauses.refuseEarly(one);
  expect(() => pauses.refuseEarly(one)).toThrow(refused);
});

test('an unreachable broker is retried at once, and its earlier refusals still count', () => {
  const { triedAt } = pausesOf(gssapi);
  triedAt(one, refused, 10);
  expect(triedAt(one, new AppError('broker-unreachable', 'connection refused'), 3)).toEqual([10, 11, 12]);
  expect(triedAt(one, refused, 30)).toEqual([13, 33]);
});

test.each([
  ['a token', (file: string) => ({ mechanism: 'oauthbearer', token: `\${file:${file}}` })],
  ['a password', (file: string) => ({ mechanism: 'scram-sha-512', username: 'me', password: `\${file:${file}}` })],
])('a renewed secret is tried at once: %s', (_, saslOf) => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-pauses-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'secret');
  writeFileSync(file, 'old');
  const { triedAt } = pausesOf(saslOf(file));
  expect(triedAt(one, refused, 15)).toEqual([0, 10]);
  writeFileSync(file, 'new');
  expect(triedAt(one, refused, 20)).toEqual([15, 25]);
  rmSync(file);
  // The login itself reports the missing file.
  expect(triedAt(one, new AppError('secret-unreadable', 'no file'), 1)).toEqual([35]);
});
