// Uses the pages of the service in a browser: keyboard, login, print, load tests and links.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { servePagesInChromium, type ServedPages } from '../support/pages-in-chromium.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';

requires('chromium').describe('in Chromium', () => {
  let served: ServedPages;

  beforeAll(async () => {
    served = await servePagesInChromium();
  }, 30_000);
  afterAll(() => served?.[Symbol.asyncDispose]());

  test('the keyboard reaches bottleneck, clients and actions from the list of clusters in two links', async () => {
    await using opened = await served.open('/');
    const { page } = opened;
    const tabTo = async (selector: string) => {
      for (let step = 0; step < 80; step += 1) {
        await page.keyboard.press('Tab');
        if (await page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
      }
      throw new Error(`the keyboard does not reach ${selector}`);
    };
    await tabTo('a[href="/clusters/orders"]');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/clusters/orders');
    expect(await page.innerText('#binds')).toBe('Bottleneck');
    expect(await page.innerText('#users')).toBe('Topics and groups');
    expect(await page.innerText('#levers')).toBe('Actions');
    expect(await page.locator('[data-live="users"] th', { hasText: 'Share of bytes out' }).count()).toBe(2);
    await tabTo('.ways a[href^="/event"]');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/event');
    expect(await page.locator('h2', { hasText: 'orders' }).count()).toBe(1);
  });

  test('the clients that use the bottleneck are two clicks from the list of clusters', async () => {
    await using opened = await served.open('/');
    const { page } = opened;
    await page.click('a[href="/clusters/logs"]');
    await page.click('text=Clients that use the bottleneck most');
    await page.waitForURL('**/clusters/logs/clients');
    expect(await page.innerText('h1')).toBe('Clients');
    expect(await page.locator('tbody tr', { hasText: 'producer id 7001' }).innerText()).toContain(
      'new: first seen about 1 min ago',
    );
  });

  test('the newest message of a topic is three clicks from the list of clusters', async () => {
    await using opened = await served.open('/', {
      extraHTTPHeaders: { Authorization: `Bearer ${served.operatorToken}` },
    });
    const { page } = opened;
    await page.click('a[href="/clusters/orders"]');
    await page.locator('[data-live="users"] tr', { hasText: 'order-paid' }).getByText('Browse messages').click();
    await page.waitForURL('**/order-paid/messages');
    await page.click('#main tbody tr:nth-child(1) a');
    await page.waitForSelector('#message pre');
  });

  test('new messages appear at the top of the table until the tail is stopped, and one of them shows its trace', async () => {
    const headers = { extraHTTPHeaders: { Authorization: `Bearer ${served.operatorToken}` } };
    const screens = [
      ['zh', '实时：新消息', { viewport: { width: 360, height: 740 } }],
      ['en', 'Live: new messages', {}],
    ] as const;
    for (const [language, running, settings] of fullMatrix ? screens : screens.slice(0, 1)) {
      await using opened = await served.open(`/clusters/orders/topics/order-paid/messages?lang=${language}`, {
        ...headers,
        ...settings,
      });
      const { page } = opened;
      await page.click('form.filter a[href*="live=1"]');
      await page.waitForURL('**live=1**');
      const rows = () => page.locator('#tail tbody tr').count();
      const before = await rows();
      await expect.poll(rows, { timeout: 15_000 }).toBeGreaterThan(before + 3);
      expect(await page.innerText('#tail [role=status]')).toContain(running);
      expect(await page.innerText('#tail tbody tr')).toContain('42800');
      expect(await page.innerText('#tail')).not.toContain('sku');
      await page.reload();
      await expect.poll(rows, { timeout: 15_000 }).toBeGreaterThan(before + 3);
      expect(await opened.axe()).toEqual([]);
      expect(await page.evaluate<number>('inPage.overflow()')).toBeLessThanOrEqual(0);
      expect([opened.complaints, opened.elsewhere]).toEqual([[], []]);
      await opened.picture(`tail-${language}`);
      await page.click('form.filter a:not([href*="live=1"])');
      expect(await page.locator('#tail').count()).toBe(0);
      await page.click('#main tbody tr:nth-child(2) a');
      await page.waitForSelector('#message');
      const trace = await page.innerText('#message');
      for (const text of ['checkout', 'billing', 'warehouse', 'EXCEPTION', '10.0.0.1:10911'])
        expect(trace).toContain(text);
      expect(await opened.axe()).toEqual([]);
      expect(await page.evaluate<number>('inPage.overflow()')).toBeLessThanOrEqual(0);
      await opened.picture(`message-${language}`);
    }
    await using silent = await served.open('/clusters/orders/topics/order-paid/messages?live=1', {
      ...headers,
      javaScriptEnabled: false,
    });
    expect(await silent.page.innerText('#tail noscript')).toContain('needs JavaScript');
    expect(await silent.page.locator('#tail tbody tr').count()).toBeGreaterThan(0);
  });

  test('a viewer logs in as operator by keyboard, and logs out', async () => {
    await using opened = await served.open('/?lang=zh');
    const { page } = opened;
    await page.click('.menu summary');
    expect(await page.innerText('.visitor')).toMatch(/^只读\s+以操作员身份登录$/);
    await page.click('.visitor a');
    await page.waitForURL('**/login?lang=zh');
    await page.fill('input[name=token]', 'guessed');
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]');
    await page.fill('input[name=token]', served.operatorToken);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/?lang=zh');
    expect(await page.innerText('.menu summary')).toBe('operator');
    await page.click('.menu summary');
    expect(await page.innerText('.visitor')).toMatch(/^operator（管理员）\s+退出登录\s+访问权限审查$/);
    expect(await opened.axe()).toEqual([]);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await page.evaluate("fetch('/who').then((answer) => answer.json())")).toMatchObject({ role: 'admin' });
    await page.click('.visitor button');
    await page.waitForSelector('.visitor a', { state: 'attached' });
    expect(await page.evaluate("fetch('/who').then((answer) => answer.json())")).toMatchObject({ role: 'viewer' });
  });

  test.each(fullMatrix ? ['en', 'zh'] : ['zh'])(
    'on a phone, axe finds no violation in the open forms of an operator, and nothing is cut, in %s',
    async (language) => {
      await using opened = await served.open(`/clusters/orders?lang=${language}`, {
        colorScheme: 'dark',
        viewport: { width: 360, height: 740 },
        extraHTTPHeaders: { Authorization: `Bearer ${served.operatorToken}` },
      });
      const { page } = opened;
      const folds = page.locator('details.acknowledge, details.prepare');
      expect(await folds.count()).toBeGreaterThan(1);
      await page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))");
      expect(await page.isVisible('.acknowledge select')).toBe(true);
      expect(await opened.axe()).toEqual([]);
      expect(await page.evaluate<number>('inPage.overflow()')).toBeLessThanOrEqual(0);
      expect(await page.evaluate<string[]>('inPage.cut()')).toEqual([]);
    },
  );

  test('a printout has no filter form, and has every row', async () => {
    await using opened = await served.open('/');
    await opened.page.emulateMedia({ media: 'print' });
    expect(await opened.page.isVisible('form.filter')).toBe(false);
    expect(await opened.page.locator('table.fleet tbody tr').count()).toBe(5);
  });

  test('the page of a cluster with all readings fits the width of A4', async () => {
    // 210 mm less two margins of 10 mm, at 96 dots per inch.
    await using opened = await served.open('/clusters/orders?day=2026-11-09', {
      viewport: { width: 718, height: 1000 },
    });
    await opened.page.emulateMedia({ media: 'print' });
    await opened.page.evaluate("dispatchEvent(new Event('beforeprint'))");
    expect(await opened.page.evaluate<number>('inPage.overflow()')).toBeLessThanOrEqual(0);
    const wide = `[...document.querySelectorAll('table, canvas, svg, dl, p')]
      .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
      .map(({ outerHTML }) => outerHTML.slice(0, 200))`;
    expect(await opened.page.evaluate<string[]>(wide)).toEqual([]);
    await opened.picture('cluster-print-en');
  });

  test('every page has a search that finds topics and groups by name', async () => {
    await using opened = await served.open('/sizing?lang=en', { javaScriptEnabled: false });
    const { page } = opened;
    const find = async (text: string) => {
      await page.fill('.switch input[name=name]', text);
      await page.keyboard.press('Enter');
    };
    await find('order-created');
    await page.waitForURL('**/search?q=order-created*');
    expect(await page.locator('main tbody tr').count()).toBe(4);
    await page.click('main tbody th a >> nth=0');
    await page.waitForURL('**/clusters/*/topics/order-created*');
  });

  test('terms link to their explanation in the language of the page', async () => {
    await using opened = await served.open('/clusters/orders?lang=zh');
    const { page } = opened;
    await page.click('.card .help[href*="headroom"]');
    await page.waitForURL('**/help?lang=zh#headroom');
    expect(await page.innerText('#headroom')).toBe('余量');
    expect(await opened.axe()).toEqual([]);
  });

  test('the first screen of a cluster shows the fullest disk, its limit and the time left', async () => {
    await using opened = await served.open('/clusters/orders', { viewport: { width: 1280, height: 720 } });
    const card = opened.page.locator('.card', { hasText: 'Fullest disk' });
    const box = await card.boundingBox();
    expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThan(720);
    expect(await card.innerText()).toMatch(
      /64%[\s\S]*broker-a:0, Policy limit \d+%[\s\S]*Time to the policy limit: \d/,
    );
  });

  test.each(fullMatrix ? ['en', 'zh'] : ['zh'])(
    'on a phone, the list of clusters cuts no text, in %s',
    async (language) => {
      await using opened = await served.open(`/?lang=${language}`, { viewport: { width: 360, height: 740 } });
      const cut = `[...document.querySelectorAll('.fleet *')]
      .filter((each) => each.getBoundingClientRect().right > each.closest('.scroll').getBoundingClientRect().right)
      .map(({ outerHTML }) => outerHTML)`;
      expect(await opened.page.evaluate<string[]>(cut)).toEqual([]);
    },
  );

  test('the cluster search stays on the current page, and all pages except the list name the worst cluster first', async () => {
    await using opened = await served.open('/clusters/orders/topics?theme=dark', { javaScriptEnabled: false });
    const { page } = opened;
    expect(await page.innerText('.strip')).toMatch(/^\s*down\s+returns\s+all 4 needing attention$/);
    expect(await page.innerText('main .tabs [aria-current]')).toBe('Topics');
    await page.fill('.switch input[name=name]', 'LOG');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/clusters/logs/topics?theme=dark');
    await page.click('.strip .all');
    expect(await page.locator('.incidents li').count()).toBe(4);
  });

  test('every open page shows that a cluster went down without a reload, and keeps the focus', async () => {
    served.stand('waybills', 'ok');
    await using list = await served.open('/');
    await using other = await served.open('/clusters/orders/topics');
    await using own = await served.open('/clusters/waybills');
    await list.page.focus('.fleet tbody tr:last-child th a');
    served.stand('waybills', 'down');
    await other.page.locator('.strip .all', { hasText: '4 needing attention' }).waitFor();
    const fourth = list.page.locator('.incidents li').nth(3);
    await fourth.waitFor();
    await own.page.locator('h1 .state.down').waitFor();
    expect(await list.page.evaluate("document.activeElement.matches('.fleet tbody tr:last-child th a')")).toBe(true);
    served.stand('waybills', 'ok');
    await fourth.waitFor({ state: 'detached' });
    expect([list.complaints, other.complaints, own.complaints]).toEqual([[], [], []]);
  });

  test('a form keeps its input and its incident while other incidents come and go', async () => {
    served.stand('waybills', 'ok');
    await using opened = await served.open('/', {
      extraHTTPHeaders: { Authorization: `Bearer ${served.operatorToken}` },
    });
    const { page } = opened;
    const incident = page.locator('.incidents li', { has: page.locator('a[href^="/clusters/orders"]') });
    const others = page.locator('.incidents li', { has: page.locator('a[href^="/clusters/waybills"]') });
    const note = incident.locator('input[name=note]');
    await incident.locator('summary').click();
    await note.fill('disk is replaced');
    served.stand('returns', 'ok');
    served.stand('waybills', 'down');
    await others.waitFor();
    expect(await page.evaluate("document.activeElement.closest('li').dataset.key")).toBe('orders state:over');
    expect(await note.inputValue()).toBe('disk is replaced');
    // Without the focus, the row moves with its incident.
    await page.focus('.top .home');
    served.stand('returns', 'down');
    served.stand('waybills', 'ok');
    await others.waitFor({ state: 'detached' });
    expect(await note.inputValue()).toBe('disk is replaced');
    expect(await incident.locator('input[name=subject]').inputValue()).toBe('state:over');
    expect(opened.complaints).toEqual([]);
  });

  test('a viewer follows a load test live without buttons; after its end an operator plans the next one', async () => {
    const extraHTTPHeaders = { Authorization: `Bearer ${served.operatorToken}` };
    await using viewer = await served.open('/clusters/orders/load-test?lang=zh', {
      colorScheme: 'dark',
      viewport: { width: 360, height: 740 },
    });
    await using operator = await served.open('/clusters/orders/load-test', { extraHTTPHeaders });
    await using other = await served.open('/clusters/logs/load-test', { extraHTTPHeaders });
    expect(await viewer.page.innerText('.facts >> nth=0')).toMatch(/第 2 个，共 3 个[\s\S]*499，目标 500/);
    expect(await viewer.page.locator('main button').count()).toBe(0);
    expect(await operator.page.innerText('main button')).toBe('Stop the load test');
    expect(await other.page.innerText('main .invalid')).toContain('Only one load test runs at a time');
    await viewer.picture('load-test-running-dark-zh');
    await operator.picture('load-test-running-light-en');
    served.endLoadTest();
    await viewer.page.locator('h2', { hasText: '最近一次压测' }).waitFor();
    expect(await viewer.page.innerText('[data-live="load-test"]')).toContain('结论');
    await operator.page.goto(operator.page.url());
    await operator.page.fill('input[name=rates]', '1000, 2000');
    await operator.page.click('main button');
    await operator.page.waitForURL('**/load-test?rates=1000**');
    expect(await operator.page.inputValue('input[name=stepDuration]')).toBe('60s');
    expect(await operator.page.locator('#plan button').innerText()).toBe('Start the load test of orders');
    expect([await operator.axe(), await viewer.axe()]).toEqual([[], []]);
    expect(await viewer.page.evaluate<number>('inPage.overflow()')).toBeLessThanOrEqual(0);
    await operator.picture('load-test-planned-light-en');
    await viewer.picture('load-test-ended-dark-zh');
  });

  test('color scheme and time zone are part of the address, and every link keeps them', async () => {
    await using opened = await served.open('/clusters/orders?theme=dark&tz=Asia/Shanghai');
    const { page } = opened;
    expect(await page.getAttribute('html', 'data-theme')).toBe('dark');
    expect(await page.innerText('main')).toContain('GMT+8');
    expect(await page.getAttribute('.tabs a', 'href')).toContain('theme=dark');
  });

  if (fullMatrix) {
    test('memory and DOM nodes do not grow over a thousand refreshes', async () => {
      await using opened = await served.open('/');
      const { page } = opened;
      const session = await page.context().newCDPSession(page);
      const heap = async () => {
        await session.send('HeapProfiler.collectGarbage');
        const { nodes, jsHeapUsedSize } = await session
          .send('Memory.getDOMCounters')
          .then(async ({ nodes: count }) => ({
            nodes: count,
            jsHeapUsedSize: (await session.send('Runtime.getHeapUsage')).usedSize,
          }));
        return { nodes, bytes: jsHeapUsedSize };
      };
      const refreshed = (times: number) =>
        page.evaluate(`(async () => { for (let i = 0; i < ${times}; i++) await refresh(); })()`);
      await refreshed(20);
      const before = await heap();
      await refreshed(1000);
      const after = await heap();
      expect(after.nodes).toBeLessThanOrEqual(before.nodes * 1.1);
      expect(after.bytes).toBeLessThanOrEqual(before.bytes * 1.2 + 500_000);
    }, 120_000);
  }
});
