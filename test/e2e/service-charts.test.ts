// Uses charts and sliders of the service in a browser.

import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { servePagesInChromium, type ServedPages } from '../support/pages-in-chromium.ts';
import { requires } from '../support/prerequisites.ts';
import { hostileName } from '../support/shown-fleet.ts';
import { quotedWord } from '../../core/text/quoted-word.ts';

requires('chromium').describe('in Chromium', () => {
  let served: ServedPages;

  beforeAll(async () => {
    served = await servePagesInChromium();
  }, 30_000);
  afterAll(() => served?.[Symbol.asyncDispose]());

  test('draws the load over time, and redraws every chart after a change of the window size', async () => {
    await using opened = await served.open('/clusters/orders');
    expect(await opened.page.isVisible('#course')).toBe(true);
    expect(await opened.page.evaluate<number>("inPage.inked('course')")).toBeGreaterThan(1000);
    await opened.page.setViewportSize({ width: 1000, height: 900 });
    const blank = `[...document.querySelectorAll('canvas')].map(({ id }) => id).filter((id) => inPage.inked(id) < 1000)`;
    await expect.poll(() => opened.page.evaluate<string[]>(blank)).toEqual([]);
    expect(opened.complaints.filter((text) => !text.startsWith('Canvas2D'))).toEqual([]);
  });

  test('a slider moved by keyboard updates the answer and the address', async () => {
    await using opened = await served.open('/clusters/orders?theme=dark');
    const { page } = opened;
    await page.click('.ways a[href^="/what-if"]');
    await page.waitForURL('**/what-if?cluster=orders&theme=dark');
    expect(await page.isVisible('#carried-table')).toBe(false);
    await page.focus('#slider-messageBytes');
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('ArrowRight');
    await page.waitForURL('**/what-if?cluster=orders&theme=dark&messageBytes=2KiB');
    await page.waitForSelector('#carried-table');
    expect(await page.inputValue('#quantity-messageBytes')).toBe('2KiB');
    expect(await page.evaluate<number>("inPage.inked('limits')")).toBeGreaterThan(1000);
    expect(await page.getAttribute('.language', 'href')).toContain('messageBytes=2KiB');
    await page.fill('#quantity-brokers', '1e9');
    await page.waitForSelector('#quantity-brokers[aria-invalid]');
    expect(await page.innerText('#fault-brokers')).toBe('1e9 is out of range. Use 1 to 1000.');
    expect(await page.isVisible('#carried-table')).toBe(false);
    expect([await opened.axe(), opened.complaints]).toEqual([[], []]);
    await opened.picture('what-if-faulty-dark-en');
  });

  test('draws demand and safe maximum, and the keyboard opens the reserves of each cluster', async () => {
    await using opened = await served.open('/sizing');
    const { page } = opened;
    expect(await page.evaluate<number>("inPage.inked('demand')")).toBeGreaterThan(1000);
    expect(await page.isVisible('.why h3')).toBe(false);
    await page.focus('.why summary');
    await page.keyboard.press('Enter');
    expect(await page.isVisible('.why h3')).toBe(true);
    expect([await opened.axe(), opened.complaints]).toEqual([[], []]);
    await page.emulateMedia({ media: 'print' });
    expect([await page.isVisible('.tools'), await page.isVisible('.why:last-of-type h3')]).toEqual([false, true]);
    await opened.picture('sizing-print-en');
  });

  test('without JavaScript, fields and a button replace the sliders', async () => {
    await using opened = await served.open('/what-if?cluster=orders', { javaScriptEnabled: false });
    const { page } = opened;
    expect(await page.isVisible('#slider-messageBytes')).toBe(false);
    await page.fill('#quantity-messageBytes', '2KiB');
    await page.click('form.quantities button');
    expect(await page.isVisible('#carried-table')).toBe(true);
    expect(await page.isVisible('.tools[data-for]')).toBe(false);
  });

  test('a cluster without readings shows the diagnostic command instead of empty charts', async () => {
    await using opened = await served.open(`/clusters/${encodeURIComponent(hostileName)}`);
    const { page } = opened;
    await page.waitForLoadState('networkidle');
    expect(await page.locator('canvas[id^="readings-"]').count()).toBeGreaterThan(0);
    expect(await page.locator('canvas[id^="readings-"]:visible, figure:has(canvas) > .of-chart:visible').count()).toBe(
      0,
    );
    expect(await page.getByText('No readings in this range. The chart begins with the second').isVisible()).toBe(true);
    expect(
      await page
        .getByText(`run plimsoll ready --cluster ${quotedWord(hostileName)} to find the cause`)
        .first()
        .isVisible(),
    ).toBe(true);
  });

  test('charts can be saved as pictures, and their values as CSV', async () => {
    await using opened = await served.open('/clusters/orders?day=2026-11-09');
    const { page } = opened;
    const saved = async (button: string) => {
      const [download] = await Promise.all([page.waitForEvent('download'), page.click(button)]);
      return readFileSync(await download.path());
    };
    for (const name of ['day-course', 'calibration-chart']) {
      const picture = await saved(`button[data-png="${name}"]`);
      expect([name, picture.subarray(1, 4).toString(), picture.length > 2000]).toEqual([name, 'PNG', true]);
    }
    const [head, first] = (await saved('button[data-csv="day-hours"]')).toString().split('\r\n');
    expect(head).toBe('\uFEFFTime,"Produced, msg/s","Delivered, msg/s"');
    expect(first).toMatch(/^2026-11-09T00:00:00\.000Z,\d+\.?\d*,\d+\.?\d*$/);
    expect(opened.complaints).toEqual([]);
  });
});
