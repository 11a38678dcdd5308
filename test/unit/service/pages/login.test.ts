import { expect, test } from 'vitest';
import { serveOperatorPages } from '../../../support/operator-pages.ts';

const cookieOf = (response: Response) => response.headers.get('set-cookie')?.split(';')[0] ?? '';
const form = (token: string, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams({ token }),
  headers,
});

test('every page shows an anonymous reader how to log in', async () => {
  await using service = await serveOperatorPages();
  const page = await (await service.ask('/')).text();
  expect(page).toContain('Read-only');
  expect(page).toContain('href="/login"');
  const login = await (await service.ask('/login')).text();
  expect(login).toContain(service.token.file);
  expect(login).not.toContain(service.token.text);
});

test('the login link from the terminal makes the browser an operator until it logs out', async () => {
  await using service = await serveOperatorPages();
  const opened = await service.ask(`/login?token=${service.token.text}&lang=zh`);
  expect([opened.status, opened.headers.get('location')]).toEqual([303, '/?lang=zh']);
  expect(opened.headers.get('cache-control')).toBe('no-store');
  expect(opened.headers.get('set-cookie')).toMatch(
    /^plimsoll-session-\d+=\d+\.[\w-]{12}\.[\w-]+; Max-Age=43200; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
  );
  const headers = { cookie: `other=1; ${cookieOf(opened)}` };
  expect((await service.ask('/change', { method: 'POST', headers })).status).toBe(200);
  expect(await (await service.ask('/', { headers })).text()).toContain('action="/logout"');
  const closed = await service.ask('/logout', { method: 'POST', headers });
  expect([closed.status, cookieOf(closed)]).toEqual([303, expect.stringMatching(/^plimsoll-session-\d+=$/)]);
});

test('the login form accepts the token with surrounding whitespace', async () => {
  await using service = await serveOperatorPages();
  const opened = await service.ask('/login', form(` ${service.token.text}\n`));
  expect(opened.status).toBe(303);
  expect(cookieOf(opened)).not.toBe('');
  expect(service.history.entries({ change: 'logged-in', limit: 10 })).toMatchObject([
    { by: { name: 'operator', through: 'page' }, document: { after: 'operator token' } },
  ]);
});

test.each([
  ['a wrong token', (): RequestInit => form('guessed')],
  ['no token', (): RequestInit => ({ method: 'POST' })],
])('%s does not log in', async (_name, init) => {
  await using service = await serveOperatorPages();
  const refused = await service.ask('/login', init());
  expect([refused.status, cookieOf(refused)]).toEqual([403, '']);
  expect(await refused.text()).toContain('This is not the operator token.');
});

test('a request from another site can neither log in nor log out', async () => {
  await using service = await serveOperatorPages();
  const headers = { 'Sec-Fetch-Site': 'same-site' };
  expect((await service.ask('/login', form(service.token.text, headers))).status).toBe(403);
  expect((await service.ask('/logout', { method: 'POST', headers })).status).toBe(403);
});

test.each([
  ['en', 'You cannot log in with the operator token here.'],
  ['zh', '不能使用操作员令牌登录。'],
])('with another login configured, the token opens no session (%s)', async (lang, refusal) => {
  const trustedProxy = { addresses: ['127.0.0.1'], operators: ['sre'] };
  await using service = await serveOperatorPages(undefined, { trustedProxy });
  const headers = { 'X-Forwarded-User': 'vera' };
  const { text: token } = service.token;
  for (const [path, init] of [
    [`/login?lang=${lang}`, { headers }],
    [`/login?lang=${lang}&token=${token}`, { headers }],
    [`/login?lang=${lang}`, form(token, headers)],
  ] as const) {
    const refused = await service.ask(path, init);
    expect([refused.status, cookieOf(refused)]).toEqual([404, '']);
    expect(await refused.text()).toContain(refusal);
  }
  const kept = await service.send('/clusters/orders', { what: 'annotated', note: 'x' }, headers);
  expect([kept.status, (await kept.text()).includes('name="token"')]).toEqual([403, false]);
  expect(service.history.entries({ kinds: ['change'], limit: 10 })).toEqual([]);
});
