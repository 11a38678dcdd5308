import { AuthenticationError, ResponseError } from '@platformatic/kafka';
import { expect, test, vi } from 'vitest';
import { toAppError } from '../../../../../brokers/kafka/errors.ts';
import { Sasl, type OAuthBearer } from '../../../../../brokers/kafka/sasl/config.ts';
import { oauthBearerExchange } from '../../../../../brokers/kafka/sasl/oauth-bearer.ts';
import type { AppError } from '../../../../../core/errors.ts';
import { unsecuredToken } from '../../../../support/oauth-token.ts';

const sasl = Sasl.parse({ mechanism: 'oauthbearer', token: '${env:PLIMSOLL_TEST_TOKEN}' }) as OAuthBearer;

function exchangeWith(token: string) {
  vi.stubEnv('PLIMSOLL_TEST_TOKEN', token);
  return oauthBearerExchange(sasl, 'broker-1');
}
/** The SaslAuthenticate error response (code 58). */
const refusal = () =>
  new AuthenticationError('SASL authentication failed.', {
    cause: new ResponseError(
      36,
      2,
      { '/': [58, '{"status":"invalid_token"}'] },
      { errorMessage: '{"status":"invalid_token"}' },
    ),
  });

test('an accepted token needs one message', async () => {
  const exchange = exchangeWith('abc');
  expect((await exchange.next())?.toString()).toBe('n,,\x01auth=Bearer abc\x01\x01');
  expect(await exchange.next(Buffer.alloc(0))).toBeUndefined();
});

test('a refused token is answered as RFC 7628 requires, and the error has its expiry and a hint', async () => {
  const exchange = exchangeWith(unsecuredToken(-3600));
  await exchange.next();
  expect(await exchange.next(Buffer.from('{"status":"invalid_token"}'))).toEqual(Buffer.from('\x01'));
  const fault = toAppError(exchange.faultOf(refusal()), { action: 'reach a broker', address: 'broker-1:9092' });
  expect(fault).toMatchObject({ code: 'credentials-refused' });
  expect(fault.message).toMatch(/broker-1 refused the OAUTHBEARER token: invalid_token, it expired at \d{4}-.*Z$/);
  expect(fault.hint).toMatch(/^get a new token: .*clocks/);
  expect(fault.hint).not.toContain('password');
});

test('a refused token that has not expired, or is no JSON web token, results in an error without an expiry', async () => {
  for (const token of [unsecuredToken(3600), 'opaque', 'a.b.c']) {
    const exchange = exchangeWith(token);
    await exchange.next();
    const fault = exchange.faultOf(refusal()) as AppError;
    expect(fault.message).toBe('the broker broker-1 refused the OAUTHBEARER token');
    expect(fault.message).not.toContain(token);
  }
});

test('a broker that accepts a token after refusing it is not trusted', async () => {
  const exchange = exchangeWith('abc');
  await exchange.next();
  await exchange.next(Buffer.from('{"status":"invalid_token"}'));
  await expect(exchange.next(Buffer.alloc(0))).rejects.toMatchObject({ code: 'credentials-refused' });
});

test('an error that is not a refusal stays unchanged', () => {
  const cause = new Error('socket closed');
  expect(exchangeWith('abc').faultOf(cause)).toBe(cause);
});
