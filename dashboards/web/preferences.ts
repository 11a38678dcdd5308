// Renders the form for theme and time zone.

import { html, type Content } from '../../core/text/html.ts';
import type { View } from './view.ts';

/** Common time zones; the address can have any other. */
const offeredZones = [
  'UTC',
  'Asia/Shanghai',
  'Asia/Singapore',
  'Asia/Tokyo',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Los_Angeles',
];

export function renderPreferences({ strings, query, theme, timeZone, prefix, path }: View): Content {
  const texts = strings.pages.preferences;
  const zones = offeredZones.includes(timeZone) ? offeredZones : [...offeredZones, timeZone];
  const others = [...query].filter(([name]) => name !== 'theme' && name !== 'tz');
  const option = (value: string, text: string, isChosen: boolean) =>
    html`<option value="${value}" ${isChosen && html`selected`}>${text}</option>`;
  return html`<form class="preferences" method="get" action="${prefix}${path}">
    ${others.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)}
    <label
      >${texts.theme}
      <select name="theme">
        ${option('', texts.themes.system, theme === undefined)}
        ${option('light', texts.themes.light, theme === 'light')} ${option('dark', texts.themes.dark, theme === 'dark')}
      </select></label
    >
    <label
      >${texts.timeZone}
      <select name="tz" data-local-zone="${texts.localZone}">
        ${zones.map((zone) => option(zone, zone, zone === timeZone))}
      </select></label
    >
    <button>${texts.apply}</button>
  </form>`;
}
