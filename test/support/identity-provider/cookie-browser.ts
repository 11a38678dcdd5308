// Follows links and redirects and sends forms with cookies, like a browser without scripts.

import { request } from 'node:http';
import { request as requestByTls } from 'node:https';

export interface Shown {
  url: URL;
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

export interface CookieBrowser {
  /** Opens an address and follows redirects. @param stopAt the first address that is not opened */
  open(
    address: URL | string,
    over?: { headers?: Record<string, string>; stopAt?: (url: URL) => boolean },
  ): Promise<Shown>;
  /** Submits the first form of a page, or the one with a given action, with these fields, and follows redirects. */
  submit(
    page: Shown,
    fields?: Record<string, string>,
    over?: { action?: string; stopAt?: (url: URL) => boolean },
  ): Promise<Shown>;
  /** Cookies by name, with their original attributes. */
  cookies: Map<string, { value: string; path: string; attributes: string }>;
}

const mostRedirects = 15;

/** @param ca of a private certificate authority, PEM */
export function createBrowser({ ca }: { ca?: string } = {}): CookieBrowser {
  const cookies: CookieBrowser['cookies'] = new Map();

  function ask(url: URL, method: string, headers: Record<string, string>, body?: string): Promise<Shown> {
    const { promise, resolve, reject } = Promise.withResolvers<Shown>();
    const sent = [...cookies].filter(
      ([, { path }]) => url.pathname === path || url.pathname.startsWith(path.replace(/\/?$/, '/')),
    );
    const onward = (url.protocol === 'https:' ? requestByTls : request)(
      url,
      {
        method,
        ...(ca !== undefined && { ca }),
        // Uses one connection per request, so that a load balancer chooses an instance for each.
        agent: false,
        headers: {
          Accept: 'text/html,*/*;q=0.8',
          'Sec-Fetch-Mode': 'navigate',
          ...(sent.length > 0 && { Cookie: sent.map(([name, { value }]) => `${name}=${value}`).join('; ') }),
          ...headers,
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => {
          for (const line of answer.headers['set-cookie'] ?? []) keep(line);
          resolve({ url, status: answer.statusCode ?? 0, headers: answer.headers, text });
        });
      },
    );
    onward.on('error', reject);
    onward.end(body);
    return promise;
  }

  function keep(line: string): void {
    const [pair = '', ...rest] = line.split(';');
    const attributes = rest.join(';');
    const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    const [, path = '/'] = /path=([^;]+)/i.exec(attributes) ?? [];
    const [, expires] = /expires=([^;]+)/i.exec(attributes) ?? [];
    if (value === '' || (expires !== undefined && Date.parse(expires) < Date.now())) cookies.delete(name);
    else cookies.set(name, { value, path: path.trim(), attributes });
  }

  async function follow(first: Shown, stopAt: (url: URL) => boolean): Promise<Shown> {
    let page = first;
    for (let count = 0; count < mostRedirects; count++) {
      const { location } = page.headers;
      if (page.status < 300 || page.status >= 400 || typeof location !== 'string') return page;
      const url = new URL(location, page.url);
      if (stopAt(url)) return { ...page, url };
      page = await ask(url, 'GET', {});
    }
    throw new Error(`more than ${mostRedirects} redirects, at last to ${page.url.href}`);
  }

  const never = () => false;
  return {
    cookies,
    async open(address, { headers = {}, stopAt = never } = {}) {
      return follow(await ask(new URL(address), 'GET', headers), stopAt);
    },
    async submit(page, fields = {}, { action, stopAt = never } = {}) {
      const [form = '', target = ''] = /<form[^>]*action="([^"]*)"[^>]*>[\s\S]*?<\/form>/.exec(page.text) ?? [];
      const hidden = [...form.matchAll(/<input[^>]*type="hidden"[^>]*>/g)].map(([input]): [string, string] => [
        /name="([^"]*)"/.exec(input)?.[1] ?? '',
        /value="([^"]*)"/.exec(input)?.[1] ?? '',
      ]);
      const url = new URL(action ?? target, page.url);
      const body = new URLSearchParams({
        ...(action === undefined && Object.fromEntries(hidden)),
        ...fields,
      }).toString();
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin' };
      return follow(await ask(url, 'POST', headers, body), stopAt);
    },
  };
}

/** Completes the login and the consent of the provider. @param page the provider's login page */
export async function passProvider(
  browser: CookieBrowser,
  page: Shown,
  login: string,
  over: { stopAt?: (url: URL) => boolean } = {},
): Promise<Shown> {
  let shown = page;
  for (let step = 0; step < 4 && /\/interaction\//.test(shown.url.pathname); step++) {
    const isLogin = shown.text.includes('name="login"');
    shown = await browser.submit(shown, isLogin ? { login, password: 'anything' } : {}, over);
  }
  return shown;
}
